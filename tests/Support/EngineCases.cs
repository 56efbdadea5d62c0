using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference;
using TypedPooling.Model;
using TypedPooling.Randomness;
using Xunit;

namespace TypedPooling.Tests.Support;

/// <summary>Bound models that every engine of the catalogue must fit or refuse, those on the boundary among them.</summary>
internal static class EngineCases
{
    private static readonly PopulationTerm Intercept = new("Intercept", ModelSpec.Ones, new NormalPrior(0, 3));
    private static readonly VaryingTerm VaryingIntercept = new("Intercept", ModelSpec.Ones, new ExponentialPrior(1));
    private static readonly ExponentialPrior Sigma = new(1);

    /// <summary>Models of one varying intercept and no columns, whose posterior <see cref="OneWayQuadrature"/> knows: the responses by group, and
    /// whether the population has an intercept.</summary>
    public static IReadOnlyDictionary<string, (double[][] Groups, bool HasIntercept, bool Varies)> OneWay { get; } =
        new Dictionary<string, (double[][], bool, bool)>
        {
            ["groups that differ"] = ([[1.2, 0.7, 1.9], [-0.4, 0.3, -1.1, 0.2], [2.4, 1.6], [0.6, 0.9, -0.2, 0.1, 0.8]], true, true),
            ["sd near 0: groups without differences"] = ([.. Enumerable.Range(0, 8).Select(_ => new[] { -1.0, 0, 1, -0.5, 0.5 })], true, true),
            ["a skewed posterior: three groups"] = ([[4, 4.2], [0.1, -0.3], [1.1, 0.8, 1.2]], true, true),
            ["a single level"] = ([[1.3, 0.4, 2.2, 0.9]], true, true),
            ["a level with one row"] = ([[3.1], [0.2, -0.4, 0.7], [0.5, 1.1, 0.3, 0.6]], true, true),
            ["one row a level"] = ([[0.3], [-1.2], [0.8], [2.1], [-0.6], [0.1]], true, true),
            ["a varying intercept without a population intercept"] = ([[2.2, 1.7], [1.4, 2.9, 2.0], [1.1]], false, true),
            ["a mean without a factor"] = ([[0.4, 1.9, -0.3, 1.2, 0.7]], true, false),
        };

    /// <summary>All cases by name.</summary>
    public static IReadOnlyDictionary<string, Func<NormalBoundModel>> All { get; } = OneWay.Keys
        .Select(name => new KeyValuePair<string, Func<NormalBoundModel>>(name, () => OneWayModel(name)))
        .Concat(new Dictionary<string, Func<NormalBoundModel>>
        {
            ["two correlated terms"] = () => Systems.Bind(
                Systems.Spec(2, Population(2), Varying(2), new LkjPrior(2), Sigma), Systems.Rows(3, 7, 4, 2)),
            ["three correlated terms"] = () => Systems.Bind(
                Systems.Spec(3, Population(3), Varying(3), new LkjPrior(1), Sigma), Systems.Rows(4, 9, 6, 3)),
            ["two terms without correlation"] = () => Systems.Bind(
                Systems.Spec(1, Population(1), Varying(2), new UncorrelatedPrior(), Sigma), Systems.Rows(5, 6, 4, 1)),
            ["population effects only"] = () => Systems.Bind(
                Systems.Spec(2, [Intercept, Slope(0, new FlatPrior()), Slope(1, new FlatPrior())], [], null, Sigma), Systems.Rows(6, 1, 12, 2)),
            ["varying effects only"] = () => Systems.Bind(Systems.Spec(1, [], Varying(2), new LkjPrior(2), Sigma), Systems.Rows(7, 6, 4, 1)),
            ["a varying slope without a varying intercept"] = () => Systems.Bind(
                Systems.Spec(1, Population(1), [Varying(2)[1]], null, Sigma), Systems.Rows(8, 6, 4, 1)),
            ["bounded and fixed priors"] = () => Systems.Bind(
                Systems.Spec(
                    1,
                    [Intercept, Slope(0, new FixedPrior(0.3))],
                    [VaryingIntercept with { Sd = new UniformPrior(0, 5) }],
                    null,
                    new UniformPrior(0.1, 3)),
                Systems.Rows(9, 6, 4, 1)),
            ["known errors"] = () => KnownErrors(new HalfCauchyPrior(5)),
            ["known errors and a known sd"] = () => KnownErrors(new FixedPrior(6)),
            ["every scale known"] = () => Systems.Bind(
                Systems.Spec(
                    1,
                    Population(1),
                    [.. Varying(2).Select((t, a) => t with { Sd = new FixedPrior(0.8 - 0.3 * a) })],
                    new UncorrelatedPrior(),
                    new FixedPrior(0.5)),
                Systems.Rows(10, 6, 4, 1)),
            ["Huang and Wand's prior"] = () => Covariance(11, 2, new HuangWandPrior(2, 1.5)),
            ["an inverse Wishart prior"] = () => Covariance(12, 3, new InverseWishartPrior(5, 0.8)),
            ["inverse gamma variances"] = () => Systems.Bind(
                Systems.Spec(
                    0,
                    [Intercept],
                    [VaryingIntercept with { Sd = new InverseGammaOnVariancePrior(2, 1) }],
                    null,
                    new InverseGammaOnVariancePrior(2, 1)), Systems.Rows(13, 6, 4, 0)),
            ["an sd fixed at 0"] = () => Systems.Bind(
                Systems.Spec(
                    2,
                    Population(2),
                    [.. Varying(3).Select((term, a) => a == 1 ? term with { Sd = new FixedPrior(0) } : term)],
                    new LkjPrior(2),
                    Sigma), Systems.Rows(19, 7, 4, 2)),
            ["flat sds and a flat intercept"] = () => Systems.Bind(
                Systems.Spec(
                    1,
                    [Intercept with { Prior = new FlatPrior() }],
                    [VaryingIntercept with { Sd = new FlatPrior() }],
                    null,
                    new FlatPrior()), Systems.Rows(14, 8, 4, 1)),
            ["population effects with heavy tails"] = () => Systems.Bind(
                Systems.Spec(
                    2,
                    [Intercept with { Prior = new StudentTPrior(5, 0, 2) }, Slope(0, new LaplacePrior(0, 1)), Slope(1, new CauchyPrior(0, 1))],
                    [VaryingIntercept],
                    null,
                    Sigma),
                Systems.Rows(15, 6, 4, 2)),
            ["two crossed factors"] = () => Systems.BindSeveral(Crossed(0, 1, 1), Systems.CrossedRows(16, 5, 4, 40, 0)),
            ["two crossed factors with slopes"] = () => Systems.BindSeveral(Crossed(2, 3, 2), Systems.CrossedRows(17, 6, 9, 70, 2)),
            ["a factor nested in another"] = () => Systems.BindSeveral(
                Crossed(1, 1, 1), [.. Systems.CrossedRows(18, 4, 12, 60, 1).Select(row => row with { Groups = [row.Groups[1] / 3, row.Groups[1]] })]),
        })
        .ToDictionary();

    /// <summary>Cases whose data leave the likelihood without a maximum: one level, or as many levels as rows. Engines of maximum likelihood refuse
    /// them.</summary>
    public static IReadOnlySet<string> WithoutMaximum { get; } = new HashSet<string> { "a single level", "one row a level" };

    /// <summary>Every engine of the catalogue with every case it supports.</summary>
    public static TheoryData<string, string> Supported => Pairs(All.Keys, _ => true);

    /// <summary>Every exact engine with every case whose truth is known by quadrature.</summary>
    public static TheoryData<string, string> SupportedOneWay => Pairs(OneWay.Keys, exactness => exactness == Exactness.Exact);

    /// <summary>The names of the engines.</summary>
    public static TheoryData<string> Engines => [.. EngineCatalogue.All.Select(engine => engine.Name)];

    /// <summary>
    /// The values of <see cref="RunOptions.Sampling"/> that make a difference to an engine: two for the Marginal engine, one for the others.
    /// To the others the option means nothing. A conformance test holds them to it: an engine that begins to read the option fails there, and gets
    /// its methods here.
    /// </summary>
    public static SamplingMethod[] Methods(string engine) =>
        engine == "Marginal" ? [SamplingMethod.Automatic, SamplingMethod.Nuts] : [SamplingMethod.Nuts];

    /// <summary>Each case with each method of sampling that makes a difference to its engine.</summary>
    public static TheoryData<string, string, SamplingMethod> WithMethods(TheoryData<string, string> cases)
    {
        var result = new TheoryData<string, string, SamplingMethod>();
        foreach (var row in cases)
        {
            var (engine, name) = ((string)((object[])row)[0], (string)((object[])row)[1]);
            foreach (var method in Methods(engine))
                result.Add(engine, name, method);
        }

        return result;
    }

    public static INormalEngine Engine(string name) => EngineCatalogue.All.Single(engine => engine.Name == name);

    public static NormalBoundModel OneWayModel(string name)
    {
        var (groups, hasIntercept, varies) = OneWay[name];
        var spec = Systems.Spec(0, hasIntercept ? [Intercept] : [], varies ? [VaryingIntercept] : [], null, Sigma);
        return Systems.Bind(spec, [.. groups.SelectMany((group, j) => group.Select(y => (j, Array.Empty<double>(), y)))]);
    }

    /// <summary>A model with two crossed factors, a uniform prior on each of two population effects and a correlation prior that no engine
    /// knows.</summary>
    public static NormalBoundModel TwoFactors()
    {
        var stream = new PhiloxStream(12, 0);
        var builder = new CellMomentsBuilder(1);
        LevelIndex<int>[] levels = [new(), new()];
        var cellLevels = new int[2][];
        for (var k = 0; k < 2; k++)
            cellLevels[k] = [.. Enumerable.Range(0, 9).Select(cell => levels[k].GetOrAdd(k == 0 ? cell / 3 : cell % 3))];
        for (var i = 0; i < 36; i++)
            builder.Add(i % 9, [stream.NextNormal(), stream.NextNormal()]);
        var spec = Systems.Spec(
            1, [Intercept with { Prior = new UniformPrior(-9, 9) }, Slope(0, new UniformPrior(-1, 1))], Varying(2), new UnknownCorrelation(), Sigma);
        spec =
            spec with { Factors = [spec.Factors[0], spec.Factors[0] with { Name = "h", Terms = [VaryingIntercept], Correlation = new LkjPrior(1) }] };
        return new NormalBoundModel(spec, [.. levels], builder.Build(), cellLevels, 0);
    }

    private static ModelSpec Crossed(int columns, int first, int second)
    {
        var spec = Systems.Spec(columns, Population(columns), Varying(first), new LkjPrior(2), Sigma);
        return spec with { Factors = [spec.Factors[0], spec.Factors[0] with { Name = "h", Terms = [.. Varying(second)] }] };
    }

    private static NormalBoundModel Covariance(ulong seed, int q, ICovariancePrior prior)
    {
        var spec = Systems.Spec(q - 1, Population(q - 1), [.. Varying(q).Select(term => term with { Sd = null })], null, Sigma);
        return Systems.Bind(spec with { Factors = [spec.Factors[0] with { Covariance = prior }] }, Systems.Rows(seed, 7, 4, q - 1));
    }

    private static PopulationTerm[] Population(int columns) =>
        [Intercept, .. Enumerable.Range(0, columns).Select(c => Slope(c, new NormalPrior(0, 2)))];

    private static PopulationTerm Slope(int column, IRealPrior prior) => new($"x{column}", column, prior);

    private static VaryingTerm[] Varying(int q) =>
        [.. Enumerable.Range(0, q).Select(a => new VaryingTerm(a == 0 ? "Intercept" : $"x{a - 1}", a - 1, new ExponentialPrior(1)))];

    // The eight schools.
    private static NormalBoundModel KnownErrors(IScalePrior sd)
    {
        double[] effects = [28, 8, -3, 7, -1, 1, 18, 12];
        var spec = Systems.Spec(0, [Intercept with { Prior = new NormalPrior(0, 5) }], [VaryingIntercept with { Sd = sd }], null, null);
        return Systems.Bind(spec, [.. effects.Select((y, j) => (j, Array.Empty<double>(), y))], [15, 10, 16, 11, 9, 11, 10, 18]);
    }

    private static TheoryData<string, string> Pairs(IEnumerable<string> cases, Func<Exactness, bool> take)
    {
        var pairs = new TheoryData<string, string>();
        foreach (var engine in EngineCatalogue.All)
        {
            foreach (var name in cases)
            {
                if (engine.Supports(All[name]().Spec) is { IsSupported: true } support && take(support.Exactness)
                    && !(engine is ILikelihoodEngine && WithoutMaximum.Contains(name)))
                    pairs.Add(engine.Name, name);
            }
        }

        return pairs;
    }

    private sealed record UnknownCorrelation : ICorrelationPrior
    {
        public string Text => "Unknown()";

        public bool IsProper => true;

        public bool IsIdentity => false;

        public double? Concentration => null;

        public void SampleFactor(int size, PhiloxStream stream, Span<double> factor) => throw new NotSupportedException();
    }
}

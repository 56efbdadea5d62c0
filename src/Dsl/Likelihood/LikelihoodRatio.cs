using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using MathNet.Numerics;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Json;
using TypedPooling.Likelihood;

namespace TypedPooling;

/// <summary>A likelihood-ratio test of two nested models of the same rows, as <c>anova</c> in R.</summary>
/// <param name="ChiSquared">Twice the difference of the log likelihoods; 0 or more but for what is left of a search.</param>
/// <param name="DegreesOfFreedom">Number of parameters the larger model has more.</param>
/// <param name="TestsScales">True where sds or correlations are among them: 0 then lies on the boundary of an sd, and <see cref="PValue"/> is too
/// large (for one sd alone twice as large as it should be). <see cref="BoundaryPValue"/> allows for that where it can.</param>
/// <remarks>Source: [Bates2015]. Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed record LikelihoodRatio(double ChiSquared, int DegreesOfFreedom, bool TestsScales) : IJsonAnswer<LikelihoodRatio>, ITabular
{
    /// <summary>Probability of at least this chi^2 where the smaller model holds, by the chi^2 distribution with so many degrees of freedom; of full
    /// relative precision however small.</summary>
    public double PValue => Upper(DegreesOfFreedom);

    /// <summary>True where exactly one sd is among the parameters that the larger model has more, with its correlations or without; it is 0 in the
    /// smaller model.</summary>
    public bool TestsOneSd { get; init; }

    /// <summary>Probability of at least this chi^2 where the smaller model holds and one sd is tested at its boundary, 0: half of it by the chi^2
    /// distribution with <see cref="DegreesOfFreedom"/>, half by the one with a degree less. Null where other scales than one sd are tested: the
    /// weights then depend on the data.</summary>
    /// <remarks>It holds for many levels. It is <see cref="PValue"/> where no scale is tested. Source: [StramLee1994].</remarks>
    public double? BoundaryPValue => TestsOneSd ? 0.5 * (PValue + Upper(DegreesOfFreedom - 1)) : TestsScales ? null : PValue;

    /// <summary>Tests the smaller of two models against the larger.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <param name="smaller">A fit by maximum likelihood, of any family.</param>
    /// <param name="larger">A fit of the same rows by the same criterion, of a model that holds every term of the smaller. Terms are the same where
    /// their selectors are, with the values these captured; names do not matter.</param>
    /// <returns>The test.</returns>
    /// <exception cref="ModelException">
    /// A fit is by an engine of draws; the rows, responses or criteria differ; the models are not nested; REML was used and the population effects
    /// differ: restricted likelihoods with other population effects are of other data;
    /// or the larger model's log likelihood is the smaller one by more than 1e-8 and rounding, so that a search missed its maximum.
    /// </exception>
    /// <remarks>For fits whose engine was in a variable of a wider type. Where the compiler knows both to be by maximum likelihood,
    /// <see cref="Test(ILikelihoodFit, ILikelihoodFit)"/> is called.</remarks>
    public static LikelihoodRatio Test<TRow>(Fit<TRow> smaller, Fit<TRow> larger)
    {
        ArgumentNullException.ThrowIfNull(smaller);
        ArgumentNullException.ThrowIfNull(larger);
        return Test(Likely(smaller), Likely(larger));

        static ILikelihoodFit Likely(Fit<TRow> fit) => fit as ILikelihoodFit
            ?? throw Refusal(
                $"Engine {fit.Posterior.Engine} draws from a posterior and maximises no likelihood.",
                "Fit both models with Engine.MaximumLikelihood, or compare posteriors by Loo(rows).");
    }

    /// <summary>Tests the smaller of two models against the larger.</summary>
    /// <param name="smaller">A fit by maximum likelihood, of any family.</param>
    /// <param name="larger">A fit of the same rows by the same criterion, of a model that holds every term of the smaller. Terms are the same where
    /// their selectors are, with the values these captured; names do not matter.</param>
    /// <returns>The test.</returns>
    /// <exception cref="ModelException">
    /// The rows, responses or criteria differ; the models are not nested; REML was used and the population effects differ: restricted likelihoods
    /// with other population effects are of other data;
    /// or the larger model's log likelihood is the smaller one by more than 1e-8 and rounding, so that a search missed its maximum.
    /// </exception>
    [OverloadResolutionPriority(1)]
    public static LikelihoodRatio Test(ILikelihoodFit smaller, ILikelihoodFit larger)
    {
        ArgumentNullException.ThrowIfNull(smaller);
        ArgumentNullException.ThrowIfNull(larger);
        var (first, second) = (AsWhole(smaller), AsWhole(larger));
        var (small, large) = (smaller.Likelihood, larger.Likelihood);
        if (small.Criterion != large.Criterion)
            throw Refusal("One fit is by ML and the other by REML, whose values are not comparable.", "Fit both with Engine.MaximumLikelihood.");
        var selectors = new SelectorNumbers();
        var (few, many) = (NestedTerms.Of(first.Declared, first.Spec, selectors), NestedTerms.Of(second.Declared, second.Spec, selectors));
        if (first.RowType != second.RowType || !few.Response.SequenceEqual(many.Response)
            || first.Spec.Response.Family != second.Spec.Response.Family || !HaveEqualResponses(first.Bound, second.Bound))
            throw Refusal("The fits have different rows, responses or offsets.", "Fit both models to the same rows.");

        if (small.Criterion == LikelihoodCriterion.RestrictedMaximumLikelihood && few.DifferentPopulation(many) is { Length: > 0 } different)
        {
            throw Refusal(
                $"The population effects differ ({string.Join(", ", different)}), so the restricted likelihoods belong to different data.",
                "Fit both with Engine.MaximumLikelihood to compare population effects.");
        }

        if (few.Lacking(many) is { Length: > 0 } lacking)
        {
            throw Refusal(
                $"The models are not nested: the larger one lacks {string.Join(", ", lacking)}.",
                "Give the smaller model first; the larger one must have all of its terms.");
        }

        var freedom = large.ParameterCount - small.ParameterCount;
        if (freedom <= 0)
            throw Refusal("The models have the same number of parameters.", "Give the smaller model first, then one with more parameters.");
        var gain = large.LogLikelihood - small.LogLikelihood;
        if (!(gain >= -SearchError(small.LogLikelihood, large.LogLikelihood)))
        {
            throw Refusal(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The larger model has the lower log likelihood, by {-gain:G2}: a search missed its maximum."),
                "Look at the warnings of both fits, and centre and scale the columns.");
        }

        return new LikelihoodRatio(2 * gain, freedom, many.FreeScales > few.FreeScales) { TestsOneSd = few.LacksOneSd(many) };
    }

    /// <summary>The test as a table of one row: chi^2, degrees of freedom, p, and p that allows for the boundary where one sd is tested.</summary>
    /// <returns>One table.</returns>
    public ImmutableArray<PrintedTable> ToTables()
    {
        var table = new TableBuilder(["chi^2", "degrees of freedom", "p", .. TestsOneSd ? ["p at the boundary"] : Array.Empty<string>()]);
        string[] boundary = TestsOneSd ? [BoundaryPValue!.Value.ToString("G3", CultureInfo.InvariantCulture)] : [];
        table.Add(
        [
            Figures.Fixed(Math.Max(0, ChiSquared), 3),
            DegreesOfFreedom.ToString(CultureInfo.InvariantCulture),
            PValue.ToString("G3", CultureInfo.InvariantCulture),
            .. boundary,
        ]);
        return [TestsScales && !TestsOneSd ? table.Build(notes: "p is conservative: an sd of 0 lies on the boundary.") : table.Build()];
    }

    /// <summary>The test in a line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"chi^2 {Math.Max(0, ChiSquared):F3} with {DegreesOfFreedom} degree{(DegreesOfFreedom == 1 ? string.Empty : "s")} of freedom, p "
            + $"= {PValue:G3}{Boundary()}");

    private string Boundary() => !TestsScales ? string.Empty
        : TestsOneSd ? string.Create(CultureInfo.InvariantCulture, $"; {BoundaryPValue:G3} allowing for the boundary of the sd")
        : " (conservative: an sd of 0 lies on the boundary)";

    // No degree of freedom: a mass at 0.
    private double Upper(int freedom) => freedom == 0
        ? ChiSquared > 0 ? 0 : 1
        : SpecialFunctions.GammaUpperRegularized(0.5 * freedom, 0.5 * Math.Max(0, ChiSquared));

    // What two searches may leave of two equal log likelihoods: each ends within 5e-9 of its maximum and 1e-14 of its size, which is what rounding
    // takes.
    internal static double SearchError(double smaller, double larger) => 1e-8 + 1e-14 * (Math.Abs(smaller) + Math.Abs(larger));

    private static IWholeFit AsWhole(ILikelihoodFit fit) => fit as IWholeFit ?? throw new ArgumentException("This library did not make the fit.");

    // Sums tell whether responses can be the same: of Normal ones their mean and sum of squares are, of others the totals and constants of their
    // cells.
    private static bool HaveEqualResponses(BoundModel first, BoundModel second)
    {
        if (first.RowCount != second.RowCount)
            return false;
        if (first is CellBoundModel one && second is CellBoundModel other)
            return Totals(one).Zip(Totals(other)).All(pair => IsNear(pair.First, pair.Second, 0));
        var (x, y) = (((NormalBoundModel)first).Cells.Total(), ((NormalBoundModel)second).Cells.Total());
        return IsNear(x.Means(0)[^1], y.Means(0)[^1], Math.Sqrt(x.CrossProducts(0)[^1])) && IsNear(x.CrossProducts(0)[^1], y.CrossProducts(0)[^1], 0);
    }

    private static double[] Totals(CellBoundModel model)
    {
        var cells = model.Cells;
        var totals = new double[3];
        for (var i = 0; i < cells.Count; i++)
        {
            totals[0] += cells.Responses[i];
            totals[1] += cells.Sizes[i];
            totals[2] += cells.Responses[i] * cells.Sizes[i];
        }

        // Where a cell holds what its rows have in common, their number is its size; elsewhere responses are sums.
        return model.Family.KeepsResponses
            ? [totals[1], totals[2], cells.LogConstant]
            : [totals[0], totals[1], cells.LogConstant, cells.LogResponseSum];
    }

    private static bool IsNear(double x, double y, double scale) => Math.Abs(x - y) <= 1e-9 * (Math.Abs(x) + Math.Abs(y) + scale);

    private static ModelException Refusal(string sentence, string remedy) => new(new Problem(ProblemCode.EngineRefuses, sentence, remedy));

    static LikelihoodRatio IJsonAnswer<LikelihoodRatio>.ReadFrom(JsonElement json) => new(
        json.Real("chiSquared"),
        json.Int("degreesOfFreedom"),
        json.Flag("testsScales"))
    { TestsOneSd = json.Flag("testsOneSd") };

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteReal("chiSquared", ChiSquared);
        writer.WriteNumber("degreesOfFreedom", DegreesOfFreedom);
        writer.WriteBoolean("testsScales", TestsScales);
        writer.WriteBoolean("testsOneSd", TestsOneSd);
        writer.WriteReal("pValue", PValue);
        writer.WriteOptional("boundaryPValue", BoundaryPValue);
        writer.WriteEndObject();
    }
}

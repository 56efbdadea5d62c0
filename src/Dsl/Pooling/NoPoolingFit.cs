using System.Collections.Immutable;
using System.Globalization;
using System.Linq.Expressions;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Data;
using TypedPooling.Json;
using TypedPooling.Model;
using TypedPooling.Pooling;

namespace TypedPooling;

/// <summary>A model fitted without pooling over the levels of one grouping factor, with coefficients of its own for every level and shared ones for
/// what does not vary: least squares, or maximum likelihood where the response is neither Normal nor LogNormal. Immutable.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <typeparam name="TKey">Type of the factor's keys.</typeparam>
/// <remarks>
/// <para>
/// The same numbers as <c>lm(y ~ x + factor(group) - 1)</c> and <c>glm</c> of R, of sums or cells instead of rows. Priors take no part, but effects
/// and scales that are fixed stay fixed. Group-level predictors, and any column that is constant in every level, are in the levels' own intercepts
/// (or slopes). A coefficient that
/// the rows do not determine is null, never a number that happens to come out. Effects of other grouping factors are left out.
/// </para>
/// <para>
/// By maximum likelihood an estimate is also null where it runs to infinity: of a level with successes only, with failures only or without events,
/// and along any combination of columns that separates them. What remains is the limit, which <c>glm</c> nears. Standard errors come from the
/// observed information of all estimates together. Sigma and the shape are shared by all levels and estimated with the coefficients. The search for
/// StudentT begins at least squares and finds the maximum near it; there may be others.
/// </para>
/// <para>Thread-safe: any number of threads may ask one fit at once, and all get the same answers. Source: [McCullaghNelder1989].</para>
/// </remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed class NoPoolingFit<TRow, TKey> : IJsonAnswer, ITabular
{
    private readonly ModelSpec spec;
    private readonly LevelIndex<TKey> levels;

    private NoPoolingFit(UnpooledModel model, LevelIndex<TKey> levels)
    {
        (spec, var system) = (model.Spec, model.Fit);
        this.levels = levels;
        Predictors = model.Predictors;
        FactorName = spec.Factors[0].Name;
        Terms = [.. spec.Factors[0].Terms.Select(t => t.Name)];
        Sigma = double.IsNaN(system.Sigma) ? null : system.Sigma;
        Shape = double.IsNaN(system.Shape) ? null : system.Shape;
        LogLikelihood = system.LogLikelihood;
        SumOfSquares = system.SumOfSquares;
        DegreesOfFreedom = system.DegreesOfFreedom;
        Levels = [];
        SharedCoefficients = [];
    }

    /// <summary>Name of the grouping factor.</summary>
    public string FactorName { get; }

    /// <summary>Names of the varying terms, the order of every level's coefficients. Length q.</summary>
    public ImmutableArray<string> Terms { get; }

    /// <summary>The levels, in order of first appearance.</summary>
    public ImmutableArray<UnpooledLevel<TKey>> Levels { get; private init; }

    /// <summary>The coefficients of what does not vary, in the order of the model.</summary>
    public ImmutableArray<SharedCoefficient> SharedCoefficients { get; private init; }

    /// <summary>Residual sd, in units of the response (of its log in a LogNormal model), for a row of weight 1; the scale of StudentT responses, by
    /// maximum likelihood. Null where the model has none, the error of each row is known, or no degrees of freedom are left.</summary>
    public double? Sigma { get; }

    /// <summary>The shape, precision or degrees of freedom of the response, by maximum likelihood; infinite where the likelihood rises without bound
    /// in
    /// it, null where the family has none.</summary>
    public double? Shape { get; }

    /// <summary>Log likelihood of the rows at the estimates, all constants included, with sigma at its own maximum; its limit where coefficients run
    /// to
    /// infinity.</summary>
    public double LogLikelihood { get; }

    /// <summary>Sum of squared residuals, weighted by precision weights; over the squares of known errors where the error of each row is
    /// known. NaN where the response is neither Normal nor LogNormal.</summary>
    public double SumOfSquares { get; }

    /// <summary>Number of rows less that of the coefficients which they determine.</summary>
    public long DegreesOfFreedom { get; }

    internal LevelPredictors Predictors { get; }

    /// <summary>One level.</summary>
    /// <param name="key">Key of a level seen in the data.</param>
    /// <returns>Its rows and coefficients.</returns>
    /// <exception cref="ModelException">No row had this key.</exception>
    public UnpooledLevel<TKey> Level(TKey key)
    {
        var level = levels.Find(key);
        if (level < 0)
        {
            var text = key is null ? "null" : LevelIndex<TKey>.ToText(key);
            throw new ModelException(new Problem(
                ProblemCode.UnknownTerm,
                $"No row of the data had this key, so {FactorName} has no such level.",
                "Ask for a key in Levels.")
            { Term = FactorName, Level = text, Suggestion = NearKeys.Question(text, levels) });
        }

        return Levels[level];
    }

    /// <summary>The intercept of a level; null where its rows do not determine it.</summary>
    /// <param name="key">Key of a level seen in the data.</param>
    /// <returns>The estimate.</returns>
    /// <exception cref="ModelException">No row had this key, or the intercept does not vary.</exception>
    public LeastSquaresEstimate? Intercept(TKey key) => Coefficient(key, ModelSpec.InterceptName);

    /// <summary>The slope of a level; null where its rows do not determine it.</summary>
    /// <typeparam name="TValue">Type of the column.</typeparam>
    /// <param name="key">Key of a level seen in the data.</param>
    /// <param name="selector">The slope's column, as in the model.</param>
    /// <returns>The estimate, in units of the response per unit of the column.</returns>
    /// <exception cref="ModelException">No row had this key, or no such slope varies.</exception>
    public LeastSquaresEstimate? Slope<TValue>(TKey key, Expression<Func<TRow, TValue>> selector)
        where TValue : struct => Coefficient(key, TermLookup.NameOf(spec, TermLookup.Selector(selector)));

    /// <summary>A coefficient of a level by the name of its term; null where its rows do not determine it.</summary>
    /// <param name="key">Key of a level seen in the data.</param>
    /// <param name="term">Name of the term; <c>Intercept</c> for the intercept.</param>
    /// <returns>The estimate.</returns>
    /// <exception cref="ModelException">No row had this key, or no such term varies.</exception>
    public LeastSquaresEstimate? Coefficient(TKey key, string term) => Level(key).Coefficients[TermLookup.Varying(spec.Factors[0], term)];

    /// <summary>The estimates as a table, with the shared coefficients and the residual sd below; <c>-</c> where the rows do not determine
    /// one.</summary>
    public override string ToString() => Printed().ToString();

    /// <summary>The table as <see cref="ToString"/> shows it.</summary>
    /// <returns>One table.</returns>
    public ImmutableArray<PrintedTable> ToTables() => [Printed()];

    private PrintedTable Printed()
    {
        var table = new TableBuilder([FactorName, "rows", .. Terms.SelectMany(t => new[] { t, "se" })]);
        var decimals = Terms.Select((_, a) => Decimals(Levels.Select(l => l.Coefficients[a]))).ToArray();
        foreach (var level in Levels)
        {
            table.Add(
            [
                LevelIndex<TKey>.ToText(level.Key),
                level.Rows.ToString(CultureInfo.InvariantCulture),
                .. level.Coefficients.SelectMany((estimate, a) => Texts(estimate, decimals[a])),
            ]);
        }

        foreach (var shared in SharedCoefficients)
            table.Add(
                ["all: " + shared.Term, string.Empty, .. Texts(
                    shared.Estimate, Decimals([shared.Estimate])), .. Enumerable.Repeat(string.Empty, 2 * Terms.Length - 2)]);
        var sigma = Sigma is { } sd
            ? string.Create(
                CultureInfo.InvariantCulture, $"sigma {Figures.Fixed(sd, Figures.Decimals(sd))} on {DegreesOfFreedom:N0} degrees of freedom")
            : string.Empty;
        if (Shape is { } shape)
        {
            var text = $"{spec.Response.Family.Shape!.Name} {Figures.Fixed(shape, Figures.Decimals(shape))}";
            sigma = sigma.Length > 0 ? $"{sigma}, {text}" : text;
        }

        return sigma.Length == 0 ? table.Build() : table.Build(notes: sigma);
    }

    internal static int Decimals(IEnumerable<LeastSquaresEstimate?> estimates)
    {
        var errors = estimates.Where(e => e is { } known && known.StandardError > 0).Select(e => e!.Value.StandardError).ToArray();
        return Figures.Decimals(errors.Length == 0 ? 0 : errors.Min());
    }

    internal static string[] Texts(LeastSquaresEstimate? estimate, int decimals) => estimate is { } known
        ? [Figures.Fixed(known.Value, decimals), Figures.Fixed(known.StandardError, decimals)]
        : ["-", "-"];

    /// <summary>Index of the factor of a handle among the factors of a model.</summary>
    /// <exception cref="ModelException">The model has no such factor.</exception>
    internal static int FactorOf(ModelSpec spec, LevelTable[] levels, Group<TRow, TKey> group)
    {
        for (var k = 0; k < spec.Factors.Length; k++)
        {
            if (spec.Factors[k].Name == group.Name && levels[k] is LevelIndex<TKey>)
                return k;
        }

        throw TermLookup.NoFactor(spec, group.Name, typeof(TKey));
    }

    internal static NoPoolingFit<TRow, TKey> Of(UnpooledModel model)
    {
        var levels = (LevelIndex<TKey>)model.Levels;
        var system = model.Fit;
        var q = model.Spec.Factors[0].Terms.Length;
        var rows = ImmutableArray.CreateBuilder<UnpooledLevel<TKey>>(levels.Count);
        var shared = new (double[] Estimates, double[] StandardErrors)[1];
        var isFree = new bool[system.SharedCount];
        for (var j = 0; j < levels.Count; j++)
        {
            shared[0] = system.Solve(j);
            var (values, errors) = shared[0];
            rows.Add(new(levels.Key(j), model.Rows[j], [.. Enumerable.Range(0, q).Select(a => Estimate(values[a], errors[a]))]));
            for (var e = 0; e < isFree.Length; e++)
                isFree[e] |= double.IsNaN(values[q + e]);
        }

        var names = model.Spec.Population.Where(t => t.Prior?.FixedValue is null).Select(t => t.Name);
        return new(model, levels)
        {
            Levels = rows.MoveToImmutable(),
            SharedCoefficients = [.. names.Select(
                (name, e) => new SharedCoefficient(name, isFree[e] ? null : Estimate(shared[0].Estimates[q + e], shared[0].StandardErrors[q + e])))],
        };
    }

    private static LeastSquaresEstimate? Estimate(double value, double error) => double.IsNaN(value) ? null : new(value, error);

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("factor", FactorName);
        writer.WriteTexts("terms", Terms);
        writer.WriteAnswers("levels", Levels);
        writer.WriteAnswers("sharedCoefficients", SharedCoefficients);
        writer.WriteOptional("sigma", Sigma);
        writer.WriteOptional("shape", Shape);
        writer.WriteReal("logLikelihood", LogLikelihood);
        writer.WriteReal("sumOfSquares", SumOfSquares);
        writer.WriteNumber("degreesOfFreedom", DegreesOfFreedom);
        writer.WriteEndObject();
    }
}

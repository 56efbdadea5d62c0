using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Checking;
using TypedPooling.Json;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>Residuals of responses, and what they say of the model. Immutable.</summary>
/// <remarks>Thread-safe: any number of threads may read it at once.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed class ResidualTable : IJsonAnswer, ITabular
{
    // A finding is made of tests below it.
    private const double SmallProbability = 0.01;
    private const int MostNamed = 5;

    private readonly ModelSpec spec;

    internal ResidualTable(ModelSpec spec, ResidualKind kind, ImmutableArray<Residual> rows, int drawCount)
    {
        (this.spec, Kind, Rows, DrawCount) = (spec, kind, rows, drawCount);
        var hasZeros = spec.Response.Family.IsCount || spec.Response.Family.IsProportion;
        Tests = [.. ResidualSummary.Of(rows, hasZeros, kind == ResidualKind.LeaveOneOut)];
    }

    /// <summary>What each response is compared with.</summary>
    public ResidualKind Kind { get; }

    /// <summary>The residuals, in the order of the rows; a row that stands for N rows has N.</summary>
    public ImmutableArray<Residual> Rows { get; }

    /// <summary>Number of draws of the fit that the predictive distributions are made of.</summary>
    public int DrawCount { get; }

    /// <summary>Dispersion, zeros (of counts and of successes of trials), outliers and uniformity.</summary>
    public ImmutableArray<ResidualTest> Tests { get; }

    /// <summary>Largest Pareto k; NaN where residuals are not leave-one-out.</summary>
    public double LargestParetoK => Rows.Select(row => row.ParetoK).Where(k => !double.IsNaN(k)).DefaultIfEmpty(double.NaN).Max();

    /// <summary>What is unusual, as sentences with the numbers behind them; one sentence that says so where nothing is.</summary>
    public ImmutableArray<string> Findings => [.. Find()];

    /// <summary>A test by its name.</summary>
    /// <param name="name"><c>dispersion</c>, <c>zeros</c>, <c>outliers</c> or <c>uniformity</c>.</param>
    /// <returns>The test.</returns>
    /// <exception cref="ModelException">There is no such test.</exception>
    public ResidualTest Test(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Tests.FirstOrDefault(test => test.Name == name) ?? throw new ModelException(new Problem(
            ProblemCode.UnknownTerm,
            "There is no such test of these residuals.",
            $"Ask for one of: {string.Join(", ", Tests.Select(test => test.Name))}.")
        { Term = name });
    }

    /// <summary>The tests and the findings.</summary>
    public override string ToString() => Printed().ToString();

    /// <summary>The table of tests as <see cref="ToString"/> shows it, with the findings below.</summary>
    /// <returns>One table.</returns>
    public ImmutableArray<PrintedTable> ToTables() => [Printed()];

    private PrintedTable Printed()
    {
        var what = Kind switch
        {
            ResidualKind.LeaveOneOut => "Leave-one-out residuals",
            ResidualKind.InSample => "In-sample residuals",
            _ => "Residuals for new groups",
        };
        var title = string.Create(
            CultureInfo.InvariantCulture,
            $"{what} of the {spec.Response.Family.Name} model of {spec.Response.Name}: {Figures.Counted(Rows.Length, "row")}, {DrawCount:N0} draws");
        var table = new TableBuilder(string.Empty, "observed", "expected", "p");
        foreach (var test in Tests)
        {
            var isNumber = test.Name is ResidualSummary.Outliers or ResidualSummary.Zeros;
            table.Add(
                test.Name switch
                {
                    ResidualSummary.Dispersion => "dispersion (mean square of quantile residuals)",
                    ResidualSummary.Zeros => "responses of 0",
                    ResidualSummary.Outliers => "outliers (beyond 3.29)",
                    _ => "distance from uniformity (expected: 95 % quantile)",
                },
                isNumber ? test.Observed.ToString("N0", CultureInfo.InvariantCulture) : Figures.Fixed(test.Observed, 3),
                Figures.Fixed(test.Expected, isNumber ? 1 : 3),
                double.IsNaN(test.PValue) ? "-" : test.PValue < 0.001 ? "<0.001" : Figures.Fixed(test.PValue, 3));
        }

        return table.Build(title, Findings);
    }

    private IEnumerable<string> Find()
    {
        if (Kind != ResidualKind.LeaveOneOut)
        {
            yield return "Such residuals need not be uniform where the model is right, so nothing is tested: Residuals(rows) leaves each row out.";
            yield break;
        }

        var isUnusual = false;
        foreach (var test in Tests.Where(test => test.PValue < SmallProbability))
        {
            isUnusual = true;
            yield return Sentence(test);
        }

        var threshold = ElpdEstimate.ThresholdOf(DrawCount);
        var unsure = Rows.Where(row => row.ParetoK > threshold).ToArray();
        if (unsure.Length > 0)
        {
            var have = unsure.Length == 1 ? "has" : "have";
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{Figures.Counted(unsure.Length, "row")} of {Rows.Length:N0} {have} a Pareto k above {Figures.Fixed(threshold, 2)} "
                    + $"(rows {Listed(unsure)}): the draws cannot tell the fit without them, and their residuals may be nearer to 0 than they should "
                    + $"be. Ask for Residuals(rows, refit: true).");
        }

        if (!isUnusual)
            yield return "Nothing is unusual: dispersion, outliers and the distribution of the residuals are as a right model gives them.";
    }

    private string Sentence(ResidualTest test)
    {
        var isMore = test.Observed > test.Expected;
        var p = test.PValue < 0.001 ? "p below 0.001" : $"p = {Figures.Fixed(test.PValue, 3)}";
        return test.Name switch
        {
            ResidualSummary.Dispersion => $"The data are {(isMore ? "over" : "under")}dispersed: quantile residuals have a mean square of "
                + $"{Figures.Fixed(test.Observed, 2)} where 1 is due ({p}). "
                + (isMore
                    ? "A predictor, a grouping factor or another family may be missing."
                    : "The responses vary less than the family gives, or rows depend on each other."),
            ResidualSummary.Zeros => string.Create(
                CultureInfo.InvariantCulture,
                $"There are {(isMore ? "more" : "fewer")} zeros than the model gives: {test.Observed:N0} responses of 0 where "
                    + $"{Figures.Fixed(test.Expected, 1)} are due ({p})."),
            ResidualSummary.Outliers => string.Create(
                CultureInfo.InvariantCulture,
                $"There are outliers: {test.Observed:N0} quantile residuals beyond 3.29 where {Figures.Fixed(test.Expected, 1)} are due ({p}): "
                    + $"rows {Listed([.. Rows.Where(ResidualSummary.IsOutlier).OrderByDescending(row => Math.Abs(row.Quantile))])}."),
            _ => $"The residuals do not have the distribution of a right model: their distribution function is "
                + $"{Figures.Fixed(test.Observed, 3)} from uniformity ({p}).",
        };
    }

    private static string Listed(Residual[] rows) =>
        string.Join(", ", rows.Select(row => row.Row).Distinct().Take(MostNamed).Select(row => row.ToString(CultureInfo.InvariantCulture)))
        + (rows.Length > MostNamed ? " and others" : string.Empty);

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("family", spec.Response.Family.Name);
        writer.WriteString("response", spec.Response.Name);
        writer.WriteString("kind", Kind.ToString());
        writer.WriteNumber("drawCount", DrawCount);
        writer.WriteReal("largestParetoK", LargestParetoK);
        writer.WriteAnswers("tests", Tests);
        writer.WriteTexts("findings", Findings);
        writer.WriteAnswers("rows", Rows);
        writer.WriteEndObject();
    }
}

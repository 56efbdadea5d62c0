using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>A selector that throws while rows are read is named, with the row, by everything that reads rows.</summary>
public sealed class SelectorThrowTests
{
    // Behind the first batch of rows.
    private const int Bad = 1050;

    private static readonly Reading[] Good = [.. Rows.Readings(1100).Select(row => row with { Line = row.Line + 1 })];
    private static readonly RunOptions Few = new() { Chains = 1, Draws = 40 };
    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);
    private static readonly Group<Reading, int> Quotient = Group.By((Reading r) => 6 / r.Line);

    private static readonly Lazy<NormalFit<Reading>> Fitted = new(() => Model(false).Fit(Good, Few));
    private static readonly Lazy<NormalFit<Reading>> FittedByKey = new(() => Model(true).Fit(Good, Few));
    private static readonly Lazy<PoissonFit<Reading>> Counted = new(() => Counts(false).Fit(Good, Engine.MaximumLikelihood, Few));

    private static Dictionary<string, Action<IEnumerable<Reading>, bool>> Reads { get; } = new()
    {
        ["sums"] = (rows, isKey) => Model(isKey).Read(rows),
        ["sums added to"] = (rows, isKey) => Model(isKey).Read(Good).Add(rows),
        ["cells"] = (rows, isKey) => Counts(isKey).Read(rows),
        ["fit"] = (rows, isKey) => Counts(isKey).Fit(rows, Engine.MaximumLikelihood),
        ["predictions"] = (rows, isKey) => Take((isKey ? FittedByKey : Fitted).Value.PredictMean(rows)),
        ["predictions of counts"] = (rows, isKey) => Take(isKey ? FittedByKey.Value.PredictNew(rows) : Counted.Value.PredictNew(rows)),
        ["rows left out"] = (rows, isKey) => (isKey ? FittedByKey : Fitted).Value.Loo(rows),
        ["prior"] = (rows, isKey) => Model(isKey).SimulatePrior(rows, 10),
    };

    public static TheoryData<string, bool> Cases()
    {
        var cases = new TheoryData<string, bool>();
        foreach (var reader in Reads.Keys)
        {
            cases.Add(reader, false);
            cases.Add(reader, true);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_problem_names_the_selector_and_the_row(string reader, bool isKey)
    {
        var rows = Good.ToArray();
        rows[Bad - 1] = rows[Bad - 1] with { Line = 0 };
        var name = isKey ? "trunc(6 / Line)" : "trunc(100 / Line)";
        foreach (var source in new IEnumerable<Reading>[] { rows, rows.ToList(), rows.Select(row => row) })
        {
            var thrown = Assert.Throws<ModelException>(() => Reads[reader](source, isKey));
            var problem = Assert.Single(thrown.Problems);
            Assert.Equal((ProblemCode.SelectorThrew, name, (long?)Bad), (problem.Code, problem.Term, problem.Row));
            Assert.IsType<DivideByZeroException>(thrown.InnerException);
            Assert.StartsWith(
                $"[SelectorThrew] {name}, row {Bad}: The selector of '{name}' threw DivideByZeroException: ",
                thrown.Message,
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_the_sequence_of_the_rows_throws_is_left_as_it_is(string reader, bool isKey)
    {
        var fault = new FormatException("Line 4 of the file has 3 fields.");

        Assert.Same(fault, Assert.Throws<FormatException>(() => Reads[reader](Rows(3), isKey)));
        Assert.Same(fault, Assert.Throws<FormatException>(() => Reads[reader](Rows(0), isKey)));

        IEnumerable<Reading> Rows(int count)
        {
            foreach (var row in Good.Take(count))
                yield return row;
            throw fault;
        }
    }

    [Fact]
    public void A_cancellation_that_a_selector_throws_passes()
    {
        var model = PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Slope(r => Stop(r.X), name: "stop");

        Assert.Throws<OperationCanceledException>(() => model.Read(Good));
        Assert.Throws<OperationCanceledException>(() => model.Read(Good.Where(_ => true)));
    }

    [Fact]
    public void A_row_that_is_a_value_is_not_read_where_the_sequence_throws_before_the_first()
    {
        var model = PooledModel.Of<(double Y, int Line)>().Normal(r => r.Y, name: "y").Intercept().Slope(r => 100 / r.Line, name: "quotient");

        Assert.Throws<FormatException>(() => model.Read(Rows()));
        Assert.Equal(2, Assert.Throws<ModelException>(() => model.Read([(1, 1), (2, 0)])).Problems[0].Row);

        static IEnumerable<(double Y, int Line)> Rows()
        {
            foreach (var none in Array.Empty<(double, int)>())
                yield return none;
            throw new FormatException("The file is empty.");
        }
    }

    private static NormalModel<Reading> Model(bool isKey) => isKey
        ? PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Varying(Quotient, g => g.Intercept())
        : PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Slope(r => 100 / r.Line).Varying(Site, g => g.Intercept());

    private static PoissonModel<Reading> Counts(bool isKey) => isKey
        ? PooledModel.Of<Reading>().Poisson(r => r.W).Intercept().Varying(Quotient, g => g.Intercept())
        : PooledModel.Of<Reading>().Poisson(r => r.W).Intercept().Slope(r => 100 / r.Line).Varying(Site, g => g.Intercept());

    private static void Take(IEnumerable<Quantity> predictions)
    {
        foreach (var prediction in predictions)
            Assert.NotEmpty(prediction.Name);
    }

    private static double Stop(double x) => throw new OperationCanceledException($"Stopped at {x}.");
}

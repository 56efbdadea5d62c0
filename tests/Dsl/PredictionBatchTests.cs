using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Predictions for many rows, and what is refused.</summary>
public sealed class PredictionBatchTests
{
    private static readonly RunOptions Short = new() { Chains = 1, Warmup = 50, Draws = 50 };
    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);
    private static readonly Reading Target = new() { Site = "site 3", Kind = "b", X = 4, Z = 3, Y = double.NaN };

    private static readonly Lazy<NormalFit<Reading>> Fitted =
        new(() => PooledModel.Of<Reading>().Normal(r => r.Y, sigma: Exponential(1)).Intercept(Normal(0, 5)).Categorical(r => r.Kind, Normal(0, 2))
        .Slope(r => r.X, Normal(0, 1)).PrecisionWeight(r => r.Se).Varying(Site, g => g.Intercept(Exponential(1))).Fit(Rows.Readings(), Short));

    private static NormalFit<Reading> Fit => Fitted.Value;

    [Fact]
    public void A_batch_predicts_each_row_as_it_would_be_alone()
    {
        var rows = Rows.Readings().Select((r, i) => i % 4 == 0 ? r with { Site = "new " + i } : r).ToArray();
        var batch = Fit.PredictMean(rows).ToArray();
        var lazily = Fit.PredictMean(Lazily(rows)).ToArray();

        for (var i = 0; i < rows.Length; i++)
        {
            Assert.Equal(Fit.PredictMean(rows[i]).Draws.ToArray(), batch[i].Draws.ToArray());
            Assert.Equal(batch[i].Draws.ToArray(), lazily[i].Draws.ToArray());
        }

        Assert.Equal(Fit.PredictNew(rows).Select(q => q.Mean), Fit.PredictNew(Lazily(rows)).Select(q => q.Mean));
        Assert.Equal("new(Y)[Site new 4 (new), row 5]", Fit.PredictNew(rows).ElementAt(4).Name);
    }

    [Fact]
    public void Rows_of_a_lazy_sequence_are_read_one_by_one_and_only_as_predictions_are_asked_for()
    {
        var read = 0;
        var predictions = Fit.PredictNew(Rows.Readings().Select(r =>
        {
            read++;
            return r;
        }));

        Assert.Equal(0, read);
        _ = predictions.Take(3).Select(q => q.Mean).ToArray();
        Assert.Equal(3, read);
    }

    [Fact]
    public void Choices_hold_for_every_row_of_a_batch()
    {
        var rows = Rows.Readings(8).Select(r => r with { Site = null }).ToArray();

        Assert.All(
            Fit.PredictMean(rows, Site.New("n")).Zip(rows),
            pair => Assert.Equal(Fit.PredictMean(pair.Second, Site.New("n")).Draws.ToArray(), pair.First.Draws.ToArray()));
    }

    [Fact]
    public void Rows_of_a_collection_are_checked_by_the_call_and_every_kind_of_problem_is_listed()
    {
        Reading[] rows = [
            Target, Target with { X = double.NaN }, Target with { Site = null }, null!, Target with { Kind = "mauve" }, Target with { Se = 0 }];

        Problem[] mean = [.. Assert.Throws<ModelException>(() => Fit.PredictMean(rows)).Problems];
        Assert.Equal(
            [(ProblemCode.NotFinite, 2L), (ProblemCode.NullKey, 3), (ProblemCode.MissingValues, 4), (ProblemCode.UnknownTerm, 5)],
            mean.Select(p => (p.Code, p.Row!.Value)).OrderBy(p => p.Item2));
        Assert.Contains(
            Assert.Throws<ModelException>(() => Fit.PredictNew(rows)).Problems, p => p is { Code: ProblemCode.NotPositive, Row: 6, Term: "Se" });
    }

    [Fact]
    public void Rows_of_a_lazy_sequence_are_refused_when_they_are_reached()
    {
        using var predictions = Fit.PredictMean(Lazily([Target, Target with { X = double.PositiveInfinity }])).GetEnumerator();

        Assert.True(predictions.MoveNext());
        Assert.Equal(2, Assert.Throws<ModelException>(() => predictions.MoveNext()).Problems[0].Row);
    }

    [Fact]
    public void A_row_that_cannot_be_read_is_refused()
    {
        Assert.Equal(ProblemCode.NotFinite, Refused(() => _ = Fit.PredictMean(Target with { X = double.NaN })).Code);
        Assert.Equal(ProblemCode.NullKey, Refused(() => _ = Fit.PredictMean(Target with { Site = null })).Code);
        Assert.Equal(ProblemCode.MissingValues, Refused(() => _ = Fit.PredictMean((Reading)null!)).Code);
        Assert.Equal(ProblemCode.NotPositive, Refused(() => _ = Fit.PredictNew(Target with { Se = -1 })).Code);
        var unseen = Refused(() => _ = Fit.PredictMean(Target with { Kind = "mauve" }));
        Assert.Equal((ProblemCode.UnknownTerm, "Kind", "mauve", 1), (unseen.Code, unseen.Term, unseen.Level, unseen.Row!.Value));
        Assert.Contains("Give such rows a level of the data", unseen.Remedy, StringComparison.Ordinal);

        // The expected response does not depend on the weight.
        Assert.True(double.IsFinite(Fit.PredictMean(Target with { Se = -1 }).Mean));
    }

    [Fact]
    public void A_level_that_is_chosen_must_be_in_the_fit()
    {
        var unknown = Refused(() => _ = Fit.PredictMean(Target, Site.Level("nowhere")));
        Assert.Equal((ProblemCode.UnknownTerm, "Site", "nowhere"), (unknown.Code, unknown.Term, unknown.Level));

        var line = Group.By((Reading r) => r.Line);
        Assert.Equal((ProblemCode.UnknownTerm, "Line"), Both(Refused(() => _ = Fit.PredictMean(Target, line.Average()))));
        Assert.Equal(
            (ProblemCode.UnknownTerm, "Site"), Both(Refused(() => _ = Fit.PredictMean(Target, Group.By((Reading r) => r.Line, "Site").Level(1)))));
        Assert.Equal((ProblemCode.DuplicateTerm, "Site"), Both(Refused(() => _ = Fit.PredictMean([Target], Site.Level("site 1"), Site.Average()))));
        Assert.Equal((ProblemCode.NullKey, "Site"), Both(Refused(() => _ = Site.New(null))));
        Assert.Equal((ProblemCode.NullKey, "Site"), Both(Refused(() => _ = Site.Level(null))));
        var pooled = PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Fit(Rows.Readings(), Short);
        Assert.Equal(
            "Leave the choice out: the model has no grouping factors.", Refused(() => _ = pooled.PredictMean(Target, Site.Average())).Remedy);

        static (ProblemCode, string?) Both(Problem problem) => (problem.Code, problem.Term);
    }

    private static Problem Refused(Action action) => Assert.Single(Assert.Throws<ModelException>(action).Problems);

    private static IEnumerable<Reading> Lazily(IEnumerable<Reading> rows)
    {
        foreach (var row in rows)
            yield return row;
    }
}

using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

public sealed class LogNormalPredictionTests
{
    private static readonly Parcel Target = Parcel.Rows()[3] with { W = 4 };

    private static readonly Lazy<LogNormalFit<Parcel>> Fitted = new(
        () => Model.Fit(Parcel.Rows(), new RunOptions { Chains = 2, Warmup = 100, Draws = 200 }));

    private static LogNormalModel<Parcel> Model =>
        PooledModel.Of<Parcel>().LogNormal(p => p.Y, sigma: Exponential(1)).Intercept(Normal(0, 2)).Slope(p => p.X, Normal(0, 1))
        .PrecisionWeight(p => p.W).Varying(Parcel.ByDepot, g => g.Intercept(Exponential(1)));

    private static LogNormalFit<Parcel> Fit => Fitted.Value;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_verb_is_a_function_of_the_log_scale_draw_by_draw(bool isNew)
    {
        var target = isNew ? Target with { Depot = "new" } : Target;
        var eta = Fit.PredictMeanLog(target);
        var depot = isNew ? null : Fit.For(Parcel.ByDepot).Level(target.Depot).Intercept;
        if (depot is not null)
            Close(Fit.Derive(d => d.Of(depot) + target.X * d.Of(Fit.Coefficient(p => p.X))).Draws, eta.Draws);

        Close(eta.Draws.Select(Math.Exp), Fit.PredictMedian(target).Draws);
        Close(Fit.PredictNewLog(target).Draws.Select(Math.Exp), Fit.PredictNew(target).Draws);

        // The residual variance of a row of weight 4 is sigma^2 / 4.
        Close(Fit.Derive(d => Math.Exp(d.Of(eta) + d.Of(Fit.Sigma) * d.Of(Fit.Sigma) / 8)).Draws, Fit.PredictMean(target).Draws);
        Assert.NotEqual(eta.Draws.ToArray(), Fit.PredictNewLog(target).Draws.ToArray());
    }

    [Fact]
    public void Quantities_that_need_not_have_a_mean_say_so()
    {
        foreach (var quantity in new[] { Fit.PredictMedian(Target), Fit.PredictMean(Target), Fit.PredictNew(Target) })
        {
            Assert.Equal(FitWarningCode.MeanMayNotExist, Assert.Single(quantity.Warnings).Code);
            Assert.Contains(": posterior median ", quantity.ToString(), StringComparison.Ordinal);
            Assert.EndsWith("; its posterior mean may not exist)", quantity.ToString(), StringComparison.Ordinal);
        }

        Assert.Empty(Fit.PredictMeanLog(Target).Warnings);
        Assert.Empty(Fit.PredictNewLog(Target).Warnings);
    }

    [Fact]
    public void Names_tell_the_scale()
    {
        var depot = $"[Depot {Target.Depot}]";

        Assert.Equal(
            [$"median(Y){depot}", $"mean(Y){depot}", $"new(Y){depot}", $"mean(log Y){depot}", $"new(log Y){depot}"],
            new[]
            {
                Fit.PredictMedian(Target),
                Fit.PredictMean(Target),
                Fit.PredictNew(Target),
                Fit.PredictMeanLog(Target),
                Fit.PredictNewLog(Target),
            }.Select(q => q.Name));
    }

    [Fact]
    public void Batches_are_the_rows_one_by_one()
    {
        var rows = Parcel.Rows();

        Assert.All(
            Fit.PredictMedian(rows).Zip(rows), pair => Assert.Equal(Fit.PredictMedian(pair.Second).Draws.ToArray(), pair.First.Draws.ToArray()));
        Assert.All(Fit.PredictNewLog(rows).Zip(Fit.PredictNew(rows)), pair => Close(pair.First.Draws.Select(Math.Exp), pair.Second.Draws));
        Assert.Equal(rows.Length, Fit.PredictMean(rows).Count());
        Assert.Equal(rows.Length, Fit.PredictMeanLog(rows, Parcel.ByDepot.Average()).Count());
    }

    private static void Close(IEnumerable<double> expected, IEnumerable<double> actual) =>
        Assert.All(expected.Zip(actual), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= 1e-12 * (1 + Math.Abs(pair.First)), $"{pair}"));
}

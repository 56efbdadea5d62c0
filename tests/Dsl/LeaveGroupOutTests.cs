using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using TypedPooling.Tests.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Levels left out: against the dense normal where scales are known, against differences of log evidence where they are not.</summary>
public sealed class LeaveGroupOutTests
{
    private static readonly Group<Parcel, string> Depot = Parcel.ByDepot;
    private static readonly RunOptions Many = new() { Chains = 4, Draws = 2000 };

    [Theory]
    [InlineData("plain")]
    [InlineData("weights")]
    [InlineData("counts")]
    [InlineData("known")]
    [InlineData("log")]
    public void With_known_scales_a_level_has_the_density_of_the_dense_normal_given_all_others(string kind)
    {
        var rows = Dozen();
        ElpdEstimate estimate;
        Func<Parcel, double> variance = _ => 0.36;
        switch (kind)
        {
            case "weights":
                estimate = Lines(PooledModel.Of<Parcel>().Normal(p => p.Y, Fixed(0.6)).PrecisionWeight(p => p.W)).Fit(rows, Many).LeaveGroupOut(
                    Depot, rows, refit: true, options: Many);
                variance = p => 0.36 / p.W;
                break;
            case "counts":
                estimate = Lines(PooledModel.Of<Parcel>().Normal(p => p.Y, Fixed(0.6)).Count(p => p.N)).Fit(rows, Many).LeaveGroupOut(
                    Depot, refit: true, options: Many);
                rows = Parcel.Repeated(rows);
                break;
            case "known":
                estimate = Lines(PooledModel.Of<Parcel>().Normal(p => p.Y, knownSd: p => p.W)).Fit(rows, Many).LeaveGroupOut(
                    Depot, rows, refit: true, options: Many);
                variance = p => p.W * p.W;
                break;
            case "log":
                estimate =
                    PooledModel.Of<Parcel>().LogNormal(p => p.Y, Fixed(0.6)).Intercept(Normal(1, 2)).Slope(p => p.X, Normal(0, 1)).Offset(
                        p => p.Known)
                    .Varying(Depot, g => g.Intercept(Fixed(0.5)).Slope(p => p.X, Fixed(0.2)).Uncorrelated()).Fit(rows, Many).LeaveGroupOut(
                        Depot, rows, refit: true, options: Many);
                break;
            default:
                estimate = Lines(PooledModel.Of<Parcel>().Normal(p => p.Y, Fixed(0.6))).Fit(rows, Many).LeaveGroupOut(Depot);
                break;
        }

        var isLog = kind == "log";
        var all = LogDensity(rows, variance, isLog);
        foreach (var part in estimate.Pointwise)
        {
            var exact = all - LogDensity([.. rows.Where(p => p.Depot != part.Level)], variance, isLog);
            Assert.Equal(exact, part.Elpd, 6 * part.Mcse + 1e-6);
        }

        Assert.Equal(0, estimate.BadCount);
        Assert.Contains(estimate.Pointwise, part => !part.IsRefitted);
        Assert.Equal(rows.Select(p => p.Depot).Distinct(), estimate.Pointwise.Select(part => part.Level));
        Assert.True(estimate.EffectiveParameters > 0);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void With_proper_priors_a_level_has_the_difference_of_log_evidences(bool isStandardized, bool hasKnownErrors)
    {
        var rows = Dozen();
        var start = hasKnownErrors
            ? PooledModel.Of<Parcel>().Normal(p => p.Y, knownSd: p => p.W)
            : PooledModel.Of<Parcel>().Normal(p => p.Y, Exponential(1));
        var model = start.Intercept(Normal(1, 2)).Slope(p => p.X, Normal(0, 1)).Varying(Depot, g => g.Intercept(Exponential(1)));
        var fit = (isStandardized ? model.Standardized() : model).Fit(rows, Many);
        var estimate = fit.LeaveGroupOut(Depot, rows, refit: true, options: Many);

        foreach (var part in estimate.Pointwise)
        {
            // Standardised by all rows, the model of the others is another one: its constants are those of the full fit only by refitting.
            if (isStandardized)
                break;
            var without = model.Fit(rows.Where(p => p.Depot != part.Level), Many).LogEvidence!.Value;
            var exact = fit.LogEvidence!.Value.Value - without.Value;
            var mcse = Math.Sqrt(Math.Pow(fit.LogEvidence.Value.Error, 2) + Math.Pow(without.Error, 2) + part.Mcse * part.Mcse);
            Assert.Equal(exact, part.Elpd, 6 * mcse);
        }

        // Fitted again where draws cannot tell: here everywhere, for want of draws.
        var few = (isStandardized ? model.Standardized() : model).Fit(rows, new() { Chains = 1, Draws = 20 });
        var again = few.LeaveGroupOut(Depot, rows, refit: true, options: Many);
        Assert.All(again.Pointwise, part => Assert.True(part.IsRefitted && double.IsNaN(part.ParetoK)));
        Assert.Equal(0, again.BadCount);
        foreach (var (refitted, smoothed) in again.Pointwise.Zip(estimate.Pointwise))
            Assert.Equal(refitted.Elpd, smoothed.Elpd, 6 * Math.Sqrt(refitted.Mcse * refitted.Mcse + smoothed.Mcse * smoothed.Mcse));
        Assert.Contains("12 fitted again", again.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_left_out_is_refused_with_the_remedy()
    {
        var rows = Dozen();
        var number = Group.By((Parcel p) => p.N);
        var crossed =
            PooledModel.Of<Parcel>().Normal(p => p.Y, Fixed(1)).Intercept(Normal(0, 1)).Varying(Depot, g => g.Intercept(Fixed(1))).Varying(
                number, g => g.Intercept(Fixed(1))).Fit(rows);
        var weighted = Lines(PooledModel.Of<Parcel>().Normal(p => p.Y, Fixed(0.6)).PrecisionWeight(p => p.W)).Fit(rows);
        var log = PooledModel.Of<Parcel>().LogNormal(p => p.Y, Fixed(1)).Intercept(Normal(0, 1)).Varying(Depot, g => g.Intercept(Fixed(1))).Fit(rows);

        Assert.Equal(12, crossed.LeaveGroupOut(Depot).Pointwise.Length);
        Assert.Equal(ProblemCode.DataNeeded, Code(() => weighted.LeaveGroupOut(Depot)));
        Assert.Equal(ProblemCode.DataNeeded, Code(() => log.LeaveGroupOut(Depot)));
        Assert.Equal(ProblemCode.OtherRows, Code(() => weighted.LeaveGroupOut(Depot, rows[1..])));
        Assert.Equal(ProblemCode.UnknownTerm, Code(() => weighted.LeaveGroupOut(number)));

        static ProblemCode Code(Action action) => Assert.Throws<ModelException>(action).Problems.Single().Code;
    }

    // Five rows of each of twelve depots.
    private static Parcel[] Dozen() => [.. Parcel.Rows(count: 60).Select((p, i) => p with { Depot = "depot " + i % 12 })];

    private static NormalModel<Parcel> Lines(NormalModel<Parcel> model) => model.Intercept(Normal(1, 2)).Slope(p => p.X, Normal(0, 1))
        .Varying(Depot, g => g.Intercept(Fixed(0.5)).Slope(p => p.X, Fixed(0.2)).Uncorrelated());

    private static double LogDensity(Parcel[] rows, Func<Parcel, double> variance, bool isLog)
    {
        double[] y = [.. rows.Select(p => isLog ? Math.Log(p.Y) - p.Known : p.Y)];
        var density = DenseNormal.LogDensity(y, _ => 1, (i, j) =>
            4 + rows[i].X * rows[j].X + (rows[i].Depot == rows[j].Depot ? 0.25 + 0.04 * rows[i].X * rows[j].X : 0) + (i == j
                ? variance(rows[i])
                : 0));
        return density - (isLog ? rows.Sum(p => Math.Log(p.Y)) : 0);
    }
}

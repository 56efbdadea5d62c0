using System.Globalization;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Tests.Support;
using Xunit;
using Xunit.Abstractions;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Reference;

/// <summary>Whole fits against long runs of Stan and against published numbers (tests/reference/README.md).</summary>
public sealed class StanTests(ITestOutputHelper output)
{
    private const int Chains = 4;
    private const double LeastEss = 1000;

    private static readonly Lazy<ILookup<string, ReferenceFile.Row>> Stan = new(
        () => ReferenceFile.Read("reference/stan_lmm.csv").Rows.ToLookup(row => row.Text("model")));

    /// <summary>Every model by every way of drawing.</summary>
    public static TheoryData<string, string, SamplingMethod> Models
    {
        get
        {
            var models = new TheoryData<string, string, SamplingMethod>();
            foreach (var model in Stan.Value)
            {
                models.Add(model.Key, "Marginal", SamplingMethod.Importance);
                models.Add(model.Key, "Marginal", SamplingMethod.Nuts);
                models.Add(model.Key, "Gibbs", SamplingMethod.Automatic);

                // Some trajectories diverge, perhaps where centred effects meet correlations near 1 or -1: docs/limitations.md.
                if (model.Key is not ("seattle_slopes" or "sleepstudy"))
                    models.Add(model.Key, "Nuts", SamplingMethod.Automatic);
            }

            return models;
        }
    }

    private static RunOptions LongRun(ulong seed, SamplingMethod sampling) =>
        new() { Seed = seed, Chains = Chains, Draws = 3000, Sampling = sampling };

    [Theory]
    [MemberData(nameof(Models))]
    public void Means_sds_and_quantiles_agree_with_a_long_run_of_Stan(string model, string engine, SamplingMethod sampling)
    {
        var fit = StanModels.All[model](
            EngineCases.Engine(engine), LongRun(20240607, sampling) with { TargetAcceptance = engine == "Nuts" ? 0.95 : 0.8 });

        Assert.Empty(fit.Warnings);
        if (sampling == SamplingMethod.Nuts)
            Assert.Equal(0, fit.Posterior.Sampler!.DivergenceCount);
        else if (sampling == SamplingMethod.Importance)
            output.WriteLine(Checks(fit.Posterior));
        var agreement = new Agreement();
        var compared = 0;
        foreach (var row in Stan.Value[model])
        {
            if (fit.Find(row.Text("variable")) is not { } ours)
                continue;
            compared++;
            agreement.Require(ours, LeastEss);
            agreement.Compare(row, ours);
        }

        output.WriteLine(
            $"{model} by {engine}: {agreement.Count} comparisons, the worst is {agreement.Worst.Errors:F2} errors ({agreement.Worst.What}).");
        Assert.Empty(agreement.Problems);

        // Every parameter was compared, a correlation twice (R[1,2] and R[2,1]) and effects as coefficients.
        var q = fit.Posterior.Effects[0].TermCount;
        var parameters = fit.Posterior.Population.ParameterCount + fit.Posterior.Scales.ParameterCount + fit.Posterior.Effects[0].ParameterCount;
        Assert.Equal(parameters + q * (q - 1) / 2, compared);
    }

    [Fact]
    public void Every_model_of_the_file_is_fitted() => Assert.Equal(StanModels.All.Keys.Order(), Stan.Value.Select(model => model.Key).Order());

    // Printed by the lecture: mean, sd, 5.5 % and 94.5 % quantile to four decimals.
    [Theory]
    [InlineData(SamplingMethod.Importance)]
    [InlineData(SamplingMethod.Nuts)]
    public void Gapminder_without_a_population_intercept_agrees_with_the_printed_table_of_the_lecture(SamplingMethod sampling)
    {
        var model = PooledModel.Of<StanModels.CountryYear>()
            .Normal(v => v.LifeExpectancy, sigma: Exponential(1))
            .Slope(v => (v.Year - 1952) / 5.0, Normal(0, 2))
            .Varying(StanModels.Country, g => g.Intercept(Exponential(1)).Slope(v => (v.Year - 1952) / 5.0, Exponential(1)).Correlated(Lkj(1)));

        var fit = model.Fit(StanModels.Countries(), LongRun(3, sampling));

        Assert.Empty(fit.Warnings);
        var byCountry = fit.For(StanModels.Country);
        var agreement = new Agreement();
        ComparePrinted(agreement, byCountry.InterceptSd, 1.1816, 0.0709, 1.0709, 1.2984);
        ComparePrinted(agreement, byCountry.Sd(v => (v.Year - 1952) / 5.0), 0.0648, 0.0046, 0.0579, 0.0726);
        output.WriteLine($"The worst is {agreement.Worst.Errors:F2} errors ({agreement.Worst.What}).");
        Assert.Empty(agreement.Problems);
    }

    // By quadrature, printed to four decimals: mean and sd.
    [Theory]
    [InlineData(SamplingMethod.Importance)]
    [InlineData(SamplingMethod.Nuts)]
    public void Eight_schools_agree_with_quadrature(SamplingMethod sampling)
    {
        var school = Group.By((StanModels.School v) => v.Name);
        var model = PooledModel.Of<StanModels.School>()
            .Normal(v => v.Effect, knownSd: v => v.Se)
            .Intercept(Normal(0, 5))
            .Varying(school, g => g.Intercept(HalfCauchy(5)));

        var fit = model.Fit(StanModels.Schools(), LongRun(8, sampling));

        Assert.Empty(fit.Warnings);
        var bySchool = fit.For(school);
        var agreement = new Agreement();
        foreach (var (quantity, mean, sd) in new[]
        {
            (fit.Intercept, 4.3968, 3.3177),
            (bySchool.InterceptSd, 3.5977, 3.2200),
            (bySchool["A"].Intercept, 6.2119, 5.5931),
            (bySchool["H"].Intercept, 4.8543, 5.2908),
        })
        {
            agreement.Require(quantity, LeastEss);
            agreement.Compare($"{quantity.Name} mean", quantity.Mean, quantity.McseMean, mean, 0, rounding: 0.5e-4);
            agreement.Compare($"{quantity.Name} sd", quantity.Sd, quantity.McseSd, sd, 0, rounding: 0.5e-4);
        }

        output.WriteLine($"The worst is {agreement.Worst.Errors:F2} errors ({agreement.Worst.What}).");
        Assert.Empty(agreement.Problems);
    }

    private static string Checks(Posterior posterior) => string.Create(
            CultureInfo.InvariantCulture,
            $"k-hat {posterior.Importance!.ParetoK:F2}, {posterior.Importance.ProposalCount} proposals worth {posterior.Importance.WeightEss:F0}, "
            + $"halves differ by {posterior.Importance.HalvesDifference:F1} errors");

    // The lecture prints no Monte-Carlo errors. We grant its run the ESS of about 1,000 draws, the default of its program.
    private static void ComparePrinted(Agreement agreement, Quantity ours, double mean, double sd, double lower, double upper)
    {
        const double Rounding = 0.5e-4;
        const double TheirEss = 1000;
        agreement.Require(ours, LeastEss);
        agreement.Compare($"{ours.Name} mean", ours.Mean, ours.McseMean, mean, sd / Math.Sqrt(TheirEss), Rounding);
        agreement.Compare($"{ours.Name} sd", ours.Sd, ours.McseSd, sd, sd / Math.Sqrt(2 * TheirEss), Rounding);
        agreement.CompareShare($"{ours.Name} share below 5.5 %", ours, lower, 0.055, TheirEss);
        agreement.CompareShare($"{ours.Name} share below 94.5 %", ours, upper, 0.945, TheirEss);
    }
}

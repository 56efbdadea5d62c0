using System.Text.RegularExpressions;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Reference;

/// <summary>The models of crossed_runs.csv (tests/reference/README.md) as a user declares them, and their fits with the variables of the Stan
/// programs.</summary>
internal static class CrossedModels
{
    public static IReadOnlyDictionary<string, CrossedModel> All { get; } = new Dictionary<string, CrossedModel>
    {
        ["penicillin"] = Penicillin(),
        ["pastes"] = Pastes(HalfNormal(3), HalfNormal(3), HalfNormal(2)),
        ["pastes_conjugate"] = Pastes(InverseGammaOnVariance(2, 4), InverseGammaOnVariance(2, 1), InverseGammaOnVariance(2, 1)),
        ["radon"] = Radon(),
        ["sleepstudy"] = Sleepstudy(),
        ["sleepstudy_days"] = SleepstudyDays(),
    };

    private sealed record Zone(string Plate, string Sample, double Diameter);

    private sealed record Paste(string Batch, string Cask, double Strength);

    private static CrossedModel Penicillin()
    {
        var (plate, sample) = (Group.By((Zone z) => z.Plate), Group.By((Zone z) => z.Sample));
        var model = PooledModel.Of<Zone>()
            .Normal(z => z.Diameter, sigma: Exponential(1))
            .Intercept(Normal(23, 5))
            .Varying(plate, g => g.Intercept(Exponential(1)))
            .Varying(sample, g => g.Intercept(Exponential(0.5)));
        return Of(model, () => Read("penicillin", row => new Zone(row.Text("plate"), row.Text("sample"), row.Number("diameter"))), plate, sample);
    }

    private static CrossedModel Pastes(IScalePrior cask, IScalePrior batch, IScalePrior sigma)
    {
        var batches = Group.By((Paste p) => p.Batch);
        var casks = batches.Nested(p => p.Cask);
        var model = PooledModel.Of<Paste>()
            .Normal(p => p.Strength, sigma: sigma)
            .Intercept(Normal(60, 5))
            .Varying(casks, g => g.Intercept(cask))
            .Varying(batches, g => g.Intercept(batch));
        return Of(model, () => Read("pastes", row => new Paste(row.Text("batch"), row.Text("cask"), row.Number("strength"))), casks, batches);
    }

    private static CrossedModel Radon()
    {
        var county = Group.By((StanModels.Home v) => v.County);
        var model = PooledModel.Of<StanModels.Home>()
            .Normal(v => v.LogRadon, sigma: Exponential(1))
            .Intercept(Normal(1, 2))
            .Slope(v => v.Floor, Normal(0, 1))
            .Varying(county, g => g.Intercept(Exponential(2)));
        return Of<StanModels.Home, string, string>(model, StanModels.Homes, county, null);
    }

    private static CrossedModel Sleepstudy()
    {
        var subject = Group.By((StanModels.Reading v) => v.Subject);
        var model = PooledModel.Of<StanModels.Reading>()
            .Normal(v => v.Reaction, sigma: HalfNormal(50))
            .Intercept(Normal(250, 50))
            .Slope(v => v.Days, Normal(10, 10))
            .Varying(subject, g => g.Intercept(HalfStudentT(4, 25)).Slope(v => v.Days, HalfStudentT(4, 10)).Correlated(Lkj(1)));
        return Of<StanModels.Reading, int, int>(model, StanModels.Readings, subject, null);
    }

    private static CrossedModel SleepstudyDays()
    {
        var (subject, day) = (Group.By((StanModels.Reading v) => v.Subject), Group.By((StanModels.Reading v) => v.Days, "day"));
        var model = PooledModel.Of<StanModels.Reading>()
            .Normal(v => v.Reaction, sigma: Exponential(1.0 / 25))
            .Intercept(Normal(250, 50))
            .Slope(v => v.Days, Normal(10, 10))
            .Varying(subject, g => g.Intercept(Exponential(1.0 / 25)).Slope(v => v.Days, Exponential(1.0 / 10)).Correlated(Lkj(2)))
            .Varying(day, g => g.Intercept(Exponential(1.0 / 10)));
        return Of(model, StanModels.Readings, subject, day);
    }

    private static IEnumerable<TRow> Read<TRow>(string data, Func<ReferenceFile.Row, TRow> row) =>
        ReferenceFile.Read($"data/{data}.csv").Rows.Select(row);

    // b[k], tau[k] (of the first factor), tau2 (of the second), sigma, R[k,l], u[j,k] (effects of the first factor), w[j] (of the second); levels by
    // first appearance.
    private static CrossedModel Of<TRow, TFirst, TSecond>(
        NormalModel<TRow> model,
        Func<IEnumerable<TRow>> rows,
        Group<TRow, TFirst> first,
        Group<TRow, TSecond>? second) => new(model.Spec, (engine, options) =>
    {
        var fit = model.Fit(rows(), engine, options);
        var (u, w) = (fit.For(first), second is null ? null : fit.For(second));
        var varying = fit.Spec.Factors[0].Terms.Select(term => term.Name).ToArray();
        return new StanFit(fit.Posterior, fit.Table, [.. fit.Warnings], variable =>
        {
            var parts = Regex.Match(variable, @"^(\w+?)(?:\[(\d+)(?:,(\d+))?\])?$");
            var index = parts.Groups[2].Success ? int.Parse(parts.Groups[2].ValueSpan) - 1 : -1;
            var other = parts.Groups[3].Success ? int.Parse(parts.Groups[3].ValueSpan) - 1 : -1;
            return parts.Groups[1].Value switch
            {
                "b" => fit.Coefficient(fit.Spec.Population[index].Name),
                "tau" => u.Sd(varying[index]),
                "tau2" => w!.InterceptSd,
                "sigma" => fit.Sigma,
                "R" => u.Correlation(varying[index], varying[other]),
                "u" => u[u.Keys[index]].Effect(varying[other]),
                "w" => w![w.Keys[index]].Effect("Intercept"),
                _ => throw new NotSupportedException(variable),
            };
        });
    });
}

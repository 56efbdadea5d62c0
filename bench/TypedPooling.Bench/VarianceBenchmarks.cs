using TypedPooling.Randomness;
using static TypedPooling.Prior;

namespace TypedPooling.Bench;

/// <summary>Shares of variance on the scale of the response, and shrinkage, of a fit that is there. A fit keeps both, so every call asks a copy
/// of it.</summary>
internal static class VarianceBenchmarks
{
    private static readonly Group<Patient, int> Clinic = Group.By((Patient p) => p.Clinic);
    private static readonly Group<Patient, int> Doctor = Group.By((Patient p) => p.Doctor);

    public static IReadOnlyList<Benchmark> All { get; } =
    [
        Shares(
            "shares-bernoulli",
            "ICC and both R^2 on the scale of the response: 900 rows of 30 and 12 levels, intercepts vary",
            Intercepts),
        Shares("shares-slopes", "the same where the slope of a column that differs in every row varies too", Slopes),
        new("shrinkage-radon", "shrinkage of 85 counties, intercepts and slopes, a Normal response", () =>
        {
            var fit = Models.RadonModel.Fit(Models.Homes());
            var county = Group.By((Models.Home h) => h.County);
            return () => Again(fit).For(county).Shrinkage().Levels[0].PoolingMatrix[0];
        }),
        new("shrinkage-bernoulli", "shrinkage of 30 of 30 and 12 levels of a Bernoulli response of 900 rows", () =>
        {
            var fit = Intercepts.Fit(Rows());
            return () => Again(fit).For(Clinic).Shrinkage().Levels[0].PoolingMatrix[0];
        }),
    ];

    private static BernoulliModel<Patient> Intercepts => PooledModel.Of<Patient>().Bernoulli(p => p.IsWell)
        .Intercept(Normal(0, 1.5)).Slope(p => p.Dose, Normal(0, 1))
        .Varying(Clinic, g => g.Intercept(Exponential(1))).Varying(Doctor, g => g.Intercept(Exponential(1)));

    private static BernoulliModel<Patient> Slopes => PooledModel.Of<Patient>().Bernoulli(p => p.IsWell)
        .Intercept(Normal(0, 1.5)).Slope(p => p.Dose, Normal(0, 1))
        .Varying(Clinic, g => g.Intercept(Exponential(1)).Slope(p => p.Dose, Exponential(1))).Varying(Doctor, g => g.Intercept(Exponential(1)));

    private static Benchmark Shares(string name, string purpose, BernoulliModel<Patient> model) => new(name, purpose, () =>
    {
        var fit = model.Fit(Rows());
        return () =>
        {
            var own = Again(fit);
            return own.Icc(Clinic, VarianceScale.Response).Summary().Mean + own.MarginalRSquaredOn(VarianceScale.Response).Summary().Mean
                + own.ConditionalRSquaredOn(VarianceScale.Response).Summary().Mean;
        };
    });

    private static Fit<TRow> Again<TRow>(Fit<TRow> fit) => fit.Again(new(fit.Bound, fit.Rows, fit.Posterior, fit.EngineChoice, fit.Again));

    private static Patient[] Rows()
    {
        var stream = new PhiloxStream(19, 1);
        double[] clinics = [.. Enumerable.Range(0, 30).Select(_ => 0.8 * stream.NextNormal())];
        double[] doctors = [.. Enumerable.Range(0, 12).Select(_ => 0.5 * stream.NextNormal())];
        return
        [
            .. Enumerable.Range(0, 900).Select(i =>
            {
                var (clinic, doctor, dose) = (i % 30, 7 * i % 13 % 12, stream.NextNormal());
                var odds = Math.Exp(-0.3 + 0.7 * dose + clinics[clinic] + doctors[doctor]);
                return new Patient(clinic, doctor, dose, stream.NextDouble() < odds / (1 + odds));
            }),
        ];
    }

    internal sealed record Patient(int Clinic, int Doctor, double Dose, bool IsWell);
}

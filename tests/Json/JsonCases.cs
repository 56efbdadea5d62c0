using System.Collections.Immutable;
using TypedPooling.Draws;
using TypedPooling.Tests.Dsl.Support;

namespace TypedPooling.Tests.Json;

/// <summary>Answers of every type that has a form in JSON: from fits, and by hand where numbers are NaN or infinite and texts are awkward.</summary>
internal static class JsonCases
{
    public const string Awkward = "=\"Zoë\", <b>\\\n\u2028 'Ω' 北京 \U0001F600";

    private static readonly Group<Visit, string> Cafe = Group.By((Visit v) => v.Cafe);
    private static readonly Lazy<NormalFit<Visit>> LazyFit = new(() => Model!.Fit(Visits!, new() { Chains = 2, Draws = 100 }));
    private static readonly Lazy<NormalLikelihoodFit<Visit>> LazyPoint = new(() => Model!.Fit(Visits!, Engine.MaximumLikelihood));

    public static IReadOnlyList<Visit> Visits { get; } =
        [.. Rows.Cafe.Select(visit => visit with { Cafe = visit.Cafe == "1" ? Awkward : visit.Cafe })];

    public static NormalModel<Visit> Model { get; } = PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept().Slope(v => v.Afternoon)
        .Varying(Cafe, g => g.Intercept().Slope(v => v.Afternoon));

    public static NormalFit<Visit> Fit => LazyFit.Value;

    /// <summary>Answers that read back as their own type.</summary>
    public static IEnumerable<object> Both()
    {
        double[] numbers = [0, -0.0, 0.1, double.Epsilon, double.MaxValue, -1e-300, double.NaN, double.PositiveInfinity, double.NegativeInfinity];
        foreach (var (a, b) in numbers.Zip([.. numbers[1..], 1.5]))
        {
            yield return new Interval(a, b, 0.89);
            yield return new MeanAndSd(a, b);
            yield return new Residual(7, a, b, a, b, a, b);
            yield return new ResidualTest(Awkward, a, b, a);
            yield return new CheckedStatistic(Awkward, a > 0 ? Awkward : null, a, b, a, new(b, a, 0.5), b, a);
            yield return new LeastSquaresEstimate(a, b);
            yield return new CoefficientEstimate(a, b, new(b, a, 0.5));
            yield return new LogEvidence(a, b);
            yield return new HistogramBin(a, b, a);
            yield return new LikelihoodRatio(a, 3, true);
            yield return new LikelihoodRatio(a, 3, true) { TestsOneSd = true };
            yield return new ParameterCovariance(["a", Awkward], [a, b, b, a]);
            yield return new PointwiseElpd(7, a > 0 ? Awkward : null, 2, a, b, a, b, a > 0);
            yield return new ParameterDifference(new(ParameterKind.Sigma, string.Empty), a, b, a);
            yield return new QuantitySummary(Awkward, a, b, a, new(a, b, 0.5), b, a, b, a)
            {
                Warnings = [new(FitWarningCode.MeanMayNotExist, Awkward)],
                Draws = [.. numbers],
            };
            yield return new SummaryRow(new(ParameterKind.VaryingEffect, Awkward) { Factor = "f", Level = 3, LevelText = Awkward }, a, b, a, b, a, b, a)
            { Median = b, HasUnsureMean = true, Probability = 0.5 };
        }

        yield return new SharedCoefficient(Awkward, null);
        yield return new SharedCoefficient(Awkward, new(1, double.NaN));
        yield return new Parameter(ParameterKind.VaryingCorrelation, "a") { Factor = "f", OtherTerm = "b" };
        yield return new FitWarning(FitWarningCode.RHat, Awkward);
        yield return new Problem(ProblemCode.NotFinite, Awkward, "b") { Term = "c", Row = long.MaxValue, Level = Awkward };
        yield return new Problem(ProblemCode.NoRows, string.Empty, string.Empty);
        yield return Fit.Table;
        yield return LazyPoint.Value.Table;
        yield return LazyPoint.Value.Likelihood.FullCovariance();
        yield return Fit.Intercept.Summary();
        yield return Fit.Intercept.SummaryWithDraws(0.5);
        yield return Fit.Sigma.Histogram(5);
        yield return Fit.For(Cafe).Coefficients();
        yield return Fit.For(Cafe).Coefficients().Levels[0];
        yield return Fit.For(Cafe).Shrinkage();
        yield return Fit.For(Cafe).Shrinkage().Levels[0];
        yield return new LevelShrinkage<string>(Awkward, 1, null, [double.NaN], [1], [0]);
        var pooling = Model.ComparePooling(Visits, Cafe, new() { Chains = 2, Draws = 100 });
        yield return pooling.Levels[0];
        yield return pooling.NoPooling.Levels[0];
        yield return new UnpooledLevel<string>(Awkward, 1, [null, new(1, 2), null]);
        yield return LikelihoodRatio.Test(
            PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept().Varying(Cafe, g => g.Intercept()).Fit(Visits, Engine.MaximumLikelihood),
            LazyPoint.Value);
        var engines = PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept().Varying(Cafe, g => g.Intercept().Slope(v => v.Afternoon))
            .Compare(Model.Read(Visits.Take(40)), new() { Chains = 2, Draws = 100, Warmup = 100 }, Engine.Marginal, Engine.Gibbs, Engine.Variational);
        yield return engines;
        yield return engines.Engines[1];
        yield return new EngineRun(Awkward, Exactness.Point, [new(ProblemCode.EngineRefuses, "a", "b")])
        { Time = TimeSpan.FromTicks(123_456_789_012_345), EvidenceBound = double.NegativeInfinity, LogEvidence = new(double.NaN, 1) };
        foreach (var keyed in Keyed(-7).Concat(Keyed(long.MaxValue)).Concat(Keyed(new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)))
            .Concat(Keyed(new DateOnly(2024, 2, 29))).Concat(Keyed(Awkward)).Concat(Keyed(string.Empty)))
            yield return keyed;
    }

    /// <summary>Answers that are written only.</summary>
    public static IEnumerable<object> WriteOnly()
    {
        yield return Fit.Intercept;
        yield return LazyPoint.Value.Intercept;
        yield return LazyPoint.Value.Likelihood;
        var pooling = Model.ComparePooling(Visits, Cafe, new() { Chains = 2, Draws = 100 });
        yield return pooling;
        yield return pooling.NoPooling;
        var comparison = ModelComparison.Of(Fit.Loo(Visits, "a"), Fit.Loo(Visits, Awkward));
        yield return comparison;
        yield return comparison.Best;
        yield return comparison.Best.Estimate;
        yield return Fit.Residuals(Visits);
        yield return Fit.Check(Visits, new CheckOptions { Draws = 5 });
        yield return Fit.CheckByLevel(Cafe, Visits, new CheckOptions { Draws = 5 });
        yield return Fit.Draws();
        yield return new ModelException([new(ProblemCode.NotFinite, "a", "b") { Row = 3 }, new(ProblemCode.NullKey, "c", "d")]);
        foreach (var keyed in Keyed(("a", 1)).Concat(Keyed(Season.Winter)).Concat(Keyed(new Place("b", 2))))
            yield return keyed;
    }

    /// <summary>What is saved as a file, and refuses to lose what it holds in JSON.</summary>
    public static IEnumerable<object> Refused()
    {
        yield return Model.Read(Visits);
        yield return Fit;
        yield return LazyPoint.Value;
    }

    /// <summary>Every answer with keys of a type.</summary>
    private static object[] Keyed<TKey>(TKey key)
        where TKey : notnull
    {
        var coefficients = new LevelCoefficients<TKey>(key, 2, [new(1, double.NaN, new(0, double.PositiveInfinity, 0.9))]);
        var group = Group.By((Row<TKey> r) => r.Key);
        var fit = PooledModel.Of<Row<TKey>>().Normal(r => r.Y, sigma: Prior.Fixed(1)).Intercept(Prior.Fixed(0))
            .Varying(group, g => g.Intercept(Prior.Fixed(1))).Fit([new(key, 1), new(key, 2)], new() { Chains = 1, Draws = 4 });
        return
        [
            coefficients,
            new CoefficientTable<TKey>(Awkward, 0.9, [Awkward], [coefficients]),
            new LevelShrinkage<TKey>(key, 1, [double.NaN], [1], [double.NegativeInfinity], []),
            fit.For(group).Shrinkage(),
            new LevelPooling<TKey>(key, 1, [null, new(1, 2)], [new(1, 2)], [new(3, double.NaN)]),
            new UnpooledLevel<TKey>(key, 1, [null, new(1, double.NaN)]),
        ];
    }

    public sealed record Row<TKey>(TKey Key, double Y);

    public sealed record Place(string Name, double Height);
}

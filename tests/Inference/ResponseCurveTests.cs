using MathNet.Numerics;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;
using TypedPooling.Responses;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>Curves with a sigma or a shape: derivatives against differences, and the logs of gamma functions they are made with.</summary>
public sealed class ResponseCurveTests
{
    private static readonly ResponseScales Scales = new(0.7, 3.2);

    public static TheoryData<string> Names => ["NegativeBinomial", "Gamma", "StudentT"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Derivatives_for_the_predictor_are_those_of_differences(string name)
    {
        var curve = Curve(name, Scales);
        foreach (var (eta, a, n) in Points)
        {
            curve.At(eta, a, n, out var slope, out var weight, out var weightSlope);
            Near(Difference(x => curve.At(x, a, n, out _, out _, out _), eta), slope);
            Near(-Difference(x => Slope(curve, x, a, n), eta), weight);
            Near(Difference(x => Weight(curve, x, a, n), eta), weightSlope);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Derivatives_for_sigma_and_the_shape_are_those_of_differences(string name)
    {
        foreach (var (eta, a, n) in Points)
        {
            var on = Curve(name, Scales).OnScales(eta, a, n);
            Near(Difference(s => Value(Curve(name, Scales with { Sigma = s }), eta, a, n), Scales.Sigma), on.Sigma);
            Near(Difference(s => Value(Curve(name, Scales with { Shape = s }), eta, a, n), Scales.Shape), on.Shape);
            if (name == "StudentT")
                continue;
            Curve(name, Scales).OnShape(eta, a, n, out var value, out var slope, out var weight);
            Near(on.Shape, value);
            Near(Difference(s => Slope(Curve(name, Scales with { Shape = s }), eta, a, n), Scales.Shape), slope);
            Near(Difference(s => Weight(Curve(name, Scales with { Shape = s }), eta, a, n), Scales.Shape), weight);
        }
    }

    [Fact]
    public void The_expected_information_of_a_t_is_the_mean_of_its_weight()
    {
        var curve = Curve("StudentT", Scales);
        var mean = Enumerable.Range(-200, 400).Sum(panel => GaussLegendre(x => MathNet.Numerics.Distributions.StudentT.PDF(1, Scales.Sigma, Scales.Shape, x) * Weight(curve, 1, x, 1), panel));

        Assert.Equal(mean, curve.Information(5, 0, 1), 1e-9);

        // Panels grow, for tails are heavy.
        static double GaussLegendre(Func<double, double> f, int panel) =>
            MathNet.Numerics.Integration.GaussLegendreRule.Integrate(z => f(1 + Math.Sinh(z)) * Math.Cosh(z), panel / 20.0, (panel + 1) / 20.0, 8);
    }

    [Fact]
    public void Where_the_t_is_normal_its_squares_are_those_of_least_squares() => Assert.Equal(2 * 9.0, Curve("StudentT", new(2, 1e12)).ResidualSquares(1, 4, 2), 1e-9);

    [Theory]
    [InlineData(0.003)]
    [InlineData(0.4)]
    [InlineData(7)]
    [InlineData(15.99)]
    [InlineData(16)]
    [InlineData(250)]
    [InlineData(1e5)]
    public void Logs_of_gamma_functions_are_those_of_MathNet(double x)
    {
        foreach (var y in new[] { 0, 0.5, 1, 2, 7, 12, 13, 40.5, 5000 })
        {
            var scale = 1 + Math.Abs(SpecialFunctions.GammaLn(x + y)) + Math.Abs(y * Math.Log(x));
            Assert.Equal(SpecialFunctions.GammaLn(x + y) - SpecialFunctions.GammaLn(x) - y * Math.Log(x), GammaRatio.Log(x, y, out var derivative), 2e-14 * scale);
            Assert.Equal(SpecialFunctions.DiGamma(x + y) - SpecialFunctions.DiGamma(x) - y / x, derivative, 1e-12 * (1 + y / x));
        }

        Assert.Equal(x * Math.Log(x) - SpecialFunctions.GammaLn(x), GammaRatio.PowerOverGamma(x, out var slope), 2e-14 * (1 + Math.Abs(x * Math.Log(x))));
        Assert.Equal(Math.Log(x) + 1 - SpecialFunctions.DiGamma(x), slope, 1e-12 * (1 + 1 / x));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(9)]
    [InlineData(300)]
    public void A_ratio_of_gamma_functions_keeps_its_digits_however_large_they_are(double y)
    {
        // log Gamma(x + y) - log Gamma(x) - y log x = y (y - 1) / (2 x) + O(1 / x^2)
        foreach (var x in new[] { 1e9, 1e13 })
        {
            Assert.Equal(0.5 * y * (y - 1) / x, GammaRatio.Log(x, y, out var derivative), y * y * y / (x * x) + 1e-13 * y);
            Assert.Equal(0, derivative, y * y / (x * x) + 1e-13 * y / x + 1e-28);
        }
    }

    private static (double Eta, double A, double N)[] Points => [(-3, 0, 1), (0.4, 2, 1), (1.5, 7, 3), (2.5, 1, 2), (-0.6, 0.3, 1)];

    private static ResponseCurve Curve(string name, ResponseScales scales)
    {
        var curve = ResponseCurve.Of(name switch { "NegativeBinomial" => Family.NegativeBinomial, "Gamma" => Family.Gamma, _ => Family.StudentT })!;
        curve.Set(scales);
        return curve;
    }

    private static double Value(ResponseCurve curve, double eta, double a, double n) => curve.At(eta, a, n, out _, out _, out _);

    private static double Slope(ResponseCurve curve, double eta, double a, double n)
    {
        curve.At(eta, a, n, out var slope, out _, out _);
        return slope;
    }

    private static double Weight(ResponseCurve curve, double eta, double a, double n)
    {
        curve.At(eta, a, n, out _, out var weight, out _);
        return weight;
    }

    private static double Difference(Func<double, double> f, double at)
    {
        const double H = 1e-3;
        return (8 * (f(at + H) - f(at - H)) - (f(at + 2 * H) - f(at - 2 * H))) / (12 * H);
    }

    private static void Near(double expected, double actual) => Assert.Equal(expected, actual, 1e-9 * Math.Max(1, Math.Abs(expected)));
}

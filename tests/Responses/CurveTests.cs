using MathNet.Numerics;
using TypedPooling.Randomness;
using TypedPooling.Responses;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Responses;

/// <summary>The curve of every family of cells: derivatives against differences, its two forms against each other, lanes, and the logs of gamma
/// functions curves are made with.</summary>
public sealed class CurveTests
{
    private static readonly ResponseScales Scales = new(0.7, 3.2);

    public static TheoryData<string, Link> Names
    {
        get
        {
            var names = new TheoryData<string, Link>();
            foreach (var family in TestFamilies.OfCells)
                names.Add(family.Name, family.Link);
            return names;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Derivatives_for_the_predictor_are_those_of_differences(string name, Link link)
    {
        var curve = TestFamilies.Of(name, link).Curve;
        foreach (var (eta, a, n) in Points(name, link))
        {
            curve.At(eta, a, n, Scales, out var slope, out var weight, out var weightSlope);
            Near(Difference(x => Value(curve, x, a, n, Scales), eta), slope);
            Near(-Difference(x => Slope(curve, x, a, n), eta), weight);
            Near(Difference(x => Weight(curve, x, a, n), eta), weightSlope);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Derivatives_for_sigma_and_the_shape_are_those_of_differences(string name, Link link)
    {
        var family = TestFamilies.Of(name, link);
        foreach (var (eta, a, n) in Points(name, link))
        {
            var slope = 0.0;
            family.Curve.Sum([eta], [a], [n], Scales, new Span<double>(ref slope), out var on);
            Near(Difference(s => Value(family.Curve, eta, a, n, Scales with { Sigma = s }), Scales.Sigma), on.Sigma);
            Near(Difference(s => Value(family.Curve, eta, a, n, Scales with { Shape = s }), Scales.Shape), on.Shape);
            var (value, onShape) = (0.0, 0.0);
            family.Curve.Add([eta], a, n, Scales, new Span<double>(ref value), new Span<double>(ref slope), new Span<double>(ref onShape));
            Assert.Equal(on.Shape, onShape);
            Near(Value(family.Curve, eta, a, n, Scales), value);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Derivatives_for_the_shape_from_the_anchor_are_those_of_differences(string name, Link link)
    {
        var curve = TestFamilies.Of(name, link).Curve;
        foreach (var (_, a, n) in Points(name, link))
        {
            var anchor = curve.Anchor(a, n);
            foreach (var distance in new[] { -1.3, -0.01, 0.4, 2 })
            {
                var (value, slope, weight) = (0.0, 0.0, 0.0);
                curve.OnShapeFromAnchors(
                    [anchor], [distance], [a], [n], Scales, new Span<double>(ref value), new Span<double>(ref slope), new Span<double>(ref weight));
                Near(Difference(s => From(s).Value, Scales.Shape), value);
                Near(Difference(s => From(s).Slope, Scales.Shape), slope);
                Near(Difference(s => From(s).Weight, Scales.Shape), weight);

                (double Value, double Slope, double Weight) From(double shape) =>
                    (curve.FromAnchor(anchor, distance, a, n, Scales with { Shape = shape }, out var s, out var w, out _), s, w);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_cell_has_the_same_values_wherever_it_stands(string name, Link link)
    {
        var curve = TestFamilies.Of(name, link).Curve;
        var stream = new PhiloxStream(3, 1);
        var points = Points(name, link);
        foreach (var count in new[] { 1, 2, 3, 4, 7, 8, 33 })
        {
            double[] eta = [.. Enumerable.Range(0, count).Select(i => (i % 3 == 0 ? 12 : 2) * stream.NextNormal())];
            double[] a = [.. eta.Select((_, i) => points[i % points.Length].A)];
            double[] n = [.. eta.Select((_, i) => points[i % points.Length].N)];
            var anchors = new double[count];
            curve.Anchors(a, n, anchors);
            var (slopes, weights, weightSlopes) = (new double[count], new double[count], new double[count]);
            var sum = curve.SumWithCurvatures(eta, a, n, Scales, slopes, weights, weightSlopes);
            var alone = 0.0;
            for (var i = 0; i < count; i++)
            {
                Assert.Equal(curve.Anchor(a[i], n[i]), anchors[i]);
                alone += curve.At(eta[i], a[i], n[i], Scales, out var slope, out var weight, out var weightSlope);
                Assert.Equal((slope, weight, weightSlope), (slopes[i], weights[i], weightSlopes[i]));
            }

            Assert.Equal(alone, sum);
            Assert.Equal(alone, curve.Sum(eta, a, n, Scales, slopes, out _), 1e-12 * (1 + Math.Abs(alone)));
            var distances = eta.Zip(anchors, (x, anchor) => x - anchor).ToArray();
            var from = curve.SumFromAnchors(anchors, distances, a, n, Scales, slopes, weights, weightSlopes);
            alone = 0;
            for (var i = 0; i < count; i++)
            {
                alone += curve.FromAnchor(anchors[i], distances[i], a[i], n[i], Scales, out var slope, out var weight, out var weightSlope);
                Assert.Equal((slope, weight, weightSlope), (slopes[i], weights[i], weightSlopes[i]));
            }

            Assert.Equal(alone, from);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_information_is_positive_and_the_mean_of_the_weight(string name, Link link)
    {
        var family = TestFamilies.Of(name, link);
        foreach (var (eta, a, n) in Points(name, link))
        {
            var information = 0.0;
            family.Curve.Information([eta], [a], [n], Scales, new Span<double>(ref information));
            Assert.True(information > 0 || (family.IsProportion && information == 0));
            if (family.Curve.IsConcave)
                Assert.Equal(Weight(family.Curve, eta, a, n), information, 1e-12 * (1 + information));
            else
                Assert.Equal(MeanWeight(family, eta, n), information, 1e-7 * (1 + information));
        }
    }

    // Over the quantiles of a response: the mean of the weight by the midpoint rule in the probability, on a grid that is dense at both ends.
    private static double MeanWeight(CellsFamily family, double eta, double n)
    {
        var location = family.Link == Link.Logit ? 1 / (1 + Math.Exp(-eta)) : eta;
        var sum = 0.0;
        const int Steps = 4000;
        for (var i = 0; i < Steps; i++)
        {
            // p = x^3 (10 - 15 x + 6 x^2) is flat at both ends.
            var x = (i + 0.5) / Steps;
            var p = x * x * x * (10 - 15 * x + 6 * x * x);
            if (p is <= 0 or >= 1)
                continue;
            var y = family.Quantile(p, location, 1, Scales);
            if (family.FaultOf(y, 1) == ResponseFault.None)
                sum += 30 * x * x * (1 - x) * (1 - x) / Steps * Weight(family.Curve, eta, y, n);
        }

        return sum;
    }

    [Fact]
    public void Where_the_t_is_normal_its_squares_are_those_of_least_squares() =>
        Assert.Equal(2 * 9.0, TestFamilies.Of("StudentT", Link.Identity).Curve.ResidualSquares([1], [4], [2], new ResponseScales(2, 1e12)), 1e-9);

    [Theory]
    [InlineData(0.003)]
    [InlineData(0.4)]
    [InlineData(7)]
    [InlineData(9.99)]
    [InlineData(10)]
    [InlineData(15.99)]
    [InlineData(16)]
    [InlineData(250)]
    [InlineData(1e5)]
    public void Logs_of_gamma_functions_are_those_of_MathNet(double x)
    {
        foreach (var y in new[] { 0, 0.5, 1, 2, 7, 12, 13, 40.5, 5000 })
        {
            var scale = 1 + Math.Abs(SpecialFunctions.GammaLn(x + y)) + Math.Abs(y * Math.Log(x));
            Assert.Equal(
                SpecialFunctions.GammaLn(x + y) - SpecialFunctions.GammaLn(x) - y * Math.Log(x),
                GammaRatio.Log(x, y, out var derivative),
                2e-14 * scale);
            Assert.Equal(SpecialFunctions.DiGamma(x + y) - SpecialFunctions.DiGamma(x) - y / x, derivative, 1e-12 * (1 + y / x));
        }

        Assert.Equal(
            x * Math.Log(x) - SpecialFunctions.GammaLn(x), GammaRatio.PowerOverGamma(x, out var slope), 2e-14 * (1 + Math.Abs(x * Math.Log(x))));
        Assert.Equal(Math.Log(x) + 1 - SpecialFunctions.DiGamma(x), slope, 1e-12 * (1 + 1 / x));

        // In lanes, with the powers of x d/dx against differences of the one before.
        var k = At(x, out var first, out var second, out var third);
        Assert.Equal(x * Math.Log(x) - x + 0.5 * Math.Log(2 * Math.PI) - SpecialFunctions.GammaLn(x), k, 2e-14 * (1 + Math.Abs(x * Math.Log(x))));
        Assert.Equal(x * (Math.Log(x) - SpecialFunctions.DiGamma(x)), first, 1e-12 * (1 + x));
        Near(Difference(step => At(x * Math.Exp(step), out var one, out _, out _) is var _ ? one : 0, 0), second);
        Near(Difference(step => At(x * Math.Exp(step), out _, out var two, out _) is var _ ? two : 0, 0), third);

        static double At(double at, out double first, out double second, out double third)
        {
            var value = StirlingPowers.At(new System.Numerics.Vector<double>(at), out var one, out var two, out var three)[0];
            (first, second, third) = (one[0], two[0], three[0]);
            return value;
        }
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

    [Fact]
    public void Small_arguments_keep_their_digits_in_lanes()
    {
        foreach (var x in new[] { -0.9, -0.34, -1e-3, -1e-9, 1e-17, 1e-9, 1e-3, 0.35, 0.36, 2, 700 })
        {
            var rise = LaneMath.ExpMinusOne(new(x), out var exponential);
            Assert.Equal(Math.Exp(x), exponential[0], 1e-15 * Math.Exp(x));
            if (Math.Abs(x) < 1e-8)
                Assert.Equal(x + x * x / 2, rise[0], 1e-15 * Math.Abs(x));
            Assert.Equal(
                x, LaneMath.LogOnePlus(rise)[0], 3e-16 * (1 + Math.Abs(x)) * (Math.Abs(x) < 1 ? Math.Abs(x) + 1e-300 : 4) + 3e-16 * Math.Abs(x));
        }
    }

    // eta, y, phi; l without its constants, l', l'', l''', expected information, and phi d/dphi of l' and l'': by 500-bit arithmetic (Rmpfr 0.9-1),
    // 16 digits.
    [Theory]
    [InlineData(0, 0.5, 1, -0.4515827052894549, 0, -0.6168502750680849, 0, 0.6168502750680849, 0, -0.1819007598715248)]
    [InlineData(
        -1,
        0.2,
        0.1,
        -2.153109077245498,
        0.4362536570071070,
        -0.4063616504089164,
        -0.1787106222773755,
        0.6079619502293240,
        -0.02456577754171426,
        -0.01364443221757499)]
    [InlineData(
        1.5,
        0.9,
        10,
        1.330385259993963,
        0.6878166630017152,
        -2.337837380573055,
        2.069288418080179,
        1.900971347632996,
        1.072596580671397,
        -2.119378555768160)]
    [InlineData(
        2,
        0.1,
        10,
        -15.30961240483429,
        -4.844646802169665,
        2.146912097239393,
        0.007819683191392479,
        1.542742594962809,
        -4.355367869617634,
        2.348340335857870)]
    [InlineData(
        -6.9,
        0.001,
        10000,
        7.135476637060981,
        0.4393173817704838,
        -10.13462265996005,
        -20.13497586612784,
        10.57305545788909,
        -0.07618133696534150,
        -10.11717567829570)]
    [InlineData(
        0.7,
        0.667,
        1e8,
        -308.7363624113167,
        -118670.7434629602,
        -22131369.67166888,
        14954951.95268961,
        22171287.60759803,
        -118670.5752751855,
        -22131369.44995601)]
    [InlineData(
        -23,
        1e-10,
        3,
        1.124463211679077,
        0.9999999932705105,
        -6.729489530321880e-9,
        -6.729489527967312e-9,
        0.9999999997947624,
        -6.262121808336097e-9,
        -6.262121807393714e-9)]
    [InlineData(
        -11,
        1e-300,
        0.75,
        679.4791700524281,
        0.991324371095989,
        -0.008675340049176839,
        -0.008674762353949551,
        0.9999665980921459,
        -0.008635048098995419,
        -0.008634760353643439)]
    [InlineData(
        2,
        1e-250,
        0.5,
        319.2175396025746,
        -31.00545590695796,
        22.81667363415439,
        -11.01589592063482,
        0.7969003873289385,
        -30.2619447996672,
        23.03499895456192)]
    [InlineData(-600, 1 - 1.1102230246251565e-16, 0.5, -582.3247468957214, 1, 0, 0, 1, 0, 0)]
    public void Beta_has_the_values_of_exact_arithmetic(
        double eta,
        double y,
        double phi,
        double value,
        double slope,
        double second,
        double third,
        double information,
        double onSlope,
        double onSecond)
    {
        var family = TestFamilies.Of("Beta", Link.Logit);
        var scales = new ResponseScales(1, phi);
        var cells =
            new CellView
            {
                Responses = [y],
                Sizes = [1],
                Rows = [1],
                RowCount = 1,
                LogConstant = family.LogConstant(y, 1),
                SaturatedLogLikelihood = 0,
                EventsGap = 0,
                FailuresGap = 0,
                LogResponseSum = 0,
                ResponseMean = 0,
                ResponseSd = 0,
            };
        var term = family.NewScaleTerm(cells);
        var root = Math.Sqrt(information);
        var actual = family.Curve.At(eta, y, 1, scales, out var actualSlope, out var weight, out var weightSlope) + term.At(scales, out _)
            + cells.LogConstant;
        Assert.Equal(value, actual, 1e-12 * Math.Max(1, Math.Abs(value)));
        Assert.Equal(slope, actualSlope, 2e-12 * root);
        Assert.Equal(-second, weight, 1e-14 * information);
        Assert.Equal(-third, weightSlope, 1e-14 * information);
        var anchor = family.Curve.Anchor(y, 1);
        var from = family.Curve.FromAnchor(anchor, eta - anchor, y, 1, scales, out _, out _, out _);
        Assert.Equal(value, from + term.Anchored(scales, out _) + family.AnchoredConstant(cells), 1e-12 * Math.Max(1, Math.Abs(value)));
        var (onValue, on, onWeight) = (0.0, 0.0, 0.0);
        family.Curve.OnShapeFromAnchors(
            [anchor], [eta - anchor], [y], [1], scales, new Span<double>(ref onValue), new Span<double>(ref on), new Span<double>(ref onWeight));
        Assert.Equal(onSlope, phi * on, 2e-12 * root);
        Assert.Equal(-onSecond, phi * onWeight, 1e-14 * information);
        var expected = 0.0;
        family.Curve.Information([eta], [y], [1], scales, new Span<double>(ref expected));
        Assert.Equal(information, expected, 1e-14 * information);
    }

    // Of proportions successes and failures alone too, of counts none.
    private static (double Eta, double A, double N)[] Points(string name, Link link) => name switch
    {
        "Bernoulli" or "Binomial" => [(-3, 0, 1), (0.4, 2, 3), (1.5, 7, 7), (-0.6, 3, 9)],
        "Gamma" => [(0.4, 2, 1), (1.5, 7, 3), (2.5, 1, 2), (-0.6, 0.3, 1)],
        "StudentT" => [(-3, 0, 1), (0.4, 2, 1), (1.5, 7, 3), (2.5, 1, 2), (-0.6, 0.3, 1)],
        "Beta" => [(-3, 0.2, 1), (0.4, 0.5, 1), (1.5, 0.97, 3), (-2.5, 0.004, 2)],
        _ => [(-3, 0, 1), (0.4, 2, 1), (1.5, 7, 3), (2.5, 1, 2)],
    };

    private static double Value(ResponseCurve curve, double eta, double a, double n, in ResponseScales scales) =>
        curve.At(eta, a, n, scales, out _, out _, out _);

    private static double Slope(ResponseCurve curve, double eta, double a, double n)
    {
        curve.At(eta, a, n, Scales, out var slope, out _, out _);
        return slope;
    }

    private static double Weight(ResponseCurve curve, double eta, double a, double n)
    {
        curve.At(eta, a, n, Scales, out _, out var weight, out _);
        return weight;
    }

    private static double Difference(Func<double, double> f, double at)
    {
        const double H = 1e-3;
        return (8 * (f(at + H) - f(at - H)) - (f(at + 2 * H) - f(at - 2 * H))) / (12 * H);
    }

    private static void Near(double expected, double actual) => Assert.Equal(expected, actual, 1e-9 * Math.Max(1, Math.Abs(expected)));
}

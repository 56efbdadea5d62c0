using System.Numerics;
using TypedPooling.Programs;
using TypedPooling.Randomness;

namespace TypedPooling.Responses;

/// <summary>y strictly between 0 and 1 with expectation mu, logit mu = eta, and variance mu (1 - mu) / (1 + phi), phi the precision.</summary>
/// <remarks>
/// <para>
/// y ~ Beta(a, b) with a = mu phi, b = nu phi, nu = 1 - mu. With K of <see cref="StirlingPowers"/>, v = mu nu, q = nu - mu, and d the distance of eta
/// from logit y: the log density of a row is -phi KL + K(a) + K(b) - K(phi) - log(2 pi) / 2 - log y - log(1 - y), where KL = mu log(mu / y) + nu
/// log(nu / (1 - y)) is 0 at d = 0 and has the derivative v d. A cell holds the number n of rows of response y each.
/// </para>
/// <para>
/// l' = -phi v d + nu k1(a) - mu k1(b), l'' = -phi v (1 + q d) - v (k1(a) + k1(b)) + nu^2 k2(a) + mu^2 k2(b), and so on: d/deta of f(a) is nu (x
/// f')(a), of f(b) it is -mu (x f')(b), and phi d/dphi turns each K or k into the next and leaves the other terms as they are. A row is concave in
/// mu, so it has one maximum; it is not concave in eta, where far from its response. The expected information phi v + nu^2 (k1 - k2)(a) + mu^2 (k1 -
/// k2)(b) is above 1/4 everywhere. Source: [FerrariCribari2004].
/// </para>
/// </remarks>
internal sealed class BetaFamily : CellsFamily
{
    private static readonly double HalfLogTwoPi = 0.5 * Math.Log(2 * Math.PI);

    public BetaFamily()
        : base(Link.Logit)
    {
    }

    /// <inheritdoc/>
    public override string Name => "Beta";

    /// <inheritdoc/>
    public override bool HasSigma => false;

    /// <inheritdoc/>
    public override bool IsCount => false;

    /// <inheritdoc/>
    public override bool IsProportion => false;

    /// <inheritdoc/>
    public override bool KeepsResponses => true;

    /// <inheritdoc/>
    internal override IReadOnlyList<Link> LegalLinks => [Link.Logit];

    /// <inheritdoc/>
    internal override ResponseShape? Shape { get; } = new(ResponseShapeKind.Precision, "φ", "its own mean", new ExponentialOnInverseRootPrior(1));

    /// <inheritdoc/>
    internal override string LocationSymbol => "μ";

    /// <inheritdoc/>
    internal override string LocationText => "expectations";

    /// <inheritdoc/>
    public override ResponseCurve Curve { get; } = new LaneCurve<Share>();

    /// <inheritdoc/>
    public override bool MayHaveSeveralModes => false;

    /// <inheritdoc/>
    public override bool ClosesUnderSums => false;

    /// <inheritdoc/>
    public override bool ExposureIsOffset => false;

    /// <inheritdoc/>
    public override bool HasGaps => false;

    /// <inheritdoc/>
    public override (string More, string Less)? Outcomes => null;

    /// <inheritdoc/>
    public override bool FitsExactlyWithoutShapeLimit => true;

    /// <inheritdoc/>
    internal override bool IsLocationScale => false;

    /// <inheritdoc/>
    internal override bool TakesAnyNumber => false;

    /// <inheritdoc/>
    internal override FamilyForm Form => new()
    {
        IsInteger = false,
        Bounds = "<lower=0, upper=1>",
        Stan = "beta_proportion",
        StanArguments = "inv_logit({eta}), {shape}",
        Jags = "dbeta(ilogit({eta}) * {shape}, (1 - ilogit({eta})) * {shape})",
        Lme4 = null,
        Lme4Response = "{y}",
        Brms = "Beta()",
        BrmsShape = ("phi", 0),
    };

    /// <inheritdoc/>
    internal override ResponseFault FaultOf(double response, double size) =>
        response is > 0 and < 1 ? ResponseFault.None : ResponseFault.NotBetweenZeroAndOne;

    /// <inheritdoc/>
    public override double LogConstant(double response, double size) => -Math.Log(response) - GammaRatio.LogOnePlus(-response);

    /// <inheritdoc/>
    public override double Saturated(double response, double size) => 0;

    /// <inheritdoc/>
    public override double LogOf(double response) => 0;

    /// <inheritdoc/>
    public override double? OnPredictor(double response) => Math.Log(response) - GammaRatio.LogOnePlus(-response);

    /// <inheritdoc/>
    public override (bool FromBelow, bool FromAbove) Bounds(double a, double n) => (true, true);

    /// <inheritdoc/>
    public override (double A, double N) WithFiniteAnchor(double a, double n) => (a, n);

    /// <inheritdoc/>
    public override ScaleTerm NewScaleTerm(in CellView cells) => new Precisions(cells);

    /// <inheritdoc/>
    public override double AnchoredConstant(in CellView cells) => cells.LogConstant;

    /// <inheritdoc/>
    /// <remarks>Cells hold equal rows.</remarks>
    public override double SaturatedAt(in CellView cells, double shape, double anchored) => anchored;

    /// <inheritdoc/>
    public override double ShapeUnit(in CellView cells) => 1e-6;

    /// <inheritdoc/>
    public override Problem? TooCloseFit(in CellView cells, string name, IScalePrior? sigma, IScalePrior? shape) =>
        ConstantResponse(cells, name, shape!);

    /// <inheritdoc/>
    /// <remarks>The variance of logit y, exactly.</remarks>
    public override double LatentVarianceAt(Func<double> mean, in ResponseScales scales, VarianceScale scale)
    {
        var mu = mean();
        return LatentVariance.Trigamma(mu * scales.Shape) + LatentVariance.Trigamma((1 - mu) * scales.Shape);
    }

    /// <inheritdoc/>
    public override double ExpectedVariance(double mean, double square, double spread, in ResponseScales scales) => spread / (1 + scales.Shape);

    /// <inheritdoc/>
    public override string? WhyNewHasNoMean(IScalePrior? shape) => null;

    /// <inheritdoc/>
    /// <remarks>The share of one gamma number in two. Where a small precision makes both round to 0 it is one of the ends; a share that rounds to an
    /// end is that end.</remarks>
    internal override double Draw(double location, double size, in ResponseScales scales, PhiloxStream stream)
    {
        if (double.IsPositiveInfinity(scales.Shape))
            return location;
        var (first, second) = (stream.NextGamma(scales.Shape * location), stream.NextGamma(scales.Shape * (1 - location)));
        return first + second > 0 ? first / (first + second) : stream.NextDouble() < location ? 1 : 0;
    }

    /// <inheritdoc/>
    internal override double Mean(double location, double size, in ResponseScales scales) => location;

    /// <inheritdoc/>
    internal override double Variance(double location, double size, in ResponseScales scales) => location * (1 - location) / (1 + scales.Shape);

    /// <inheritdoc/>
    internal override double Cdf(double y, double location, double size, in ResponseScales scales) => y <= 0 ? 0
        : y >= 1 ? 1
        : MathNet.Numerics.SpecialFunctions.BetaRegularized(scales.Shape * location, scales.Shape * (1 - location), y);

    /// <inheritdoc/>
    internal override double Quantile(double probability, double location, double size, in ResponseScales scales)
    {
        // By bisection on the logit scale, from below the least positive number to 1; MathNet's own search ends near the ends.
        var (low, high) = (-750.0, 37.0);
        for (var bisection = 0; bisection < 70; bisection++)
        {
            var middle = 0.5 * (low + high);
            (low, high) = Cdf(Inverse(middle), location, size, scales) >= probability ? (low, middle) : (middle, high);
        }

        return Inverse(high);

        static double Inverse(double eta) => eta < 0 ? Math.Exp(eta) / (1 + Math.Exp(eta)) : 1 / (1 + Math.Exp(-eta));
    }

    // mu, nu and q = nu - mu without cancellation.
    private static (Vector<double> Mu, Vector<double> Nu, Vector<double> Lean) Mean(Vector<double> eta)
    {
        var one = Vector<double>.One;
        var size = Vector.Abs(eta);
        var fall = LaneMath.ExpMinusOne(-size, out var e);
        var greater = one / (one + e);
        var smaller = e * greater;
        var isPositive = Vector.GreaterThanOrEqual(eta, Vector<double>.Zero);
        var lean = fall * greater;
        return (
            Vector.ConditionalSelect(isPositive, greater, smaller),
            Vector.ConditionalSelect(isPositive, smaller, greater),
            Vector.ConditionalSelect(isPositive, lean, -lean));
    }

    private readonly struct Share : ICurve
    {
        // Up to this distance KL is a sum of two terms of one sign.
        private const double Near = 0.25;

        // Up to this distance e^d is finite; beyond it, d is of the order of log y, and 1 - y is 1 where y is so far below.
        private const double Far = 500;

        public static bool IsConcave => false;

        public static Vector<double> At<TWanted>(
            Vector<double> eta,
            Vector<double> a,
            Vector<double> n,
            in LaneScales scales,
            out Vector<double> slope,
            out Vector<double> weight,
            out Vector<double> weightSlope,
            out Vector<double> onSigma,
            out Vector<double> onShape)
            where TWanted : struct, IWanted
        {
            onSigma = Vector<double>.Zero;
            return OfDistance<TWanted>(eta, eta - Anchor(a, n), a, n, scales, out slope, out weight, out weightSlope, out onShape);
        }

        public static Vector<double> Anchor(Vector<double> a, Vector<double> n) => Vector.Log(a) - LaneMath.LogOnePlus(-a);

        public static Vector<double> FromAnchor(
            Vector<double> anchor,
            Vector<double> distance,
            Vector<double> a,
            Vector<double> n,
            in LaneScales scales,
            out Vector<double> slope,
            out Vector<double> weight,
            out Vector<double> weightSlope)
        {
            var value = OfDistance<WantedAll>(anchor + distance, distance, a, n, scales, out slope, out weight, out weightSlope, out _);
            return value - n * AtAnchor(a, scales, out _);
        }

        public static Vector<double> OnShapeFromAnchor(
            Vector<double> anchor,
            Vector<double> distance,
            Vector<double> a,
            Vector<double> n,
            in LaneScales scales,
            out Vector<double> onSlope,
            out Vector<double> onWeight)
        {
            var (mu, nu, q) = Mean(anchor + distance);
            StirlingPowers.At(scales.Shape * mu, out var a1, out var a2, out var a3);
            StirlingPowers.At(scales.Shape * nu, out var b1, out var b2, out var b3);
            AtAnchor(a, scales, out var start);
            var v = mu * nu;
            var perUnit = n / scales.Shape;
            var spread = scales.Shape * v;
            onSlope = perUnit * (nu * a2 - mu * b2 - spread * distance);
            onWeight = perUnit * (spread * (Vector<double>.One + q * distance) + v * (a2 + b2) - nu * nu * a3 - mu * mu * b3);
            return perUnit * (a1 + b1 - start - scales.Shape * Divergence(mu, nu, distance, a));
        }

        public static Vector<double> Information(Vector<double> eta, Vector<double> a, Vector<double> n, in LaneScales scales)
        {
            var (mu, nu, _) = Mean(eta);
            StirlingPowers.At(scales.Shape * mu, out var a1, out var a2, out _);
            StirlingPowers.At(scales.Shape * nu, out var b1, out var b2, out _);
            return n * (scales.Shape * mu * nu + nu * nu * (a1 - a2) + mu * mu * (b1 - b2));
        }

        public static Vector<double> ResidualSquares(Vector<double> eta, Vector<double> a, Vector<double> n, in LaneScales scales) =>
            Vector<double>.Zero;

        private static Vector<double> OfDistance<TWanted>(
            Vector<double> eta,
            Vector<double> distance,
            Vector<double> a,
            Vector<double> n,
            in LaneScales scales,
            out Vector<double> slope,
            out Vector<double> weight,
            out Vector<double> weightSlope,
            out Vector<double> onShape)
            where TWanted : struct, IWanted
        {
            weight = weightSlope = onShape = Vector<double>.Zero;
            var (mu, nu, q) = Mean(eta);
            var k = StirlingPowers.At(scales.Shape * mu, out var a1, out var a2, out var a3);
            k += StirlingPowers.At(scales.Shape * nu, out var b1, out var b2, out var b3);
            var v = mu * nu;
            var spread = scales.Shape * v;
            slope = n * (nu * a1 - mu * b1 - spread * distance);
            if (TWanted.Curvature)
            {
                var one = Vector<double>.One;
                weight = n * (spread * (one + q * distance) + v * (a1 + b1) - nu * nu * a2 - mu * mu * b2);
                weightSlope = n * (spread * (q + q + (one - new Vector<double>(6) * v) * distance) + v * q * (a1 + b1)
                    + new Vector<double>(3) * v * (nu * a2 - mu * b2) - nu * nu * nu * a3 + mu * mu * mu * b3);
            }

            if (!TWanted.Value)
                return Vector<double>.Zero;
            var loss = scales.Shape * Divergence(mu, nu, distance, a);
            if (TWanted.Scales)
                onShape = n * (a1 + b1 - loss) / scales.Shape;
            return n * (k - loss);
        }

        // K(phi y) + K(phi (1 - y)), and phi d/dphi of it.
        private static Vector<double> AtAnchor(Vector<double> y, in LaneScales scales, out Vector<double> onLogShape)
        {
            var k = StirlingPowers.At(scales.Shape * y, out var first, out _, out _);
            k += StirlingPowers.At(scales.Shape * (Vector<double>.One - y), out var second, out _, out _);
            onLogShape = first + second;
            return k;
        }

        // KL, 0 or more.
        private static Vector<double> Divergence(Vector<double> mu, Vector<double> nu, Vector<double> d, Vector<double> y)
        {
            var one = Vector<double>.One;
            var rest = one - y;
            var isNear = Vector.LessThanOrEqual(Vector.Abs(d), new Vector<double>(Near));

            // Far in terms of the rarer outcome: mu d - log(1 + y (e^d - 1)), or the same with nu, -d and 1 - y.
            var isRare = Vector.LessThanOrEqual(y, new Vector<double>(0.5));
            var way = Vector.ConditionalSelect(isRare, d, -d);
            var own = Vector.ConditionalSelect(isRare, y, rest);
            var capped = Vector.Min(way, new Vector<double>(Far));
            var rise = LaneMath.ExpMinusOne(capped, out _);
            var log = LaneMath.LogOnePlus(own * rise);
            var isFar = Vector.GreaterThan(way, capped);
            if (!Vector.EqualsAll(isFar, Vector<long>.Zero))
            {
                var t = Vector.Log(own) + way;
                log = Vector.ConditionalSelect(isFar, Vector.Max(t, Vector<double>.Zero) + LaneMath.LogOnePlus(Vector.Exp(-Vector.Abs(t))), log);
            }

            var far = Vector.ConditionalSelect(isRare, mu, nu) * way - log;
            if (Vector.EqualsAll(isNear, Vector<long>.Zero))
                return far;

            // y F(mu / y - 1) + (1 - y) F(nu / (1 - y) - 1) with F(r) = (1 + r) log(1 + r) - r
            var near = Vector.ConditionalSelect(isNear, d, Vector<double>.Zero);
            var growth = LaneMath.ExpMinusOne(near, out _);
            var whole = one + y * growth;
            return Vector.ConditionalSelect(isNear, y * Excess(rest * growth / whole) + rest * Excess(-y * growth / whole), far);
        }

        // F(r) for |r| below e^(1/4) - 1, by t = r / (2 + r): log(1 + r) = 2 (t + t^3 / 3 + ...); the term of t^23 is below 1e-18 of the first.
        private static Vector<double> Excess(Vector<double> r)
        {
            var one = Vector<double>.One;
            var t = r / (one + one + r);
            var square = t * t;
            var sum = Vector<double>.Zero;
            for (var power = 21; power >= 3; power -= 2)
                sum = new Vector<double>(1.0 / power) + square * sum;
            return (square + (one + t) * t * square * sum) * new Vector<double>(2) / (one - t);
        }
    }

    private sealed class Precisions : ScaleTerm
    {
        private readonly double[] responses;
        private readonly double[] rows;
        private readonly double rowCount;

        public Precisions(in CellView cells) => (responses, rows, rowCount) = (cells.Responses.ToArray(), cells.Sizes.ToArray(), cells.RowCount);

        public override double At(in ResponseScales scales, out ResponseScales onScales)
        {
            var k = StirlingPowers.At(scales.Shape, out var k1);
            onScales = new(0, -rowCount * k1 / scales.Shape);
            return -rowCount * (k + HalfLogTwoPi);
        }

        public override double Anchored(in ResponseScales scales, out ResponseScales onScales)
        {
            var value = At(scales, out onScales);
            var (sum, onLogShape) = (0.0, 0.0);
            for (var i = 0; i < responses.Length; i++)
            {
                sum += rows[i]
                    * (StirlingPowers.At(
                        scales.Shape * responses[i], out var first) + StirlingPowers.At(scales.Shape * (1 - responses[i]), out var second));
                onLogShape += rows[i] * (first + second);
            }

            onScales += new ResponseScales(0, onLogShape / scales.Shape);
            return value + sum;
        }
    }
}

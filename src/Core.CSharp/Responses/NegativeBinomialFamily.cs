using System.Numerics;
using System.Runtime.CompilerServices;
using MathNet.Numerics;
using TypedPooling.Programs;
using TypedPooling.Randomness;

namespace TypedPooling.Responses;

/// <summary>y events, as many as mu = n exp(eta) expected, n the exposure, with a variance of mu + mu^2 / phi, phi the shape.</summary>
/// <remarks>
/// A cell holds the number n of rows of a events each: n (a eta - (a + phi) log(1 + mu / phi)), the logit curve of a + phi trials at eta - log phi.
/// With pi = mu / (mu + phi) the slope is n (a - (a + phi) pi) and the weight n (a + phi) pi (1 - pi). The shape alone knows the sum over rows of log
/// Gamma(y + phi) - log Gamma(phi) - y log phi. Source: [VenablesRipley2002], section 7.4.
/// </remarks>
internal sealed class NegativeBinomialFamily : CellsFamily
{
    public NegativeBinomialFamily()
        : base(Link.Log)
    {
    }

    /// <inheritdoc/>
    public override string Name => "NegativeBinomial";

    /// <inheritdoc/>
    public override bool HasSigma => false;

    /// <inheritdoc/>
    public override bool IsCount => true;

    /// <inheritdoc/>
    public override bool IsProportion => false;

    /// <inheritdoc/>
    public override bool KeepsResponses => true;

    /// <inheritdoc/>
    internal override IReadOnlyList<Link> LegalLinks => [Link.Log];

    /// <inheritdoc/>
    internal override ResponseShape? Shape { get; } = new(ResponseShapeKind.Shape, "φ", "Poisson", new ExponentialOnInverseRootPrior(1))
    {
        WhyUnbounded = "counts that vary no more than Poisson counts do not bound it",
    };

    /// <inheritdoc/>
    internal override string LocationSymbol => "λ";

    /// <inheritdoc/>
    internal override string LocationText => "rates";

    /// <inheritdoc/>
    public override ResponseCurve Curve { get; } = new LaneCurve<OverdispersedEvents>();

    /// <inheritdoc/>
    public override bool MayHaveSeveralModes => false;

    /// <inheritdoc/>
    public override bool ClosesUnderSums => false;

    /// <inheritdoc/>
    public override bool ExposureIsOffset => true;

    /// <inheritdoc/>
    public override bool HasGaps => false;

    /// <inheritdoc/>
    public override (string More, string Less)? Outcomes => ("events", "none");

    /// <inheritdoc/>
    public override bool FitsExactlyWithoutShapeLimit => false;

    /// <inheritdoc/>
    internal override bool IsLocationScale => false;

    /// <inheritdoc/>
    internal override bool TakesAnyNumber => false;

    /// <inheritdoc/>
    internal override FamilyForm Form => new()
    {
        IsInteger = true,
        Bounds = "<lower=0>",
        Stan = "neg_binomial_2_log",
        StanArguments = "{eta}, {shape}",
        Jags = "dnegbin({shape} / ({shape} + exp({eta})), {shape})",
        Lme4 = ("glmer.nb", string.Empty),
        Lme4Response = "{y}",
        Brms = "negbinomial()",
        BrmsShape = ("shape", 0),
    };

    /// <inheritdoc/>
    internal override ResponseFault FaultOf(double response, double size) =>
        WholeNumbers.IsCount(response) ? ResponseFault.None : ResponseFault.NotACount;

    /// <inheritdoc/>
    public override double LogConstant(double response, double size) => -GammaRatio.LogFactorial(response);

    /// <inheritdoc/>
    public override double Saturated(double response, double size) => 0;

    /// <inheritdoc/>
    public override double LogOf(double response) => 0;

    /// <inheritdoc/>
    public override double? OnPredictor(double response) => null;

    /// <inheritdoc/>
    public override (bool FromBelow, bool FromAbove) Bounds(double a, double n) => (a > 0, true);

    /// <inheritdoc/>
    public override (double A, double N) WithFiniteAnchor(double a, double n) => (a > 0 ? a : 0.5, n);

    /// <inheritdoc/>
    public override ScaleTerm NewScaleTerm(in CellView cells) => new Counts(cells);

    /// <inheritdoc/>
    /// <remarks>As Poisson counts at their own rate.</remarks>
    public override double AnchoredConstant(in CellView cells)
    {
        var sum = new CompensatedSum(0);
        for (var i = 0; i < cells.Responses.Length; i++)
        {
            var a = cells.Responses[i];
            if (a > 0)
                sum.Add(-cells.Sizes[i] * (Math.Log(a) + GammaRatio.Rest(a, out _)));
        }

        return sum.Value;
    }

    /// <inheritdoc/>
    /// <remarks>Cells hold equal rows.</remarks>
    public override double SaturatedAt(in CellView cells, double shape, double anchored) => anchored;

    /// <inheritdoc/>
    /// <remarks>Counts vary by their mean's root without a shape: where the shape's part is less than that, they are near Poisson's.</remarks>
    public override double ShapeUnit(in CellView cells)
    {
        var (events, rows) = (0.0, 0.0);
        for (var i = 0; i < cells.Responses.Length; i++)
            (events, rows) = (events + cells.Responses[i] * cells.Rows[i], rows + cells.Rows[i]);
        return events > 0 ? Math.Sqrt(rows / events) : 1;
    }

    /// <inheritdoc/>
    public override Problem? TooCloseFit(in CellView cells, string name, IScalePrior? sigma, IScalePrior? shape) => null;

    /// <inheritdoc/>
    public override double LatentVarianceAt(Func<double> mean, in ResponseScales scales, VarianceScale scale) =>
        LatentVariance.OfLog(1 / mean() + 1 / scales.Shape, scale);

    /// <inheritdoc/>
    public override double ExpectedVariance(double mean, double square, double spread, in ResponseScales scales) => mean + square / scales.Shape;

    /// <inheritdoc/>
    public override string? WhyNewHasNoMean(IScalePrior? shape) => null;

    /// <inheritdoc/>
    /// <remarks>A rate that varies by a factor of mean 1 and variance 1 / phi; where that is 0 beside an infinite mean, so is the count.</remarks>
    internal override double Draw(double location, double size, in ResponseScales scales, PhiloxStream stream) =>
        stream.NextPoisson(GammaFamily.Vary(location * size, scales.Shape, stream));

    /// <inheritdoc/>
    internal override double Mean(double location, double size, in ResponseScales scales) => size * location;

    /// <inheritdoc/>
    internal override double Variance(double location, double size, in ResponseScales scales) =>
        size * location + size * location * (size * location / scales.Shape);

    /// <inheritdoc/>
    internal override double Cdf(double y, double location, double size, in ResponseScales scales)
    {
        if (y < 0)
            return 0;
        var mean = location * size;
        if (double.IsPositiveInfinity(scales.Shape))
            return WholeNumbers.PoissonCdf(y, mean);
        var sum = WholeNumbers.Sum(
            y, Math.Exp(-scales.Shape * GammaRatio.LogOnePlus(mean / scales.Shape)), new Ratio(scales.Shape, mean / (mean + scales.Shape)));
        return double.IsNaN(sum)
            ? SpecialFunctions.BetaRegularized(scales.Shape, Math.Floor(y) + 1, scales.Shape / (scales.Shape + mean))
            : sum;
    }

    /// <inheritdoc/>
    internal override double Quantile(double probability, double location, double size, in ResponseScales scales)
    {
        var own = scales;
        return WholeNumbers.Least(y => Cdf(y, location, size, own) >= probability, location * size, double.PositiveInfinity);
    }

    private readonly struct Ratio(double shape, double probability) : WholeNumbers.IRatio
    {
        public double At(double k) => (k - 1 + shape) / k * probability;
    }

    private readonly struct OverdispersedEvents : ICurve
    {
        public static bool IsConcave => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
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
            onSigma = onShape = weight = weightSlope = Vector<double>.Zero;
            var one = Vector<double>.One;
            var x = eta - scales.LogShape;
            var isPositive = Vector.GreaterThanOrEqual(x, Vector<double>.Zero);
            var e = Vector.Exp(-Vector.Abs(x));
            var greater = one / (one + e);
            var smaller = e * greater;
            var probability = Vector.ConditionalSelect(isPositive, greater, smaller);
            var rest = Vector.ConditionalSelect(isPositive, smaller, greater);
            var trials = a + scales.Shape;
            slope = n * (a * rest - scales.Shape * probability);
            if (TWanted.Curvature)
            {
                weight = n * trials * probability * rest;
                weightSlope = weight * (rest - probability);
            }

            if (!TWanted.Value)
                return Vector<double>.Zero;

            // To the last digits: it is multiplied with the shape, which may be large.
            var log = LaneMath.LogOnePlus(e);
            var growth = Vector.ConditionalSelect(isPositive, x + log, log);
            if (TWanted.Scales)
                onShape = n * (trials * probability / scales.Shape - growth);
            return n * (a * eta - trials * growth);
        }

        public static Vector<double> Anchor(Vector<double> a, Vector<double> n) =>
            Vector.ConditionalSelect(Vector.GreaterThan(a, Vector<double>.Zero), Vector.Log(a), Vector<double>.Zero);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
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
            var hasEvents = Vector.GreaterThan(a, Vector<double>.Zero);
            if (Vector.EqualsAll(hasEvents, Vector<long>.Zero))
                return At<WantedAll>(distance, a, n, scales, out slope, out weight, out weightSlope, out _, out _);
            var value = n * LogitAnchor.At(distance, a, scales.Shape, out var probability, out var rest, out var lean, out _);
            slope = -n * a * (scales.Shape / (a + scales.Shape)) * lean;
            weight = n * (a + scales.Shape) * probability * rest;
            weightSlope = weight * (rest - probability);
            if (Vector.EqualsAll(hasEvents, Vector<long>.AllBitsSet))
                return value;
            var plain = At<WantedAll>(distance, a, n, scales, out var plainSlope, out var plainWeight, out var plainWeightSlope, out _, out _);
            slope = Vector.ConditionalSelect(hasEvents, slope, plainSlope);
            weight = Vector.ConditionalSelect(hasEvents, weight, plainWeight);
            weightSlope = Vector.ConditionalSelect(hasEvents, weightSlope, plainWeightSlope);
            return Vector.ConditionalSelect(hasEvents, value, plain);
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
            // dpi/dphi = -pi (1 - pi) / phi
            var one = Vector<double>.One;
            var shape = scales.Shape;
            var hasEvents = Vector.GreaterThan(a, Vector<double>.Zero);
            var x = distance - scales.LogShape;
            var isPositive = Vector.GreaterThanOrEqual(x, Vector<double>.Zero);
            var e = Vector.Exp(-Vector.Abs(x));
            var greater = one / (one + e);
            var smaller = e * greater;
            var probability = Vector.ConditionalSelect(isPositive, greater, smaller);
            var rest = Vector.ConditionalSelect(isPositive, smaller, greater);
            var log = LaneMath.LogOnePlus(e);
            var growth = Vector.ConditionalSelect(isPositive, x + log, log);
            var trials = a + shape;
            var value = n * (trials * probability / shape - growth);
            onSlope = n * (trials * rest / shape - one) * probability;
            onWeight = n * probability * rest * (one - trials * (rest - probability) / shape);
            if (Vector.EqualsAll(hasEvents, Vector<long>.Zero))
                return value;
            LogitAnchor.At(distance, a, shape, out probability, out rest, out var lean, out growth);
            var share = a / trials * lean;
            onSlope = Vector.ConditionalSelect(hasEvents, -n * probability * share, onSlope);
            onWeight = Vector.ConditionalSelect(hasEvents, n * probability * (rest * share + probability * rest * trials / shape), onWeight);
            return Vector.ConditionalSelect(hasEvents, n * (share - growth), value);
        }

        public static Vector<double> Information(Vector<double> eta, Vector<double> a, Vector<double> n, in LaneScales scales)
        {
            At<WantedCurvature>(eta, a, n, scales, out _, out var weight, out _, out _, out _);
            return weight;
        }

        public static Vector<double> ResidualSquares(Vector<double> eta, Vector<double> a, Vector<double> n, in LaneScales scales) =>
            Vector<double>.Zero;
    }

    // R(phi + y) - R(phi) is the term once every count is at its anchor, R being the rest of Stirling's formula.
    private sealed class Counts : ScaleTerm
    {
        private readonly double[] values;
        private readonly double[] rows;

        public Counts(in CellView cells)
        {
            var byValue = new SortedDictionary<double, double>();
            for (var cell = 0; cell < cells.Responses.Length; cell++)
            {
                // Of 0 events both terms are 0.
                if (cells.Responses[cell] > 0)
                    byValue[cells.Responses[cell]] = byValue.GetValueOrDefault(cells.Responses[cell]) + cells.Rows[cell];
            }

            values = [.. byValue.Keys];
            rows = [.. byValue.Values];
        }

        public override double At(in ResponseScales scales, out ResponseScales onScales)
        {
            var (sum, slope) = (0.0, 0.0);
            for (var i = 0; i < values.Length; i++)
            {
                sum += rows[i] * GammaRatio.Log(scales.Shape, values[i], out var derivative);
                slope += rows[i] * derivative;
            }

            onScales = new(0, slope);
            return sum;
        }

        public override double Anchored(in ResponseScales scales, out ResponseScales onScales)
        {
            var (sum, slope) = (0.0, 0.0);
            for (var i = 0; i < values.Length; i++)
            {
                sum += rows[i] * GammaRatio.RestDifference(scales.Shape, values[i], out var derivative);
                slope += rows[i] * derivative;
            }

            onScales = new(0, slope);
            return sum;
        }
    }
}

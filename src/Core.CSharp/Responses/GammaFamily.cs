using System.Numerics;
using System.Runtime.CompilerServices;
using MathNet.Numerics;
using TypedPooling.Programs;
using TypedPooling.Randomness;

namespace TypedPooling.Responses;

/// <summary>y positive with expectation mu = exp(eta) and variance mu^2 / alpha, alpha the shape.</summary>
/// <remarks>
/// A cell holds the sum a of its n rows: -alpha (n eta + a exp(-eta)). The shape alone knows N (alpha log alpha - log Gamma(alpha)) + alpha sum of
/// log y. Source: [McCullaghNelder1989], ch. 8.
/// </remarks>
internal sealed class GammaFamily : CellsFamily
{
    public GammaFamily()
        : base(Link.Log)
    {
    }

    /// <inheritdoc/>
    public override string Name => "Gamma";

    /// <inheritdoc/>
    public override bool HasSigma => false;

    /// <inheritdoc/>
    public override bool IsCount => false;

    /// <inheritdoc/>
    public override bool IsProportion => false;

    /// <inheritdoc/>
    public override bool KeepsResponses => false;

    /// <inheritdoc/>
    internal override IReadOnlyList<Link> LegalLinks => [Link.Log];

    /// <inheritdoc/>
    internal override ResponseShape? Shape { get; } = new(ResponseShapeKind.Shape, "α", "its own mean", new ExponentialOnInverseRootPrior(1));

    /// <inheritdoc/>
    internal override string LocationSymbol => "μ";

    /// <inheritdoc/>
    internal override string LocationText => "expectations";

    /// <inheritdoc/>
    public override ResponseCurve Curve { get; } = new LaneCurve<Positive>();

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
        Bounds = "<lower=0>",
        Stan = "gamma",
        StanArguments = "{shape}, {shape} * exp(-({eta}))",
        Jags = "dgamma({shape}, {shape} * exp(-({eta})))",
        Lme4 = null,
        Lme4Response = "{y}",
        Brms = "Gamma(link = \"log\")",
        BrmsShape = ("shape", 0),
    };

    /// <inheritdoc/>
    internal override ResponseFault FaultOf(double response, double size) => response > 0 ? ResponseFault.None : ResponseFault.NotPositive;

    /// <inheritdoc/>
    public override double LogConstant(double response, double size) => -Math.Log(response);

    /// <inheritdoc/>
    public override double Saturated(double response, double size) => 0;

    /// <inheritdoc/>
    public override double LogOf(double response) => Math.Log(response);

    /// <inheritdoc/>
    public override double? OnPredictor(double response) => Math.Log(response);

    /// <inheritdoc/>
    public override (bool FromBelow, bool FromAbove) Bounds(double a, double n) => (true, true);

    /// <inheritdoc/>
    public override (double A, double N) WithFiniteAnchor(double a, double n) => (a, n);

    /// <inheritdoc/>
    public override ScaleTerm NewScaleTerm(in CellView cells) => new Shapes(cells);

    /// <inheritdoc/>
    public override double AnchoredConstant(in CellView cells) => cells.LogConstant;

    /// <inheritdoc/>
    public override double SaturatedAt(in CellView cells, double shape, double anchored) =>
        cells.LogConstant - cells.RowCount * GammaRatio.Rest(shape, out _);

    /// <inheritdoc/>
    /// <remarks>Positive responses have no variation but the shape's.</remarks>
    public override double ShapeUnit(in CellView cells) => 1e-6;

    /// <inheritdoc/>
    public override Problem? TooCloseFit(in CellView cells, string name, IScalePrior? sigma, IScalePrior? shape) =>
        ConstantResponse(cells, name, shape!);

    /// <inheritdoc/>
    public override double LatentVarianceAt(Func<double> mean, in ResponseScales scales, VarianceScale scale) =>
        LatentVariance.OfLog(1 / scales.Shape, scale);

    /// <inheritdoc/>
    public override double ExpectedVariance(double mean, double square, double spread, in ResponseScales scales) => square / scales.Shape;

    /// <inheritdoc/>
    public override string? WhyNewHasNoMean(IScalePrior? shape) => null;

    /// <inheritdoc/>
    internal override double Draw(double location, double size, in ResponseScales scales, PhiloxStream stream) =>
        Vary(location, scales.Shape, stream);

    /// <inheritdoc/>
    internal override double Mean(double location, double size, in ResponseScales scales) => location;

    /// <inheritdoc/>
    internal override double Variance(double location, double size, in ResponseScales scales) => location * location / scales.Shape;

    /// <inheritdoc/>
    internal override double Cdf(double y, double location, double size, in ResponseScales scales) =>
        y <= 0 ? 0 : Cdf(y * (scales.Shape / location), scales.Shape);

    /// <inheritdoc/>
    internal override double Quantile(double probability, double location, double size, in ResponseScales scales)
    {
        // By bisection on the log scale, from below the least positive number; MathNet's own search has few digits in the lower tail.
        var (low, high) = (-750.0, Math.Log(location) + 1);
        for (var step = 1.0; Cdf(Math.Exp(high), location, size, scales) < probability; step *= 2)
            (low, high) = (high, high + step);
        for (var bisection = 0; bisection < 64; bisection++)
        {
            var middle = 0.5 * (low + high);
            (low, high) = Cdf(Math.Exp(middle), location, size, scales) >= probability ? (low, middle) : (middle, high);
        }

        return Math.Exp(high);
    }

    // Of rate 1. MathNet takes numbers below 1e-15 for 0, where a small shape has much of its mass.
    private static double Cdf(double x, double shape) => x < 1e-8
        ? Math.Exp(shape * Math.Log(x) - SpecialFunctions.GammaLn(1 + shape)) * (1 - x * shape / (1 + shape))
        : double.IsPositiveInfinity(x) ? 1
        : SpecialFunctions.GammaLowerRegularized(shape, x);

    /// <summary>A number about a mean, by a factor of mean 1 and variance 1 / shape.</summary>
    /// <param name="mean">The mean, 0 or more.</param>
    /// <param name="shape">The shape; one estimated as infinite leaves no variation.</param>
    /// <param name="stream">Where randomness comes from.</param>
    public static double Vary(double mean, double shape, PhiloxStream stream)
    {
        var multiple = double.IsPositiveInfinity(shape) ? 1 : stream.NextGamma(shape) / shape;
        return multiple == 0 ? 0 : mean * multiple;
    }

    private readonly struct Positive : ICurve
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
            onSigma = Vector<double>.Zero;
            var relative = a * Vector.Exp(-eta);
            weight = scales.Shape * relative;
            slope = weight - scales.Shape * n;
            weightSlope = -weight;
            onShape = -(n * eta + relative);
            return scales.Shape * onShape;
        }

        public static Vector<double> Anchor(Vector<double> a, Vector<double> n) => Vector.Log(a / n);

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
            var rise = LaneMath.ExpMinusOne(-distance, out var relative);
            slope = scales.Shape * n * rise;
            weight = scales.Shape * n * relative;
            weightSlope = -weight;
            return -scales.Shape * n * (distance + rise);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<double> OnShapeFromAnchor(
            Vector<double> anchor,
            Vector<double> distance,
            Vector<double> a,
            Vector<double> n,
            in LaneScales scales,
            out Vector<double> onSlope,
            out Vector<double> onWeight)
        {
            var rise = LaneMath.ExpMinusOne(-distance, out var relative);
            onSlope = n * rise;
            onWeight = n * relative;
            return -n * (distance + rise);
        }

        public static Vector<double> Information(Vector<double> eta, Vector<double> a, Vector<double> n, in LaneScales scales) =>
            scales.Shape * a * Vector.Exp(-eta);

        public static Vector<double> ResidualSquares(Vector<double> eta, Vector<double> a, Vector<double> n, in LaneScales scales) =>
            Vector<double>.Zero;
    }

    // With R(x) = log Gamma(x) - x log x + x the anchored term is -N R(alpha) + alpha (sum of log y - sum over cells of rows log mean).
    private sealed class Shapes : ScaleTerm
    {
        private readonly double rowCount;
        private readonly double logSum;
        private readonly double gap;             // sum of log y less that of rows log mean; 0 where every cell is a row

        public Shapes(in CellView cells)
        {
            (rowCount, logSum) = (cells.RowCount, cells.LogResponseSum);
            if (cells.Responses.Length == cells.RowCount)
                return;
            gap = logSum;
            for (var cell = 0; cell < cells.Responses.Length; cell++)
                gap -= cells.Sizes[cell] * Math.Log(cells.Responses[cell] / cells.Sizes[cell]);
        }

        public override double At(in ResponseScales scales, out ResponseScales onScales)
        {
            var own = GammaRatio.PowerOverGamma(scales.Shape, out var derivative);
            onScales = new(0, rowCount * derivative + logSum);
            return rowCount * own + scales.Shape * logSum;
        }

        public override double Anchored(in ResponseScales scales, out ResponseScales onScales)
        {
            var rest = GammaRatio.Rest(scales.Shape, out var derivative);
            onScales = new(0, gap - rowCount * derivative);
            return scales.Shape * gap - rowCount * rest;
        }
    }
}

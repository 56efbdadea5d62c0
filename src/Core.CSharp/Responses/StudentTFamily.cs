using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using MathNet.Numerics.Distributions;
using TypedPooling.Programs;
using TypedPooling.Randomness;

namespace TypedPooling.Responses;

/// <summary>(y - eta) / sigma has Student's t distribution of nu degrees of freedom.</summary>
/// <remarks>
/// A cell holds the number n of rows of response a each: -n (nu + 1) / 2 log(1 + r^2 / A) with r = a - eta and A = nu sigma^2, which is not concave
/// in eta. The slope is n (nu + 1) r / (A + r^2), the weight n (nu + 1) (A - r^2) / (A + r^2)^2, and its expectation n (nu + 1) / ((nu + 3) sigma^2).
/// The scales alone know N (log Gamma((nu + 1) / 2) - log Gamma(nu / 2) - log(pi nu) / 2 - log sigma). Source: [Lange1989].
/// </remarks>
internal sealed class StudentTFamily : CellsFamily
{
    public StudentTFamily()
        : base(Link.Identity)
    {
    }

    /// <inheritdoc/>
    public override string Name => "StudentT";

    /// <inheritdoc/>
    public override bool HasSigma => true;

    /// <inheritdoc/>
    public override bool IsCount => false;

    /// <inheritdoc/>
    public override bool IsProportion => false;

    /// <inheritdoc/>
    public override bool KeepsResponses => true;

    /// <inheritdoc/>
    internal override IReadOnlyList<Link> LegalLinks => [Link.Identity];

    /// <inheritdoc/>
    internal override ResponseShape? Shape { get; } = new(ResponseShapeKind.DegreesOfFreedom, "ν", "Normal", new GammaPrior(2, 0.1).Above(1))
    {
        WhyUnbounded = "responses without heavy tails do not bound it",
    };

    /// <inheritdoc/>
    internal override string LocationSymbol => "μ";

    /// <inheritdoc/>
    internal override string LocationText => "centres";

    /// <inheritdoc/>
    public override ResponseCurve Curve { get; } = new LaneCurve<HeavyTailed>();

    /// <inheritdoc/>
    public override bool MayHaveSeveralModes => true;

    /// <inheritdoc/>
    public override bool ClosesUnderSums => false;

    /// <inheritdoc/>
    public override bool ExposureIsOffset => false;

    /// <inheritdoc/>
    public override bool HasGaps => false;

    /// <inheritdoc/>
    public override (string More, string Less)? Outcomes => null;

    /// <inheritdoc/>
    public override bool FitsExactlyWithoutShapeLimit => false;

    /// <inheritdoc/>
    internal override bool IsLocationScale => true;

    /// <inheritdoc/>
    internal override bool TakesAnyNumber => true;

    /// <inheritdoc/>
    internal override FamilyForm Form => new()
    {
        IsInteger = false,
        Bounds = string.Empty,
        Stan = "student_t",
        StanArguments = "{shape}, {eta}, {sigma}",
        Jags = "dt({eta}, pow({sigma}, -2), {shape})",
        Lme4 = null,
        Lme4Response = "{y}",
        Brms = "student()",
        BrmsShape = ("nu", 1),
    };

    /// <inheritdoc/>
    internal override ResponseFault FaultOf(double response, double size) => ResponseFault.None;

    /// <inheritdoc/>
    public override double LogConstant(double response, double size) => 0;

    /// <inheritdoc/>
    public override double Saturated(double response, double size) => 0;

    /// <inheritdoc/>
    public override double LogOf(double response) => 0;

    /// <inheritdoc/>
    public override double? OnPredictor(double response) => response;

    /// <inheritdoc/>
    public override (bool FromBelow, bool FromAbove) Bounds(double a, double n) => (true, true);

    /// <inheritdoc/>
    public override (double A, double N) WithFiniteAnchor(double a, double n) => (a, n);

    /// <inheritdoc/>
    public override ScaleTerm NewScaleTerm(in CellView cells) => new Scales(cells.RowCount);

    /// <inheritdoc/>
    public override double AnchoredConstant(in CellView cells) => cells.LogConstant;

    /// <inheritdoc/>
    /// <remarks>Cells hold equal rows.</remarks>
    public override double SaturatedAt(in CellView cells, double shape, double anchored) => anchored;

    /// <inheritdoc/>
    public override double ShapeUnit(in CellView cells) => 1;

    /// <inheritdoc/>
    /// <remarks>
    /// Where s of N rows are alike in all that the model sees, the likelihood integrated over eta grows as sigma^((N - s) nu - (s - 1)) falls to 0,
    /// and the posterior is improper where nu may be below (s - 2) / (N - s): rounding is enough where nu may come near 0. Source:
    /// [FernandezSteel1999].
    /// </remarks>
    public override Problem? TooCloseFit(in CellView cells, string name, IScalePrior? sigma, IScalePrior? shape)
    {
        if (sigma is null or { FixedValue: not null } or { HasFloor: true })
            return null;
        var alike = IsConstant(cells) ? cells.RowCount : cells.Rows.ToArray().Max();
        var others = cells.RowCount - alike;
        if (alike < 2 || (others > 0 && !(shape!.Lower < (alike - 2.0) / others)))
            return null;
        var sentence = string.Create(
            CultureInfo.InvariantCulture,
            $"{alike} of {cells.RowCount} rows have the same '{name}', columns and levels. The priors of sigma, {sigma.Text}, and of the "
                + $"degrees of freedom, {shape!.Text}, allow a fit to these rows alone: the posterior is improper.");
        var remedy = others > 0 && (alike - 2.0) / others < 1
            ? "Keep the degrees of freedom away from 0 by Gamma(2, 0.1).Above(1), or keep sigma away from 0 by InverseGammaOnVariance."
            : "Fix sigma at a value, or give it a prior with a floor (InverseGammaOnVariance, or Uniform with a positive lower bound).";
        return new(ProblemCode.ImproperPosterior, sentence, remedy) { Term = name };
    }

    /// <inheritdoc/>
    public override double LatentVarianceAt(Func<double> mean, in ResponseScales scales, VarianceScale scale) =>
        scales.Shape > 2 ? scales.Sigma * scales.Sigma / (1 - 2 / scales.Shape) : double.PositiveInfinity;

    /// <inheritdoc/>
    public override double ExpectedVariance(double mean, double square, double spread, in ResponseScales scales) => Variance(0, 1, scales);

    /// <inheritdoc/>
    public override string? WhyNewHasNoMean(IScalePrior? shape) => shape!.Lower <= 1 ? "the degrees of freedom may be as low as 1" : null;

    /// <inheritdoc/>
    internal override double Draw(double location, double size, in ResponseScales scales, PhiloxStream stream) =>
        location + scales.Sigma * stream.NextStudentT(scales.Shape);

    /// <inheritdoc/>
    /// <remarks>The centre; the mean, where there is one.</remarks>
    internal override double Mean(double location, double size, in ResponseScales scales) => location;

    /// <inheritdoc/>
    internal override double Variance(double location, double size, in ResponseScales scales) => scales.Shape <= 2
        ? double.PositiveInfinity
        : double.IsPositiveInfinity(scales.Shape)
            ? scales.Sigma * scales.Sigma
            : scales.Sigma * scales.Sigma * (scales.Shape / (scales.Shape - 2));

    /// <inheritdoc/>
    internal override double Cdf(double y, double location, double size, in ResponseScales scales) =>
        StudentT.CDF(location, scales.Sigma, scales.Shape, y);

    /// <inheritdoc/>
    internal override double Quantile(double probability, double location, double size, in ResponseScales scales) =>
        location + scales.Sigma * Standard(probability, scales.Shape);

    // The quantile of sigma = 1 about 0, by bisection; MathNet's own ends at 800.
    private static double Standard(double probability, double nu)
    {
        if (probability > 0.5)
            return -Standard(1 - probability, nu);
        if (probability == 0.5)
            return 0;
        var (low, high) = (-1.0, 0.0);
        while (StudentT.CDF(0, 1, nu, low) > probability)
            (low, high) = (2 * low, low);
        for (var bisection = 0; bisection < 60; bisection++)
        {
            var middle = 0.5 * (low + high);
            (low, high) = StudentT.CDF(0, 1, nu, middle) > probability ? (low, middle) : (middle, high);
        }

        return 0.5 * (low + high);
    }

    private readonly struct HeavyTailed : ICurve
    {
        public static bool IsConcave => false;

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
            where TWanted : struct, IWanted =>
                OfResidual<TWanted>(a - eta, n, scales, out slope, out weight, out weightSlope, out onSigma, out onShape);

        public static Vector<double> Anchor(Vector<double> a, Vector<double> n) => a;

        public static Vector<double> FromAnchor(
            Vector<double> anchor,
            Vector<double> distance,
            Vector<double> a,
            Vector<double> n,
            in LaneScales scales,
            out Vector<double> slope,
            out Vector<double> weight,
            out Vector<double> weightSlope) => OfResidual<WantedAll>(-distance, n, scales, out slope, out weight, out weightSlope, out _, out _);

        public static Vector<double> OnShapeFromAnchor(
            Vector<double> anchor,
            Vector<double> distance,
            Vector<double> a,
            Vector<double> n,
            in LaneScales scales,
            out Vector<double> onSlope,
            out Vector<double> onWeight)
        {
            // A grows by sigma^2 as nu grows by 1.
            var one = Vector<double>.One;
            var square = distance * distance;
            var variance = scales.Sigma * scales.Sigma;
            var spread = scales.Shape * variance;
            var whole = spread + square;
            var growth = one / (scales.Shape + one);
            OfResidual<WantedAll>(-distance, n, scales, out var slope, out var weight, out _, out _, out var onShape);
            onSlope = slope * (growth - variance / whole);
            var perRow = n * (scales.Shape + one) / (whole * whole);
            onWeight = weight * growth + perRow * variance * (one - (spread - square) * (one + one) / whole);
            return onShape;
        }

        public static Vector<double> Information(Vector<double> eta, Vector<double> a, Vector<double> n, in LaneScales scales) =>
            n * (scales.Shape + Vector<double>.One) / ((scales.Shape + new Vector<double>(3)) * scales.Sigma * scales.Sigma);

        public static Vector<double> ResidualSquares(Vector<double> eta, Vector<double> a, Vector<double> n, in LaneScales scales)
        {
            // The weights of the scale mixture of normals that the t distribution is.
            var square = (a - eta) * (a - eta);
            var variance = scales.Sigma * scales.Sigma;
            return n * (scales.Shape + Vector<double>.One) * variance * (square / (scales.Shape * variance + square));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector<double> OfResidual<TWanted>(
            Vector<double> residual,
            Vector<double> n,
            in LaneScales scales,
            out Vector<double> slope,
            out Vector<double> weight,
            out Vector<double> weightSlope,
            out Vector<double> onSigma,
            out Vector<double> onShape)
            where TWanted : struct, IWanted
        {
            weight = weightSlope = onSigma = onShape = Vector<double>.Zero;
            var square = residual * residual;
            var spread = scales.Shape * scales.Sigma * scales.Sigma;
            var whole = spread + square;
            var power = n * (scales.Shape + Vector<double>.One);
            var scale = power / whole;
            slope = scale * residual;
            if (TWanted.Curvature)
            {
                weight = scale * ((spread - square) / whole);
                weightSlope = scale * ((residual + residual) / whole) * ((new Vector<double>(3) * spread - square) / whole);
            }

            if (!TWanted.Value)
                return Vector<double>.Zero;
            var half = new Vector<double>(0.5);
            var log = LaneMath.LogOnePlus(square / spread);
            if (TWanted.Scales)
            {
                var share = square / whole;
                onSigma = power * share / scales.Sigma;
                onShape = half * (power * share / scales.Shape - n * log);
            }

            return -half * power * log;
        }
    }

    // With x = nu / 2 the constant is log Gamma(x + 1/2) - log Gamma(x) - log(x) / 2 - log(2 pi) / 2.
    private sealed class Scales(double rowCount) : ScaleTerm
    {
        private static readonly double HalfLogTwoPi = 0.5 * Math.Log(2 * Math.PI);

        public override double At(in ResponseScales scales, out ResponseScales onScales)
        {
            var own = GammaRatio.Log(0.5 * scales.Shape, 0.5, out var derivative);
            onScales = new(-rowCount / scales.Sigma, 0.5 * rowCount * derivative);
            return rowCount * (own - HalfLogTwoPi - Math.Log(scales.Sigma));
        }

        // At the anchor a row's curve is 0.
        public override double Anchored(in ResponseScales scales, out ResponseScales onScales) => At(scales, out onScales);
    }
}

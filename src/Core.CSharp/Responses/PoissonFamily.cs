using System.Numerics;
using System.Runtime.CompilerServices;
using TypedPooling.Programs;
using TypedPooling.Randomness;

namespace TypedPooling.Responses;

/// <summary>y events, as many as n exp(eta) expected, n the exposure.</summary>
/// <remarks>A cell holds the events a and the exposure n of its rows: a eta - n exp(eta).</remarks>
internal sealed class PoissonFamily : CellsFamily
{
    public PoissonFamily()
        : base(Link.Log)
    {
    }

    /// <inheritdoc/>
    public override string Name => "Poisson";

    /// <inheritdoc/>
    public override bool HasSigma => false;

    /// <inheritdoc/>
    public override bool IsCount => true;

    /// <inheritdoc/>
    public override bool IsProportion => false;

    /// <inheritdoc/>
    public override bool KeepsResponses => false;

    /// <inheritdoc/>
    internal override IReadOnlyList<Link> LegalLinks => [Link.Log];

    /// <inheritdoc/>
    internal override ResponseShape? Shape => null;

    /// <inheritdoc/>
    internal override string LocationSymbol => "λ";

    /// <inheritdoc/>
    internal override string LocationText => "rates";

    /// <inheritdoc/>
    public override ResponseCurve Curve { get; } = new LaneCurve<Events>();

    /// <inheritdoc/>
    public override bool MayHaveSeveralModes => false;

    /// <inheritdoc/>
    public override bool ClosesUnderSums => true;

    /// <inheritdoc/>
    public override bool ExposureIsOffset => false;

    /// <inheritdoc/>
    public override bool HasGaps => true;

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
        Stan = "poisson_log",
        StanArguments = "{eta}",
        Jags = "dpois(exp({eta}))",
        Lme4 = ("glmer", "poisson(link = \"log\")"),
        Lme4Response = "{y}",
        Brms = "poisson()",
        BrmsShape = null,
    };

    /// <inheritdoc/>
    internal override ResponseFault FaultOf(double response, double size) =>
        WholeNumbers.IsCount(response) ? ResponseFault.None : ResponseFault.NotACount;

    /// <inheritdoc/>
    public override double LogConstant(double response, double size) =>
        (response > 0 ? response * Math.Log(size) : 0) - GammaRatio.LogFactorial(response);

    /// <inheritdoc/>
    public override double Saturated(double response, double size) => -GammaRatio.FactorialRest(response);

    /// <inheritdoc/>
    public override double LogOf(double response) => 0;

    /// <inheritdoc/>
    public override double? OnPredictor(double response) => null;

    /// <inheritdoc/>
    public override (bool FromBelow, bool FromAbove) Bounds(double a, double n) => (a > 0, true);

    /// <inheritdoc/>
    public override (double A, double N) WithFiniteAnchor(double a, double n) => (a > 0 ? a : 0.5, n);

    /// <inheritdoc/>
    public override ScaleTerm NewScaleTerm(in CellView cells) => ScaleTerm.None;

    /// <inheritdoc/>
    public override double AnchoredConstant(in CellView cells) => cells.SaturatedLogLikelihood - cells.EventsGap;

    /// <inheritdoc/>
    public override double SaturatedAt(in CellView cells, double shape, double anchored) => cells.SaturatedLogLikelihood;

    /// <inheritdoc/>
    public override double ShapeUnit(in CellView cells) => 1;

    /// <inheritdoc/>
    public override Problem? TooCloseFit(in CellView cells, string name, IScalePrior? sigma, IScalePrior? shape) => null;

    /// <inheritdoc/>
    public override double LatentVarianceAt(Func<double> mean, in ResponseScales scales, VarianceScale scale) =>
        LatentVariance.OfLog(1 / mean(), scale);

    /// <inheritdoc/>
    public override double ExpectedVariance(double mean, double square, double spread, in ResponseScales scales) => mean;

    /// <inheritdoc/>
    public override string? WhyNewHasNoMean(IScalePrior? shape) => null;

    /// <inheritdoc/>
    internal override double Draw(double location, double size, in ResponseScales scales, PhiloxStream stream) => stream.NextPoisson(location * size);

    /// <inheritdoc/>
    internal override double Mean(double location, double size, in ResponseScales scales) => size * location;

    /// <inheritdoc/>
    internal override double Variance(double location, double size, in ResponseScales scales) => size * location;

    /// <inheritdoc/>
    internal override double Cdf(double y, double location, double size, in ResponseScales scales) =>
        WholeNumbers.PoissonCdf(y, location * size);

    /// <inheritdoc/>
    internal override double Quantile(double probability, double location, double size, in ResponseScales scales) =>
        WholeNumbers.Least(y => Cdf(y, location, size, default) >= probability, location * size, double.PositiveInfinity);

    private readonly struct Events : ICurve
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
            onSigma = onShape = Vector<double>.Zero;
            weight = weightSlope = n * Vector.Exp(eta);
            slope = a - weight;
            return a * eta - weight;
        }

        public static Vector<double> Anchor(Vector<double> a, Vector<double> n)
        {
            var hasEvents = Vector.GreaterThan(a, Vector<double>.Zero);
            return Vector.ConditionalSelect(hasEvents, Vector.Log(a / n), Vector<double>.Zero);
        }

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
            // Of no events -n e^eta from the anchor 0, else -a (e^r - 1 - r).
            var hasEvents = Vector.GreaterThan(a, Vector<double>.Zero);
            var rise = LaneMath.ExpMinusOne(distance, out var exponential);
            weight = weightSlope = Vector.ConditionalSelect(hasEvents, a, n) * exponential;
            slope = Vector.ConditionalSelect(hasEvents, -a * rise, -weight);
            return Vector.ConditionalSelect(hasEvents, -a * (rise - distance), -weight);
        }

        public static Vector<double> OnShapeFromAnchor(
            Vector<double> anchor,
            Vector<double> distance,
            Vector<double> a,
            Vector<double> n,
            in LaneScales scales,
            out Vector<double> onSlope,
            out Vector<double> onWeight) => onSlope = onWeight = Vector<double>.Zero;

        public static Vector<double> Information(Vector<double> eta, Vector<double> a, Vector<double> n, in LaneScales scales) => n * Vector.Exp(eta);

        public static Vector<double> ResidualSquares(Vector<double> eta, Vector<double> a, Vector<double> n, in LaneScales scales) =>
            Vector<double>.Zero;
    }
}

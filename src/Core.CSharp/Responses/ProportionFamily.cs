using System.Diagnostics;
using MathNet.Numerics;
using TypedPooling.Randomness;

namespace TypedPooling.Responses;

/// <summary>y successes of n trials, each with probability pi, the link of pi being eta.</summary>
/// <remarks>A cell holds the successes a and the trials n of its rows: the likelihood of its predictor, a log pi + (n - a) log(1 - pi), is that of
/// the rows but for a constant.</remarks>
internal abstract class ProportionFamily : CellsFamily
{
    private readonly double latentVariance;

    private protected ProportionFamily(Link link, string? response)
        : base(link, response)
    {
        (Curve, latentVariance) = link switch
        {
            Link.Probit => ((ResponseCurve)new LaneCurve<ProbitCurve>(), 1.0),
            Link.ComplementaryLogLog => (new LaneCurve<ComplementaryLogLogCurve>(), Math.PI * Math.PI / 6),
            Link.Logit => (new LaneCurve<LogitCurve>(), Math.PI * Math.PI / 3),
            _ => throw new UnreachableException(),
        };
        Texts = link switch
        {
            Link.Probit => ("Phi({eta})", "phi({eta})", "probit"),
            Link.ComplementaryLogLog => ("inv_cloglog({eta})", "icloglog({eta})", "cloglog"),
            Link.Logit => ("inv_logit({eta})", "ilogit({eta})", "logit"),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>The probability of a success in Stan and in JAGS, and what R calls the link.</summary>
    protected (string Stan, string Jags, string R) Texts { get; }

    /// <inheritdoc/>
    public sealed override bool HasSigma => false;

    /// <inheritdoc/>
    public sealed override bool IsCount => false;

    /// <inheritdoc/>
    public sealed override bool IsProportion => true;

    /// <inheritdoc/>
    public sealed override bool KeepsResponses => false;

    /// <inheritdoc/>
    internal sealed override IReadOnlyList<Link> LegalLinks => [Link.Logit, Link.Probit, Link.ComplementaryLogLog];

    /// <inheritdoc/>
    internal sealed override ResponseShape? Shape => null;

    /// <inheritdoc/>
    internal sealed override string LocationSymbol => "p";

    /// <inheritdoc/>
    internal sealed override string LocationText => "probabilities";

    /// <inheritdoc/>
    public sealed override ResponseCurve Curve { get; }

    /// <inheritdoc/>
    public sealed override bool MayHaveSeveralModes => false;

    /// <inheritdoc/>
    public sealed override bool ClosesUnderSums => true;

    /// <inheritdoc/>
    public sealed override bool ExposureIsOffset => false;

    /// <inheritdoc/>
    public sealed override (string More, string Less)? Outcomes => ("successes", "failures");

    /// <inheritdoc/>
    public sealed override bool FitsExactlyWithoutShapeLimit => false;

    /// <inheritdoc/>
    internal sealed override bool IsLocationScale => false;

    /// <inheritdoc/>
    public sealed override double LogOf(double response) => 0;

    /// <inheritdoc/>
    public sealed override double? OnPredictor(double response) => null;

    /// <inheritdoc/>
    public sealed override (bool FromBelow, bool FromAbove) Bounds(double a, double n) => (a > 0, a < n);

    /// <inheritdoc/>
    public sealed override (double A, double N) WithFiniteAnchor(double a, double n) => a > 0 && a < n ? (a, n) : (a + 0.5, n + 1);

    /// <inheritdoc/>
    public sealed override ScaleTerm NewScaleTerm(in CellView cells) => ScaleTerm.None;

    /// <inheritdoc/>
    public sealed override double SaturatedAt(in CellView cells, double shape, double anchored) => cells.SaturatedLogLikelihood;

    /// <inheritdoc/>
    public sealed override double ShapeUnit(in CellView cells) => 1;

    /// <inheritdoc/>
    public sealed override Problem? TooCloseFit(in CellView cells, string name, IScalePrior? sigma, IScalePrior? shape) => null;

    /// <inheritdoc/>
    /// <remarks>The variance of the latent number whose distribution function the inverse link is.</remarks>
    public sealed override double LatentVarianceAt(Func<double> mean, in ResponseScales scales, VarianceScale scale) => latentVariance;

    /// <inheritdoc/>
    public sealed override double ExpectedVariance(double mean, double square, double spread, in ResponseScales scales) => spread;

    /// <inheritdoc/>
    public sealed override string? WhyNewHasNoMean(IScalePrior? shape) => null;

    /// <inheritdoc/>
    internal sealed override double Draw(double location, double size, in ResponseScales scales, PhiloxStream stream) =>
        size == 1 ? stream.NextDouble() < location ? 1 : 0 : stream.NextBinomial(size, location);

    /// <inheritdoc/>
    internal sealed override double Mean(double location, double size, in ResponseScales scales) => size * location;

    /// <inheritdoc/>
    internal sealed override double Variance(double location, double size, in ResponseScales scales) => size * location * (1 - location);

    /// <inheritdoc/>
    internal sealed override double Cdf(double y, double location, double size, in ResponseScales scales)
    {
        if (y < 0)
            return 0;
        if (y >= size)
            return 1;
        var sum = WholeNumbers.Sum(y, Math.Exp(size * GammaRatio.LogOnePlus(-location)), new Ratio(size, location / (1 - location)));
        return double.IsNaN(sum) ? SpecialFunctions.BetaRegularized(size - Math.Floor(y), Math.Floor(y) + 1, 1 - location) : sum;
    }

    /// <inheritdoc/>
    internal sealed override double Quantile(double probability, double location, double size, in ResponseScales scales) =>
        WholeNumbers.Least(y => Cdf(y, location, size, default) >= probability, size * location, size);

    private readonly struct Ratio(double size, double odds) : WholeNumbers.IRatio
    {
        public double At(double k) => (size - k + 1) / k * odds;
    }
}

using System.Runtime.CompilerServices;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Hierarchy.CellLikelihoods;

/// <summary>n rows of a events each, of expectation mu = e^eta and variance mu + mu^2 / phi: n (a eta - (a + phi) log(1 + mu / phi)), the logit curve of a + phi trials at eta - log phi. Scratch.</summary>
/// <remarks>With p = mu / (mu + phi) the slope is n (a - (a + phi) p) and the weight n (a + phi) p (1 - p). Source: [VenablesRipley2002], section 7.4.</remarks>
internal sealed class NegativeBinomialCurve : ResponseCurve
{
    private double phi = 1;
    private double logPhi;

    /// <inheritdoc/>
    public override bool HasScales => true;

    /// <inheritdoc/>
    public override void Set(in ResponseScales scales) => (phi, logPhi) = (scales.Shape, Math.Log(scales.Shape));

    /// <inheritdoc/>
    public override ResponseCurve NewScratch() => new NegativeBinomialCurve();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override double At(double eta, double a, double n, out double slope, out double weight, out double weightSlope)
    {
        var (p, rest, growth) = Share(eta);
        var trials = a + phi;
        slope = n * (a * rest - phi * p);
        weight = n * trials * p * rest;
        weightSlope = weight * (rest - p);
        return n * (a * eta - trials * growth);
    }

    /// <inheritdoc/>
    public override ResponseScales OnScales(double eta, double a, double n)
    {
        var (p, _, growth) = Share(eta);
        return new(0, n * ((a + phi) * p / phi - growth));
    }

    /// <inheritdoc/>
    public override void OnShape(double eta, double a, double n, out double value, out double slope, out double weight)
    {
        // dp/dphi = -p (1 - p) / phi
        var (p, rest, growth) = Share(eta);
        var trials = a + phi;
        value = n * (trials * p / phi - growth);
        slope = n * (trials * rest / phi - 1) * p;
        weight = n * p * rest * (1 - trials * (rest - p) / phi);
    }

    /// <inheritdoc/>
    public override double Anchor(double a, double n) => a > 0 ? Math.Log(a) : 0;

    /// <inheritdoc/>
    public override double AnchorValue(double a, double n) => a > 0 ? n * (a * Math.Log(a) - a) : 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override double FromAnchor(double anchor, double distance, double a, double n, out double slope, out double weight, out double weightSlope)
    {
        if (!(a > 0))
            return At(distance, a, n, out slope, out weight, out weightSlope);
        var value = LogitFromAnchor(distance, a, phi, out var p, out var rest, out var lean, out _);
        slope = -n * a * (phi / (a + phi)) * lean;
        weight = n * (a + phi) * p * rest;
        weightSlope = weight * (rest - p);
        return n * value;
    }

    /// <inheritdoc/>
    public override void OnShapeFromAnchor(double distance, double a, double n, out double value, out double slope, out double weight)
    {
        if (!(a > 0))
        {
            OnShape(distance, a, n, out value, out slope, out weight);
            return;
        }

        LogitFromAnchor(distance, a, phi, out var p, out var rest, out var lean, out var growth);
        var share = a / (a + phi) * lean;
        value = n * (share - growth);
        slope = -n * p * share;
        weight = n * p * (rest * share + p * rest * (a + phi) / phi);
    }

    // p, 1 - p and log(1 + mu / phi)
    private (double P, double Other, double Growth) Share(double eta)
    {
        var x = eta - logPhi;
        var e = Math.Exp(-Math.Abs(x));
        var (greater, smaller) = (1 / (1 + e), e / (1 + e));
        var growth = GammaRatio.LogOnePlus(e);
        return x >= 0 ? (greater, smaller, x + growth) : (smaller, greater, growth);
    }
}

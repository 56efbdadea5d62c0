using System.Runtime.CompilerServices;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Hierarchy.CellLikelihoods;

/// <summary>n rows of Gamma responses of sum a, of expectation mu = e^eta and variance mu^2 / alpha: -alpha (n eta + a e^-eta). Scratch. Source: [McCullaghNelder1989], ch. 8.</summary>
internal sealed class GammaCurve : ResponseCurve
{
    private double alpha = 1;

    /// <inheritdoc/>
    public override bool HasScales => true;

    /// <inheritdoc/>
    public override void Set(in ResponseScales scales) => alpha = scales.Shape;

    /// <inheritdoc/>
    public override ResponseCurve NewScratch() => new GammaCurve();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override double At(double eta, double a, double n, out double slope, out double weight, out double weightSlope)
    {
        var relative = a * Math.Exp(-eta);
        slope = alpha * (relative - n);
        weight = alpha * relative;
        weightSlope = -weight;
        return -alpha * (n * eta + relative);
    }

    /// <inheritdoc/>
    public override ResponseScales OnScales(double eta, double a, double n) => new(0, -(n * eta + a * Math.Exp(-eta)));

    /// <inheritdoc/>
    public override void OnShape(double eta, double a, double n, out double value, out double slope, out double weight)
    {
        weight = a * Math.Exp(-eta);
        slope = weight - n;
        value = -(n * eta + weight);
    }

    /// <inheritdoc/>
    public override double Anchor(double a, double n) => Math.Log(a / n);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override double FromAnchor(double anchor, double distance, double a, double n, out double slope, out double weight, out double weightSlope)
    {
        var rise = GammaRatio.ExpMinusOne(-distance, out var relative);
        slope = alpha * n * rise;
        weight = alpha * n * relative;
        weightSlope = -weight;
        return -alpha * n * (distance + rise);
    }

    /// <inheritdoc/>
    public override void OnShapeFromAnchor(double distance, double a, double n, out double value, out double slope, out double weight)
    {
        var rise = GammaRatio.ExpMinusOne(-distance, out var relative);
        value = -n * (distance + rise);
        slope = n * rise;
        weight = n * relative;
    }
}

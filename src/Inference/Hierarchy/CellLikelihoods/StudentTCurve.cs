using System.Runtime.CompilerServices;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Hierarchy.CellLikelihoods;

/// <summary>n rows of response a each, (a - eta) / sigma being Student's t of nu degrees of freedom: -n (nu + 1) / 2 log(1 + r^2 / A), r = a - eta, A = nu sigma^2. Not concave in eta. Scratch.</summary>
/// <remarks>Slope n (nu + 1) r / (A + r^2), weight n (nu + 1) (A - r^2) / (A + r^2)^2, whose expectation is n (nu + 1) / ((nu + 3) sigma^2). Source: [Lange1989].</remarks>
internal sealed class StudentTCurve : ResponseCurve
{
    private double sigma = 1;
    private double nu = 1;
    private double spread = 1;               // A

    /// <inheritdoc/>
    public override bool HasScales => true;

    /// <inheritdoc/>
    public override bool IsConcave => false;

    /// <inheritdoc/>
    public override void Set(in ResponseScales scales) => (sigma, nu, spread) = (scales.Sigma, scales.Shape, scales.Shape * scales.Sigma * scales.Sigma);

    /// <inheritdoc/>
    public override ResponseCurve NewScratch() => new StudentTCurve();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override double At(double eta, double a, double n, out double slope, out double weight, out double weightSlope)
    {
        var residual = a - eta;
        var square = residual * residual;
        var whole = spread + square;
        var scale = n * (nu + 1) / whole;
        slope = scale * residual;
        weight = scale * ((spread - square) / whole);
        weightSlope = scale * (2 * residual / whole) * ((3 * spread - square) / whole);
        return -0.5 * n * (nu + 1) * GammaRatio.LogOnePlus(square / spread);
    }

    /// <inheritdoc/>
    public override double Information(double eta, double a, double n) => n * (nu + 1) / ((nu + 3) * sigma * sigma);

    /// <inheritdoc/>
    public override double ResidualSquares(double eta, double a, double n)
    {
        // The weights of the scale mixture of normals that the t distribution is.
        var square = (a - eta) * (a - eta);
        return n * (nu + 1) * sigma * sigma * (square / (spread + square));
    }

    /// <inheritdoc/>
    public override ResponseScales OnScales(double eta, double a, double n)
    {
        var square = (a - eta) * (a - eta);
        var share = square / (spread + square);
        return new(n * (nu + 1) * share / sigma, 0.5 * n * ((nu + 1) * share / nu - GammaRatio.LogOnePlus(square / spread)));
    }
}

using MathNet.Numerics.Distributions;
using TypedPooling.Randomness;

namespace TypedPooling.Responses;

/// <summary>A response that is normal, or whose log is: all that its likelihood needs is in sums by level.</summary>
internal abstract class SumsFamily : Family
{
    private protected SumsFamily(Link link)
        : base(link)
    {
    }

    /// <inheritdoc/>
    public sealed override bool IsNormal => true;

    /// <inheritdoc/>
    public sealed override bool HasSigma => true;

    /// <inheritdoc/>
    public sealed override bool IsCount => false;

    /// <inheritdoc/>
    public sealed override bool IsProportion => false;

    /// <inheritdoc/>
    public sealed override bool KeepsResponses => false;

    /// <inheritdoc/>
    internal sealed override ResponseShape? Shape => null;

    /// <inheritdoc/>
    internal sealed override bool IsLocationScale => true;

    /// <inheritdoc/>
    internal sealed override string LocationSymbol => "μ";

    /// <inheritdoc/>
    internal sealed override string LocationText => "expectations";

    /// <inheritdoc/>
    internal sealed override double Draw(double location, double size, in ResponseScales scales, PhiloxStream stream) =>
        Back(Forth(location) + scales.Sigma * stream.NextNormal());

    /// <inheritdoc/>
    internal sealed override double Cdf(double y, double location, double size, in ResponseScales scales) =>
        TakesLog && y <= 0 ? 0 : Normal.CDF(Forth(location), scales.Sigma, Forth(y));

    /// <inheritdoc/>
    internal sealed override double Quantile(double probability, double location, double size, in ResponseScales scales) =>
        Back(Normal.InvCDF(Forth(location), scales.Sigma, probability));

    private double Forth(double y) => TakesLog ? Math.Log(y) : y;

    private double Back(double y) => TakesLog ? Math.Exp(y) : y;
}

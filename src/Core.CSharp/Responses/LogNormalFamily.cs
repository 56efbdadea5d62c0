using TypedPooling.Programs;

namespace TypedPooling.Responses;

/// <summary>y ~ LogNormal(eta, sigma): log y ~ Normal(eta, sigma), so eta is the log of the median of y.</summary>
internal sealed class LogNormalFamily : SumsFamily
{
    public LogNormalFamily()
        : base(Link.Log)
    {
    }

    /// <inheritdoc/>
    public override string Name => "LogNormal";

    /// <inheritdoc/>
    internal override IReadOnlyList<Link> LegalLinks => [Link.Log];

    /// <inheritdoc/>
    internal override bool TakesLog => true;

    /// <inheritdoc/>
    internal override bool TakesAnyNumber => false;

    /// <inheritdoc/>
    internal override FamilyForm Form => new()
    {
        IsInteger = false,
        Bounds = "<lower=0>",
        Stan = "lognormal",
        StanArguments = "{eta}, {sigma}",
        Jags = "dlnorm({eta}, pow({sigma}, -2))",
        Lme4 = ("lmer", string.Empty),
        Lme4Response = "log({y})",
        Brms = "lognormal()",
        BrmsShape = null,
    };

    /// <inheritdoc/>
    internal override ResponseFault FaultOf(double response, double size) => response > 0 ? ResponseFault.None : ResponseFault.NotPositive;

    /// <inheritdoc/>
    /// <remarks>exp(eta + sigma^2 / 2); location is the median, exp(eta).</remarks>
    internal override double Mean(double location, double size, in ResponseScales scales) => location * Math.Exp(0.5 * scales.Sigma * scales.Sigma);

    /// <inheritdoc/>
    /// <remarks>(exp(sigma^2) - 1) mean^2.</remarks>
    internal override double Variance(double location, double size, in ResponseScales scales)
    {
        var (mean, square) = (Mean(location, size, scales), scales.Sigma * scales.Sigma);

        // exp(x) - 1 to all digits: the rounding of exp(x) is undone by its own logarithm.
        var power = Math.Exp(square);
        return (power == 1 ? square : (power - 1) * (square / Math.Log(power))) * mean * mean;
    }
}

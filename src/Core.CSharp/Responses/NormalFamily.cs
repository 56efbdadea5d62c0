using TypedPooling.Programs;

namespace TypedPooling.Responses;

/// <summary>y ~ Normal(eta, sigma).</summary>
internal sealed class NormalFamily : SumsFamily
{
    public NormalFamily()
        : base(Link.Identity)
    {
    }

    /// <inheritdoc/>
    public override string Name => "Normal";

    /// <inheritdoc/>
    internal override IReadOnlyList<Link> LegalLinks => [Link.Identity];

    /// <inheritdoc/>
    internal override bool TakesLog => false;

    /// <inheritdoc/>
    internal override bool TakesAnyNumber => true;

    /// <inheritdoc/>
    internal override FamilyForm Form => new()
    {
        IsInteger = false,
        Bounds = string.Empty,
        Stan = "normal",
        StanArguments = "{eta}, {sigma}",
        Jags = "dnorm({eta}, pow({sigma}, -2))",
        Lme4 = ("lmer", string.Empty),
        Lme4Response = "{y}",
        Brms = "gaussian()",
        BrmsShape = null,
    };

    /// <inheritdoc/>
    internal override ResponseFault FaultOf(double response, double size) => ResponseFault.None;

    /// <inheritdoc/>
    internal override double Mean(double location, double size, in ResponseScales scales) => location;

    /// <inheritdoc/>
    internal override double Variance(double location, double size, in ResponseScales scales) => scales.Sigma * scales.Sigma;
}

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
    internal override ResponseFault FaultOf(double response, double size) => response > 0 ? ResponseFault.None : ResponseFault.NotPositive;
}

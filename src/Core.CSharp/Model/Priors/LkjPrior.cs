namespace TypedPooling;

/// <summary>LKJ prior on a correlation matrix R: density proportional to det(R)^(eta - 1). Eta 1 is uniform over correlation matrices. Source: [Lewandowski2009].</summary>
public sealed record LkjPrior : ICorrelationPrior
{
    /// <summary>Creates the prior.</summary>
    /// <param name="eta">Concentration; positive. Above 1 it favours small correlations.</param>
    /// <exception cref="ModelException">The concentration is not positive and finite.</exception>
    public LkjPrior(double eta) => Eta = PriorArguments.Positive(eta, "LKJ");

    /// <summary>Concentration.</summary>
    public double Eta { get; }

    /// <inheritdoc/>
    public string Text => PriorArguments.Text("LKJ", Eta);

    /// <inheritdoc/>
    public bool IsProper => true;

    /// <inheritdoc/>
    public override string ToString() => Text;
}

namespace TypedPooling.Inference.Sampling.Importance;

/// <summary>How the proposals of a final round are made.</summary>
internal enum ProposalKind
{
    /// <summary>Scrambled Sobol points in independent replicates, where there are coordinates and proposals enough for that; independent ones
    /// otherwise.</summary>
    QuasiRandom,

    /// <summary>Independent ones.</summary>
    Independent,
}

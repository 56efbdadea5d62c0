namespace TypedPooling.Declarations;

/// <summary>What a row is to a grouping factor in a prediction.</summary>
internal enum LevelKind
{
    /// <summary>Of a level of the data: its effects are those of the fit.</summary>
    Known,

    /// <summary>Of a group that is not in the data: its effects are drawn from MVN(0, Sigma).</summary>
    New,

    /// <summary>Of no group: effects are 0.</summary>
    Average,

    /// <summary>Of any group: effects are averaged over MVN(0, Sigma).</summary>
    Any,
}

namespace TypedPooling.Declarations;

/// <summary>What a row is to a grouping factor in a prediction.</summary>
internal enum LevelKind
{
    /// <summary>Of a level of the data: its effects are those of the fit.</summary>
    Known,

    /// <summary>Of a group that is not in the data: its effects are drawn from MVN(0, Sigma).</summary>
    New,

    /// <summary>Of a new group of the row's own key, also where the data had that key: a choice, which makes every row's level one that is
    /// <see cref="New"/>.</summary>
    Renewed,

    /// <summary>Of no group: effects are 0.</summary>
    Average,

    /// <summary>Of any group: effects are averaged over MVN(0, Sigma).</summary>
    Any,
}

namespace TypedPooling;

/// <summary>Whose effects replicated responses have.</summary>
public enum ReplicatedGroups
{
    /// <summary>Those that the fit has of each level; a key that the data did not have is a new group.</summary>
    Known,

    /// <summary>New ones: each level's effects are drawn from MVN(0, Sigma) of each draw. Levels that the fit has followed closely can hide what is
    /// wrong with the distribution of the levels; new ones cannot.</summary>
    New,
}

namespace TypedPooling.Responses;

/// <summary>What is wrong with a finite response.</summary>
internal enum ResponseFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It is neither 0 nor 1.</summary>
    NotBinary,

    /// <summary>It is 0 or less.</summary>
    NotPositive,

    /// <summary>It is no whole number from 0 to 2^53.</summary>
    NotACount,

    /// <summary>It is more than the number of trials.</summary>
    MoreThanTrials,

    /// <summary>It is not strictly between 0 and 1.</summary>
    NotBetweenZeroAndOne,
}

namespace TypedPooling.Draws;

/// <summary>Something a reader of a posterior must know: what, how sure, what to do, as one or two sentences.</summary>
/// <param name="Code">Stable name, for programs.</param>
/// <param name="Message">The sentences.</param>
public sealed record FitWarning(FitWarningCode Code, string Message)
{
    /// <summary>The sentences.</summary>
    public override string ToString() => Message;
}

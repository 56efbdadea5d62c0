namespace TypedPooling;

/// <summary>A prior distribution. Its support is told by the interfaces it implements, so that a prior in the wrong place does not compile.</summary>
/// <remarks>Thread-safe: priors are immutable, and any number of threads may share one.</remarks>
public interface IPrior
{
    /// <summary>The prior as it is written in a model, for example <c>Normal(5, 2)</c>.</summary>
    string Text { get; }

    /// <summary>True where the density integrates to one.</summary>
    bool IsProper { get; }
}

namespace TypedPooling;

/// <summary>Thrown before any computing when a model or its data cannot be used. Carries every problem found, each with its remedy.</summary>
/// <remarks>Immutable: any thread may read it.</remarks>
public sealed class ModelException : Exception
{
    /// <summary>Creates the exception from the problems found.</summary>
    /// <param name="problems">At least one problem; the message lists them all, one a line.</param>
    /// <exception cref="ArgumentException">The list is empty.</exception>
    public ModelException(IReadOnlyList<Problem> problems)
        : base(Describe(problems)) => Problems = problems;

    /// <summary>Creates the exception from one problem.</summary>
    /// <param name="problem">What is wrong, where, and what to do.</param>
    public ModelException(Problem problem)
        : this([problem])
    {
    }

    /// <summary>Creates the exception from one problem that another exception caused.</summary>
    /// <param name="problem">What is wrong, where, and what to do.</param>
    /// <param name="innerException">The exception that caused the problem.</param>
    public ModelException(Problem problem, Exception innerException)
        : base(Describe([problem]), innerException)
    {
        ArgumentNullException.ThrowIfNull(innerException);
        Problems = [problem];
    }

    /// <summary>Every problem found, in the order in which they were met.</summary>
    public IReadOnlyList<Problem> Problems { get; }

    /// <summary>The code of the first problem.</summary>
    public ProblemCode Code => Problems[0].Code;

    private static string Describe(IReadOnlyList<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        if (problems.Count == 0)
            throw new ArgumentException("A ModelException needs at least one problem.", nameof(problems));
        return string.Join(Environment.NewLine, problems);
    }
}

using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>Thrown before any computing when a model or its data cannot be used. Carries every problem found, each with its remedy.</summary>
/// <remarks>As JSON it is an object of problem details (RFC 9457): <c>title</c>, <c>detail</c>, <c>code</c>, <c>term</c>, <c>row</c> and <c>level</c>
/// of the first problem, and <c>problems</c>, all of them. It holds no stack trace, no inner exception, and no keys of the data. Immutable: any
/// thread may read it.</remarks>
[JsonConverter(typeof(ReportJsonConverter))]
public sealed class ModelException : Exception, IJsonAnswer
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

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        var first = Problems[0];
        writer.WriteStartObject();
        writer.WriteString("title", Title(Code));
        writer.WriteString("detail", $"{first.Sentence} {first.Remedy}");
        writer.WriteString("code", Code.ToString());
        first.WritePlace(writer);
        writer.WriteAnswers("problems", [.. Problems]);
        writer.WriteEndObject();
    }

    // One title a code, as RFC 9457 asks: NotBetweenZeroAndOne is "Not between zero and one".
    private static string Title(ProblemCode code)
    {
        var title = new StringBuilder();
        foreach (var letter in code.ToString())
        {
            if (char.IsUpper(letter) && title.Length > 0)
                title.Append(' ').Append(char.ToLowerInvariant(letter));
            else
                title.Append(letter);
        }

        return title.ToString();
    }

    private static string Describe(IReadOnlyList<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        if (problems.Count == 0)
            throw new ArgumentException("A ModelException needs at least one problem.", nameof(problems));
        return string.Join(Environment.NewLine, problems);
    }
}

using System.Collections.Immutable;

namespace TypedPooling.Plots;

/// <summary>What a report says beside what the fit knows. Immutable.</summary>
/// <typeparam name="TRow">Type of the rows of the fit.</typeparam>
/// <remarks>Thread-safe: it is immutable.</remarks>
public sealed record ReportOptions<TRow>
{
    private const int LeastLevels = 10;

    /// <summary>All defaults.</summary>
    public static ReportOptions<TRow> Default { get; } = new();

    /// <summary>Title of the page; null for one made of the family and the response.</summary>
    public string? Title { get; init; }

    /// <summary>Unit of the response, for the axes of pictures and the table of data: <c>minutes</c>. Null for none.</summary>
    public string? Unit { get; init; }

    /// <summary>Date of the report; null for none, so that the same fit gives the same page whenever it is written.</summary>
    public DateOnly? Date { get; init; }

    /// <summary>Draws of the prior, from <c>model.SamplePrior()</c>: sds, correlations and sigma are then drawn with their priors. Null for no such
    /// pictures.</summary>
    public PriorSample<TRow>? Prior { get; init; }

    /// <summary>Pictures of your own, in the order of the page, after those that every report has.</summary>
    public ImmutableArray<ReportPicture> Pictures { get; init; } = [];

    /// <summary>How many levels of a factor its table shows, at least 10. Where there are more, so many at equal distances in the order of the data;
    /// the page says so.</summary>
    public int MostLevels { get; init; } = 1000;

    /// <summary>The same options, checked.</summary>
    /// <exception cref="ModelException">OptionOutOfRange: an option is outside its range.</exception>
    internal ReportOptions<TRow> Checked() => MostLevels >= LeastLevels
        ? this
        : throw new ModelException(new Problem(
            ProblemCode.OptionOutOfRange, $"{nameof(MostLevels)} of the report is {MostLevels}.", $"Use a value of {LeastLevels} or more."));
}

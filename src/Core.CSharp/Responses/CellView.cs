namespace TypedPooling.Responses;

/// <summary>What a family may ask of all cells of a model together.</summary>
internal readonly ref struct CellView
{
    /// <summary>As <c>ResponseCells.Responses</c>. Length C.</summary>
    public required ReadOnlySpan<double> Responses { get; init; }

    /// <summary>As <c>ResponseCells.Sizes</c>. Length C.</summary>
    public required ReadOnlySpan<double> Sizes { get; init; }

    /// <summary>Number of rows of each cell. Length C.</summary>
    public required ReadOnlySpan<long> Rows { get; init; }

    /// <summary>Number of rows over all cells.</summary>
    public required long RowCount { get; init; }

    /// <summary>Sum of <see cref="CellsFamily.LogConstant"/> over the rows.</summary>
    public required double LogConstant { get; init; }

    /// <summary>Sum of <see cref="CellsFamily.Saturated"/> over the rows.</summary>
    public required double SaturatedLogLikelihood { get; init; }

    /// <summary>What rows of other rates in one cell lose when all expect the cell's: see <c>ResponseCells.EventsGap</c>.</summary>
    public required double EventsGap { get; init; }

    /// <summary>The same for failures.</summary>
    public required double FailuresGap { get; init; }

    /// <summary>Sum of the logs of the responses, where the family needs it.</summary>
    public required double LogResponseSum { get; init; }

    /// <summary>Mean over rows of what the response says of the linear predictor: see <see cref="CellsFamily.OnPredictor"/>.</summary>
    public required double ResponseMean { get; init; }

    /// <summary>The sd about it.</summary>
    public required double ResponseSd { get; init; }
}

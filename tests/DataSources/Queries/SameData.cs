using TypedPooling.Data;
using Xunit;

namespace TypedPooling.Tests.DataSources.Queries;

/// <summary>Compares data of queries with those of the same rows read one by one, cell by cell whatever their order.</summary>
internal static class SameData
{
    /// <summary>Asserts that sums are the same within a share of the square root of the product of two sums of squares.</summary>
    public static void Assert(NormalBoundModel read, NormalBoundModel queried, double tolerance = 1e-12, bool comparesMeans = true)
    {
        Xunit.Assert.Equal(read.RowCount, queried.RowCount);
        Xunit.Assert.Equal(read.DroppedRowCount, queried.DroppedRowCount);
        Xunit.Assert.Equal(read.Spec.Columns.Select(column => column.Name), queried.Spec.Columns.Select(column => column.Name));
        Near(read.LogJacobian, queried.LogJacobian, 1e-12 * Math.Max(1, Math.Abs(read.LogJacobian)));
        Near(read.Cells.LogWeightSum, queried.Cells.LogWeightSum, 1e-12 * Math.Max(1, Math.Abs(read.Cells.LogWeightSum)));
        Near(read.Cells.InverseWeightSum, queried.Cells.InverseWeightSum, 1e-12 * read.Cells.InverseWeightSum);
        var own = ByLevels(read);
        var other = ByLevels(queried);
        Xunit.Assert.Equal(own.Keys.Order(StringComparer.Ordinal), other.Keys.Order(StringComparer.Ordinal));
        foreach (var (levels, cell) in own)
            Compare(read.Cells, cell, queried.Cells, other[levels], tolerance, comparesMeans, levels);
    }

    /// <summary>Asserts that cells hold the same rows.</summary>
    public static void Assert(CellBoundModel read, CellBoundModel queried)
    {
        Xunit.Assert.Equal(read.RowCount, queried.RowCount);
        Xunit.Assert.Equal(read.DroppedRowCount, queried.DroppedRowCount);
        Near(read.Cells.LogConstant, queried.Cells.LogConstant, 1e-12 * Math.Max(1, Math.Abs(read.Cells.LogConstant)));
        Near(read.Cells.ResponseMean, queried.Cells.ResponseMean, 1e-12);
        Near(read.Cells.ResponseSd, queried.Cells.ResponseSd, 1e-12);
        Xunit.Assert.Equal(ByLevels(read), ByLevels(queried));
    }

    private static Dictionary<string, int> ByLevels(NormalBoundModel model) => Enumerable.Range(0, model.Cells.CellCount)
        .ToDictionary(cell => string.Join('|', model.Levels.Select((table, k) => table.Text(model.CellLevels(k)[cell]))));

    private static List<string> ByLevels(CellBoundModel model)
    {
        var cells = model.Cells;
        return
        [
            .. Enumerable.Range(0, cells.Count)
                .Select(cell => string.Join(
                    '|',
                    [
                        .. model.Levels.Select((table, k) => table.Text(cells.Levels[cell * cells.FactorCount + k])),
                        .. cells.Columns.Slice(cell * cells.ColumnCount, cells.ColumnCount).ToArray().Select(value => value.ToString("R")),
                        cells.Offsets[cell].ToString("G12"),
                        cells.Responses[cell].ToString("G12"),
                        cells.Sizes[cell].ToString("G12"),
                        cells.Rows[cell].ToString(),
                    ]))
                .Order(StringComparer.Ordinal),
        ];
    }

    private static void Compare(CellMoments a, int cellA, CellMoments b, int cellB, double tolerance, bool comparesMeans, string levels)
    {
        Xunit.Assert.Equal(a.Rows(cellA), b.Rows(cellB));
        Near(a.Weight(cellA), b.Weight(cellB), 1e-12 * a.Weight(cellA));
        var own = a.CrossProducts(cellA);
        var other = b.CrossProducts(cellB);
        for (var c = 0; c <= a.ColumnCount; c++)
        {
            var sd = Math.Sqrt(own[c * (c + 1) / 2 + c] / a.Weight(cellA));
            var mean = a.Means(cellA)[c];
            if (comparesMeans)
                Near(mean, b.Means(cellB)[c], Math.Max(tolerance * sd, 4e-16 * Math.Abs(mean)));
            for (var d = 0; d <= c; d++)
            {
                var scale = Math.Sqrt(own[c * (c + 1) / 2 + c]) * Math.Sqrt(own[d * (d + 1) / 2 + d]);
                var at = c * (c + 1) / 2 + d;
                Xunit.Assert.True(
                    Math.Abs(own[at] - other[at]) <= tolerance * scale,
                    $"{levels}: product ({c}, {d}) is {other[at]:R} for {own[at]:R}, scale {scale:R}");
            }
        }
    }

    private static void Near(double expected, double actual, double tolerance) =>
        Xunit.Assert.True(Math.Abs(expected - actual) <= tolerance, $"{actual:R} for {expected:R}, tolerance {tolerance:R}");
}

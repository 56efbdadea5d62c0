using System.Globalization;
using TypedPooling.Data;
using Xunit;

namespace TypedPooling.Tests.DataSources.Postgres;

/// <summary>Asserts that bound models say the same of the same rows, whatever the order of their cells and levels.</summary>
internal static class SameBound
{
    /// <summary>Sums: the same cells and counts; cross-products of x and y within a tolerance times sqrt(Sxx Syy) of the cell.</summary>
    public static void Holds(NormalBoundModel expected, NormalBoundModel actual, double tolerance)
    {
        Assert.Equal((expected.RowCount, expected.DroppedRowCount), (actual.RowCount, actual.DroppedRowCount));
        Assert.Equal(expected.Spec.Columns.Select(column => column.Name), actual.Spec.Columns.Select(column => column.Name));
        Assert.Equal(expected.LogJacobian, actual.LogJacobian, 1e-12 * Math.Abs(expected.LogJacobian));
        var cellOf = Enumerable.Range(0, actual.Cells.CellCount).ToDictionary(cell => Key(actual, cell));
        Assert.Equal(expected.Cells.CellCount, cellOf.Count);
        var width = expected.Cells.ColumnCount + 1;

        // A column that is constant in a cell is held against its squares in a mean cell.
        var mean = new double[width];
        for (var cell = 0; cell < expected.Cells.CellCount; cell++)
        {
            for (var a = 0; a < width; a++)
                mean[a] += Square(expected.Cells, cell, a) / expected.Cells.CellCount;
        }

        for (var cell = 0; cell < expected.Cells.CellCount; cell++)
        {
            var other = cellOf[Key(expected, cell)];
            Assert.Equal(expected.Cells.Rows(cell), actual.Cells.Rows(other));
            Assert.Equal(1, actual.Cells.Weight(other) / expected.Cells.Weight(cell), 1e-14);
            for (var a = 0; a < width; a++)
            {
                var (x, y) = (expected.Cells.Means(cell)[a], actual.Cells.Means(other)[a]);
                var sd = Math.Sqrt(Math.Max(Square(expected.Cells, cell, a), mean[a]) / expected.Cells.Weight(cell));
                Assert.True(Math.Abs(x - y) <= 1e-12 * sd + 4 * Math.BitIncrement(Math.Abs(x)) - 4 * Math.Abs(x), $"Cell {Key(expected, cell)}, mean {a}: {y:R} for {x:R}.");
                for (var b = 0; b <= a; b++)
                {
                    var scale = Math.Sqrt(
                        Math.Max(Square(expected.Cells, cell, a), mean[a] / 100) * Math.Max(Square(expected.Cells, cell, b), mean[b] / 100));
                    var (product, found) = (expected.Cells.CrossProducts(cell)[a * (a + 1) / 2 + b], actual.Cells.CrossProducts(other)[a * (a + 1) / 2 + b]);
                    Assert.True(
                        Math.Abs(product - found) <= tolerance * scale, $"Cell {Key(expected, cell)}, product {a} {b}: {found:R} for {product:R}.");
                }
            }
        }
    }

    /// <summary>Cells: the same columns, offsets, levels, responses, sizes and numbers of rows; constants to 1e-12.</summary>
    public static void Holds(CellBoundModel expected, CellBoundModel actual)
    {
        Assert.Equal((expected.RowCount, expected.DroppedRowCount), (actual.RowCount, actual.DroppedRowCount));
        Assert.Equal(expected.Spec.Columns.Select(column => column.Name), actual.Spec.Columns.Select(column => column.Name));
        Assert.Equal(Texts(expected).Order(StringComparer.Ordinal), Texts(actual).Order(StringComparer.Ordinal));
        Near(expected.Cells.LogConstant, actual.Cells.LogConstant);
        Near(expected.Cells.SaturatedLogLikelihood, actual.Cells.SaturatedLogLikelihood);
        Near(expected.Cells.LogResponseSum, actual.Cells.LogResponseSum);
        Near(expected.Cells.ResponseMean, actual.Cells.ResponseMean);
        Near(expected.Cells.ResponseSd, actual.Cells.ResponseSd);

        static void Near(double value, double found) => Assert.Equal(value, found, 1e-12 * (1 + Math.Abs(value)));
    }

    private static double Square(CellMoments cells, int cell, int a) => cells.CrossProducts(cell)[a * (a + 1) / 2 + a];

    private static string Key(NormalBoundModel bound, int cell) =>
        string.Join(" | ", bound.Levels.Select((table, factor) => table.Text(bound.CellLevels(factor)[cell])));

    // Sums of responses that are real numbers are rounded: 12 digits.
    private static IEnumerable<string> Texts(CellBoundModel bound)
    {
        var cells = bound.Cells;
        for (var cell = 0; cell < cells.Count; cell++)
        {
            var levels = cells.Levels.Slice(cell * cells.FactorCount, cells.FactorCount).ToArray();
            yield return string.Join(
                " | ",
                [
                    .. levels.Select((level, factor) => bound.Levels[factor].Text(level)),
                    .. cells.Columns.Slice(cell * cells.ColumnCount, cells.ColumnCount).ToArray().Select(Digits),
                    Digits(cells.Offsets[cell]),
                    Digits(cells.Responses[cell]),
                    Digits(cells.Sizes[cell]),
                    cells.Rows[cell].ToString(CultureInfo.InvariantCulture),
                ]);
        }
    }

    private static string Digits(double value) => value.ToString("G12", CultureInfo.InvariantCulture);
}

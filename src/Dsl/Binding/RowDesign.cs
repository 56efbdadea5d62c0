using TypedPooling.Data;

namespace TypedPooling.Binding;

/// <summary>Rows as a model sees them: the values of its columns, offsets, levels, and what else was asked for. Immutable.</summary>
internal sealed class RowDesign
{
    private readonly int factorCount;

    private RowDesign(
        long[] numbers,
        LevelTable[] tables,
        int factorCount,
        double[] matrix,
        double[] offsets,
        double[]? responses,
        double[]? weights,
        long[]? counts,
        int[] levels,
        int[] ownLevels)
    {
        this.factorCount = factorCount;
        RowNumbers = numbers;
        Matrix = matrix;
        Offsets = offsets;
        Responses = responses;
        Weights = weights;
        Counts = counts;
        Levels = levels;
        OwnLevels = ownLevels;
        Tables = tables;
    }

    /// <summary>Number of rows N.</summary>
    public int RowCount => RowNumbers.Length;

    /// <summary>The number of each row among those given, from 1; rows that the model drops have none. Length N.</summary>
    public long[] RowNumbers { get; }

    /// <summary>Values of the model's columns, row after row, in units of the rows. Length N * m.</summary>
    public double[] Matrix { get; }

    /// <summary>Sum of the offsets of each row. Length N.</summary>
    public double[] Offsets { get; }

    /// <summary>The response of each row as it is modelled: its log in a LogNormal model, offsets not taken off; null where it was not read. Length
    /// N.</summary>
    public double[]? Responses { get; }

    /// <summary>The known sd, the precision weight, the trials or the exposure of each row; null where there is none or it was not read. Length
    /// N.</summary>
    public double[]? Weights { get; }

    /// <summary>Number of equal rows that each row stands for; null where rows stand for themselves or it was not read. Length N.</summary>
    public long[]? Counts { get; }

    /// <summary>Level numbers of the fit, -1 where the data had no such key, row after row; of <see cref="Tables"/> where there is no fit. Length N *
    /// K.</summary>
    public int[] Levels { get; }

    /// <summary>Level numbers of <see cref="Tables"/>, row after row. Length N * K.</summary>
    public int[] OwnLevels { get; }

    /// <summary>The levels of each factor among these rows, in order of first appearance.</summary>
    public LevelTable[] Tables { get; }

    /// <summary>The key of a row as text, known or not.</summary>
    public string KeyText(int row, int factor) => Tables[factor].Text(OwnLevels[row * factorCount + factor]);

    /// <summary>One row alone.</summary>
    public RowDesign Row(int row)
    {
        var width = Matrix.Length / RowCount;
        return new(
            [RowNumbers[row]],
            Tables,
            factorCount,
            Matrix.AsSpan(row * width, width).ToArray(),
            [Offsets[row]],
            Responses is null ? null : [Responses[row]],
            Weights is null ? null : [Weights[row]],
            Counts is null ? null : [Counts[row]],
            Levels.AsSpan(row * factorCount, factorCount).ToArray(),
            OwnLevels.AsSpan(row * factorCount, factorCount).ToArray());
    }

    /// <summary>Lays rows out.</summary>
    /// <param name="plan">What was read of them.</param>
    /// <param name="rows">The rows; none is faulty.</param>
    /// <param name="columns">The model's columns.</param>
    /// <param name="indicators">What the columns behind the numeric ones indicate.</param>
    /// <param name="levelOf">For each key and each level of these rows the number it is to have; null where it keeps its own.</param>
    public static RowDesign Of<TRow>(ReadingPlan<TRow> plan, ScannedRows rows, BoundColumns columns, IndicatorColumn[] indicators, int[][]? levelOf)
    {
        var rowCount = rows.Numbers.Length;
        var (factorCount, keyCount, valueCount) = (plan.FactorCount, plan.Reader.Keys.Count, plan.Reader.Columns.Count);
        var width = columns.From.Length;
        var numericCount = columns.NumericCount;
        var matrix = new double[rowCount * width];
        var offsets = new double[rowCount];
        var ownLevels = new int[rowCount * factorCount];
        var levels = levelOf is null ? ownLevels : new int[ownLevels.Length];
        for (var i = 0; i < rowCount; i++)
        {
            var values = rows.Values.AsSpan(i * valueCount, valueCount);
            var own = rows.Levels.AsSpan(i * keyCount, keyCount);
            for (var c = 0; c < width; c++)
            {
                var from = columns.From[c];
                matrix[i * width + c] = from < numericCount ? values[from] : Indicates(indicators[from - numericCount], own);
            }

            foreach (var offset in values[(valueCount - plan.OffsetCount)..])
                offsets[i] += offset;
            for (var k = 0; k < factorCount; k++)
            {
                ownLevels[i * factorCount + k] = own[k];
                if (levelOf is not null)
                    levels[i * factorCount + k] = own[k] < levelOf[k].Length ? levelOf[k][own[k]] : -1;
            }
        }

        return new(
            rows.Numbers,
            rows.Tables[..factorCount],
            factorCount,
            matrix,
            offsets,
            Column(plan.Response),
            Column(plan.Weight),
            Counts(),
            levels,
            ownLevels);

        double Indicates(IndicatorColumn indicator, ReadOnlySpan<int> own)
        {
            var key = factorCount + indicator.Category;
            return (levelOf is null ? own[key] : levelOf[key][own[key]]) == indicator.Level ? 1 : 0;
        }

        long[]? Counts() => Column(plan.Count) is { } counts ? [.. counts.Select(count => (long)count)] : null;

        double[]? Column(int value) => value < 0 ? null : [.. Enumerable.Range(0, rowCount).Select(i => rows.Values[i * valueCount + value])];
    }
}

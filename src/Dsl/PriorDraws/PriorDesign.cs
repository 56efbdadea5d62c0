using TypedPooling.Binding;
using TypedPooling.Building;
using TypedPooling.Data;
using TypedPooling.Model;
using TypedPooling.Selectors;

namespace TypedPooling.PriorDraws;

/// <summary>Rows without their response, as responses are simulated for them. Immutable.</summary>
internal sealed class PriorDesign
{
    private PriorDesign(BoundColumns columns, int rowCount, double[] matrix, double[] offsets, double[]? weights, int[] levels, LevelTable[] tables)
    {
        Columns = columns;
        RowCount = rowCount;
        Matrix = matrix;
        Offsets = offsets;
        Weights = weights;
        Levels = levels;
        Tables = tables;
    }

    /// <summary>The model's columns, a column for each level of a categorical predictor but the reference; defaults open.</summary>
    public BoundColumns Columns { get; }

    public int RowCount { get; }

    /// <summary>Values of the model's columns, row after row. Length RowCount * columns.</summary>
    public double[] Matrix { get; }

    /// <summary>Sum of the offsets of each row. Length RowCount.</summary>
    public double[] Offsets { get; }

    /// <summary>The known sd or the precision weight of each row; null where there is neither. Length RowCount.</summary>
    public double[]? Weights { get; }

    /// <summary>Levels of the factors, row after row. Length RowCount * factors.</summary>
    public int[] Levels { get; }

    /// <summary>The levels of each factor.</summary>
    public LevelTable[] Tables { get; }

    /// <exception cref="ModelException">A value is missing or not finite, a weight is out of range, a key is null, or there are no rows.</exception>
    public static PriorDesign Read<TRow>(LoweredModel model, IEnumerable<TRow> rows)
    {
        var response = model.Declaration.Response;
        var isWeighted = response.WeightKind is RowWeight.KnownSd or RowWeight.Precision;
        var m = model.Columns.Length;
        var factorCount = model.Declaration.Factors.Count;
        var reader = new RowReader<TRow>(
            [.. model.Columns, .. isWeighted ? new[] { response.Weight! } : [], .. model.Declaration.Offsets],
            [.. model.Declaration.Factors.Select(factor => factor.Key), .. model.Categories.Select(category => category.Selector)]);
        var faults = new RowFaultsWorkspace();
        var indexes = reader.NewIndexes();
        var values = new double[reader.Columns.Count];
        var levels = new int[reader.Keys.Count];
        var allValues = new List<double>();
        var allLevels = new List<int>();
        var rowCount = 0;
        foreach (var row in rows)
        {
            rowCount++;
            if (row is null)
            {
                faults.MissingRow(rowCount);
                continue;
            }

            reader.Read(row, values, levels, indexes);
            faults.Count(reader.Columns, values, reader.Keys, levels, rowCount);
            if (isWeighted && double.IsFinite(values[m]) && !RowWeights.IsUsable(response.WeightKind, values[m]))
                faults.BadWeight(response.WeightKind, reader.Columns[m].Name, rowCount, values[m]);
            allValues.AddRange(values);
            allLevels.AddRange(levels);
        }

        faults.ThrowIfAny(rowCount);
        if (rowCount == 0)
            throw new ModelException(new Problem(ProblemCode.NoRows, "There are no rows.", "Give at least one row."));

        var categories = indexes[factorCount..];
        IndicatorColumn[] indicators = [.. categories.SelectMany((table, c) => Enumerable.Range(0, table.Count).Select(level => new IndicatorColumn(c, level)))];
        var columns = BoundColumns.Of(model, categories, indicators);
        var width = columns.From.Length;
        var matrix = new double[rowCount * width];
        var offsets = new double[rowCount];
        var weights = isWeighted ? new double[rowCount] : null;
        for (var i = 0; i < rowCount; i++)
        {
            var own = i * values.Length;
            for (var c = 0; c < width; c++)
            {
                var from = columns.From[c];
                matrix[i * width + c] = from < m ? allValues[own + from] : allLevels[i * levels.Length + factorCount + indicators[from - m].Category] == indicators[from - m].Level ? 1 : 0;
            }

            for (var c = m + (isWeighted ? 1 : 0); c < values.Length; c++)
                offsets[i] += allValues[own + c];
            if (weights is not null)
                weights[i] = allValues[own + m];
        }

        int[] factorLevels = [.. Enumerable.Range(0, rowCount).SelectMany(i => allLevels.GetRange(i * levels.Length, factorCount))];
        return new(columns, rowCount, matrix, offsets, weights, factorLevels, indexes[..factorCount]);
    }
}

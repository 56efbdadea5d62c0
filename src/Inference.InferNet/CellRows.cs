using TypedPooling.Data;
using TypedPooling.Model;

namespace TypedPooling.Inference.InferNet;

/// <summary>The cells of a Bernoulli or Binomial response as the rows of a graph, one each. Immutable once made.</summary>
internal sealed class CellRows : GraphRows
{
    private readonly ResponseCells cells;

    private CellRows(ResponseCells cells, double[][] varying, double[][] population, BinomialCell[] responses)
    {
        this.cells = cells;
        Varying = varying;
        Population = population;
        Responses = responses;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<double[]> Varying { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<double[]> Population { get; }

    /// <summary>Successes, trials, and offset with the fixed effects in it.</summary>
    public BinomialCell[] Responses { get; }

    /// <summary>Picks columns.</summary>
    /// <param name="cells">The cells.</param>
    /// <param name="link">The link of the response.</param>
    /// <param name="varying">Columns of Z. Length d.</param>
    /// <param name="population">Columns of X. Length p.</param>
    /// <param name="fixedEffects">Column and value of the population effects that are part of the offset.</param>
    /// <returns>The rows. O(cells (d + p)).</returns>
    public static CellRows Of(ResponseCells cells, Link link, int[] varying, int[] population, IReadOnlyList<(int Column, double Value)> fixedEffects)
    {
        var rows = Enumerable.Range(0, cells.Count);
        return new CellRows(
            cells, [.. rows.Select(cell => Pick(cell, varying))], [.. rows.Select(cell => Pick(cell, population))], [.. rows.Select(Response)]);

        double At(int cell, int column) => column == ModelSpec.Ones ? 1 : cells.Columns[cell * cells.ColumnCount + column];

        double[] Pick(int cell, int[] columns) => [.. columns.Select(column => At(cell, column))];

        BinomialCell Response(int cell) => new(
            cells.Responses[cell], cells.Sizes[cell], cells.Offsets[cell] + fixedEffects.Sum(term => term.Value * At(cell, term.Column)), link);
    }

    /// <inheritdoc/>
    public override int[] Levels(int factor) => [.. Enumerable.Range(0, cells.Count).Select(cell => cells.Levels[cell * cells.FactorCount + factor])];
}

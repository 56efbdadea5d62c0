using TypedPooling.Data;
using TypedPooling.Model;

namespace TypedPooling.Inference.InferNet;

/// <summary>The sums of a model as few rows that have the same likelihood. Immutable once made.</summary>
/// <remarks>
/// <para>
/// The likelihood of a cell sees its rows by the cross-products of A = [Z X y] alone (Z the columns of varying effects, X those of population
/// effects, y the response less its fixed effects). Any A* with A*'A* = A'A has the same, so the cell becomes the rows of a Cholesky factor: at most
/// d rows that hold Z, and rows in which Z is 0. The latter do not know their cell and are pooled over all cells into one cross-product of [X y],
/// again at most p rows and a remainder r with nothing but y: the residual sum of squares.
/// </para>
/// <para>
/// N rows have become R rows and r. With precision t of the noise, p(y | ...) is proportional to t^(N/2) exp(-t S / 2), of which the R rows give
/// t^(R/2). What is left, t^((N - R)/2) exp(-t r / 2), is a Gamma density in t: a prior Gamma(a, b) of t becomes Gamma(a + (N - R)/2, b + r/2),
/// exactly, without one node more. Source: [Chan1983].
/// </para>
/// <para>Where the column of ones varies, Z, X and y are centred by cell and no digits are lost far from 0. Columns dependent in a cell give no
/// row.</para>
/// </remarks>
internal sealed class PseudoRows : GraphRows
{
    // Squared length that is left of a column once earlier ones are projected out, relative to its own, below which it is rounding.
    private const double RelativeTolerance = 1e-11;

    private readonly List<double[]> varying = [];
    private readonly List<double[]> population = [];
    private readonly List<double> responses = [];
    private readonly List<int> cells = [];
    private readonly NormalBoundModel model;

    private PseudoRows(NormalBoundModel model) => this.model = model;

    /// <inheritdoc/>
    public override IReadOnlyList<double[]> Varying => varying;

    /// <inheritdoc/>
    public override IReadOnlyList<double[]> Population => population;

    /// <summary>y, one number a row.</summary>
    public IReadOnlyList<double> Responses => responses;

    /// <summary>X of the pooled rows, in which Z is 0: p numbers a row.</summary>
    public List<double[]> PooledPopulation { get; } = [];

    /// <summary>y of the pooled rows.</summary>
    public List<double> PooledResponses { get; } = [];

    /// <summary>N - R: rows that left nothing but their part of the residual sum of squares.</summary>
    public long LeftRows { get; private set; }

    /// <summary>Residual sum of squares r, in squared units of the response.</summary>
    public double LeftSquares { get; private set; }

    /// <summary>Reduces sums.</summary>
    /// <param name="model">The model with its moments by cell.</param>
    /// <param name="varying">Columns of Z, the column of ones first where it is among them. Length d.</param>
    /// <param name="population">Columns of X. Length p.</param>
    /// <param name="fixedEffects">Column and value of the population effects that are taken off the response.</param>
    /// <returns>The rows. O(cells (d + p)^3).</returns>
    public static PseudoRows Of(NormalBoundModel model, int[] varying, int[] population, IReadOnlyList<(int Column, double Value)> fixedEffects)
    {
        var rows = new PseudoRows(model);
        var moments = model.Cells;
        int[] columns = [.. varying, .. population];
        var (d, width) = (varying.Length, columns.Length + 1);
        var pooled = new double[width, width];
        var lengths = new double[width];
        for (var cell = 0; cell < moments.CellCount; cell++)
        {
            var (means, matrix) = Cell(moments, cell, columns, fixedEffects);
            var weight = moments.Weight(cell);
            if (d > 0 && varying[0] == ModelSpec.Ones)
            {
                for (var a = 0; a < means.Length; a++)
                    means[a] *= Math.Sqrt(weight);
                rows.Add(cell, means, d);
            }
            else
            {
                for (var a = 0; a < width; a++)
                {
                    for (var b = 0; b < width; b++)
                        matrix[a, b] += weight * means[a] * means[b];
                }
            }

            for (var a = d; a < width; a++)
                lengths[a] += matrix[a, a];
            Eliminate(matrix, 0, d, [.. Enumerable.Range(0, width).Select(a => matrix[a, a])], row => rows.Add(cell, row, d));
            for (var a = d; a < width; a++)
            {
                for (var b = d; b < width; b++)
                    pooled[a, b] += matrix[a, b];
            }
        }

        Eliminate(pooled, d, width - 1, lengths, row =>
        {
            rows.PooledPopulation.Add(row[d..^1]);
            rows.PooledResponses.Add(row[^1]);
        });
        rows.LeftSquares = Math.Max(0, pooled[width - 1, width - 1]);
        rows.LeftRows = Math.Max(0, moments.RowCount - rows.responses.Count - rows.PooledResponses.Count);
        return rows;
    }

    /// <inheritdoc/>
    public override int[] Levels(int factor)
    {
        var levels = model.CellLevels(factor).ToArray();
        return [.. cells.Select(cell => levels[cell])];
    }

    // Means and centred products of [Z X y] in a cell, the fixed effects taken off y.
    private static (double[] Means, double[,] Products) Cell(
        CellMoments moments, int cell, int[] columns, IReadOnlyList<(int Column, double Value)> fixedEffects)
    {
        var width = columns.Length + 1;
        var response = moments.ColumnCount;
        var cross = moments.CrossProducts(cell).ToArray();
        var mean = moments.Means(cell).ToArray();
        var means = new double[width];
        var products = new double[width, width];
        for (var a = 0; a < columns.Length; a++)
        {
            means[a] = columns[a] == ModelSpec.Ones ? 1 : mean[columns[a]];
            for (var b = 0; b < columns.Length; b++)
                products[a, b] = At(columns[a], columns[b]);
            products[a, width - 1] = products[width - 1, a] = WithResponse(columns[a]);
        }

        means[^1] = mean[response] - fixedEffects.Sum(term => term.Value * (term.Column == ModelSpec.Ones ? 1 : mean[term.Column]));
        products[width - 1, width - 1] = Math.Max(0, WithResponse(response) - fixedEffects.Sum(term => term.Value * WithResponse(term.Column)));
        return (means, products);

        double WithResponse(int column) => At(column, response) - fixedEffects.Sum(term => term.Value * At(column, term.Column));

        double At(int a, int b) => a == ModelSpec.Ones || b == ModelSpec.Ones ? 0 : a >= b ? cross[a * (a + 1) / 2 + b] : cross[b * (b + 1) / 2 + a];
    }

    // Cholesky elimination of columns [first, end), each giving a row over all columns; what is left stays in the matrix.
    private static void Eliminate(double[,] matrix, int first, int end, double[] lengths, Action<double[]> add)
    {
        var width = matrix.GetLength(0);
        for (var a = first; a < end; a++)
        {
            if (!(matrix[a, a] > RelativeTolerance * lengths[a]))
                continue;
            var root = Math.Sqrt(matrix[a, a]);
            var row = new double[width];
            for (var b = a; b < width; b++)
                row[b] = matrix[a, b] / root;
            for (var b = a; b < width; b++)
            {
                for (var c = a; c < width; c++)
                    matrix[b, c] -= row[b] * row[c];
            }

            add(row);
        }
    }

    private void Add(int cell, double[] row, int d)
    {
        varying.Add(row[..d]);
        population.Add(row[d..^1]);
        responses.Add(row[^1]);
        cells.Add(cell);
    }
}

using TypedPooling.Data;
using TypedPooling.Model;

namespace TypedPooling.Binding;

/// <summary>Rank and residual of a response regressed on columns of its own in each cell (Z) and on columns common to all (X), from
/// moments.</summary>
/// <remarks>
/// Each cell's second moments over (Z, X, y) are eliminated by Z with a rank tolerance; what is left of (X, y) is summed and eliminated by X. Where Z
/// holds the column of ones, moments are about the cell's mean; where only X does, about the total mean: either way a constant added to a column
/// costs no digits.
/// </remarks>
internal sealed class LeastSquaresWorkspace
{
    private readonly int[] z;
    private readonly int[] x;
    private readonly (int Column, double Value)[] known;
    private readonly bool isCentredInCell;
    private readonly bool isCentred;
    private readonly double[] centre;     // of X and y, by column
    private readonly int p;
    private readonly double[,] moments;   // of a cell: Z, X, y
    private readonly double[,] rest;      // X, y summed over cells
    private readonly double[] own;        // total squared length of each X and of y
    private readonly double[] cellOwn;
    private long rank;

    public LeastSquaresWorkspace(int[] z, int[] x, (int Column, double Value)[] known, CellMoments total)
    {
        isCentredInCell = z.Contains(ModelSpec.Ones);
        isCentred = x.Contains(ModelSpec.Ones);
        this.z = [.. z.Where(column => column != ModelSpec.Ones)];
        this.x = isCentredInCell ? [.. x.Where(column => column != ModelSpec.Ones)] : x;
        this.known = known;
        p = this.x.Length;
        centre = new double[total.ColumnCount + 1];
        if (isCentred)
            total.Means(0).CopyTo(centre);
        moments = new double[this.z.Length + p + 1, this.z.Length + p + 1];
        rest = new double[p + 1, p + 1];
        own = new double[p + 1];
        cellOwn = new double[this.z.Length];

        // Squared lengths to compare residuals with: of the response as it stands, of columns about their centre.
        for (var a = 0; a < p; a++)
            own[a] = Centred(total, this.x[a]);
        own[p] = Centred(total, total.ColumnCount);
    }

    public void Add(CellMoments cells, int cell)
    {
        Fill(cells, cell);
        var q = z.Length;
        var order = q + p + 1;
        if (isCentredInCell)
            rank++;
        for (var i = 0; i < q; i++)
            cellOwn[i] = moments[i, i];
        for (var i = 0; i < q; i++)
        {
            if (moments[i, i] <= Identification.RelativeTolerance * cellOwn[i])
                continue;
            rank++;
            Eliminate(moments, i, order);
        }

        for (var a = 0; a <= p; a++)
        {
            for (var b = 0; b <= p; b++)
                rest[a, b] += moments[q + a, q + b];
        }
    }

    public (bool IsZero, long Rank) Solve(double tolerance)
    {
        for (var a = 0; a < p; a++)
        {
            if (rest[a, a] <= Identification.RelativeTolerance * own[a])
                continue;
            rank++;
            Eliminate(rest, a, p + 1);
        }

        return (rest[p, p] <= tolerance * own[p], rank);
    }

    private double Centred(CellMoments total, int column)
    {
        if (column == ModelSpec.Ones)
            return total.Weight(0);
        var mean = total.Means(0)[column] - centre[column];
        var length = total.CrossProducts(0)[column * (column + 1) / 2 + column];
        return isCentredInCell ? length : length + total.Weight(0) * mean * mean;
    }

    private void Fill(CellMoments cells, int cell)
    {
        var y = cells.ColumnCount;
        var q = z.Length;
        var mean = cells.Means(cell);
        var products = cells.CrossProducts(cell);
        var weight = isCentredInCell ? 0 : cells.Weight(cell);
        for (var a = 0; a <= q + p; a++)
        {
            var (columnA, centreA) = Variable(a, y);
            for (var b = 0; b <= a; b++)
            {
                var (columnB, centreB) = Variable(b, y);
                moments[a, b] = moments[b, a] = Product(
                    products, columnA, columnB) + weight * About(mean, columnA, centreA) * About(mean, columnB, centreB);
            }
        }

        if (known.Length > 0)
            SubtractKnown(cells, cell, weight);
    }

    // y becomes y - sum of fixed coefficients times columns; rows and columns of the moments follow by bilinearity.
    private void SubtractKnown(CellMoments cells, int cell, double weight)
    {
        var y = cells.ColumnCount;
        var last = z.Length + p;
        var coefficients = new double[y + 1];
        var constant = 0.0;
        foreach (var (column, value) in known)
        {
            if (column == ModelSpec.Ones)
                constant = value;
            else
                coefficients[column] = -value;
        }

        coefficients[y] = 1;
        var mean = cells.Means(cell);
        var products = cells.CrossProducts(cell);
        var combined = isCentred ? 0 : -constant;
        for (var c = 0; c <= y; c++)
            combined += coefficients[c] * About(mean, c, centre[c]);
        for (var a = 0; a < last; a++)
        {
            var (column, about) = Variable(a, y);
            var product = 0.0;
            for (var c = 0; c <= y; c++)
                product += coefficients[c] == 0 ? 0 : coefficients[c] * Product(products, column, c);
            moments[a, last] = moments[last, a] = product + weight * About(mean, column, about) * combined;
        }

        var square = 0.0;
        for (var c = 0; c <= y; c++)
        {
            for (var d = 0; d <= y; d++)
                square += coefficients[c] == 0 || coefficients[d] == 0 ? 0 : coefficients[c] * coefficients[d] * Product(products, c, d);
        }

        moments[last, last] = Math.Max(0, square + weight * combined * combined);
    }

    private (int Column, double Centre) Variable(int index, int response)
    {
        if (index < z.Length)
            return (z[index], 0);
        var column = index < z.Length + p ? x[index - z.Length] : response;
        return (column, column == ModelSpec.Ones ? 0 : centre[column]);
    }

    // The column of ones has mean 1 and no spread.
    private static double About(ReadOnlySpan<double> mean, int column, double centre) => column == ModelSpec.Ones ? 1 : mean[column] - centre;

    private static double Product(ReadOnlySpan<double> products, int a, int b)
    {
        if (a == ModelSpec.Ones || b == ModelSpec.Ones)
            return 0;
        return a >= b ? products[a * (a + 1) / 2 + b] : products[b * (b + 1) / 2 + a];
    }

    private static void Eliminate(double[,] matrix, int pivot, int size)
    {
        for (var a = pivot + 1; a < size; a++)
        {
            var multiple = matrix[a, pivot] / matrix[pivot, pivot];
            if (multiple == 0)
                continue;
            for (var b = pivot + 1; b < size; b++)
                matrix[a, b] -= multiple * matrix[pivot, b];
        }
    }
}

namespace TypedPooling.Queries;

/// <summary>Means and centred products of measures by cell, from sums about pivots. Filled by one thread.</summary>
/// <param name="cellCount">Number of cells.</param>
/// <param name="measures">The measures, of which cells may know that they are constant.</param>
internal sealed class MomentSums(int cellCount, IReadOnlyList<Measure> measures)
{
    private readonly double[] distances = new double[cellCount * measures.Count];   // of the mean from the pivot

    /// <summary>Products of a cell.</summary>
    public int Triangle { get; } = measures.Count * (measures.Count + 1) / 2;

    /// <summary>Sum of weights by cell.</summary>
    public double[] Weights { get; } = new double[cellCount];

    /// <summary>Means, a cell after the other.</summary>
    public double[] Means { get; } = new double[cellCount * measures.Count];

    /// <summary>Centred products, a cell's lower triangle after the other.</summary>
    public double[] Products { get; } = new double[cellCount * (measures.Count * (measures.Count + 1) / 2)];

    /// <summary>Sets a mean.</summary>
    /// <param name="cell">The cell, whose weight is set.</param>
    /// <param name="a">The measure.</param>
    /// <param name="pivot">What was taken off it.</param>
    /// <param name="sum">Weighted sum of the differences.</param>
    public void SetMean(int cell, int a, double pivot, double sum)
    {
        var at = cell * measures.Count + a;
        distances[at] = sum / Weights[cell];
        Means[at] = measures[a].Constants[cell] ?? pivot + distances[at];
    }

    /// <summary>Sets a product.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="a">A measure.</param>
    /// <param name="b">The same, or one before it.</param>
    /// <param name="product">Weighted sum of the products of the differences.</param>
    /// <param name="sumA">Weighted sum of the differences of the first.</param>
    /// <param name="sumB">That of the second.</param>
    public void SetProduct(int cell, int a, int b, double product, double sumA, double sumB)
    {
        var isConstant = measures[a].Constants[cell] is not null || measures[b].Constants[cell] is not null;
        var centred = isConstant ? 0 : product - sumA * (sumB / Weights[cell]);
        Products[cell * Triangle + a * (a + 1) / 2 + b] = a == b ? Math.Max(0, centred) : centred;
    }

    /// <summary>Finds the cells that lie so far from their pivots that digits of their products are lost.</summary>
    /// <param name="rows">Number of rows of each cell.</param>
    /// <param name="rounding">Relative rounding of a term of a sum.</param>
    /// <param name="tolerance">How much of a square may be lost.</param>
    public bool[] FarCells(long[] rows, double rounding, double tolerance)
    {
        var isFar = new bool[cellCount];
        var all = Weights.Sum();
        for (var a = 0; a < measures.Count; a++)
        {
            var square = a * (a + 1) / 2 + a;
            var squares = 0.0;
            for (var cell = 0; cell < cellCount; cell++)
                squares += Products[cell * Triangle + square];
            for (var cell = 0; cell < cellCount; cell++)
            {
                if (measures[a].Constants[cell] is not null)
                    continue;
                var distance = distances[cell * measures.Count + a];
                var own = Math.Max(Products[cell * Triangle + square], Weights[cell] / all * squares);
                var ratio = Weights[cell] * distance * distance / own;
                isFar[cell] |= !(ratio <= 1 || rounding * Math.Sqrt(rows[cell]) * (1 + ratio) <= tolerance);
            }
        }

        return isFar;
    }
}

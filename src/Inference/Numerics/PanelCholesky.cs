using System.Runtime.CompilerServices;

namespace TypedPooling.Inference.Numerics;

/// <summary>Cholesky factor, solutions and the needed part of the inverse of a matrix laid out in panels. Scratch of one thread.</summary>
/// <remarks>
/// Panels are eliminated in turn, each subtracting the products of its rows from later ones; the last is dense. The inverse is computed where the
/// Cholesky factor has numbers, backwards from the dense panel: with Y = L_BJ L_JJ^-1, C_BJ = -C_BB Y and C_JJ = (L_JJ L_JJ')^-1 - Y'C_BJ
/// ([Takahashi1973]); so derivatives cost no more than a few factorisations. It holds 1 / diagonal on its diagonal.
/// </remarks>
internal sealed class PanelCholesky
{
    // Order of the dense panel up to which packing it would cost more than it saves.
    private const int MostSimple = 24;

    private readonly PanelLayout layout;
    private readonly double[] values;
    private readonly double[] scratch;
    private readonly double[] product;
    private double[] inverse = [];
    private double[] transposed = [];
    private readonly PackedCholesky? packed;

    public PanelCholesky(PanelLayout layout)
    {
        this.layout = layout;
        values = new double[layout.Length];
        var widest = layout.Panels.Length == 0 ? 0 : layout.Panels.Max(panel => panel.Width);
        var longest = layout.Panels.Length == 0 ? 0 : layout.Panels.Max(panel => panel.Below.Length);
        scratch = new double[widest * widest];
        product = new double[widest * longest];
        if (layout.DenseOrder > MostSimple)
            packed = new PackedCholesky(layout.DenseOrder);
    }

    /// <summary>The matrix, then its Cholesky factor. Length as the layout says.</summary>
    public Span<double> Values => values;

    /// <summary>The array of <see cref="Values"/>.</summary>
    public double[] ValueArray => values;

    /// <summary>The inverse where the Cholesky factor has numbers, after <see cref="Invert"/>; above the diagonal it has no meaning.</summary>
    public ReadOnlySpan<double> Inverse => inverse;

    /// <summary>The dense panel of the Cholesky factor, by rows.</summary>
    public ReadOnlySpan<double> DenseCholesky => values.AsSpan(layout.DenseValueStart);

    /// <summary>Most threads that work on a large dense panel; no result depends on it.</summary>
    public int Threads { get; set; } = 1;

    /// <summary>Factorises the matrix in place.</summary>
    /// <returns>Half the log determinant; NaN where the matrix is not positive definite.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Factorise()
    {
        var log = 0.0;
        foreach (var panel in layout.Panels)
        {
            var width = panel.Width;
            var below = panel.Below.Length;
            var own = values.AsSpan(panel.ValueStart, width * (width + below));
            if (width == 1)
            {
                if (!(own[0] > 0 && double.IsFinite(own[0])))
                    return double.NaN;
                var root = Math.Sqrt(own[0]);
                log += Math.Log(root);
                own[0] = 1 / root;
                foreach (ref var value in own[1..])
                    value *= own[0];
                SubtractColumn(panel, own[1..]);
                continue;
            }

            for (var i = 0; i < width + below; i++)
            {
                var row = own.Slice(i * width, width);
                for (var j = 0; j < Math.Min(i + 1, width); j++)
                {
                    var other = own.Slice(j * width, width);
                    var sum = row[j];
                    for (var k = 0; k < j; k++)
                        sum -= row[k] * other[k];
                    if (j < i)
                    {
                        row[j] = sum * other[j];
                        continue;
                    }

                    if (!(sum > 0 && double.IsFinite(sum)))
                        return double.NaN;
                    var diagonal = Math.Sqrt(sum);
                    log += Math.Log(diagonal);
                    row[j] = 1 / diagonal;
                }
            }

            SubtractProducts(panel, own[(width * width)..]);
        }

        return log + (packed is null
            ? DenseBlocks.Factorise(values.AsSpan(layout.DenseValueStart), layout.DenseOrder)
            : packed.Factorise(values, layout.DenseValueStart, Threads));
    }

    // What eliminating a panel takes off later elements: the products of its rows below, by rows of the triangle.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SubtractProducts(PanelLayout.Panel panel, ReadOnlySpan<double> rows)
    {
        var width = panel.Width;
        var below = panel.Below;
        var inner = panel.Inner;
        var targets = panel.Targets;
        var at = 0;
        for (var a = 0; a < below.Length; a++)
        {
            var row = rows.Slice(a * width, width);
            for (var b = 0; b <= a && b < inner; b++)
                values[targets[at++]] -= Product(row, rows.Slice(b * width, width));
            if (a < inner)
                continue;
            var dense = values.AsSpan(DenseRow(below[a]), below[a] - layout.DenseStart + 1);
            for (var b = inner; b <= a; b++)
                dense[below[b] - layout.DenseStart] -= Product(row, rows.Slice(b * width, width));
        }
    }

    // The same for a panel of one column.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SubtractColumn(PanelLayout.Panel panel, ReadOnlySpan<double> column)
    {
        var below = panel.Below;
        var inner = panel.Inner;
        var targets = panel.Targets;
        var at = 0;
        for (var a = 0; a < column.Length; a++)
        {
            var value = column[a];
            var count = Math.Min(a + 1, inner);
            var places = targets.AsSpan(at, count);
            for (var b = 0; b < places.Length; b++)
                values[places[b]] -= value * column[b];
            at += count;
            if (a < inner)
                continue;
            ref var dense = ref values[DenseRow(below[a])];
            for (var b = inner; b <= a; b++)
                Unsafe.Add(ref dense, below[b] - layout.DenseStart) -= value * column[b];
        }
    }

    // Place of a coordinate's row in the dense panel.
    private int DenseRow(int coordinate) => layout.DenseValueStart + (coordinate - layout.DenseStart) * layout.DenseOrder;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Product(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var sum = 0.0;
        for (var k = 0; k < x.Length; k++)
            sum += x[k] * y[k];
        return sum;
    }

    /// <summary>L x = b in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void SolveLower(Span<double> x)
    {
        foreach (var panel in layout.Panels)
        {
            var width = panel.Width;
            var own = values.AsSpan(panel.ValueStart, width * (width + panel.Below.Length));
            var mine = x.Slice(panel.Start, width);
            for (var i = 0; i < width; i++)
            {
                var sum = mine[i];
                for (var k = 0; k < i; k++)
                    sum -= own[i * width + k] * mine[k];
                mine[i] = sum * own[i * width + i];
            }

            for (var a = 0; a < panel.Below.Length; a++)
            {
                var sum = 0.0;
                for (var k = 0; k < width; k++)
                    sum += own[(width + a) * width + k] * mine[k];
                x[panel.Below[a]] -= sum;
            }
        }

        var n = layout.DenseOrder;
        var dense = values.AsSpan(layout.DenseValueStart);
        var last = x.Slice(layout.DenseStart, n);
        for (var i = 0; i < n; i++)
            last[i] = (last[i] - DenseRows.Dot(dense.Slice(i * n, i), last[..i])) * dense[i * n + i];
    }

    /// <summary>L'x = b in place, for all coordinates before some that are given.</summary>
    /// <param name="x">b in, x out. Length s.</param>
    /// <param name="given">Number of last coordinates, all of the dense panel, that hold their solution already.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void SolveUpper(Span<double> x, int given = 0)
    {
        var n = layout.DenseOrder;
        var dense = values.AsSpan(layout.DenseValueStart);
        var last = x.Slice(layout.DenseStart, n);
        for (var i = n - 1; i >= 0; i--)
        {
            if (i < n - given)
                last[i] *= dense[i * n + i];
            DenseRows.AddScaled(dense.Slice(i * n, Math.Min(i, n - given)), -last[i], last[..Math.Min(i, n - given)]);
        }

        for (var p = layout.Panels.Length - 1; p >= 0; p--)
        {
            var panel = layout.Panels[p];
            var width = panel.Width;
            var own = values.AsSpan(panel.ValueStart, width * (width + panel.Below.Length));
            var mine = x.Slice(panel.Start, width);
            for (var a = 0; a < panel.Below.Length; a++)
            {
                var value = x[panel.Below[a]];
                for (var k = 0; k < width; k++)
                    mine[k] -= own[(width + a) * width + k] * value;
            }

            for (var i = width - 1; i >= 0; i--)
            {
                mine[i] *= own[i * width + i];
                for (var k = 0; k < i; k++)
                    mine[k] -= own[i * width + k] * mine[i];
            }
        }
    }

    /// <summary>The part of half the log determinant that the last coordinates add, after <see cref="Factorise"/>: that of their precision, all
    /// others integrated out.</summary>
    /// <param name="count">Number of last coordinates, all of the dense panel.</param>
    public double HalfLogDeterminantOfLast(int count)
    {
        var n = layout.DenseOrder;
        var log = 0.0;
        for (var a = n - count; a < n; a++)
            log -= Math.Log(DenseCholesky[a * n + a]);
        return log;
    }

    /// <summary>Computes the inverse where the Cholesky factor has numbers.</summary>
    /// <param name="given">Number of last coordinates, all of the dense panel, that are given: the inverse is then that of the others alone, and 0
    /// for these.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Invert(int given = 0)
    {
        var n = layout.DenseOrder;
        if (inverse.Length == 0)
        {
            inverse = new double[layout.Length];
            transposed = new double[packed is null ? n * n : 0];
        }

        if (packed is not null)
            packed.Invert(inverse, layout.DenseValueStart, given, Threads);
        else
            DenseBlocks.Invert(values.AsSpan(layout.DenseValueStart), n, transposed, inverse.AsSpan(layout.DenseValueStart), given);
        for (var p = layout.Panels.Length - 1; p >= 0; p--)
            InvertPanel(layout.Panels[p]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void InvertPanel(PanelLayout.Panel panel)
    {
        var width = panel.Width;
        if (width == 1)
        {
            InvertColumn(panel);
            return;
        }

        var below = panel.Below.Length;
        var own = values.AsSpan(panel.ValueStart, width * (width + below));
        var result = inverse.AsSpan(panel.ValueStart, own.Length);

        // Y = L_BJ L_JJ^-1, row by row: y L_JJ = l.
        var y = product.AsSpan(0, below * width);
        own[(width * width)..].CopyTo(y);
        for (var a = 0; a < below; a++)
        {
            var row = y.Slice(a * width, width);
            for (var i = width - 1; i >= 0; i--)
            {
                row[i] *= own[i * width + i];
                for (var k = 0; k < i; k++)
                    row[k] -= own[i * width + k] * row[i];
            }
        }

        // C_BJ = -C_BB Y, C_BB by the places its elements were updated at.
        var outside = result[(width * width)..];
        outside.Clear();
        var targets = panel.Targets;
        var at = 0;
        for (var a = 0; a < below; a++)
        {
            for (var b = 0; b <= a && b < panel.Inner; b++)
                SubtractBoth(inverse[targets[at++]], a, b, y, outside, width);
            if (a < panel.Inner)
                continue;
            var dense = inverse.AsSpan(DenseRow(panel.Below[a]), layout.DenseOrder);
            for (var b = panel.Inner; b <= a; b++)
                SubtractBoth(dense[panel.Below[b] - layout.DenseStart], a, b, y, outside, width);
        }

        // L_JJ^-1, then C_JJ = L_JJ^-T L_JJ^-1 - Y'C_BJ.
        for (var i = 0; i < width; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = i == j ? 1.0 : 0;
                for (var k = j; k < i; k++)
                    sum -= own[i * width + k] * scratch[k * width + j];
                scratch[i * width + j] = sum * own[i * width + i];
            }
        }

        for (var i = 0; i < width; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = 0.0;
                for (var k = i; k < width; k++)
                    sum += scratch[k * width + i] * scratch[k * width + j];
                for (var a = 0; a < below; a++)
                    sum -= y[a * width + i] * outside[a * width + j];
                result[i * width + j] = sum;
                result[j * width + i] = sum;
            }
        }
    }

    // The same for a panel of one column, every element of C_BB once: c = -C_BB y, and l_JJ^-2 - y'c.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void InvertColumn(PanelLayout.Panel panel)
    {
        var below = panel.Below;
        var inner = panel.Inner;
        var own = values.AsSpan(panel.ValueStart, 1 + below.Length);
        var result = inverse.AsSpan(panel.ValueStart, own.Length);
        var y = product.AsSpan(0, below.Length);
        for (var a = 0; a < y.Length; a++)
            y[a] = own[1 + a] * own[0];
        var outside = result[1..];
        var targets = panel.Targets;
        var (at, trace) = (0, 0.0);
        for (var a = 0; a < y.Length; a++)
        {
            var (value, sum) = (y[a], 0.0);
            var places = targets.AsSpan(at, Math.Min(a + 1, inner));
            at += places.Length;
            for (var b = 0; b < places.Length && b < a; b++)
            {
                var c = inverse[places[b]];
                sum += c * y[b];
                outside[b] -= c * value;
            }

            double last;
            if (a < inner)
            {
                last = inverse[places[a]];
            }
            else
            {
                ref var dense = ref inverse[DenseRow(below[a])];
                for (var b = inner; b < a; b++)
                {
                    var c = Unsafe.Add(ref dense, below[b] - layout.DenseStart);
                    sum += c * y[b];
                    outside[b] -= c * value;
                }

                last = Unsafe.Add(ref dense, below[a] - layout.DenseStart);
            }

            outside[a] = -sum - last * value;
        }

        for (var a = 0; a < y.Length; a++)
            trace += y[a] * outside[a];
        result[0] = own[0] * own[0] - trace;
    }

    // c times rows b and a of y, taken off rows a and b of C_BJ.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SubtractBoth(double c, int a, int b, ReadOnlySpan<double> y, Span<double> outside, int width)
    {
        for (var k = 0; k < width; k++)
        {
            outside[a * width + k] -= c * y[b * width + k];
            if (b < a)
                outside[b * width + k] -= c * y[a * width + k];
        }
    }
}

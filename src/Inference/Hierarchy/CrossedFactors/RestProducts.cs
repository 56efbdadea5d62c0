using System.Runtime.CompilerServices;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Hierarchy.CrossedFactors;

/// <summary>Products of the pooled sums S of a <see cref="CrossedSystem"/> with the scales D of its rest: D'S D, and the blocks of S D C that
/// derivatives take. Scratch of one chain.</summary>
/// <remarks>
/// The dense end goes row by row in vectors. Its columns are runs of one factor each, with w effects a level. A row times D is a product by bands: in
/// column b of a level (S D)_b = sum_e S_(b+e) Lambda_(b+e, b), |e| below w, where the Lambda of all columns with the same e are one array.
/// For derivatives with C = M^-1, rows I of a level and columns J of a run hold: for the factor of I, -sum_J (S D)_IJ C_IJ', a product of rows; for
/// that of J, -sum_I (D'S)_IJ' C_IJ, where products of rows shifted by e against each other are summed over all rows first and over levels last.
/// Where both have one effect a level, one product of two rows serves both.
/// </remarks>
internal sealed class RestProducts
{
    // Rows of the dense end that one part of D'S D takes.
    private const int RowsOfPart = 48;

    private readonly CrossedSystem system;
    private readonly PanelLayout layout;
    private readonly int[] factorOf;
    private readonly double[][] pivoted;
    private readonly Run[] runs;
    private readonly int[] levelEnd;              // by coordinate of the dense end, where its level ends there
    private readonly int widest;                  // effects of a level in the dense end
    private readonly double[][] bands;            // by e + widest - 1; length: the dense end
    private readonly double[] scaledRow;          // a row of S D, then of D'S
    private readonly Action<int> transform;
    private double[] values = [];
    private double inverse;

    /// <param name="system">The sums.</param>
    /// <param name="factorOf">Factor of each coordinate; -1 for population effects.</param>
    /// <param name="pivoted">Lambda over sigma of each factor, as the last solution has it.</param>
    public RestProducts(CrossedSystem system, int[] factorOf, double[][] pivoted)
    {
        this.system = system;
        this.factorOf = factorOf;
        this.pivoted = pivoted;
        layout = system.Layout;
        var n = layout.DenseOrder;
        var found = new List<Run>();
        levelEnd = new int[n];
        widest = 1;
        for (var a = 0; a < n;)
        {
            var k = factorOf[layout.DenseStart + a];
            var r = WidthOf(k);
            levelEnd.AsSpan(a, r).Fill(a + r);
            if (found.Count > 0 && found[^1].Factor == k)
                found[^1] = found[^1] with { End = a + r };
            else
                found.Add(new Run(k, r, a, a + r));
            widest = Math.Max(widest, r);
            a += r;
        }

        runs = [.. found.Select(run => run with { Sums = new double[run.Width == 1 ? 0 : (2 * run.Width - 1) * (run.End - run.Start)] })];
        bands = [.. Enumerable.Range(0, 2 * widest - 1).Select(_ => new double[n])];
        scaledRow = new double[n];
        transform = TransformPart;
    }

    /// <summary>D'S D.</summary>
    /// <param name="into">Overwritten, as the layout says; above the diagonal blocks of the dense end it has no meaning.</param>
    /// <param name="inverseSigma">1 / sigma.</param>
    /// <param name="threads">Most threads.</param>
    public void Fill(double[] into, double inverseSigma, int threads)
    {
        (values, inverse) = (into, inverseSigma);
        system.PooledSquare.AsSpan(0, layout.DenseValueStart).CopyTo(into);
        foreach (var panel in layout.Panels)
            TransformPanel(panel);
        FillBands();
        SharedWork.For(layout.DenseOrder >= 4 * RowsOfPart ? threads : 1, (layout.DenseOrder + RowsOfPart - 1) / RowsOfPart, transform);
    }

    /// <summary>Takes the blocks of S D C of every level off the derivatives for Lambda over sigma.</summary>
    /// <param name="c">M^-1, as the layout says.</param>
    /// <param name="onLambda">By factor, changed.</param>
    /// <param name="inverseSigma">1 / sigma.</param>
    public void Differentiate(ReadOnlySpan<double> c, double[][] onLambda, double inverseSigma)
    {
        inverse = inverseSigma;
        foreach (var panel in layout.Panels)
            DifferentiatePanel(panel, c[panel.ValueStart..], onLambda);
        FillBands();
        foreach (var run in runs)
            Array.Clear(run.Sums);
        var dense = c[layout.DenseValueStart..];
        for (var a = 0; a < layout.DenseOrder; a = levelEnd[a])
            DifferentiateLevel(a, dense, onLambda);
        foreach (var run in runs)
            AddSums(run, onLambda);
    }

    private int WidthOf(int factor) => factor < 0 ? 1 : system.Factors[factor].TermCount;

    private double ScaleOf(int factor) => factor < 0 ? inverse : pivoted[factor][0];

    private void FillBands()
    {
        foreach (var (k, w, start, end) in runs)
        {
            for (var e = 1 - w; e < w; e++)
            {
                var band = bands[e + widest - 1];
                for (var a = start; a < end; a++)
                {
                    var b = (a - start) % w;
                    band[a] = w == 1 ? ScaleOf(k) : b + e >= 0 && b + e < w ? pivoted[k][(b + e) * w + b] : 0;
                }
            }
        }
    }

    // A few rows of the dense end of D'S D; the levels that begin among them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TransformPart(int part)
    {
        var n = layout.DenseOrder;
        var first = part * RowsOfPart;
        if (first > 0 && levelEnd[first - 1] > first)
            first = levelEnd[first - 1];
        var scratch = widest == 1 ? [] : new double[widest * n];
        for (var a = first; a < Math.Min((part + 1) * RowsOfPart, n); a = levelEnd[a])
        {
            var k = factorOf[layout.DenseStart + a];
            var (r, end) = (levelEnd[a] - a, levelEnd[a]);
            if (r == 1)
            {
                var row = values.AsSpan(layout.DenseValueStart + a * n, end);
                MultiplyRow(a, row);
                DenseRows.Scale(row, ScaleOf(k));
                continue;
            }

            for (var i = 0; i < r; i++)
                MultiplyRow(a + i, scratch.AsSpan(i * n, end));
            for (var i = 0; i < r; i++)
                CombineRows(scratch, pivoted[k], r, i, values.AsSpan(layout.DenseValueStart + (a + i) * n, end));
        }
    }

    // A row of S D up to the end of a level.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MultiplyRow(int row, Span<double> result)
    {
        var n = layout.DenseOrder;
        var s = system.PooledSquare.AsSpan(layout.DenseValueStart + row * n, result.Length);
        foreach (var (_, w, start, whole) in runs)
        {
            var end = Math.Min(whole, result.Length);
            if (start >= end)
                break;
            result[start..end].Clear();
            for (var e = 1 - w; e < w; e++)
            {
                var (from, to) = (Math.Max(start, start - e), Math.Min(end, end - e));
                if (from < to)
                    DenseRows.AddProducts(s[(from + e)..(to + e)], bands[e + widest - 1].AsSpan(from..to), result[from..to]);
            }
        }
    }

    // Row i of Lambda' times r rows, which are n apart.
    private void CombineRows(ReadOnlySpan<double> source, double[] lambda, int r, int i, Span<double> result)
    {
        result.Clear();
        for (var b = 0; b < r; b++)
            DenseRows.AddScaled(source.Slice(b * layout.DenseOrder, result.Length), lambda[b * r + i], result);
    }

    // The part of a level's rows with all columns up to its own block.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void DifferentiateLevel(int a, ReadOnlySpan<double> c, double[][] onLambda)
    {
        var n = layout.DenseOrder;
        var k = factorOf[layout.DenseStart + a];
        var r = levelEnd[a] - a;
        var s = system.PooledSquare.AsSpan(layout.DenseValueStart);
        foreach (var run in runs)
        {
            var (factor, w, start, whole) = run;
            var length = Math.Min(whole, a) - start;
            if (length <= 0)
                break;
            if (factor < 0)
                continue;
            if (w == 1)
            {
                var column = 0.0;
                for (var i = 0; i < r; i++)
                {
                    for (var j = 0; j < r; j++)
                    {
                        var dot = DenseRows.Dot(s.Slice((a + i) * n + start, length), c.Slice((a + j) * n + start, length));
                        if (k >= 0)
                            onLambda[k][i * r + j] -= dot * pivoted[factor][0];
                        column += dot * (k < 0 ? inverse : pivoted[k][i * r + j]);
                    }
                }

                onLambda[factor][0] -= column;
                continue;
            }

            DifferentiateRun(a, r, k, run, length, s, c, onLambda);
        }

        if (k >= 0)
            DifferentiatePair(s[(a * n + a)..], c[(a * n + a)..], n, k, r, k, r, isOwn: true, onLambda);
    }

    // The same for a run of levels of several effects.
    private void DifferentiateRun(
        int a, int r, int k, Run run, int length, ReadOnlySpan<double> s, ReadOnlySpan<double> c, double[][] onLambda)
    {
        var n = layout.DenseOrder;
        var (_, w, start, _) = run;
        var scaled = scaledRow.AsSpan(0, length);
        for (var i = 0; i < r; i++)
        {
            var own = s.Slice((a + i) * n + start, length);
            if (k >= 0)
            {
                scaled.Clear();
                for (var e = 1 - w; e < w; e++)
                {
                    var (from, to) = (Math.Max(0, -e), Math.Min(length, length - e));
                    DenseRows.AddProducts(own[(from + e)..(to + e)], bands[e + widest - 1].AsSpan((start + from)..(start + to)), scaled[from..to]);
                }

                for (var j = 0; j < r; j++)
                    onLambda[k][i * r + j] -= DenseRows.Dot(scaled, c.Slice((a + j) * n + start, length));
            }

            // Row i of D'S.
            scaled.Clear();
            for (var b = 0; b < r; b++)
                DenseRows.AddScaled(s.Slice((a + b) * n + start, length), k < 0 ? inverse : pivoted[k][b * r + i], scaled);
            var row = c.Slice((a + i) * n + start, length);
            for (var e = 1 - w; e < w; e++)
            {
                var (from, to) = (Math.Max(0, -e), Math.Min(length, length - e));
                DenseRows.AddProducts(
                    scaled[from..to], row[(from + e)..(to + e)], run.Sums.AsSpan((e + w - 1) * (run.End - run.Start))[from..to]);
            }
        }
    }

    private static void AddSums(Run run, double[][] onLambda)
    {
        var (k, w, start, end) = run;
        for (var b = 0; w > 1 && b < w; b++)
        {
            for (var j = 0; j < w; j++)
            {
                var sums = run.Sums.AsSpan((j - b + w - 1) * (end - start), end - start);
                var sum = 0.0;
                for (var a = b; a < sums.Length; a += w)
                    sum += sums[a];
                onLambda[k][b * w + j] -= sum;
            }
        }
    }

    // A panel's columns of D'S D; rows are its own, then those below.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TransformPanel(PanelLayout.Panel panel)
    {
        var width = panel.Width;
        var k = factorOf[panel.Start];
        var block = values.AsSpan(panel.ValueStart, width * (width + panel.Below.Length));
        for (var i = 0; i < width + panel.Below.Length; i++)
            SmallBlocks.RightMultiply(block.Slice(i * width, width), pivoted[k], width);
        for (var i = 0; i < width + panel.Below.Length;)
        {
            var row = factorOf[i < width ? panel.Start + i : panel.Below[i - width]];
            var r = WidthOf(row);
            if (r == 1)
                DenseRows.Scale(block.Slice(i * width, width), ScaleOf(row));
            else
                SmallBlocks.LeftMultiply(block.Slice(i * width, r * width), pivoted[row], r, width);
            i += r;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void DifferentiatePanel(PanelLayout.Panel panel, ReadOnlySpan<double> c, double[][] onLambda)
    {
        var width = panel.Width;
        var column = factorOf[panel.Start];
        var pooled = system.PooledSquare.AsSpan(panel.ValueStart);
        for (var i = 0; i < width + panel.Below.Length;)
        {
            var row = factorOf[i < width ? panel.Start + i : panel.Below[i - width]];
            var r = WidthOf(row);
            var isOwn = i < width;
            if (r == 1 && width == 1)
            {
                var product = pooled[i] * c[i];
                if (row >= 0)
                    onLambda[row][0] -= product * pivoted[column][0];
                if (!isOwn)
                    onLambda[column][0] -= product * ScaleOf(row);
            }
            else
            {
                DifferentiatePair(pooled[(i * width)..], c[(i * width)..], width, row, r, column, width, isOwn, onLambda);
            }

            i += r;
        }
    }

    // With S and C the block of a level I by a level J: -S D_J C' for I and -S'D_I C for J.
    private void DifferentiatePair(
        ReadOnlySpan<double> pooled, ReadOnlySpan<double> c, int stride, int row, int r, int column, int w, bool isOwn, double[][] onLambda)
    {
        for (var a = 0; a < r; a++)
        {
            for (var b = 0; b < w; b++)
            {
                if (pooled[a * stride + b] == 0)
                    continue;
                for (var d = 0; row >= 0 && d < w; d++)
                {
                    var scale = pooled[a * stride + b] * (column < 0 ? inverse : pivoted[column][b * w + d]);
                    for (var i = 0; i < r; i++)
                        onLambda[row][a * r + i] -= scale * (isOwn && d > i ? c[d * stride + i] : c[i * stride + d]);
                }

                for (var d = 0; column >= 0 && !isOwn && d < r; d++)
                {
                    var scale = pooled[a * stride + b] * (row < 0 ? inverse : pivoted[row][a * r + d]);
                    for (var j = 0; j < w; j++)
                        onLambda[column][b * w + j] -= scale * c[d * stride + j];
                }
            }
        }
    }

    // Columns of the dense end that belong to one factor, from the first to before the last.
    private sealed record Run(int Factor, int Width, int Start, int End)
    {
        // By e + w - 1, for every column the products of rows shifted by e; nothing where w = 1.
        public double[] Sums { get; init; } = [];
    }
}

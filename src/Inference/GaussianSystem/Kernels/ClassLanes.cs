using System.Runtime.Intrinsics;

namespace TypedPooling.Inference.GaussianSystem.Kernels;

/// <summary>The classes of a system laid out for vectors: four classes a batch, one in each lane. Immutable; shared by chains.</summary>
/// <remarks>
/// <para>
/// A batch is one block of <see cref="Stride"/> vectors, so that a pass reads memory once and in order: J; Z_c, its upper triangle by rows; y_c, q rows; then X_c effect after effect, q rows each.
/// Classes of several groups come first, for only they have a scatter: the batches after them keep none.
/// </para>
/// <para>
/// Lanes left over in the last batch repeat its last class with J = 0 and no scatter: they add nothing, and are finite wherever that class is.
/// </para>
/// </remarks>
internal sealed class ClassLanes
{
    /// <summary>Classes a batch. Fixed, so that sums are added in one order on any machine.</summary>
    public const int Width = 4;

    private readonly Vector256<double>[] designs;
    private readonly Vector256<double>[] scatters;

    /// <summary>Lays out the classes.</summary>
    /// <param name="classes">The classes.</param>
    /// <param name="q">Number of varying terms.</param>
    /// <param name="p">Number of estimated population effects.</param>
    public ClassLanes(DesignClasses classes, int q, int p)
    {
        TermCount = q;
        PopulationCount = p;
        TriangleLength = q * (q + 1) / 2;
        Stride = 1 + TriangleLength + q + p * q;
        BatchCount = (classes.Count + Width - 1) / Width;
        var order = Enumerable.Range(0, classes.Count).OrderBy(c => classes.GroupCounts[c] > 1 ? 0 : 1).ToArray();
        ScatterBatchCount = (classes.GroupCounts.Count(groups => groups > 1) + Width - 1) / Width;

        designs = new Vector256<double>[BatchCount * Stride];
        scatters = new Vector256<double>[ScatterBatchCount * TriangleLength];
        var source = new double[Stride];
        for (var at = 0; at < BatchCount * Width; at++)
        {
            var (batch, lane) = Math.DivRem(at, Width);
            var c = order[Math.Min(at, order.Length - 1)];
            var isPadding = at >= order.Length;
            CopyDesign(classes, c, source);
            if (isPadding)
                source[0] = 0;
            var block = designs.AsSpan(batch * Stride, Stride);
            for (var t = 0; t < Stride; t++)
                block[t] = block[t].WithElement(lane, source[t]);
            if (batch >= ScatterBatchCount || isPadding)
                continue;
            var triangle = scatters.AsSpan(batch * TriangleLength, TriangleLength);
            for (int i = 0, t = 0; i < q; i++)
            {
                for (var j = 0; j <= i; j++, t++)
                    triangle[t] = triangle[t].WithElement(lane, classes.Scatter[c * q * q + i * q + j]);
            }
        }
    }

    /// <summary>Number of varying terms q.</summary>
    public int TermCount { get; }

    /// <summary>Number of estimated population effects p.</summary>
    public int PopulationCount { get; }

    /// <summary>Number of batches.</summary>
    public int BatchCount { get; }

    /// <summary>Number of batches, the first ones, with a class of several groups.</summary>
    public int ScatterBatchCount { get; }

    /// <summary>Elements of a triangle, q (q + 1) / 2.</summary>
    public int TriangleLength { get; }

    /// <summary>Vectors a batch.</summary>
    public int Stride { get; }

    /// <summary>The block of a batch.</summary>
    /// <param name="batch">Number of the batch.</param>
    /// <returns>J; Z, upper triangle by rows; y; X by effects. Length <see cref="Stride"/>.</returns>
    public ReadOnlySpan<Vector256<double>> Design(int batch) => designs.AsSpan(batch * Stride, Stride);

    /// <summary>The scatter of the responses of a batch.</summary>
    /// <param name="batch">Number of the batch, below <see cref="ScatterBatchCount"/>.</param>
    /// <returns>S_c, lower triangle by rows. Length <see cref="TriangleLength"/>.</returns>
    public ReadOnlySpan<Vector256<double>> Scatter(int batch) => scatters.AsSpan(batch * TriangleLength, TriangleLength);

    private void CopyDesign(DesignClasses classes, int c, Span<double> block)
    {
        var q = TermCount;
        var p = PopulationCount;
        var t = 0;
        block[t++] = classes.GroupCounts[c];
        for (var i = 0; i < q; i++)
        {
            for (var j = i; j < q; j++)
                block[t++] = classes.Varying[c * q * q + i * q + j];
        }

        for (var i = 0; i < q; i++)
            block[t++] = classes.MeanResponse[c * q + i];
        for (var a = 0; a < p; a++)
        {
            for (var i = 0; i < q; i++)
                block[t++] = classes.Population[c * q * p + i * p + a];
        }
    }
}

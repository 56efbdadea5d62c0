using System.Runtime.Intrinsics;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem.Kernels;

/// <summary>The classes of a system laid out for vectors: four classes a batch, one in each lane. Immutable; shared by chains.</summary>
/// <remarks>
/// <para>
/// A batch is one block of <see cref="Stride"/> vectors, so that a pass reads memory once and in order: J; y_c, q rows; Z_c column after column, q
/// rows each; then X_c likewise, but for the effects whose column is one of Z_c in every class (whatever varies usually has a population effect too):
/// they are not stored twice. Many classes cost what memory costs. Classes of several levels come first, for only they have a scatter: the batches
/// after them keep none.
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
    /// <param name="integrated">How many of these, the first ones, are integrated out.</param>
    public ClassLanes(DesignClasses classes, int q, int p, int integrated)
    {
        IntegratedCount = integrated;
        TermCount = q;
        PopulationCount = p;
        TriangleLength = q * (q + 1) / 2;
        EffectOffsets = new int[p];
        Stride = FirstColumn + q * q;
        for (var a = 0; a < p; a++)
        {
            var twin = Twin(classes, a);
            EffectOffsets[a] = twin >= 0 ? FirstColumn + twin * q : Stride;
            Stride += twin >= 0 ? 0 : q;
        }

        BatchCount = (classes.Count + Width - 1) / Width;
        var order = Enumerable.Range(0, classes.Count).OrderBy(c => classes.LevelCounts[c] > 1 ? 0 : 1).ToArray();
        ScatterBatchCount = (classes.LevelCounts.Count(levels => levels > 1) + Width - 1) / Width;

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

    /// <summary>Number of effects, the first ones, that are integrated out; the others are given.</summary>
    public int IntegratedCount { get; }

    /// <summary>Number of batches.</summary>
    public int BatchCount { get; }

    /// <summary>Number of batches, the first ones, with a class of several levels.</summary>
    public int ScatterBatchCount { get; }

    /// <summary>Elements of a triangle, q (q + 1) / 2.</summary>
    public int TriangleLength { get; }

    /// <summary>Where the q columns of Z begin in a block, q rows each.</summary>
    public int FirstColumn => 1 + TermCount;

    /// <summary>Where the q rows of each population effect begin in a block. Length p.</summary>
    public int[] EffectOffsets { get; }

    /// <summary>Vectors a batch.</summary>
    public int Stride { get; }

    /// <summary>The block of a batch.</summary>
    /// <param name="batch">Number of the batch.</param>
    /// <returns>J; y; Z by columns; the columns of X that are not in Z. Length <see cref="Stride"/>.</returns>
    public ReadOnlySpan<Vector256<double>> Design(int batch) => designs.AsSpan(batch * Stride, Stride);

    /// <summary>The scatter of the responses of a batch.</summary>
    /// <param name="batch">Number of the batch, below <see cref="ScatterBatchCount"/>.</param>
    /// <returns>S_c, lower triangle by rows. Length <see cref="TriangleLength"/>.</returns>
    public ReadOnlySpan<Vector256<double>> Scatter(int batch) => scatters.AsSpan(batch * TriangleLength, TriangleLength);

    // The varying term whose column equals that of an effect in every class, or -1.
    private int Twin(DesignClasses classes, int effect)
    {
        var (q, p) = (TermCount, PopulationCount);
        for (var term = 0; term < q; term++)
        {
            var isTwin = true;
            for (var row = 0; row < classes.Count * q && isTwin; row++)
                isTwin = classes.Varying[row * q + term] == classes.Population[row * p + effect];
            if (isTwin)
                return term;
        }

        return -1;
    }

    private void CopyDesign(DesignClasses classes, int c, Span<double> block)
    {
        var (q, p) = (TermCount, PopulationCount);
        block[0] = classes.LevelCounts[c];
        for (var i = 0; i < q; i++)
        {
            block[1 + i] = classes.MeanResponse[c * q + i];
            for (var j = 0; j < q; j++)
                block[FirstColumn + j * q + i] = classes.Varying[(c * q + i) * q + j];
            for (var a = 0; a < p; a++)
                block[EffectOffsets[a] + i] = classes.Population[(c * q + i) * p + a];
        }
    }
}

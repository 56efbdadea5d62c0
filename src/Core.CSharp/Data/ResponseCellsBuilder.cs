using System.Runtime.InteropServices;
using TypedPooling.Responses;

namespace TypedPooling.Data;

/// <summary>Collapses rows to <see cref="ResponseCells"/>: those whose columns, offset and levels are equal share a cell; where the family keeps
/// responses (<see cref="Family.KeepsResponses"/>), theirs must be equal too. Not thread-safe.</summary>
internal sealed class ResponseCellsBuilder
{
    private const ulong Odd = 0x9E3779B97F4A7C15;

    private readonly int columnCount;
    private readonly int factorCount;
    private readonly CellsFamily? family;
    private readonly double[] own;                  // the columns and the offset of the row at hand, and its response where the family keeps it
    private readonly List<double> columns = [];
    private readonly List<double> offsets = [];
    private readonly List<int> levels = [];
    private readonly List<double> responses = [];
    private readonly List<double> sizes = [];
    private readonly List<long> rows = [];
    private readonly List<ulong> hashes = [];
    private int[] slots = new int[64];              // number of a cell plus 1, 0 where free; open addressing, at most half full
    private double logConstant;
    private double compensation;
    private double saturated;
    private (double Events, double Failures) gaps;
    private ResponseSums sums;

    /// <summary>Begins without rows.</summary>
    /// <param name="columnCount">Number of columns m.</param>
    /// <param name="factorCount">Number of grouping factors K.</param>
    /// <param name="family">Distribution of the response; null for proportions and Poisson counts, whose cells hold sums.</param>
    public ResponseCellsBuilder(int columnCount, int factorCount, Family? family = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(columnCount);
        ArgumentOutOfRangeException.ThrowIfNegative(factorCount);
        this.columnCount = columnCount;
        this.factorCount = factorCount;
        this.family = (CellsFamily?)family;
        own = new double[columnCount + (KeepsResponses ? 2 : 1)];
    }

    private bool HasGaps => family is null or { HasGaps: true };

    private bool KeepsResponses => family is { KeepsResponses: true };

    /// <summary>Number of cells so far.</summary>
    public int Count => responses.Count;

    /// <summary>Adds a row.</summary>
    /// <param name="values">The m columns. Length m or more (the rest is ignored).</param>
    /// <param name="offset">Sum of the row's offsets.</param>
    /// <param name="rowLevels">Level of each factor. Length K or more (the rest is ignored).</param>
    /// <param name="response">Successes, events, or the response itself.</param>
    /// <param name="size">Trials or exposure; positive. 1 where the response is NegativeBinomial (an exposure is part of the offset, as its log),
    /// Gamma or StudentT.</param>
    /// <param name="rowLogConstant">What the row's log likelihood holds that does not know eta.</param>
    /// <param name="rowSaturated">The row's log likelihood where it is expected to be just what it is: 0 for a Bernoulli row.</param>
    /// <param name="count">Number of equal rows that this one stands for.</param>
    /// <remarks>O(m + K); allocates only for a new cell. Columns and offsets are compared bit by bit, but that -0 is 0.</remarks>
    public void Add(
        ReadOnlySpan<double> values,
        double offset,
        ReadOnlySpan<int> rowLevels,
        double response,
        double size,
        double rowLogConstant,
        double rowSaturated,
        long count = 1)
    {
        saturated += count * rowSaturated;
        var cell = CellOf(values[..columnCount], offset, rowLevels[..factorCount], response);
        AddTo(cell, KeepsResponses ? response : count * response, count * size, count);
        if (family?.OnPredictor(response) is { } onPredictor)
            sums = sums.With(family.LogOf(response), onPredictor - offset, count);
        AddConstant(count * rowLogConstant);
    }

    /// <summary>Adds the rows of finished cells.</summary>
    /// <param name="other">Cells of as many columns and factors.</param>
    /// <param name="levelHere">For each factor the number here of each level there.</param>
    /// <exception cref="ArgumentException">The numbers of columns or factors differ.</exception>
    public void Add(ResponseCells other, IReadOnlyList<int[]> levelHere)
    {
        ArgumentNullException.ThrowIfNull(other);
        ArgumentNullException.ThrowIfNull(levelHere);
        if (other.ColumnCount != columnCount || other.FactorCount != factorCount || levelHere.Count != factorCount)
            throw new ArgumentException("The cells have other columns or factors.", nameof(other));
        var isFirst = Count == 0;
        Span<int> own = new int[factorCount];
        for (var cell = 0; cell < other.Count; cell++)
        {
            for (var k = 0; k < factorCount; k++)
                own[k] = levelHere[k][other.Levels[cell * factorCount + k]];
            AddTo(
                CellOf(other.Columns.Slice(cell * columnCount, columnCount), other.Offsets[cell], own, other.Responses[cell]),
                other.Responses[cell],
                other.Sizes[cell],
                other.Rows[cell]);
        }

        // Cells of the others may have become equal here: what that loses is in the gaps already.
        gaps = (gaps.Events + other.EventsGap, gaps.Failures + other.FailuresGap);
        if (isFirst)
        {
            // Further rows then add the bits that they would have added there.
            (logConstant, compensation, sums) = other.Open;
            saturated = other.SaturatedLogLikelihood;
            return;
        }

        AddConstant(other.LogConstant);
        saturated += other.SaturatedLogLikelihood;
        sums = sums.Merge(other.Sums);
    }

    /// <summary>The cells so far, in order of first appearance.</summary>
    /// <returns>New cells; the builder can go on.</returns>
    public ResponseCells Build() =>
        new(
            columnCount,
            factorCount,
            [.. columns],
            [.. offsets],
            [.. levels],
            [.. responses],
            [.. sizes],
            [.. rows],
            logConstant,
            saturated,
            gaps,
            sums,
            compensation);

    private static ulong Mix(ulong hash, ulong bits)
    {
        hash = (hash ^ bits) * Odd;
        return hash ^ (hash >> 29);
    }

    // a log(a / n) + a2 log(a2 / n2) - (a + a2) log((a + a2) / (n + n2)), which is small where the rates are near: no difference of large numbers is
    // taken.
    private static double Gap(double a, double n, double a2, double n2)
    {
        if (!(a + a2 > 0 && n > 0 && n2 > 0))
            return 0;
        var product = a * n2;
        var difference = Math.FusedMultiplyAdd(a2, n, -product) - Math.FusedMultiplyAdd(a, n2, -product);
        return (a > 0 ? a * LogOnePlus(-difference / (n * (a + a2))) : 0) + (a2 > 0 ? a2 * LogOnePlus(difference / (n2 * (a + a2))) : 0);
    }

    // Kahan's form keeps the digits of a small x. [Goldberg1991]
    private static double LogOnePlus(double x)
    {
        var sum = 1 + x;
        return sum == 1 ? x : Math.Log(sum) * (x / (sum - 1));
    }

    private void AddTo(int cell, double response, double size, long rowCount)
    {
        if (HasGaps && rows[cell] > 0)
        {
            var (a, n) = (responses[cell], sizes[cell]);
            gaps.Events += Gap(a, n, response, size);
            gaps.Failures += Gap(n - a, n, size - response, size);
        }

        responses[cell] = KeepsResponses ? response + 0.0 : responses[cell] + response;
        sizes[cell] += size;
        rows[cell] += rowCount;
    }

    // Neumaier's sum: the order of rows does not show.
    private void AddConstant(double value)
    {
        var sum = logConstant + value;
        compensation += Math.Abs(logConstant) >= Math.Abs(value) ? logConstant - sum + value : value - sum + logConstant;
        logConstant = sum;
    }

    private int CellOf(ReadOnlySpan<double> values, double offset, ReadOnlySpan<int> rowLevels, double response)
    {
        // -0 + 0 is 0.
        var hash = 0UL;
        for (var c = 0; c < columnCount; c++)
            own[c] = values[c] + 0.0;
        own[columnCount] = offset + 0.0;
        if (KeepsResponses)
            own[^1] = response + 0.0;
        foreach (var value in own)
            hash = Mix(hash, BitConverter.DoubleToUInt64Bits(value));
        foreach (var level in rowLevels)
            hash = Mix(hash, (uint)level);
        hash ^= hash >> 32;
        if (2 * responses.Count >= slots.Length)
            Grow();
        var mask = slots.Length - 1;
        var slot = (int)hash & mask;
        while (slots[slot] != 0)
        {
            if (IsCell(slots[slot] - 1, hash, rowLevels))
                return slots[slot] - 1;
            slot = (slot + 1) & mask;
        }

        columns.AddRange(own.AsSpan(0, columnCount));
        offsets.Add(own[columnCount]);
        levels.AddRange(rowLevels);
        responses.Add(0);
        sizes.Add(0);
        rows.Add(0);
        hashes.Add(hash);
        slots[slot] = responses.Count;
        return responses.Count - 1;
    }

    private bool IsCell(int cell, ulong hash, ReadOnlySpan<int> rowLevels) =>
        hashes[cell] == hash
        && BitConverter.DoubleToInt64Bits(offsets[cell]) == BitConverter.DoubleToInt64Bits(own[columnCount])
        && (!KeepsResponses || BitConverter.DoubleToInt64Bits(responses[cell]) == BitConverter.DoubleToInt64Bits(own[^1]))
        && CollectionsMarshal.AsSpan(levels).Slice(cell * factorCount, factorCount).SequenceEqual(rowLevels)
        && MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(columns).Slice(cell * columnCount, columnCount)).SequenceEqual(
            MemoryMarshal.AsBytes(own.AsSpan(0, columnCount)));

    private void Grow()
    {
        slots = new int[2 * slots.Length];
        for (var cell = 0; cell < hashes.Count; cell++)
        {
            var slot = (int)hashes[cell] & (slots.Length - 1);
            while (slots[slot] != 0)
                slot = (slot + 1) & (slots.Length - 1);
            slots[slot] = cell + 1;
        }
    }
}

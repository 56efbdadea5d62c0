using System.Runtime.InteropServices;

namespace TypedPooling.Data;

/// <summary>Collapses rows to <see cref="ResponseCells"/>: those whose columns, offset and levels are equal bit for bit share a cell. Not thread-safe.</summary>
/// <param name="columnCount">Number of columns m.</param>
/// <param name="factorCount">Number of grouping factors K.</param>
public sealed class ResponseCellsBuilder(int columnCount, int factorCount)
{
    private readonly Dictionary<Key, int> numbers = [];
    private readonly List<double> columns = [];
    private readonly List<double> offsets = [];
    private readonly List<int> levels = [];
    private readonly List<double> responses = [];
    private readonly List<double> sizes = [];
    private readonly List<long> rows = [];
    private double logConstant;
    private double saturated;

    /// <summary>Adds a row.</summary>
    /// <param name="values">The m columns. Length m or more (the rest is ignored).</param>
    /// <param name="offset">Sum of the row's offsets.</param>
    /// <param name="rowLevels">Level of each factor. Length K or more (the rest is ignored).</param>
    /// <param name="response">Successes or events.</param>
    /// <param name="size">Trials or exposure; positive.</param>
    /// <param name="rowLogConstant">What the row's log likelihood holds that does not know eta.</param>
    /// <param name="rowSaturated">The row's log likelihood where it is expected to be just what it is.</param>
    /// <remarks>O(m + K); allocates only for a new cell. A response and a size of +0 and -0 count as equal columns do: by their bits.</remarks>
    public void Add(ReadOnlySpan<double> values, double offset, ReadOnlySpan<int> rowLevels, double response, double size, double rowLogConstant, double rowSaturated)
    {
        var own = new double[columnCount + 1];
        values[..columnCount].CopyTo(own);
        own[columnCount] = offset;
        var key = new Key(own, rowLevels[..factorCount].ToArray());
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, key, out var exists);
        if (!exists)
        {
            number = responses.Count;
            columns.AddRange(values[..columnCount]);
            offsets.Add(offset);
            levels.AddRange(rowLevels[..factorCount]);
            responses.Add(0);
            sizes.Add(0);
            rows.Add(0);
        }

        responses[number] += response;
        sizes[number] += size;
        logConstant += rowLogConstant;
        saturated += rowSaturated;
        rows[number]++;
    }

    /// <summary>The cells so far, in order of first appearance.</summary>
    /// <returns>New cells; the builder can go on.</returns>
    public ResponseCells Build() => new(columnCount, factorCount, [.. columns], [.. offsets], [.. levels], [.. responses], [.. sizes], [.. rows], logConstant, saturated);

    private readonly struct Key(double[] values, int[] levels) : IEquatable<Key>
    {
        private readonly double[] values = values;
        private readonly int[] levels = levels;

        public bool Equals(Key other) =>
            MemoryMarshal.AsBytes(values.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(other.values.AsSpan())) && levels.AsSpan().SequenceEqual(other.levels);

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            hash.AddBytes(MemoryMarshal.AsBytes(values.AsSpan()));
            hash.AddBytes(MemoryMarshal.AsBytes(levels.AsSpan()));
            return hash.ToHashCode();
        }
    }
}

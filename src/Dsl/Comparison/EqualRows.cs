using TypedPooling.Binding;

namespace TypedPooling;

/// <summary>Finds rows that are equal in all that a model sees: what is computed of one holds for the others.</summary>
internal static class EqualRows
{
    private const ulong Odd = 0x9E3779B97F4A7C15;

    /// <summary>The first row that is equal to each row, itself where none is. O(m + K) a row.</summary>
    /// <param name="design">Rows with their responses. Values are compared bit by bit; two different rows of one 64-bit hash would both count as
    /// first.</param>
    public static int[] FirstOf(RowDesign design)
    {
        var first = new int[design.RowCount];
        var seen = new Dictionary<ulong, int>(design.RowCount);
        var width = design.RowCount == 0 ? 0 : design.Matrix.Length / design.RowCount;
        var factors = design.RowCount == 0 ? 0 : design.Levels.Length / design.RowCount;
        for (var i = 0; i < first.Length; i++)
        {
            var hash = Mix(0, BitConverter.DoubleToUInt64Bits(design.Responses![i]));
            hash = Mix(hash, BitConverter.DoubleToUInt64Bits(design.Offsets[i]));
            hash = Mix(hash, design.Weights is null ? 0 : BitConverter.DoubleToUInt64Bits(design.Weights[i]));
            foreach (var value in design.Matrix.AsSpan(i * width, width))
                hash = Mix(hash, BitConverter.DoubleToUInt64Bits(value));
            foreach (var level in design.Levels.AsSpan(i * factors, factors))
                hash = Mix(hash, (uint)level);
            first[i] = seen.TryGetValue(hash, out var known) && IsEqual(design, i, known, width, factors) ? known : i;
            if (first[i] == i)
                seen[hash] = i;
        }

        return first;
    }

    private static bool IsEqual(RowDesign design, int a, int b, int width, int factors) =>
        design.Responses![a] == design.Responses[b]
        && design.Offsets[a] == design.Offsets[b]
        && (design.Weights is null || design.Weights[a] == design.Weights[b])
        && design.Matrix.AsSpan(a * width, width).SequenceEqual(design.Matrix.AsSpan(b * width, width))
        && design.Levels.AsSpan(a * factors, factors).SequenceEqual(design.Levels.AsSpan(b * factors, factors));

    private static ulong Mix(ulong hash, ulong bits)
    {
        hash = (hash ^ bits) * Odd;
        return hash ^ (hash >> 29);
    }
}

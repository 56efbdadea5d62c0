namespace TypedPooling.Draws;

/// <summary>Draws in ascending order, and where each came from. No draw is NaN.</summary>
internal sealed class SortedDraws
{
    private SortedDraws(double[] values, int[] order)
    {
        Values = values;
        Order = order;
    }

    /// <summary>The draws, ascending.</summary>
    internal double[] Values { get; }

    /// <summary>For each sorted draw, its index before sorting.</summary>
    internal int[] Order { get; }

    /// <summary>Sorts by radix, a byte a pass: some four times as fast as comparing, for a few thousand draws.</summary>
    internal static SortedDraws From(ReadOnlySpan<double> draws)
    {
        const int Bytes = sizeof(ulong), Digits = 256;
        var count = draws.Length;
        var (keys, order) = (new ulong[count], new int[count]);
        var (nextKeys, nextOrder) = (new ulong[count], new int[count]);
        Span<int> starts = stackalloc int[Bytes * Digits];
        starts.Clear();
        for (var i = 0; i < count; i++)
        {
            // The bits of a double as an unsigned integer of the same order: all bits turned where negative, else the sign only.
            var bits = BitConverter.DoubleToInt64Bits(draws[i]);
            var key = (ulong)bits ^ ((ulong)(bits >> 63) | (1UL << 63));
            keys[i] = key;
            order[i] = i;
            for (var b = 0; b < Bytes; b++)
                starts[b * Digits + (byte)(key >> (8 * b))]++;
        }

        for (var b = 0; b < Bytes; b++)
        {
            // Counts become the first place of each digit; where all draws share a digit there is nothing to do.
            var start = starts.Slice(b * Digits, Digits);
            if (start[(byte)(keys[0] >> (8 * b))] == count)
                continue;
            for (int digit = 0, place = 0; digit < Digits; digit++)
                (start[digit], place) = (place, place + start[digit]);
            for (var i = 0; i < count; i++)
            {
                var place = start[(byte)(keys[i] >> (8 * b))]++;
                nextKeys[place] = keys[i];
                nextOrder[place] = order[i];
            }

            (keys, nextKeys, order, nextOrder) = (nextKeys, keys, nextOrder, order);
        }

        var values = new double[count];
        for (var i = 0; i < count; i++)
            values[i] = draws[order[i]];
        return new SortedDraws(values, order);
    }

    /// <summary>Distances from the median, ascending: the two sides of the median are sorted already, so they are merged.</summary>
    internal SortedDraws Folded()
    {
        var median = Diagnostics.QuantileOfSorted(Values, 0.5);
        var count = Values.Length;
        var distances = new double[count];
        var order = new int[count];
        var right = count / 2;
        var left = right - 1;
        for (var i = 0; i < count; i++)
        {
            var fromLeft = left >= 0 ? Math.Abs(Values[left] - median) : double.PositiveInfinity;
            var fromRight = right < count ? Math.Abs(Values[right] - median) : double.PositiveInfinity;
            var takeLeft = right >= count || (left >= 0 && fromLeft < fromRight);
            distances[i] = takeLeft ? fromLeft : fromRight;
            order[i] = Order[takeLeft ? left-- : right++];
        }

        return new SortedDraws(distances, order);
    }
}

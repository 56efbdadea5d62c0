using System.Runtime.CompilerServices;

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
    public double[] Values { get; }

    /// <summary>For each sorted draw, its index before sorting.</summary>
    public int[] Order { get; }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static SortedDraws From(ReadOnlySpan<double> draws)
    {
        var values = draws.ToArray();
        var order = new int[values.Length];
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        Array.Sort(values, order);
        return new SortedDraws(values, order);
    }

    /// <summary>Distances from the median, ascending: the two sides of the median are sorted already, so they are merged.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public SortedDraws Folded()
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

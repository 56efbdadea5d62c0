using System.Runtime.InteropServices;

namespace TypedPooling.Inference.Hierarchy.Sums;

/// <summary>Levels of a factor whose designs are equal, as one class each. Immutable.</summary>
/// <remarks>
/// The one rule: designs are equal where they touch the same coordinates and all elements agree to 2^-42 of the largest element of their kind of
/// column in any level. Rounding of sums over rows in another order stays far below, and a class whose members differ by as much is still exact to
/// about 1e-12. Two equal designs on both sides of a rounding edge become two classes, which costs time only.
/// </remarks>
internal sealed class EqualDesigns
{
    private const double Quantum = 1.0 / (1L << 42);

    private EqualDesigns(int[] classOf, int[] firsts)
    {
        ClassOf = classOf;
        Firsts = firsts;
    }

    /// <summary>The design of a level.</summary>
    /// <param name="level">Number of the level.</param>
    /// <param name="kinds">Set to the kind of each of the w columns: a number from 0 that columns of one meaning share over levels.</param>
    /// <param name="coordinates">Set to what the columns stand for where that differs between levels of equal kinds; empty where it does not.</param>
    /// <returns>Its pseudo-rows of w columns, by rows; may be overwritten by the next call.</returns>
    public delegate ReadOnlySpan<double> DesignOf(int level, out int[] kinds, out int[] coordinates);

    /// <summary>Class of each level, classes in order of first appearance. Length J.</summary>
    public int[] ClassOf { get; }

    /// <summary>The first level of each class, whose design stands for all.</summary>
    public int[] Firsts { get; }

    /// <summary>Groups levels.</summary>
    /// <param name="levelCount">J.</param>
    /// <param name="kindCount">Number of kinds of columns.</param>
    /// <param name="designOf">The design of a level; called twice for each.</param>
    /// <returns>The classes.</returns>
    public static EqualDesigns Of(int levelCount, int kindCount, DesignOf designOf)
    {
        var units = UnitsOf(levelCount, kindCount, designOf);
        var classOf = new int[levelCount];
        var known = new Dictionary<DesignKey, int>();
        var firsts = new List<int>();
        for (var j = 0; j < levelCount; j++)
        {
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(known, KeyOf(j, designOf, units), out var exists);
            if (!exists)
            {
                number = firsts.Count;
                firsts.Add(j);
            }

            classOf[j] = number;
        }

        return new EqualDesigns(classOf, [.. firsts]);
    }

    /// <summary>Number, mean and scatter of the responses of each class, by the one-pass update of Welford, level after level.</summary>
    /// <param name="responses">y_j of all levels. Length J q.</param>
    /// <param name="q">Pseudo-rows a level.</param>
    /// <returns>Levels of each class; means, q each; sums of (y_j - mean)(y_j - mean)', q x q by rows each.</returns>
    public (int[] Sizes, double[] Means, double[] Scatter) Summarise(ReadOnlySpan<double> responses, int q)
    {
        var sizes = new int[Firsts.Length];
        var means = new double[Firsts.Length * q];
        var scatters = new double[Firsts.Length * q * q];
        Span<double> before = q <= 64 ? stackalloc double[q] : new double[q];
        for (var j = 0; j < ClassOf.Length; j++)
        {
            var c = ClassOf[j];
            double levels = ++sizes[c];
            var mean = means.AsSpan(c * q, q);
            var scatter = scatters.AsSpan(c * q * q, q * q);
            for (var a = 0; a < q; a++)
            {
                before[a] = responses[j * q + a] - mean[a];
                mean[a] += before[a] / levels;
            }

            for (var a = 0; a < q; a++)
            {
                for (var b = 0; b < q; b++)
                    scatter[a * q + b] += before[a] * before[b] * ((levels - 1) / levels);
            }
        }

        return (sizes, means, scatters);
    }

    private static double[] UnitsOf(int levelCount, int kindCount, DesignOf designOf)
    {
        var units = new double[kindCount];
        for (var j = 0; j < levelCount; j++)
        {
            var design = designOf(j, out var kinds, out _);
            for (var i = 0; i < design.Length; i++)
                units[kinds[i % kinds.Length]] = Math.Max(units[kinds[i % kinds.Length]], Math.Abs(design[i]));
        }

        return [.. units.Select(unit => unit > 0 ? unit * Quantum : 1)];
    }

    private static DesignKey KeyOf(int level, DesignOf designOf, double[] units)
    {
        var design = designOf(level, out var kinds, out var coordinates);
        var key = new long[coordinates.Length + design.Length];
        for (var i = 0; i < coordinates.Length; i++)
            key[i] = coordinates[i];
        for (var i = 0; i < design.Length; i++)
            key[coordinates.Length + i] = (long)Math.Round(design[i] / units[kinds[i % kinds.Length]]);
        return new DesignKey(key);
    }

    private readonly struct DesignKey(long[] values) : IEquatable<DesignKey>
    {
        private readonly long[] values = values;

        public bool Equals(DesignKey other) => values.AsSpan().SequenceEqual(other.values);

        public override bool Equals(object? obj) => obj is DesignKey other && Equals(other);

        public override int GetHashCode()
        {
            var hash = 14695981039346656037UL;
            foreach (var value in values)
                hash = (hash ^ (ulong)value) * 0x9E3779B97F4A7C15 ^ (hash >> 29);
            return (int)(hash ^ (hash >> 32));
        }
    }
}

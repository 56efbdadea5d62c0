using System.Runtime.InteropServices;
using TypedPooling.Inference.Hierarchy.GaussianSystem.Kernels;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem;

/// <summary>Finds levels of equal design. Mutable scratch.</summary>
/// <remarks>
/// Designs are equal where all elements agree to 2^-42 of their column's size: rounding of sums over rows in another order stays far below, and a
/// class whose members differ by as much is still exact to about 1e-12. Two equal designs on both sides of a rounding edge become two classes, which
/// costs time only.
/// </remarks>
internal sealed class DesignClassesBuilder(int q, int p, int levelCount)
{
    private const double Quantum = 1.0 / (1L << 42);

    private readonly int length = q * (q + p);
    private readonly double[] designs = new double[levelCount * q * (q + p)];
    private int count;

    /// <summary>Adds the design of the next level: Z_j (q x q), X_j (q x p).</summary>
    public void Add(ReadOnlySpan<double> varying, ReadOnlySpan<double> population)
    {
        var design = designs.AsSpan(count++ * length, length);
        varying.CopyTo(design);
        population.CopyTo(design[(q * q)..]);
    }

    /// <summary>The classes, in order of first appearance.</summary>
    /// <param name="responses">y_j of all levels. Length J q.</param>
    /// <param name="classOfLevel">Class of each level.</param>
    public DesignClasses Build(double[] responses, out int[] classOfLevel)
    {
        classOfLevel = new int[count];
        if (q == 0)
            return new DesignClasses(0, [], [], [], [], []);
        var scales = ColumnScales();
        var known = new Dictionary<DesignKey, int>();
        var firsts = new List<int>();
        for (var j = 0; j < count; j++)
        {
            var key = Key(j, scales);
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(known, key, out var exists);
            if (!exists)
            {
                number = firsts.Count;
                firsts.Add(j);
            }

            classOfLevel[j] = number;
        }

        var classCount = firsts.Count;
        var classes = new DesignClasses(
            classCount,
            new double[classCount],
            new double[classCount * q * q],
            new double[classCount * q * p],
            new double[classCount * q],
            new double[classCount * q * q]);
        for (var c = 0; c < classCount; c++)
        {
            var design = designs.AsSpan(firsts[c] * length, length);
            design[..(q * q)].CopyTo(classes.Varying.AsSpan(c * q * q));
            design[(q * q)..].CopyTo(classes.Population.AsSpan(c * q * p));
        }

        AddResponses(classes, responses, classOfLevel);
        return classes;
    }

    // Mean and scatter by the one-pass update of Welford, level after level.
    private void AddResponses(DesignClasses classes, double[] responses, int[] classOfLevel)
    {
        Span<double> before = q <= 64 ? stackalloc double[q] : new double[q];
        for (var j = 0; j < count; j++)
        {
            var c = classOfLevel[j];
            var levels = ++classes.LevelCounts[c];
            var mean = classes.MeanResponse.AsSpan(c * q, q);
            var scatter = classes.Scatter.AsSpan(c * q * q, q * q);
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
    }

    private double[] ColumnScales()
    {
        var scales = new double[q + p];
        for (var j = 0; j < count; j++)
        {
            for (var r = 0; r < q; r++)
            {
                for (var c = 0; c < q; c++)
                    scales[c] = Math.Max(scales[c], Math.Abs(designs[j * length + r * q + c]));
                for (var c = 0; c < p; c++)
                    scales[q + c] = Math.Max(scales[q + c], Math.Abs(designs[j * length + q * q + r * p + c]));
            }
        }

        return [.. scales.Select(s => s > 0 ? s * Quantum : 1)];
    }

    private DesignKey Key(int j, double[] scales)
    {
        var key = new long[length];
        for (var r = 0; r < q; r++)
        {
            for (var c = 0; c < q; c++)
                key[r * q + c] = (long)Math.Round(designs[j * length + r * q + c] / scales[c]);
            for (var c = 0; c < p; c++)
                key[q * q + r * p + c] = (long)Math.Round(designs[j * length + q * q + r * p + c] / scales[q + c]);
        }

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

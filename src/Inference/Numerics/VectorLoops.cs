using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TypedPooling.Inference.Numerics;

/// <summary>Loops over columns of cells in lanes. The order of sums is fixed on a machine.</summary>
internal static class VectorLoops
{
    /// <summary>target += scale * column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(double scale, ReadOnlySpan<double> column, Span<double> target)
    {
        var columns = MemoryMarshal.Cast<double, Vector<double>>(column);
        var targets = MemoryMarshal.Cast<double, Vector<double>>(target);
        var scales = new Vector<double>(scale);
        for (var i = 0; i < targets.Length; i++)
            targets[i] += scales * columns[i];
        for (var i = targets.Length * Vector<double>.Count; i < target.Length; i++)
            target[i] += scale * column[i];
    }

    /// <summary>target += constant.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(double constant, Span<double> target)
    {
        var targets = MemoryMarshal.Cast<double, Vector<double>>(target);
        var constants = new Vector<double>(constant);
        for (var i = 0; i < targets.Length; i++)
            targets[i] += constants;
        for (var i = targets.Length * Vector<double>.Count; i < target.Length; i++)
            target[i] += constant;
    }

    /// <summary>sum of a_i b_i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var left = MemoryMarshal.Cast<double, Vector<double>>(a);
        var right = MemoryMarshal.Cast<double, Vector<double>>(b);
        var sums = Vector<double>.Zero;
        for (var i = 0; i < left.Length; i++)
            sums += left[i] * right[i];
        var sum = Vector.Sum(sums);
        for (var i = left.Length * Vector<double>.Count; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    /// <summary>sum of a_i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Sum(ReadOnlySpan<double> a)
    {
        var lanes = MemoryMarshal.Cast<double, Vector<double>>(a);
        var sums = Vector<double>.Zero;
        for (var i = 0; i < lanes.Length; i++)
            sums += lanes[i];
        var sum = Vector.Sum(sums);
        for (var i = lanes.Length * Vector<double>.Count; i < a.Length; i++)
            sum += a[i];
        return sum;
    }

    /// <summary>target = scale * source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(double scale, ReadOnlySpan<double> source, Span<double> target)
    {
        var sources = MemoryMarshal.Cast<double, Vector<double>>(source);
        var targets = MemoryMarshal.Cast<double, Vector<double>>(target);
        var scales = new Vector<double>(scale);
        for (var i = 0; i < targets.Length; i++)
            targets[i] = scales * sources[i];
        for (var i = targets.Length * Vector<double>.Count; i < target.Length; i++)
            target[i] = scale * source[i];
    }
}

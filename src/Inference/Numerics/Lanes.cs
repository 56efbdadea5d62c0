using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TypedPooling.Inference.Numerics;

/// <summary>Vectors of D numbers held in whole lanes of four; the lanes beyond D are always zero, so that sums may run over all of them.</summary>
internal static class Lanes
{
    public const int Width = 4;

    public static Vector256<double>[] Create(int dimension) => new Vector256<double>[Count(dimension)];

    public static int Count(int dimension) => (dimension + Width - 1) / Width;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Span<double> AsNumbers(Vector256<double>[] lanes, int dimension) =>
        MemoryMarshal.Cast<Vector256<double>, double>(lanes.AsSpan())[..dimension];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(Vector256<double>[] source, Vector256<double>[] destination)
    {
        for (var i = 0; i < source.Length; i++)
            destination[i] = source[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double SquaredNorm(Vector256<double>[] lanes)
    {
        var sum = Vector256<double>.Zero;
        foreach (var lane in lanes)
            sum += lane * lane;
        return Vector256.Sum(sum);
    }
}

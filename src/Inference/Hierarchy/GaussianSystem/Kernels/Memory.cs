using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem.Kernels;

/// <summary>Asks for memory before it is read: a pass over a million classes is then bound by arithmetic, not by the memory.</summary>
internal static unsafe class Memory
{
    // A cache line holds two vectors.
    private const int VectorsOfLine = 2;

    /// <summary>Brings vectors into the cache; does nothing where the processor has no such instruction. An address past the end of an array is no
    /// fault: nothing is read.</summary>
    /// <param name="from">Where the pass is.</param>
    /// <param name="ahead">How many vectors ahead.</param>
    /// <param name="count">Number of vectors.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(ref readonly Vector256<double> from, int ahead, int count)
    {
        if (!Sse.IsSupported)
            return;
        var address = (Vector256<double>*)Unsafe.AsPointer(in from) + ahead;
        for (var i = 0; i < count; i += VectorsOfLine)
            Sse.Prefetch0(address + i);
    }
}

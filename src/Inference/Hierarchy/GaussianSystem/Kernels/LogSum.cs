using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem.Kernels;

/// <summary>sum_c J_c log d_c, lanes apart, with one logarithm for several batches where it can be. Mutable.</summary>
/// <remarks>Most of many classes hold a single level: their determinants are multiplied first. The logarithm is else a third of the first
/// pass.</remarks>
internal struct LogSum
{
    // Eight determinants of less than 1e30 stay in the range of a double; determinants are at least 1 but for rounding.
    private const int FactorsOfLog = 8;
    private const double LargestFactor = 1e30;

    private Vector256<double> sum;
    private Vector256<double> product;
    private int factors;

    public LogSum() => product = Vector256<double>.One;

    /// <summary>The sum so far.</summary>
    public readonly Vector256<double> Total => factors == 0 ? sum : sum + Vector256.Log(product);

    /// <summary>Adds a batch.</summary>
    /// <param name="levels">J of each class.</param>
    /// <param name="determinant">d of each class.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Vector256<double> levels, Vector256<double> determinant)
    {
        // False for NaN, which so reaches the sum.
        var isFactor = Vector256.EqualsAll(levels, Vector256<double>.One) && Vector256.LessThanAll(determinant, Vector256.Create(LargestFactor));
        if (!isFactor)
        {
            sum += levels * Vector256.Log(determinant);
            return;
        }

        product *= determinant;
        if (++factors < FactorsOfLog)
            return;
        sum += Vector256.Log(product);
        product = Vector256<double>.One;
        factors = 0;
    }
}

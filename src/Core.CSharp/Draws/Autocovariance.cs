using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MathNet.Numerics.IntegralTransforms;

namespace TypedPooling.Draws;

/// <summary>Autocovariances averaged over chains of equal length, divided by that length at every lag; computed when a lag is asked for.</summary>
/// <remarks>A lag costs O(S) over S draws. Where many lags are asked for, one Fourier transform gives them all in O(S log S).</remarks>
internal sealed class Autocovariance
{
    private readonly double[] centred;
    private readonly int chains;
    private readonly int length;
    private readonly int lastDirectLag;
    private double[]? table;

    /// <summary>Centres each chain by its mean.</summary>
    /// <param name="draws">Chain after chain; owned by the new instance from here on, and overwritten.</param>
    /// <param name="chains">Number of chains, at least 2.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Autocovariance(double[] draws, int chains)
    {
        centred = draws;
        this.chains = chains;
        length = draws.Length / chains;

        // Measured: a transform costs as much as 25 to 55 times log2(length) lags, so changing over there costs about twice the better way at worst.
        lastDirectLag = 40 * BitOperations.Log2((uint)length);
        var means = new double[chains];
        for (var c = 0; c < chains; c++)
        {
            var chain = draws.AsSpan(c * length, length);
            means[c] = Diagnostics.Mean(chain);
            for (var i = 0; i < length; i++)
                chain[i] -= means[c];
        }

        VarianceOfMeans = Diagnostics.Moments(means).SumOfSquares / (chains - 1);
    }

    /// <summary>Variance of the chain means, divided by the number of chains less 1.</summary>
    public double VarianceOfMeans { get; }

    /// <summary>Mean autocovariance at a lag, from 0 to less than the length of a chain.</summary>
    public double At(int lag)
    {
        if (table is null && lag > lastDirectLag)
            table = Transform();
        return table is null ? Direct(lag) : table[lag];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Direct(int lag)
    {
        var sum = 0.0;
        for (var c = 0; c < chains; c++)
        {
            var chain = centred.AsSpan(c * length, length);
            sum += Dot(chain[..^lag], chain[lag..]);
        }

        return sum / centred.Length;
    }

    private double[] Transform()
    {
        // Zeros after the draws keep the circular sums apart: at least as many as a chain has draws.
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)(2 * length));
        var signal = new Complex[size];
        var power = new Complex[size];
        for (var c = 0; c < chains; c += 2)
        {
            // Two chains as real and imaginary part: the cross terms only touch the imaginary part of the result.
            var imaginary = c + 1 < chains;
            for (var i = 0; i < length; i++)
                signal[i] = new Complex(centred[c * length + i], imaginary ? centred[(c + 1) * length + i] : 0);
            Array.Clear(signal, length, size - length);
            Fourier.Forward(signal, FourierOptions.NoScaling);
            for (var frequency = 0; frequency < size; frequency++)
                power[frequency] += signal[frequency].Real * signal[frequency].Real + signal[frequency].Imaginary * signal[frequency].Imaginary;
        }

        Fourier.Inverse(power, FourierOptions.NoScaling);
        var autocovariances = new double[length];
        for (var lag = 0; lag < length; lag++)
            autocovariances[lag] = power[lag].Real / size / centred.Length;
        return autocovariances;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Dot(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        // Four sums at a time hide the latency of the additions.
        var width = Vector<double>.Count;
        Vector<double> a = default, b = default, c = default, d = default;
        ref var x = ref MemoryMarshal.GetReference(left);
        ref var y = ref MemoryMarshal.GetReference(right);
        var i = 0;
        for (; i <= left.Length - 4 * width; i += 4 * width)
        {
            a += Vector.LoadUnsafe(ref x, (nuint)i) * Vector.LoadUnsafe(ref y, (nuint)i);
            b += Vector.LoadUnsafe(ref x, (nuint)(i + width)) * Vector.LoadUnsafe(ref y, (nuint)(i + width));
            c += Vector.LoadUnsafe(ref x, (nuint)(i + 2 * width)) * Vector.LoadUnsafe(ref y, (nuint)(i + 2 * width));
            d += Vector.LoadUnsafe(ref x, (nuint)(i + 3 * width)) * Vector.LoadUnsafe(ref y, (nuint)(i + 3 * width));
        }

        var sum = Vector.Sum(a + b + (c + d));
        for (; i < left.Length; i++)
            sum += left[i] * right[i];
        return sum;
    }
}

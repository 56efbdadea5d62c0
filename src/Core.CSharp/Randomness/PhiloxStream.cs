using System.Runtime.CompilerServices;
using MathNet.Numerics;

namespace TypedPooling.Randomness;

/// <summary>A sequence of independent random numbers, one of 2^63 that a seed has; two streams never share a block of bits.</summary>
/// <remarks>
/// The same seed and stream give the same integers and uniforms everywhere, and the same bits of normals and exponentials on one machine and runtime.
/// Mutable and not thread-safe: one stream a chain. The layout of the counter is in <see cref="Philox"/>. Sources: [Salmon2011], [Marsaglia2000].
/// </remarks>
public sealed class PhiloxStream
{
    private const int BufferLength = 16;
    private const double TwoToMinus53 = 1.0 / (1L << 53);

    // The first block by itself: a stream of one number, as a new observation takes, costs one block.
    private const int BlockLength = 2;

    private readonly ulong[] buffer = new ulong[BufferLength];
    private ulong seed;
    private ulong stream;
    private ulong block;
    private int filled;
    private int next;

    /// <summary>Starts a stream at its beginning.</summary>
    /// <param name="seed">The seed of the run: the key of the generator.</param>
    /// <param name="stream">Number of the stream, below 2^63.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of the stream is 2^63 or more.</exception>
    public PhiloxStream(ulong seed, ulong stream) => Restart(seed, stream);

    /// <summary>Becomes another stream, at its beginning: what a new one of that seed and number would be.</summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="stream">Number of the stream, below 2^63.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of the stream is 2^63 or more.</exception>
    internal void Restart(ulong seed, ulong stream)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(stream, (ulong)long.MaxValue);
        (this.seed, this.stream) = (seed, stream);
        block = 0;
        filled = next = 0;
    }

    /// <summary>The next 64 random bits.</summary>
    /// <returns>Uniform over all 64-bit integers.</returns>
    /// <remarks>About 10 ns on a busy machine; allocates nothing.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong NextUInt64()
    {
        if (next == filled)
            Refill();
        return buffer[next++];
    }

    /// <summary>The next uniform number.</summary>
    /// <returns>A multiple of 2^-53, strictly between 0 and 1.</returns>
    /// <remarks>About 10 ns on a busy machine; allocates nothing.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double NextDouble()
    {
        while (true)
        {
            var bits = NextUInt64() >> 11;
            if (bits != 0)
                return bits * TwoToMinus53;
        }
    }

    /// <summary>The next standard normal number, by the ziggurat of Marsaglia and Tsang with 256 layers.</summary>
    /// <returns>A draw of N(0, 1), always finite.</returns>
    /// <remarks>About 20 ns on a busy machine; allocates nothing. Layer, sign and abscissa use different bits, as [Doornik2005] asks. Source:
    /// [Marsaglia2000].</remarks>
    public double NextNormal()
    {
        while (true)
        {
            var bits = NextUInt64();
            var layer = (int)(bits & 255);
            var x = (bits >> 11) * TwoToMinus53 * ZigguratTable.Edges[layer];
            if (x >= ZigguratTable.Edges[layer + 1] && !AcceptOutside(layer, ref x))
                continue;
            return (bits & 256) == 0 ? x : -x;
        }
    }

    /// <summary>The next standard exponential number.</summary>
    /// <returns>A draw of Exponential(1), positive and finite.</returns>
    /// <remarks>By inversion; allocates nothing.</remarks>
    public double NextExponential() => -Math.Log(NextDouble());

    /// <summary>The next number of a gamma distribution of scale 1, by the method of Marsaglia and Tsang.</summary>
    /// <param name="shape">Shape, positive and finite.</param>
    /// <returns>A draw of Gamma(shape, 1), zero or more: a small shape puts mass below the least positive double.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The shape is not positive.</exception>
    /// <remarks>Rejects less than one proposal in twenty; allocates nothing. Source: [MarsagliaTsang2000].</remarks>
    public double NextGamma(double shape)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shape);

        // Below 1: Gamma(a) = Gamma(a + 1) U^(1/a).
        if (shape < 1)
            return NextGamma(shape + 1) * Math.Pow(NextDouble(), 1 / shape);
        var d = shape - 1.0 / 3;
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = NextNormal();
            var v = 1 + c * x;
            if (v <= 0)
                continue;
            v = v * v * v;
            if (Math.Log(NextDouble()) < 0.5 * x * x + d - d * v + d * Math.Log(v))
                return d * v;
        }
    }

    /// <summary>The next number of a Student t distribution of location 0 and scale 1.</summary>
    /// <param name="degreesOfFreedom">Degrees of freedom, positive.</param>
    /// <returns>A draw; infinite where few degrees of freedom leave the range of a double.</returns>
    /// <remarks>A normal number over the root of a gamma one; allocates nothing.</remarks>
    public double NextStudentT(double degreesOfFreedom)
    {
        var normal = NextNormal();
        return normal / Math.Sqrt(2 * NextGamma(0.5 * degreesOfFreedom) / degreesOfFreedom);
    }

    /// <summary>The next number of events of a Poisson distribution.</summary>
    /// <param name="mean">The expected number, zero or more; infinite gives infinity.</param>
    /// <returns>A draw, a whole number.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The mean is negative or NaN.</exception>
    /// <remarks>By waiting times below a mean of 10, by transformed rejection from there on; above 1e10, where a double no longer holds log
    /// probabilities to their last digits, the normal number next to it is rounded. Allocates nothing. Source: [Hormann1993].</remarks>
    public double NextPoisson(double mean)
    {
        if (!(mean >= 0))
            throw new ArgumentOutOfRangeException(nameof(mean), mean, "The mean of a count must be 0 or more.");
        if (double.IsPositiveInfinity(mean))
            return mean;
        if (mean >= 1e10)
            return Math.Max(0, Math.Round(mean + Math.Sqrt(mean) * NextNormal()));
        return mean < 10 ? WaitForPoisson(mean) : RejectPoisson(mean);
    }

    /// <summary>The next number of successes of a binomial distribution.</summary>
    /// <param name="trials">Number of trials n, a whole number, zero or more.</param>
    /// <param name="probability">Probability of a success p, from 0 to 1.</param>
    /// <returns>A draw, a whole number from 0 to n.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    /// <remarks>By waiting times where n p or n (1 - p) is below 10, by transformed rejection otherwise. Allocates nothing. Source:
    /// [Hormann1993b].</remarks>
    public double NextBinomial(double trials, double probability)
    {
        if (!(trials >= 0))
            throw new ArgumentOutOfRangeException(nameof(trials), trials, "The number of trials must be 0 or more.");
        if (!(probability is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "A probability must be from 0 to 1.");
        if (probability > 0.5)
            return trials - NextBinomial(trials, 1 - probability);
        return trials * probability < 10 ? WaitForBinomial(trials, probability) : RejectBinomial(trials, probability);
    }

    private double WaitForPoisson(double mean)
    {
        var count = -1;
        for (var left = mean; left >= 0; count++)
            left -= NextExponential();
        return count;
    }

    // Hörmann's PTRS: a hat 0.9277... of whose area needs no density.
    private double RejectPoisson(double mean)
    {
        var b = 0.931 + 2.53 * Math.Sqrt(mean);
        var a = -0.059 + 0.02483 * b;
        var inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
        var squeeze = 0.9277 - 3.6224 / (b - 2);
        while (true)
        {
            var u = NextDouble() - 0.5;
            var v = NextDouble();
            var us = 0.5 - Math.Abs(u);
            var count = Math.Floor((2 * a / us + b) * u + mean + 0.43);
            if (us >= 0.07 && v <= squeeze)
                return count;
            if (count < 0 || (us < 0.013 && v > us))
                continue;
            if (Math.Log(v * inverseAlpha / (a / (us * us) + b)) <= count * Math.Log(mean) - mean - SpecialFunctions.GammaLn(count + 1))
                return count;
        }
    }

    // The gaps between successes are geometric.
    private double WaitForBinomial(double trials, double probability)
    {
        if (probability == 0)
            return 0;

        // log(1 - p) to all digits also where 1 - p has few of p's.
        var failure = 1 - probability;
        var logFailure = failure == 1 ? -probability : Math.Log(failure) * (-probability / (failure - 1));
        var count = 0;
        var at = 0.0;
        while (true)
        {
            at += Math.Floor(Math.Log(NextDouble()) / logFailure) + 1;
            if (at > trials)
                return count;
            count++;
        }
    }

    // Hörmann's BTRS, for probability <= 1/2 and trials probability >= 10.
    private double RejectBinomial(double trials, double probability)
    {
        var sd = Math.Sqrt(trials * probability * (1 - probability));
        var b = 1.15 + 2.53 * sd;
        var a = -0.0873 + 0.0248 * b + 0.01 * probability;
        var alpha = (2.83 + 5.1 / b) * sd;
        var squeeze = 0.92 - 4.2 / b;
        var logOdds = Math.Log(probability / (1 - probability));
        var mode = Math.Floor((trials + 1) * probability);
        var atMode = SpecialFunctions.GammaLn(mode + 1) + SpecialFunctions.GammaLn(trials - mode + 1);
        while (true)
        {
            var u = NextDouble() - 0.5;
            var v = NextDouble();
            var us = 0.5 - Math.Abs(u);
            var count = Math.Floor((2 * a / us + b) * u + trials * probability + 0.5);
            if (us >= 0.07 && v <= squeeze)
                return count;
            if (count < 0 || count > trials)
                continue;
            if (Math.Log(v * alpha / (a / (us * us) + b))
                <= (count - mode) * logOdds + atMode - SpecialFunctions.GammaLn(count + 1) - SpecialFunctions.GammaLn(trials - count + 1))
                return count;
        }
    }

    // Outside the rectangle that lies wholly under the density: the tail below layer 0, the wedge of any other.
    private bool AcceptOutside(int layer, ref double x)
    {
        if (layer > 0)
        {
            var low = ZigguratTable.Heights[layer];
            var high = ZigguratTable.Heights[layer + 1];
            return low + ((high - low) * NextDouble()) < Math.Exp(-0.5 * x * x);
        }

        double beyond;
        do
            beyond = NextExponential() / ZigguratTable.TailStart;
        while (2 * NextExponential() < beyond * beyond);
        x = ZigguratTable.TailStart + beyond;
        return true;
    }

    private void Refill()
    {
        filled = filled == 0 ? BlockLength : Math.Min(2 * filled, BufferLength);
        for (var i = 0; i < filled; i += BlockLength)
            (buffer[i], buffer[i + 1]) = Philox.Block(block++, stream, seed);
        next = 0;
    }
}

using MathNet.Numerics;

namespace TypedPooling.Responses;

/// <summary>Counts as doubles.</summary>
internal static class WholeNumbers
{
    // Up to there a sum takes no longer than an incomplete gamma function, and no term is denormal.
    private const double MostTerms = 64;
    private const double LeastTerm = 1e-280;

    /// <summary>True for a whole number of 0 or more that a double tells from its neighbours: up to 2^53.</summary>
    /// <param name="y">A number.</param>
    public static bool IsCount(double y) => y >= 0 && y <= 1L << 53 && y == Math.Floor(y);

    /// <summary>The least whole number from 0 on at which a condition holds that holds from some number on.</summary>
    /// <param name="holds">The condition.</param>
    /// <param name="guess">Where it may begin to hold.</param>
    /// <param name="greatest">A number at which it is taken to hold; positive infinity where there is none.</param>
    /// <returns>The number. Evaluates the condition about 2 log2(distance from the guess) times.</returns>
    public static double Least(Func<double, bool> holds, double guess, double greatest)
    {
        var start = Math.Floor(Math.Clamp(guess, 0, Math.Min(greatest, 1L << 53)));
        var (low, high, step) = (-1.0, greatest, 1.0);
        if (start == greatest || holds(start))
        {
            for (high = start; high - step > low && holds(high - step); step *= 2)
                high -= step;
            low = Math.Max(low, high - step);
        }
        else
        {
            for (low = start; low + step < high && !holds(low + step); step *= 2)
                low += step;
            high = Math.Min(high, low + step);
        }

        // Fails at low, holds at high.
        while (high - low > 1)
        {
            var middle = Math.Floor(low + (high - low) / 2);
            if (holds(middle))
                high = middle;
            else
                low = middle;
        }

        return high;
    }

    /// <summary>The probability of a whole number of y or less, summed up from 0: faster than functions of y for the numbers that occur most, and to
    /// as many digits.</summary>
    /// <param name="y">Any number.</param>
    /// <param name="none">The probability of 0.</param>
    /// <param name="ratio">For a whole number k from 1, the probability of k over that of k - 1.</param>
    /// <returns>The probability; NaN where y is too large or the probability of 0 too small for sums.</returns>
    public static double Sum<TRatio>(double y, double none, TRatio ratio)
        where TRatio : struct, IRatio
    {
        if (y >= MostTerms || !(none > LeastTerm))
            return double.NaN;
        var (sum, term) = (none, none);
        for (var k = 1.0; k <= y; k++)
        {
            term *= ratio.At(k);
            sum += term;
        }

        return Math.Min(1, sum);
    }

    /// <summary>The probability of y events or less where a Poisson number of them occurs.</summary>
    /// <param name="y">Any number.</param>
    /// <param name="mean">Its mean.</param>
    public static double PoissonCdf(double y, double mean)
    {
        if (y < 0)
            return 0;
        var sum = Sum(y, Math.Exp(-mean), new PoissonRatio(mean));
        return double.IsNaN(sum) ? SpecialFunctions.GammaUpperRegularized(Math.Floor(y) + 1, mean) : sum;
    }

    /// <summary>The probability of k over that of k - 1.</summary>
    public interface IRatio
    {
        double At(double k);
    }

    private readonly struct PoissonRatio(double mean) : IRatio
    {
        public double At(double k) => mean / k;
    }
}

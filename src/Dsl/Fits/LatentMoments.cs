using MathNet.Numerics;
using TypedPooling.Responses;

namespace TypedPooling;

/// <summary>Moments of a probability m(eta) whose linear predictor varies much: sums over the link's latent number. Scratch of one thread.</summary>
/// <remarks>
/// <para>
/// m is the distribution function of a latent number, logistic or Gumbel, with density g. Integrals over a normal eta of mean e and sd s are taken by
/// parts: E[m] is the integral of g(x) Phi((e - x) / s), and E[m^2] that with 2 m g in place of g. g ends near 0 whatever the sd, so the number of
/// terms has a bound. With z = (x - e) / s the Hermite coefficients are those of g: c_n = integral of g h_n-1(z) phi(z) / sqrt(n).
/// </para>
/// <para>
/// Given effects of variance v, the rest of variance w, the expectation is F(e + u), F the distribution function of the latent number plus a normal
/// one of variance w: its variance over u ~ Normal(0, v) has the same form. Trapezoidal sums; source: [TrefethenWeideman2014].
/// </para>
/// </remarks>
internal sealed class LatentMoments
{
    // A normal density is 1e-16 of its greatest beyond.
    private const double HalfWidth = 8.5;

    // Up to this part of the variance the series of Mehler's formula needs 43 terms.
    private const double SeriesLimit = 0.5;

    // Differences of abscissas up to which the normal distribution function is tabled.
    private const int LongestTable = 4096;

    private readonly Link link;
    private readonly double step;
    private readonly Curve curve;
    private readonly double[] scores;
    private readonly double[] now;
    private readonly double[] before;
    private Curve smooth = new(0);
    private (double Own, double Others) smoothed = (double.NaN, double.NaN);
    private double[] table = [];          // by difference: Phi, 1 - Phi, density

    public LatentMoments(Link link)
    {
        // As in InverseLink: within exp(-39) for poles pi, or growth pi / 2, from the real line, and where g is 1e-16.
        this.link = link;
        step = link == Link.Logit ? 0.5 : 0.25;
        var (from, to) = link == Link.Logit ? (-37.0, 37.0) : (-37.0, 4.0);
        curve = new Curve(1 + (int)Math.Round((to - from) / step)) { Count = 1 + (int)Math.Round((to - from) / step) };
        for (var j = 0; j < curve.Count; j++)
        {
            var (success, failure, density) = At(from + j * step);
            curve.Set(j, from + j * step, step * density, success, failure);
        }

        (scores, now, before) = (new double[curve.Count], new double[curve.Count], new double[curve.Count]);
    }

    /// <summary>Writes all moments of an entry: its mean, var(m), E[m (1 - m)], and each factor's part of var(m).</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="at">Number of an entry whose variance is above 1.</param>
    public void Write(PredictorEntries entries, int at)
    {
        var (eta, variance) = (entries.Eta[at], entries.Variances[at]);
        var sd = Math.Sqrt(variance);
        var (mean, whole) = Over(curve, eta, sd);
        var spread = 0.0;
        for (var j = 0; j < curve.Count; j++)
            spread += curve.Successes[j] * curve.Failures[j] * Density((curve.Abscissas[j] - eta) / sd);
        entries.Means[at] = mean;
        entries.OfEffects[at] = whole;
        entries.Spreads[at] = spread * step / sd;

        var largest = 0.0;
        for (var k = 0; k < entries.Parts.Length; k++)
        {
            var ratio = entries.Parts[k][at] / variance;
            if (ratio > SeriesLimit)
                entries.Shared[k][at] = ratio == 1 ? whole : Shared(entries, at, k);
            else
                (entries.Shared[k][at], largest) = (0, Math.Max(largest, ratio));
        }

        if (largest > 0)
            AddSeries(entries, at, sd, largest);
    }

    /// <summary>var(E[m | effects of a factor]) where these have most of the variance.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="at">Number of an entry whose variance is above 1.</param>
    /// <param name="factor">A factor with more than half of the variance, and less than all.</param>
    public double Shared(PredictorEntries entries, int at, int factor)
    {
        var (own, others) = (entries.Parts[factor][at], 0.0);
        for (var k = 0; k < entries.Parts.Length; k++)
            others += k == factor ? 0 : entries.Parts[k][at];

        // Entries of one variance follow each other.
        if (smoothed != (own, others))
            Smooth(own, others);
        return Over(smooth, entries.Eta[at], Math.Sqrt(own)).Variance;
    }

    // The mean and the variance of a curve over Normal(eta, sd), from the side where it is closer to 0.
    private static (double Mean, double Variance) Over(Curve curve, double eta, double sd)
    {
        var (mean, rest, square, squareOfRest) = (0.0, 0.0, 0.0, 0.0);
        for (var i = 0; i < curve.Count; i++)
        {
            var (below, above) = Normal((eta - curve.Abscissas[i]) / sd);
            below *= curve.Densities[i];
            above *= curve.Densities[i];
            mean += below;
            rest += above;
            square += 2 * curve.Successes[i] * below;
            squareOfRest += 2 * curve.Failures[i] * above;
        }

        return (Math.Min(1, mean), Math.Max(0, mean < rest ? square - mean * mean : squareOfRest - rest * rest));
    }

    // Factors of small parts: sum over n of c_n^2 ratio^n, until ratio^n is rounding.
    private void AddSeries(PredictorEntries entries, int at, double sd, double largest)
    {
        for (var j = 0; j < curve.Count; j++)
        {
            scores[j] = (curve.Abscissas[j] - entries.Eta[at]) / sd;
            (now[j], before[j]) = (curve.Densities[j] * Density(scores[j]), 0);
        }

        var power = 1.0;
        for (var order = 1; power > 1e-13; order++)
        {
            power *= largest;
            var coefficient = 0.0;
            var (root, next) = (Math.Sqrt(order - 1), 1 / Math.Sqrt(order));
            for (var j = 0; j < curve.Count; j++)
            {
                coefficient += now[j];
                (before[j], now[j]) = (now[j], (scores[j] * now[j] - root * before[j]) * next);
            }

            var square = coefficient * coefficient / order;
            for (var k = 0; k < entries.Parts.Length; k++)
            {
                var ratio = entries.Parts[k][at] / entries.Variances[at];
                if (ratio <= SeriesLimit)
                    entries.Shared[k][at] += square * Math.Pow(ratio, order);
            }
        }
    }

    // F and its density. A product of two of them and of Phi((e - x) / sqrt(v)) grows like exp(y^2 (1 / w + 1 / (2 v))) off the real line: a step of
    // pi / sqrt(34 (1 / w + 1 / (2 v))) errs by exp(-34), and the step of g by as little. Not more than some 300 terms, v being above w.
    private void Smooth(double own, double others)
    {
        smoothed = (own, others);
        var sd = Math.Sqrt(others);
        var longest = Math.PI / Math.Sqrt(34 * (1 / others + 0.5 / own));
        var stride = Math.Max(1, Math.Floor(longest / step));
        var from = curve.Abscissas[0] - HalfWidth * sd;
        var count = 1 + (int)Math.Ceiling((curve.Abscissas[^1] + HalfWidth * sd - from) / (stride * step));
        if (smooth.Abscissas.Length < count)
            smooth = new(count);
        smooth.Count = count;
        if (sd > 1)
            OverLatent(from, stride, sd);
        else
            OverNormal(from, stride, sd);
    }

    // The latent number is summed over, as the normal distribution function is smooth; stride is a whole number, of any size.
    private void OverLatent(double from, double stride, double sd)
    {
        var length = (smooth.Count - 1) * stride + curve.Count;
        var isTabled = length <= LongestTable;
        if (isTabled)
        {
            if (table.Length < 3 * length)
                table = new double[3 * (int)length];
            for (var d = 0; d < length; d++)
                ((table[3 * d], table[3 * d + 1]), table[3 * d + 2]) = (Normal(Score(d)), Density(Score(d)));
        }

        for (var i = 0; i < smooth.Count; i++)
        {
            var (success, failure, density) = (0.0, 0.0, 0.0);
            for (var j = 0; j < curve.Count; j++)
            {
                var difference = i * stride + (curve.Count - 1 - j);
                var ((below, above), at) = isTabled
                    ? ((table[3 * (int)difference], table[3 * (int)difference + 1]), table[3 * (int)difference + 2])
                    : (Normal(Score(difference)), Density(Score(difference)));
                success += curve.Densities[j] * below;
                failure += curve.Densities[j] * above;
                density += curve.Densities[j] * at;
            }

            smooth.Set(i, from + i * stride * step, stride * step * density / sd, success, failure);
        }

        double Score(double difference) => ((difference - (curve.Count - 1)) * step - HalfWidth * sd) / sd;
    }

    // Of a small sd: the normal number is summed over.
    private void OverNormal(double from, double stride, double sd)
    {
        // exp(-2 pi^2 / 0.6^2) of the normal density.
        var distance = Math.Min(0.6, step / sd);
        var half = (int)Math.Ceiling(HalfWidth / distance);
        for (var i = 0; i < smooth.Count; i++)
        {
            var x = from + i * stride * step;
            var (success, failure, density) = (0.0, 0.0, 0.0);
            for (var n = -half; n <= half; n++)
            {
                var weight = distance * Density(n * distance);
                var own = At(x + sd * (n * distance));
                success += weight * own.Success;
                failure += weight * own.Failure;
                density += weight * own.Density;
            }

            smooth.Set(i, x, stride * step * density, success, failure);
        }
    }

    // m, 1 - m and g. What 1 - m loses of a small m is nothing beside 1, and m is a factor only.
    private (double Success, double Failure, double Density) At(double x)
    {
        if (link == Link.Logit)
        {
            var odds = Math.Exp(-Math.Abs(x));
            var (small, large) = (odds / (1 + odds), 1 / (1 + odds));
            return x < 0 ? (small, large, small * large) : (large, small, small * large);
        }

        var hazard = Math.Exp(x);
        var failure = Math.Exp(-hazard);
        return (1 - failure, failure, failure == 0 ? 0 : hazard * failure);
    }

    private static double Density(double z) => Math.Exp(-0.5 * z * z) / Constants.Sqrt2Pi;

    private static (double Below, double Above) Normal(double z)
    {
        var tail = 0.5 * SpecialFunctions.Erfc(Math.Abs(z) / Constants.Sqrt2);
        return z < 0 ? (tail, 1 - tail) : (1 - tail, tail);
    }

    // A distribution function and its density times the distance of two abscissas.
    private sealed class Curve(int capacity)
    {
        public int Count { get; set; }

        public double[] Abscissas { get; } = new double[capacity];

        public double[] Densities { get; } = new double[capacity];

        public double[] Successes { get; } = new double[capacity];

        public double[] Failures { get; } = new double[capacity];

        public void Set(int at, double abscissa, double density, double success, double failure)
        {
            (Abscissas[at], Densities[at]) = (abscissa, density);
            (Successes[at], Failures[at]) = (success, failure);
        }
    }
}

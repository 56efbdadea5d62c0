using TypedPooling.Randomness;

namespace TypedPooling.Inference.Variational;

/// <summary>One sd under any proper prior: its optimal distribution, by a rule in one dimension.</summary>
/// <remarks>
/// The best q(sd) of a mean field is proportional to p(sd) sd^-n exp(-S / (2 sd^2)), whatever the prior p: n vectors of expected squares S. With t =
/// log sd its density is tabulated on equal steps of t, where it is above exp(-40) of its mode, and integrated by Simpson's rule. With Z its integral
/// and sd_e = (E 1 / sd^2)^-1/2 the part of the bound is n log sd_e + S / (2 sd_e^2) + log Z. A half-t written as a mixture of inverse gammas, with a
/// mixing variable of its own in q, would lose the spread of sd as its degrees of freedom grow: given the mixing variable sd is nearly known. Source:
/// [Blei2017].
/// </remarks>
internal sealed class DensityScale(IScalePrior prior) : ScaleApproximation
{
    // Even. 18 sds of a normal density over as many steps leave Simpson's rule nine digits.
    private const int Steps = 800;

    // exp(-40) of the mode is nothing beside the rest, also in a tail of 800 steps.
    private const double Negligible = 40;

    private readonly double[] at = new double[Steps + 1];            // t
    private readonly double[] density = new double[Steps + 1];       // relative to the mode
    private readonly double[] cumulative = new double[Steps + 1];    // of the trapezoids of the density, to 1
    private double count;
    private double squares;
    private double logNormalizer;
    private double effective;

    public override void Update(double count, ReadOnlySpan<double> squares)
    {
        // Squares of 0 are rounding: coefficients have a variance.
        this.count = count;
        this.squares = Math.Max(squares[0], 1e-300);
        var mode = Mode();
        var peak = Log(mode);
        var (from, to) = (Edge(mode, peak, -1), Edge(mode, peak, 1));
        var step = (to - from) / Steps;
        double mass = 0, precision = 0;
        for (var i = 0; i <= Steps; i++)
        {
            at[i] = from + i * step;
            density[i] = Math.Exp(Log(at[i]) - peak);
            var weight = density[i] * (i is 0 or Steps ? 1 : i % 2 == 1 ? 4 : 2) * step / 3;
            mass += weight;
            precision += weight * Math.Exp(2 * (mode - at[i]));
            cumulative[i] = i == 0 ? 0 : cumulative[i - 1] + density[i - 1] + density[i];
        }

        for (var i = 0; i <= Steps; i++)
            cumulative[i] /= cumulative[Steps];
        logNormalizer = peak + Math.Log(mass);
        effective = Math.Exp(mode) / Math.Sqrt(precision / mass);
    }

    public override void Effective(Span<double> lambda) => lambda[0] = effective;

    public override double Bound(double count) => count * Math.Log(effective) + 0.5 * squares / effective / effective + logNormalizer;

    /// <remarks>Inverts the distribution function, the density linear in t between points.</remarks>
    public override void Sample(PhiloxStream stream, Span<double> lambda)
    {
        var u = stream.NextDouble();
        var high = Array.BinarySearch(cumulative, u);
        high = Math.Clamp(high < 0 ? ~high : high, 1, Steps);
        var (left, right) = (density[high - 1], density[high]);
        var share = (u - cumulative[high - 1]) / (cumulative[high] - cumulative[high - 1]);

        // The root of left x + (right - left) x^2 / 2 = share (left + right) / 2, without cancellation.
        var x = share * (left + right) / (left + Math.Sqrt(left * left + (right - left) * share * (left + right)));
        lambda[0] = Math.Exp(at[high - 1] + (at[high] - at[high - 1]) * (x > 0 ? Math.Min(x, 1) : 0));
    }

    // Density of t inside the support, up to a constant.
    private double Log(double t)
    {
        var sd = Math.Clamp(Math.Exp(t), prior.Lower, prior.Upper);
        return sd == 0 ? double.NegativeInfinity : prior.LogScaleDensity(sd) + (1 - count) * t - 0.5 * squares / sd / sd;
    }

    // From the likelihood's maximum, inside the support, by golden sections of an interval that holds the mode.
    private double Mode()
    {
        var (least, most) = (prior.Lower > 0 ? Math.Log(prior.Lower) : double.NegativeInfinity, Math.Log(prior.Upper));
        var start = Math.Clamp(0.5 * Math.Log(squares / Math.Max(1, count)), least, most);
        var (low, high) = (Farthest(-1), Farthest(1));
        for (var i = 0; i < 60 && high - low > 1e-6; i++)
        {
            var (a, b) = (high - 0.6180339887498949 * (high - low), low + 0.6180339887498949 * (high - low));
            if (Log(a) < Log(b))
                low = a;
            else
                high = b;
        }

        return 0.5 * (low + high);

        double Farthest(int side)
        {
            var (step, here, value) = (0.5, start, Log(start));
            while (true)
            {
                var next = Math.Clamp(start + side * step, least, most);
                var at = Log(next);
                if (next == here || !(at >= value))
                    return next;
                (here, value, step) = (next, at, 2 * step);
            }
        }
    }

    // Where the density falls to what is negligible, or the support ends.
    private double Edge(double mode, double peak, int side)
    {
        var bound = side < 0 ? prior.Lower > 0 ? Math.Log(prior.Lower) : double.NegativeInfinity : Math.Log(prior.Upper);
        var step = 1e-3;
        while (Math.Abs(bound - mode) > step && Log(mode + side * step) > peak - Negligible)
            step *= 1.5;
        return Math.Abs(bound - mode) > step ? mode + side * step : bound;
    }
}

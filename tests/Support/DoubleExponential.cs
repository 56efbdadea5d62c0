namespace TypedPooling.Tests.Support;

/// <summary>Integrals by double exponential rules, which take poles at the ends and tails of powers.</summary>
internal static class DoubleExponential
{
    private const double Step = 1.0 / 64;
    private const int Points = 5 * 64;

    /// <summary>The integral between two ends, either of which may be infinite (not both).</summary>
    public static double Integrate(Func<double, double> f, double from, double to)
    {
        if (double.IsNegativeInfinity(from))
            return Integrate(x => f(-x), -to, double.PositiveInfinity);
        var sum = 0.0;
        for (var i = -Points; i <= Points; i++)
        {
            var t = 0.5 * Math.PI * Math.Sinh(i * Step);
            var slope = 0.5 * Math.PI * Math.Cosh(i * Step);
            double x, weight;
            if (double.IsPositiveInfinity(to))
            {
                (x, weight) = (from + Math.Exp(t), Math.Exp(t));
            }
            else
            {
                // 1 - tanh t, kept from cancelling at the lower end.
                var half = 0.5 * (to - from);
                x = t < 0 ? from + 2 * half / (1 + Math.Exp(-2 * t)) : to - 2 * half / (1 + Math.Exp(2 * t));
                weight = half / Math.Cosh(t) / Math.Cosh(t);
            }

            if (x > from && x < to && weight > 0 && double.IsFinite(weight) && f(x) is var value && double.IsFinite(value))
                sum += Step * slope * weight * value;
        }

        return sum;
    }
}

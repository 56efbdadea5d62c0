using MathNet.Numerics.Distributions;
using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>An increasing function of a normal number. Immutable.</summary>
internal sealed class TransformedNormal
{
    // The trapezoidal rule over 8.5 sds on either side, in steps of a quarter sd: to rounding for smooth functions.
    private const double HalfWidth = 8.5;
    private const double Step = 0.25;

    private readonly NormalMoments moments;
    private readonly Func<double, double> function;

    public TransformedNormal(NormalMoments moments, Func<double, double> function)
    {
        this.moments = moments;
        this.function = function;
        if (moments.Sd == 0)
        {
            Mean = function(moments.Mean);
            return;
        }

        var (weights, first, second) = (0.0, 0.0, 0.0);
        var centre = function(moments.Mean);
        for (var z = -HalfWidth; z <= HalfWidth; z += Step)
        {
            var weight = Math.Exp(-0.5 * z * z);
            var value = function(moments.Mean + moments.Sd * z) - centre;
            weights += weight;
            first += weight * value;
            second += weight * value * value;
        }

        Mean = centre + first / weights;
        Sd = Math.Sqrt(Math.Max(0, second / weights - first / weights * (first / weights)));
    }

    public double Mean { get; }

    public double Sd { get; }

    /// <summary>Probability below a value, by bisection.</summary>
    public double Below(double value)
    {
        var (low, high) = (-40.0, 40.0);
        for (var step = 0; step < 60; step++)
        {
            var middle = 0.5 * (low + high);
            if (function(moments.Mean + moments.Sd * middle) < value)
                low = middle;
            else
                high = middle;
        }

        return Normal.CDF(0, 1, low);
    }
}

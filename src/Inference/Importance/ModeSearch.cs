using System.Collections.Immutable;
using TypedPooling.Inference.Density;

namespace TypedPooling.Inference.Importance;

/// <summary>Finds a mode by BFGS, of the density of z or of that of the sds (without the Jacobian of their logs), whose mode may sit at sd = 0, z = -infinity.</summary>
/// <remarks>Owned by one thread, which is told of each evaluation and may throw to end the search. Source: [NocedalWright2006], section 6.1.</remarks>
internal sealed class ModeSearch(ILogDensity density, Action? evaluated = null)
{
    private const int GreatestIterations = 200;

    // The search ends where the next step promises less than this, in natural log units: the mode is then off by 1/300 of an sd or so.
    private const double LeastGain = 1e-5;

    // Greatest step of a coordinate of z: a factor of 20 of an sd.
    private const double GreatestStep = 3;

    private readonly double[] position = new double[density.Dimension];
    private readonly double[] gradient = new double[density.Dimension];
    private readonly double[] trial = new double[density.Dimension];
    private readonly double[] trialGradient = new double[density.Dimension];
    private readonly double[] step = new double[density.Dimension];
    private readonly double[] change = new double[density.Dimension];
    private readonly double[] inverse = new double[density.Dimension * density.Dimension];

    /// <summary>Density evaluations so far.</summary>
    internal long Evaluations { get; private set; }

    /// <summary>Log density of z, or of the sds where some are folded, as a function of z, with its gradient for z; negative infinity at a point that cannot be evaluated.</summary>
    internal double Evaluate(ReadOnlySpan<double> z, ImmutableArray<int> folded, Span<double> gradientOfZ)
    {
        Evaluations++;
        evaluated?.Invoke();
        var value = density.LogDensity(z, gradientOfZ);
        foreach (var i in folded)
        {
            value -= z[i];
            gradientOfZ[i] -= 1;
        }

        foreach (var slope in gradientOfZ)
        {
            if (!double.IsFinite(slope))
                return double.NegativeInfinity;
        }

        return double.IsFinite(value) ? value : double.NegativeInfinity;
    }

    /// <summary>Climbs from a start to a mode, or to where the density is flat.</summary>
    /// <returns>The position, or null where the density cannot be evaluated at the start.</returns>
    internal double[]? From(ReadOnlySpan<double> start, ImmutableArray<int> folded)
    {
        start.CopyTo(position);
        var value = Evaluate(position, folded, gradient);
        if (double.IsNegativeInfinity(value))
            return null;

        Restart(1);
        var isFirst = true;
        for (var iteration = 0; iteration < GreatestIterations; iteration++)
        {
            var gain = Ascend();
            if (gain < LeastGain)
                break;
            if (!TryStep(value, gain, folded, out var next))
            {
                // The matrix may be bad: once more by the gradient alone.
                if (isFirst)
                    break;
                Restart(1);
                isFirst = true;
                continue;
            }

            value = next;
            Learn(isFirst);
            isFirst = false;
        }

        return [.. position];
    }

    // step = H g, cut to the greatest length; returns the gain it promises, g'step / 2.
    private double Ascend()
    {
        var d = position.Length;
        var (greatest, gain) = (0.0, 0.0);
        for (var i = 0; i < d; i++)
        {
            step[i] = 0;
            for (var j = 0; j < d; j++)
                step[i] += inverse[(i * d) + j] * gradient[j];
            greatest = Math.Max(greatest, Math.Abs(step[i]));
        }

        var cut = greatest > GreatestStep ? GreatestStep / greatest : 1;
        for (var i = 0; i < d; i++)
        {
            step[i] *= cut;
            gain += 0.5 * step[i] * gradient[i];
        }

        return gain;
    }

    // Halves the step until the value rises by a ten-thousandth of what the slope promises: [NocedalWright2006], algorithm 3.1.
    private bool TryStep(double value, double gain, ImmutableArray<int> folded, out double next)
    {
        next = value;
        for (var length = 1.0; length > 1e-9; length *= 0.5)
        {
            for (var i = 0; i < position.Length; i++)
                trial[i] = position[i] + (length * step[i]);
            next = Evaluate(trial, folded, trialGradient);
            if (next >= value + (2e-4 * length * gain))
                return true;
        }

        return false;
    }

    // Moves to the trial point and updates H: [NocedalWright2006], equation 6.17, skipped where the curvature has the wrong sign.
    private void Learn(bool isFirst)
    {
        var d = position.Length;
        var (product, squares) = (0.0, 0.0);
        for (var i = 0; i < d; i++)
        {
            step[i] = trial[i] - position[i];
            change[i] = gradient[i] - trialGradient[i];
            product += step[i] * change[i];
            squares += change[i] * change[i];
            position[i] = trial[i];
            gradient[i] = trialGradient[i];
        }

        if (!(product > 1e-12 * squares) || squares == 0)
            return;
        if (isFirst)
            Restart(product / squares);

        // trialGradient is free now: it holds H y.
        var quadratic = 0.0;
        for (var i = 0; i < d; i++)
        {
            trialGradient[i] = 0;
            for (var j = 0; j < d; j++)
                trialGradient[i] += inverse[(i * d) + j] * change[j];
            quadratic += change[i] * trialGradient[i];
        }

        for (var i = 0; i < d; i++)
        {
            for (var j = 0; j < d; j++)
            {
                inverse[(i * d) + j] += ((1 + (quadratic / product)) * step[i] * step[j] / product)
                    - (((trialGradient[i] * step[j]) + (step[i] * trialGradient[j])) / product);
            }
        }
    }

    private void Restart(double scale)
    {
        Array.Clear(inverse);
        for (var i = 0; i < position.Length; i++)
            inverse[(i * position.Length) + i] = scale;
    }
}

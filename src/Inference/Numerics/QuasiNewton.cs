namespace TypedPooling.Inference.Numerics;

/// <summary>Climbs a smooth function by BFGS with backtracking. Scratch of one thread.</summary>
/// <param name="dimension">Number of coordinates.</param>
/// <param name="evaluate">The function.</param>
/// <remarks>Source: [NocedalWright2006], section 6.1.</remarks>
internal sealed class QuasiNewton(int dimension, QuasiNewton.Function evaluate)
{
    private readonly double[] trial = new double[dimension];
    private readonly double[] trialGradient = new double[dimension];
    private readonly double[] step = new double[dimension];
    private readonly double[] change = new double[dimension];
    private readonly double[] inverse = new double[dimension * dimension];
    private double greatestStep;
    private int wholeSteps;
    private bool isCut;
    private bool isWhole;

    /// <summary>A function with its gradient.</summary>
    /// <param name="position">Where.</param>
    /// <param name="gradient">Overwritten with the derivative for each coordinate.</param>
    /// <returns>The value; negative infinity where it cannot be evaluated, the gradient then without meaning.</returns>
    public delegate double Function(ReadOnlySpan<double> position, Span<double> gradient);

    /// <summary>Greatest number of steps.</summary>
    public int GreatestIterations { get; init; } = 200;

    /// <summary>The search ends where the next step promises less than this.</summary>
    public double LeastGain { get; init; } = 1e-5;

    /// <summary>Greatest step of a coordinate.</summary>
    public double GreatestStep { get; init; } = 3;

    /// <summary>Number of steps in a row, each cut to the greatest and taken whole, after which the greatest doubles with every further one of them:
    /// a far mode is reached in a logarithmic number of steps. 0 for never.</summary>
    public int StepsBeforeGrowth { get; init; }

    /// <summary>What rounding may take off a value, relative to it: a step that loses no more is taken.</summary>
    public double Rounding { get; init; }

    /// <summary>For each coordinate, the inverse of the curvature to begin with; empty for 1 each.</summary>
    public double[] InverseCurvature { get; init; } = [];

    /// <summary>Where the last search ended.</summary>
    public double[] Position { get; } = new double[dimension];

    /// <summary>The gradient there.</summary>
    public double[] Gradient { get; } = new double[dimension];

    /// <summary>The value there.</summary>
    public double Value { get; private set; }

    /// <summary>Number of steps of the last search.</summary>
    public int Iterations { get; private set; }

    /// <summary>What the next step promised when the last search ended.</summary>
    public double Gain { get; private set; }

    /// <summary>What the last step of the last search added; 0 where none was taken.</summary>
    public double LastGain { get; private set; }

    /// <summary>Climbs from a start to a mode, or to where the function is flat.</summary>
    /// <param name="start">Where to begin.</param>
    /// <param name="fixedCoordinates">Coordinates that stay where they are; empty for none. Length: number of coordinates or 0.</param>
    /// <returns>False where the function cannot be evaluated at the start.</returns>
    public bool TryClimb(ReadOnlySpan<double> start, ReadOnlySpan<bool> fixedCoordinates = default)
    {
        start.CopyTo(Position);
        (Iterations, LastGain) = (0, 0);
        Value = Evaluate(Position, Gradient, fixedCoordinates);
        if (double.IsNegativeInfinity(Value))
            return false;

        Restart(1);
        var isFirst = true;
        (greatestStep, wholeSteps) = (GreatestStep, 0);
        while (Iterations < GreatestIterations)
        {
            Gain = Ascend();
            if (Gain < LeastGain)
                break;
            Iterations++;
            if (!TryStep(fixedCoordinates, out var next))
            {
                // The matrix may be bad: once more by the gradient alone.
                if (isFirst)
                    break;
                Restart(1);
                isFirst = true;
                continue;
            }

            (LastGain, Value) = (next - Value, next);
            Grow();
            Learn(isFirst);
            isFirst = false;
        }

        return true;
    }

    private double Evaluate(ReadOnlySpan<double> position, Span<double> gradient, ReadOnlySpan<bool> fixedCoordinates)
    {
        var value = evaluate(position, gradient);
        for (var i = 0; i < fixedCoordinates.Length; i++)
        {
            if (fixedCoordinates[i])
                gradient[i] = 0;
        }

        return value;
    }

    // step = H g, cut to the greatest length; returns the gain it promises, g'step / 2.
    private double Ascend()
    {
        var d = Position.Length;
        var (greatest, gain) = (0.0, 0.0);
        for (var i = 0; i < d; i++)
        {
            step[i] = 0;
            for (var j = 0; j < d; j++)
                step[i] += inverse[i * d + j] * Gradient[j];
            greatest = Math.Max(greatest, Math.Abs(step[i]));
        }

        isCut = greatest > greatestStep;
        var cut = isCut ? greatestStep / greatest : 1;
        for (var i = 0; i < d; i++)
        {
            step[i] *= cut;
            gain += 0.5 * step[i] * Gradient[i];
        }

        return gain;
    }

    // Halves the step until the value rises by a ten-thousandth of what the slope promises: [NocedalWright2006], algorithm 3.1.
    private bool TryStep(ReadOnlySpan<bool> fixedCoordinates, out double next)
    {
        next = Value;
        for (var length = 1.0; length > 1e-9; length *= 0.5)
        {
            for (var i = 0; i < Position.Length; i++)
                trial[i] = Position[i] + (length * step[i]);
            next = Evaluate(trial, trialGradient, fixedCoordinates);
            isWhole = length == 1;
            if (next >= Value + (2e-4 * length * Gain) - Rounding * Math.Abs(Value))
                return true;
        }

        return false;
    }

    private void Grow()
    {
        wholeSteps = isCut && isWhole ? wholeSteps + 1 : 0;
        if (wholeSteps == 0)
            greatestStep = GreatestStep;
        else if (StepsBeforeGrowth > 0 && wholeSteps >= StepsBeforeGrowth)
            greatestStep *= 2;
    }

    // Moves to the trial point and updates H: [NocedalWright2006], equation 6.17, skipped where the curvature has the wrong sign.
    private void Learn(bool isFirst)
    {
        var d = Position.Length;
        var (product, squares) = (0.0, 0.0);
        for (var i = 0; i < d; i++)
        {
            step[i] = trial[i] - Position[i];
            change[i] = Gradient[i] - trialGradient[i];
            product += step[i] * change[i];
            squares += change[i] * change[i];
            Position[i] = trial[i];
            Gradient[i] = trialGradient[i];
        }

        if (!(product > 1e-12 * squares) || squares == 0)
            return;
        if (isFirst)
        {
            var scaled = 0.0;
            for (var i = 0; i < d; i++)
                scaled += ScaleOf(i) * change[i] * change[i];
            Restart(product / scaled);
        }

        // trialGradient is free now: it holds H y.
        var quadratic = 0.0;
        for (var i = 0; i < d; i++)
        {
            trialGradient[i] = 0;
            for (var j = 0; j < d; j++)
                trialGradient[i] += inverse[i * d + j] * change[j];
            quadratic += change[i] * trialGradient[i];
        }

        for (var i = 0; i < d; i++)
        {
            for (var j = 0; j < d; j++)
            {
                inverse[i * d + j] += ((1 + (quadratic / product)) * step[i] * step[j] / product)
                    - (((trialGradient[i] * step[j]) + (step[i] * trialGradient[j])) / product);
            }
        }
    }

    private void Restart(double scale)
    {
        Array.Clear(inverse);
        for (var i = 0; i < Position.Length; i++)
            inverse[i * Position.Length + i] = scale * ScaleOf(i);
    }

    private double ScaleOf(int coordinate) => InverseCurvature.Length == 0 ? 1 : InverseCurvature[coordinate];
}

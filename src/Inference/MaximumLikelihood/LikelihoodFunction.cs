using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>A log criterion as a function of <see cref="LikelihoodCoordinates"/>. Scratch of one thread.</summary>
internal abstract class LikelihoodFunction(LikelihoodCoordinates coordinates)
{
    public LikelihoodCoordinates Coordinates { get; } = coordinates;

    /// <summary>Sigma and every Lambda of the last evaluation: Lambda over sigma, and sigma 1, where sigma is profiled.</summary>
    public ScalePoint Point { get; } = coordinates.NewPoint();

    /// <summary>Number of evaluations so far.</summary>
    public int Evaluations { get; private set; }

    /// <summary>Told of every evaluation; null where nobody listens and nothing can be cancelled.</summary>
    public SearchProgress? Progress { get; set; }

    /// <summary>The log criterion and its gradient.</summary>
    /// <param name="x">Coordinates.</param>
    /// <param name="gradient">Overwritten; empty where none is wanted.</param>
    /// <returns>Natural log, all constants included; negative infinity where it cannot be evaluated.</returns>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    public double Evaluate(ReadOnlySpan<double> x, Span<double> gradient)
    {
        Evaluations++;
        Progress?.Evaluated();
        return Compute(x, gradient);
    }

    /// <summary>What <see cref="Evaluate"/> says.</summary>
    protected abstract double Compute(ReadOnlySpan<double> x, Span<double> gradient);
}

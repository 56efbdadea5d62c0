using TypedPooling.Inference.Numerics;


namespace TypedPooling.Tests.Support;

/// <summary>A log density given by a function, with its gradient by central differences: for samplers that need gradients only to find a
/// mode.</summary>
internal sealed class Target(int dimension, Target.LogDensityFunction function) : ILogDensity
{
    private readonly double[] moved = new double[dimension];

    public delegate double LogDensityFunction(ReadOnlySpan<double> position);

    public int Dimension => dimension;

    public double LogDensity(ReadOnlySpan<double> position) => function(position);

    public double LogDensity(ReadOnlySpan<double> position, Span<double> gradient)
    {
        const double Step = 1e-5;
        position.CopyTo(moved);
        for (var i = 0; i < dimension; i++)
        {
            moved[i] = position[i] + Step;
            var above = function(moved);
            moved[i] = position[i] - Step;
            gradient[i] = (above - function(moved)) / (2 * Step);
            moved[i] = position[i];
        }

        return function(position);
    }
}

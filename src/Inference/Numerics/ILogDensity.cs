namespace TypedPooling.Inference.Numerics;

/// <summary>A log density with its gradient on unconstrained space: all that a gradient sampler needs to know.</summary>
/// <remarks>Owns its scratch, so it is not thread-safe: one instance a chain.</remarks>
internal interface ILogDensity
{
    /// <summary>Length D of a position.</summary>
    int Dimension { get; }

    /// <summary>Evaluates the log density and its gradient.</summary>
    /// <param name="position">Any finite point. Length D.</param>
    /// <param name="gradient">Overwritten with the derivative for each coordinate; without meaning where the value is not finite. Length D.</param>
    /// <returns>Natural log of the density, up to a constant; negative infinity at a point that cannot be evaluated. Never throws for a bad
    /// point.</returns>
    double LogDensity(ReadOnlySpan<double> position, Span<double> gradient);

    /// <summary>Evaluates the log density alone. A density that is cheaper without its gradient overrides this; otherwise the gradient is computed
    /// and dropped.</summary>
    /// <param name="position">Any finite point. Length D.</param>
    /// <returns>The value of <see cref="LogDensity(ReadOnlySpan{double}, Span{double})"/>, to rounding; negative infinity at a point that cannot be
    /// evaluated. Never throws for a bad point.</returns>
    double LogDensity(ReadOnlySpan<double> position)
    {
        Span<double> gradient = Dimension <= 64 ? stackalloc double[Dimension] : new double[Dimension];
        return LogDensity(position, gradient);
    }
}

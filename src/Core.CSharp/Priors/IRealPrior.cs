using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>A prior on a coefficient that may take any real value, or any between two bounds.</summary>
public interface IRealPrior : IPrior
{
    /// <summary>Least coefficient of the support; negative infinity where it is unbounded.</summary>
    double Lower { get; }

    /// <summary>Greatest coefficient of the support; positive infinity where it is unbounded.</summary>
    double Upper { get; }

    /// <summary>Natural log of the density of a coefficient.</summary>
    /// <param name="value">The coefficient, in units of the response per unit of its column.</param>
    /// <returns>The log density, all constants included; 0 for a flat prior; negative infinity outside the support.</returns>
    double LogDensity(double value);

    /// <summary>Derivative of <see cref="LogDensity"/> with respect to the coefficient.</summary>
    /// <param name="value">The coefficient, inside the support.</param>
    /// <returns>The derivative, per unit of the coefficient; 0 where the density has a kink.</returns>
    double LogDensityDerivative(double value);

    /// <summary>Draws a coefficient from the prior.</summary>
    /// <param name="stream">Gives the random numbers; moved on.</param>
    /// <returns>A draw, in units of the response per unit of the column.</returns>
    /// <exception cref="InvalidOperationException">The prior is improper.</exception>
    double Sample(PhiloxStream stream);
}

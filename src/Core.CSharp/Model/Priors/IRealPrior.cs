using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>A prior on a coefficient that may take any real value.</summary>
public interface IRealPrior : IPrior
{
    /// <summary>Natural log of the density of a coefficient.</summary>
    /// <param name="value">The coefficient, in units of the response per unit of its column.</param>
    /// <returns>The log density, all constants included; 0 for a flat prior; negative infinity outside the support.</returns>
    double LogDensity(double value);

    /// <summary>Draws a coefficient from the prior.</summary>
    /// <param name="stream">Gives the random numbers; moved on.</param>
    /// <returns>A draw, in units of the response per unit of the column.</returns>
    /// <exception cref="InvalidOperationException">The prior is improper.</exception>
    double Sample(PhiloxStream stream);
}

using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>A prior on a coefficient that may take any real value, or any between two bounds.</summary>
public interface IRealPrior : IUnivariatePrior
{
    /// <summary>Least coefficient of the support; negative infinity where it is unbounded.</summary>
    double Lower { get; }

    /// <summary>Greatest coefficient of the support; positive infinity where it is unbounded.</summary>
    double Upper { get; }

    /// <summary>The mean; NaN where there is none.</summary>
    double Mean { get; }

    /// <summary>The standard deviation; positive infinity where there is none, 0 where the coefficient is fixed.</summary>
    double Sd { get; }

    /// <summary>A rough scale for starting values, finite also where the sd is not. In units of the coefficient; positive infinity for a flat
    /// prior.</summary>
    /// <remarks>
    /// The sd of a prior without heavy tails, the scale of a Student t. With a tail index of 1 or more it is within a factor of two of half the
    /// distance between the quantiles of 16 % and 84 %.
    /// </remarks>
    double RoughScale { get; }

    /// <summary>The prior as a normal one given its precision; null where it is not such a mixture.</summary>
    NormalMixture? Mixture { get; }

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

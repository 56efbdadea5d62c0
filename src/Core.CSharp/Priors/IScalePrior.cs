using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>A prior on a positive number: a standard deviation (never a variance or a precision, unless the prior's name says so), the shape of a
/// response, or degrees of freedom; where these documents say standard deviation, the others are meant too.</summary>
public interface IScalePrior : IUnivariatePrior
{
    /// <summary>Least standard deviation of the support, in units of the response; at least 0.</summary>
    double Lower { get; }

    /// <summary>Greatest standard deviation of the support; positive infinity where it is unbounded.</summary>
    double Upper { get; }

    /// <summary>True where the density falls fast enough towards 0 to keep a posterior proper under a perfect fit.</summary>
    bool HasFloor { get; }

    /// <summary>The prior as an inverse gamma on the variance, proper or not; null where it is none.</summary>
    InverseGammaVariance? Conjugate { get; }

    /// <summary>Natural log of the density of a standard deviation.</summary>
    /// <param name="sd">Standard deviation, inside the support.</param>
    /// <returns>The log density with respect to the standard deviation, all constants included; 0 for a flat prior.</returns>
    double LogScaleDensity(double sd);

    /// <summary>Derivative of <see cref="LogScaleDensity"/> with respect to the standard deviation.</summary>
    /// <param name="sd">Standard deviation, inside the support.</param>
    /// <returns>The derivative, per unit of the response.</returns>
    double LogScaleDensityDerivative(double sd);

    /// <summary>Draws a standard deviation from the prior.</summary>
    /// <param name="stream">Gives the random numbers; moved on.</param>
    /// <returns>A draw, in units of the response.</returns>
    /// <exception cref="InvalidOperationException">The prior is improper.</exception>
    double Sample(PhiloxStream stream);
}

using TypedPooling.Programs;

namespace TypedPooling;

/// <summary>A prior on one number: a coefficient, a standard deviation, a shape or degrees of freedom. Units are those of the number.</summary>
/// <remarks>No member has a default: whoever writes a prior decides each, and engines ask these members, never for a type of prior. Closed:
/// priors are those of this library, since each must also be written in the programs of other tools.</remarks>
public interface IUnivariatePrior : IPrior
{
    /// <summary>The value of a number that is known without error and so not estimated; null for every other prior.</summary>
    double? FixedValue { get; }

    /// <summary>The median; NaN where the prior is improper.</summary>
    double Median { get; }

    /// <summary>The index a of the tail: far out the density falls as x^-(1 + a), by the slower tail where there are two.</summary>
    /// <remarks>
    /// 1 for a Cauchy, the degrees of freedom for a Student t, -1 for a flat density; positive infinity for tails that are exponential or lighter,
    /// and for bounded supports. Moments of an order below a exist: the mean where a is above 1, the sd where it is above 2.
    /// </remarks>
    double TailIndex { get; }

    /// <summary>The value below which the number lies with a probability.</summary>
    /// <param name="probability">The probability, between 0 and 1.</param>
    /// <returns>The quantile; NaN where the prior is improper.</returns>
    double Quantile(double probability);

    /// <summary>How programs of other tools write the prior.</summary>
    internal PriorForm Form { get; }
}

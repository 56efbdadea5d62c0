using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem;

/// <summary>Integrates the coefficients of a <see cref="CoefficientSystem"/> out at given scales and holds the exact conditional of beta. Scratch of
/// one chain.</summary>
internal abstract class CoefficientWorkspace
{
    /// <summary>Derivative of the last solution for sigma.</summary>
    public double SigmaGradient { get; protected set; }

    /// <summary>True to put the integrated effects at beta^, where they are most probable, in place of integrating them out: with flat priors the
    /// likelihood, not the restricted one.</summary>
    public bool MaximizesPopulation { get; set; }

    /// <summary>The residual sum of squares of the last solution with that of the spherical effects in units of sigma, sigma^2 (Q less the prior's
    /// part): with flat priors the penalised residual sum of squares.</summary>
    public double Squares { get; protected set; }

    /// <summary>Most threads that work on one solution, where it is large enough; no result depends on it. 1 unless it is set.</summary>
    public virtual int Threads { get; set; } = 1;

    /// <summary>Derivative of the last solution for each joined coefficient in pivoted coordinates.</summary>
    public abstract double[] JoinedGradient { get; }

    /// <summary>Integrates the coefficients out.</summary>
    /// <param name="point">Sigma and every Lambda; where a derivative is wanted, <see cref="FactorPoint.LambdaGradient"/> is overwritten with that
    /// for Lambda.</param>
    /// <param name="joined">The joined coefficients in pivoted coordinates.</param>
    /// <param name="withGradient">Whether derivatives are wanted.</param>
    /// <returns>log p(y | sigma, Lambda, b), all constants included; negative infinity where a matrix is not positive definite.</returns>
    public abstract double Solve(ScalePoint point, ReadOnlySpan<double> joined, bool withGradient);

    /// <summary>Maximises over sigma too, at given Lambda / sigma. Every estimated effect must have a flat prior, and none be joined.</summary>
    /// <param name="relative">Every Lambda / sigma; where a derivative is wanted, <see cref="FactorPoint.LambdaGradient"/> is overwritten with
    /// that for Lambda / sigma.</param>
    /// <param name="freedom">Rows N, less the integrated effects where they are integrated.</param>
    /// <param name="typicalSigma">A sigma of the right size, at which the sums are evaluated: nothing large then cancels.</param>
    /// <param name="withGradient">Whether derivatives are wanted.</param>
    /// <param name="sigma">Set to the maximising sigma, sqrt(squares / freedom).</param>
    /// <returns>The greatest log p(y | sigma, sigma Lambda), all constants included; negative infinity where it cannot be evaluated or no residual is
    /// left. Source: [Bates2015], section 3.4.</returns>
    public virtual double SolveProfiled(ScalePoint relative, double freedom, double typicalSigma, bool withGradient, out double sigma)
    {
        Rescale(relative, typicalSigma);
        var value = Profile(Solve(relative, [], withGradient: false), freedom, typicalSigma, out sigma);
        if (!withGradient || !double.IsFinite(value))
        {
            Rescale(relative, 1 / typicalSigma);
            return value;
        }

        // At the maximising sigma only every Lambda / sigma moves the value.
        Rescale(relative, sigma / typicalSigma);
        Solve(relative, [], withGradient: true);
        Rescale(relative, 1 / sigma);
        foreach (var factor in relative.Factors)
        {
            foreach (ref var slope in factor.LambdaGradient.AsSpan())
                slope *= sigma;
        }

        return value;
    }

    /// <summary>From the value at one sigma to the greatest one: log p(y | sigma, sigma Lambda) = c - freedom log sigma - squares / (2
    /// sigma^2).</summary>
    protected double Profile(double value, double freedom, double at, out double sigma)
    {
        sigma = Math.Sqrt(Squares / freedom);
        return Squares > 0 && double.IsFinite(value)
            ? value + freedom * Math.Log(at / sigma) + 0.5 * (Squares / (at * at) - freedom)
            : double.NegativeInfinity;
    }

    /// <summary>Multiplies sigma and every Lambda.</summary>
    protected static void Rescale(ScalePoint point, double scale)
    {
        point.Sigma *= scale;
        foreach (var part in point.Factors)
        {
            foreach (ref var value in part.Lambda.AsSpan())
                value *= scale;
        }
    }

    /// <summary>Turns standard normals into a draw of beta~ from its conditional at the last solution; zeros into its mean.</summary>
    /// <param name="normals">Independent standard normals; overwritten with the draw, and after it the joined coefficients the solution was given.
    /// Length p.</param>
    public abstract void DrawPopulation(Span<double> normals);

    /// <summary>Turns standard normals into a draw of the varying effects of the rest given beta~; zeros into their mean.</summary>
    /// <param name="population">beta~. At least the integrated effects.</param>
    /// <param name="effects">Independent standard normals; overwritten with pivoted effects T u. As many as the rest has.</param>
    public abstract void DrawRest(ReadOnlySpan<double> population, Span<double> effects);

    /// <summary>Variance of a combination of the rest at the last solution.</summary>
    /// <param name="weights">Weights over the pivoted effects of the rest, then the integrated population effects; overwritten with scratch.</param>
    /// <param name="givenPopulation">True to take beta~ as known.</param>
    public abstract double Variance(Span<double> weights, bool givenPopulation);
}

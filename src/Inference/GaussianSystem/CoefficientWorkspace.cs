using TypedPooling.Inference.Density;

namespace TypedPooling.Inference.GaussianSystem;

/// <summary>Integrates the coefficients of a <see cref="CoefficientSystem"/> out at given scales and holds the exact conditional of beta. Scratch of one chain.</summary>
internal abstract class CoefficientWorkspace
{
    /// <summary>Derivative of the last solution for sigma.</summary>
    public double SigmaGradient { get; protected set; }

    /// <summary>Derivative of the last solution for each joined coefficient in pivoted coordinates. Length n - p.</summary>
    public abstract double[] JoinedGradient { get; }

    /// <summary>Integrates the coefficients out.</summary>
    /// <param name="point">Sigma and every Lambda; where a derivative is wanted, <see cref="FactorPoint.LambdaGradient"/> is overwritten with that for Lambda.</param>
    /// <param name="joined">The joined coefficients in pivoted coordinates. Length n - p.</param>
    /// <param name="withGradient">Whether derivatives are wanted.</param>
    /// <returns>log p(y | sigma, Lambda, b), all constants included; negative infinity where a factor is not positive definite.</returns>
    public abstract double Solve(ScalePoint point, ReadOnlySpan<double> joined, bool withGradient);

    /// <summary>Turns standard normals into a draw of beta~ from its conditional at the last solution.</summary>
    /// <param name="normals">Independent standard normals; overwritten with the draw, and after it the joined coefficients the solution was given. Length n.</param>
    public abstract void DrawPopulation(Span<double> normals);
}

using System.Collections.Immutable;
using MathNet.Numerics.LinearAlgebra;

namespace TypedPooling.Inference.Numerics;

/// <summary>Nodes and weights of Gauss-Hermite quadrature for the standard normal distribution: the mean of g(x) is sum weight g(node). Source:
/// [GolubWelsch1969].</summary>
internal sealed class HermiteRule
{
    /// <summary>Makes a rule.</summary>
    /// <param name="count">Number of nodes, at least 1; exact for polynomials of degree 2 count - 1.</param>
    public HermiteRule(int count)
    {
        // Eigenvalues of the Jacobi matrix of the orthogonal polynomials are the nodes, squares of the eigenvectors' first elements the weights.
        var jacobi = Matrix<double>.Build.Dense(count, count, (i, j) => Math.Abs(i - j) == 1 ? Math.Sqrt(Math.Max(i, j)) : 0);
        var decomposition = jacobi.Evd(Symmetricity.Symmetric);
        Nodes = [.. decomposition.EigenValues.Select(value => value.Real)];
        Weights = [.. Enumerable.Range(0, count).Select(i => Math.Pow(decomposition.EigenVectors[0, i], 2))];
    }

    /// <summary>The nodes.</summary>
    public ImmutableArray<double> Nodes { get; }

    /// <summary>The weights; they add to 1.</summary>
    public ImmutableArray<double> Weights { get; }
}

using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>A prior on the correlation matrix of the varying effects of one grouping factor.</summary>
public interface ICorrelationPrior : IPrior
{
    /// <summary>True where the correlation matrix R is the identity and so not estimated.</summary>
    bool IsIdentity { get; }

    /// <summary>Concentration eta where the density is proportional to det(R)^(eta - 1), the LKJ family; null where it is not.</summary>
    double? Concentration { get; }

    /// <summary>Draws a correlation matrix from the prior, as its lower Cholesky factor L.</summary>
    /// <param name="size">Size q of the matrix, at least 1.</param>
    /// <param name="stream">Gives the random numbers; moved on.</param>
    /// <param name="factor">Overwritten with L, q x q by rows, zeros above the diagonal. Length q^2.</param>
    void SampleFactor(int size, PhiloxStream stream, Span<double> factor);
}

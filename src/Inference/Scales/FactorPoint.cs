namespace TypedPooling.Inference.Scales;

/// <summary>Sds, Cholesky factor of the correlations and Lambda of one grouping factor at one theta. Mutable scratch of one chain.</summary>
internal sealed class FactorPoint
{
    public FactorPoint(int termCount)
    {
        Sd = new double[termCount];
        Lambda = new double[termCount * termCount];
        CorrelationCholesky = new double[termCount * termCount];
        LambdaGradient = new double[termCount * termCount];
        PriorGradient = new double[termCount * termCount];
        FactorGradient = new double[termCount * termCount];
        Partials = new PartialCorrelation[termCount * (termCount - 1) / 2];
        for (var a = 0; a < termCount; a++)
            CorrelationCholesky[a * termCount + a] = 1;
    }

    /// <summary>Sds of the varying terms. Length q.</summary>
    public double[] Sd { get; }

    /// <summary>Cholesky factor of the correlation matrix, q x q by rows; the identity where correlations are not estimated.</summary>
    public double[] CorrelationCholesky { get; }

    /// <summary>Lambda = diag(sd) L, q x q by rows, lower triangular; any root of the effects' covariance matrix where it
    /// <see cref="IsCentred"/>.</summary>
    public double[] Lambda { get; }

    /// <summary>True where Lambda belongs to the effects of centred columns, T u, in place of u: see <see cref="Hierarchy.Columns.EffectPivot"/>.
    /// Nothing large is then subtracted where columns are far from 0.</summary>
    public bool IsCentred { get; set; }

    /// <summary>Derivative of a function for each element of Lambda; lower triangle, q x q by rows.</summary>
    public double[] LambdaGradient { get; }

    /// <summary>Derivative of the log density of a covariance prior for Lambda, kept for the derivative of theta; zeros where sds and correlations
    /// have priors of their own.</summary>
    public double[] PriorGradient { get; }

    public double[] FactorGradient { get; }

    /// <summary>Partial correlations, kept for the derivative. Length q (q - 1) / 2; without meaning where correlations are not estimated.</summary>
    public PartialCorrelation[] Partials { get; }
}

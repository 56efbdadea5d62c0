namespace TypedPooling.Inference.Scales;

/// <summary>What regenerating effects needs of each draw of the scales: sigma and both Lambdas. Arrays run draw after draw.</summary>
/// <param name="count">Number of draws.</param>
/// <param name="termCount">Number of varying terms q.</param>
internal sealed class ScaleDraws(int count, int termCount)
{
    private readonly int size = termCount * termCount;

    /// <summary>Residual sd. Length count.</summary>
    public double[] Sigma { get; } = new double[count];

    /// <summary>Lambda, q x q by rows each.</summary>
    public double[] Lambda { get; } = new double[count * termCount * termCount];

    /// <summary>T Lambda, q x q by rows each.</summary>
    public double[] PivotedLambda { get; } = new double[count * termCount * termCount];

    /// <summary>Keeps the scales of a draw.</summary>
    /// <param name="draw">Number of the draw.</param>
    /// <param name="sigma">Residual sd.</param>
    /// <param name="lambda">Lambda, q x q by rows.</param>
    /// <param name="pivotedLambda">T Lambda, q x q by rows.</param>
    public void Keep(int draw, double sigma, ReadOnlySpan<double> lambda, ReadOnlySpan<double> pivotedLambda)
    {
        Sigma[draw] = sigma;
        lambda.CopyTo(Lambda.AsSpan(draw * size));
        pivotedLambda.CopyTo(PivotedLambda.AsSpan(draw * size));
    }
}

namespace TypedPooling.Inference.Marginal;

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

    /// <summary>Keeps the scales a density was evaluated at last.</summary>
    public void Keep(int draw, MarginalDensity density)
    {
        Sigma[draw] = density.Point.Sigma;
        if (size == 0)
            return;
        density.Point.Factors[0].Lambda.CopyTo(Lambda.AsSpan(draw * size));
        density.PivotedLambda.CopyTo(PivotedLambda.AsSpan(draw * size));
    }
}

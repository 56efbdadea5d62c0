namespace TypedPooling.Inference.Sampling.Hamiltonian;

/// <summary>Running covariance of the positions of one adaptation window. Source: [Welford1962].</summary>
internal sealed class CovarianceWorkspace(int dimension, bool isDense)
{
    // Stan adds the weight of five draws of variance 1e-3 to a window of n: [StanReference], "Euclidean metric".
    private const double PriorDraws = 5;
    private const double PriorVariance = 1e-3;

    private readonly double[] mean = new double[dimension];
    private readonly double[] deviation = new double[dimension];
    private readonly double[] scatter = new double[isDense ? checked(dimension * dimension) : dimension];
    private readonly double[] covariance = new double[isDense ? dimension * dimension : dimension];
    private int count;

    public void Restart()
    {
        count = 0;
        Array.Clear(mean);
        Array.Clear(scatter);
    }

    public void Add(ReadOnlySpan<double> position)
    {
        count++;
        for (var i = 0; i < dimension; i++)
        {
            deviation[i] = position[i] - mean[i];
            mean[i] += deviation[i] / count;
        }

        // The deviation from the old mean times that from the new one: symmetric, since the two are proportional.
        for (var i = 0; i < dimension; i++)
        {
            if (!isDense)
            {
                scatter[i] += deviation[i] * (position[i] - mean[i]);
                continue;
            }

            for (var j = 0; j <= i; j++)
                scatter[i * dimension + j] += deviation[i] * (position[j] - mean[j]);
        }
    }

    /// <summary>The regularised covariance of the positions since the last restart; at least two of them.</summary>
    /// <returns>By rows (D x D); the variances alone (D) where only these are kept. Scratch of this object.</returns>
    public double[] Regularized()
    {
        var weight = count / (count + PriorDraws);
        for (var i = 0; i < dimension; i++)
        {
            if (!isDense)
            {
                covariance[i] = (weight * scatter[i] / (count - 1)) + ((1 - weight) * PriorVariance);
                continue;
            }

            for (var j = 0; j <= i; j++)
            {
                var value = weight * scatter[i * dimension + j] / (count - 1);
                if (i == j)
                    value += (1 - weight) * PriorVariance;
                covariance[i * dimension + j] = covariance[j * dimension + i] = value;
            }
        }

        return covariance;
    }
}

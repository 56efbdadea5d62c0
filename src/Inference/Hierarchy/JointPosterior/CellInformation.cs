namespace TypedPooling.Inference.Hierarchy.JointPosterior;

/// <summary>Sums of weighted squares of centred columns over cells.</summary>
internal static class CellInformation
{
    /// <summary>Computes the blocks of X'WX and of each Z'WZ.</summary>
    /// <param name="terms">The model's terms.</param>
    /// <param name="design">The cells.</param>
    /// <param name="weights">W by cell. Length C.</param>
    /// <param name="population">Overwritten, p x p by rows.</param>
    /// <param name="effects">For each factor overwritten, q x q by rows, level after level.</param>
    public static void Sum(JointTerms terms, CellDesign design, ReadOnlySpan<double> weights, Span<double> population, double[][] effects)
    {
        var p = terms.PopulationCount;
        population.Clear();
        Array.ForEach(effects, Array.Clear);
        for (var i = 0; i < design.Count; i++)
        {
            for (var a = 0; a < p; a++)
            {
                var x = weights[i] * design.PopulationValue(i, a);
                for (var b = 0; b < p; b++)
                    population[a * p + b] += x * design.PopulationValue(i, b);
            }

            for (var k = 0; k < effects.Length; k++)
            {
                var q = terms.FactorColumns[k].Length;
                var block = effects[k].AsSpan(design.Starts(k)[i] * q, q * q);
                for (var a = 0; a < q; a++)
                {
                    var z = weights[i] * design.VaryingValue(i, k, a);
                    for (var b = 0; b < q; b++)
                        block[a * q + b] += z * design.VaryingValue(i, k, b);
                }
            }
        }
    }
}

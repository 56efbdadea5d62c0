using TypedPooling.Model;

namespace TypedPooling.Inference.Scales;

/// <summary>The prior of the sd of a varying intercept where it is stated about 0 and the factor is sampled about its own origin.
/// Immutable.</summary>
/// <remarks>The formula, Jacobian included, is derived at <see cref="ScaleCoordinates"/>. With v = Lambda_0 - sum_a origin_a Lambda_a, sd_0 = |v| and
/// d sd_0 / dv = v / |v|.</remarks>
internal sealed class MovedIntercept
{
    private readonly IScalePrior prior;
    private readonly double[] weights;       // of the rows of Lambda in v: 1 for the intercept, minus its origin for each other term

    private MovedIntercept(IScalePrior prior, int term, double[] weights, double power)
    {
        this.prior = prior;
        this.weights = weights;
        Term = term;
        Power = power;
    }

    /// <summary>Index of the intercept among the factor's terms.</summary>
    public int Term { get; }

    /// <summary>q + 2 (eta - 1), the power of sd / sd_0.</summary>
    public double Power { get; }

    /// <summary>The factor's origin in the column of another term.</summary>
    /// <param name="term">Index of the term.</param>
    public double OriginOf(int term) => -weights[term];

    /// <summary>What a factor needs.</summary>
    /// <param name="factor">The factor; every prior decided.</param>
    /// <returns>Null where the prior is stated where the factor is sampled.</returns>
    public static MovedIntercept? Of(FactorSpec factor)
    {
        if (factor.Origin.IsEmpty || factor.IsStatedAtOrigin)
            return null;
        var q = factor.Terms.Length;
        var term = Enumerable.Range(0, q).Single(a => factor.Terms[a].Column == ModelSpec.Ones);
        return new(
            factor.Terms[term].Sd!,
            term,
            [.. Enumerable.Range(0, q).Select(a => a == term ? 1 : -factor.Origin[a])],
            q + 2 * (factor.Correlation.Concentration!.Value - 1));
    }

    /// <summary>The log density over the intercept's own sd and the correlations, less that of LKJ.</summary>
    /// <param name="lambda">Lambda about the origin, q x q by rows, lower triangular.</param>
    /// <param name="sd">The intercept's sd about the origin.</param>
    /// <param name="gradient">Overwritten with the derivative for Lambda at a given <paramref name="sd"/>; zeros above the diagonal. Length
    /// q^2.</param>
    /// <returns>log p_0(sd_0) + power (log sd - log sd_0).</returns>
    public double LogDensity(ReadOnlySpan<double> lambda, double sd, Span<double> gradient)
    {
        var q = weights.Length;
        Span<double> v = stackalloc double[q];
        v.Clear();
        var largest = 0.0;
        for (var b = 0; b < q; b++)
        {
            for (var a = b; a < q; a++)
                v[b] += weights[a] * lambda[a * q + b];
            largest = Math.Max(largest, Math.Abs(v[b]));
        }

        // Scaled by its largest entry, as squares of very small sds vanish.
        var squares = 0.0;
        for (var b = 0; b < q && largest > 0; b++)
            squares += v[b] / largest * (v[b] / largest);
        var length = largest * Math.Sqrt(squares);
        var slope = prior.LogScaleDensityDerivative(length) - Power / length;
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b < q; b++)
                gradient[a * q + b] = b > a ? 0 : weights[a] * slope * v[b] / length;
        }

        return prior.LogScaleDensity(length) + Power * (Math.Log(sd) - Math.Log(length));
    }
}

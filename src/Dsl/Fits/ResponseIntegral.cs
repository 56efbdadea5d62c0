using System.Runtime.CompilerServices;
using TypedPooling.Data;
using TypedPooling.Inference.Numerics;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>Variances on the scale of the response, by the law of total variance, varying effects integrated out. Scratch of one thread.</summary>
/// <remarks>
/// <para>
/// Of a row with linear predictor eta ~ Normal(eta_i, V_i), V_i the sum of the factors' z'Sigma_k z, and m(eta) the expected response: with M_i =
/// E[m] the population's part is the variance of M_i over the rows, with n - 1; the effects' part the mean of var(m); the error the mean of E[var(y |
/// eta)]. What rows of one level of factor k share is the mean of var(E[m | u_k]). A proportion is that of one trial; rows of a Poisson model that
/// share a cell are taken at their mean exposure.
/// </para>
/// <para>
/// A row's integrals depend on eta_i and its z alone, so rows that are equal in both count as one (<see cref="DistinctPredictors"/>). The rows of one
/// z have one V in a draw, and their sums are sums of analytic functions of eta_i: where there are more of them than needed, nodes stand for them
/// (<see cref="PredictorNodes"/>), to 1e-12 or so of the greatest. What is computed at a node, or a row: <see cref="EffectMoments"/>. O(cells (p +
/// nodes)) a draw and an integral a node; where z differs in every row, an integral a row. Source: [Goldstein2002].
/// </para>
/// </remarks>
/// <param name="model">The model.</param>
/// <param name="predictors">Its distinct predictors.</param>
internal sealed class ResponseIntegral(CellBoundModel model, DistinctPredictors predictors)
{
    private readonly ModelSpec spec = model.Spec;
    private readonly EffectMoments moments = EffectMoments.Of(model.Family.Link);
    private readonly PredictorEntries entries = new(model.Spec.Factors.Length);
    private readonly PredictorNodes nodes = new();
    private readonly double[] eta = new double[predictors.Count];
    private readonly double[] parts = new double[model.Spec.Factors.Length];

    /// <summary>The mean over the rows of the expected response, in a draw.</summary>
    public double MeanAt(double[][] beta, ScaleColumns scales, int draw)
    {
        Read(beta, scales, draw);
        return WeightedMean(entries.Means);
    }

    /// <summary>Writes the variances of a draw.</summary>
    public void Write(double[][] beta, ScaleColumns scales, int draw, VarianceParts into)
    {
        Read(beta, scales, draw);
        var response = scales.OfResponse(draw);
        var means = entries.Means;
        var squares = entries.Squares;
        var spreads = entries.Spreads;
        var weights = entries.Weights;
        var mean = WeightedMean(means);
        var (population, error) = (0.0, 0.0);
        for (var i = 0; i < entries.Count; i++)
        {
            population += weights[i] * ((means[i] - mean) * (means[i] - mean));
            error += weights[i] * model.Family.ExpectedVariance(means[i], squares[i], spreads[i], response);
        }

        // Weights of nodes may be below 0, so that sums may be by rounding.
        into.Population[draw] = predictors.RowCount > 1 ? Math.Max(0, population) / (predictors.RowCount - 1) : 0;
        into.Error[draw] = error / predictors.RowCount;
        into.Effects[draw] = Math.Max(0, WeightedMean(entries.OfEffects));
        for (var k = 0; k < parts.Length; k++)
            into.Factors[k][draw] = Math.Max(0, WeightedMean(entries.Shared[k]));
    }

    private void Read(double[][] beta, ScaleColumns scales, int draw)
    {
        predictors.Offsets.CopyTo(eta, 0);
        for (var t = 0; t < beta.Length; t++)
            VectorLoops.Add(beta[t][draw], predictors.ColumnOf(t), eta);
        entries.Clear();
        for (var group = 0; group < predictors.GroupCount; group++)
        {
            ReadParts(group, scales, draw);
            var (start, count) = (predictors.Starts[group], predictors.Starts[group + 1] - predictors.Starts[group]);
            var own = eta.AsSpan(start, count);
            var (low, high) = Range(own);
            var needed = count > 1 && double.IsFinite(moments.Strip) ? PredictorNodes.CountFor(high - low, moments.Strip) : count;
            var first = entries.Add(Math.Min(needed, count), parts);
            if (needed < count)
            {
                nodes.Write(
                    own, predictors.Rows.AsSpan(start, count), low, high, entries.Eta.Slice(first, needed), entries.Weights.Slice(first, needed));
                entries.Sizes.Slice(first, needed).Fill(1);
                continue;
            }

            own.CopyTo(entries.Eta[first..]);
            predictors.Rows.AsSpan(start, count).CopyTo(entries.Weights[first..]);
            predictors.Sizes.AsSpan(start, count).CopyTo(entries.Sizes[first..]);
        }

        entries.Close();
        moments.Compute(entries);
    }

    // z'Sigma_k z of a group, by factor.
    private void ReadParts(int group, ScaleColumns scales, int draw)
    {
        var z = predictors.Varying.AsSpan(group * predictors.TermCount, predictors.TermCount);
        for (var k = 0; k < parts.Length; k++)
        {
            var q = spec.Factors[k].Terms.Length;
            var sum = 0.0;
            for (var a = 0; a < q; a++)
            {
                sum += z[a] * z[a] * scales.Covariance(k, a, a, draw);
                for (var b = 0; b < a; b++)
                    sum += 2 * (z[a] * z[b]) * scales.Covariance(k, a, b, draw);
            }

            parts[k] = Math.Max(0, sum);
            z = z[q..];
        }
    }

    private static (double Low, double High) Range(ReadOnlySpan<double> values)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
        {
            low = value < low ? value : low;
            high = value > high ? value : high;
        }

        return (low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double WeightedMean(ReadOnlySpan<double> values)
    {
        var weights = entries.Weights;
        var sum = 0.0;
        for (var i = 0; i < entries.Count; i++)
            sum += weights[i] * values[i];
        return sum / predictors.RowCount;
    }
}

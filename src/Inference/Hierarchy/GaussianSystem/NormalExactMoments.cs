using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem;

/// <summary>Closed-form moments of coefficients at known scales.</summary>
/// <remarks>
/// beta~ ~ N(beta^, H^-1) and u = G (y_j - X_j beta~) + Lambda A^-1/2 z with G = Lambda A^-1 B' / sigma^2, so a'beta~ + b'u has mean a'beta^ +
/// b'G (y_j - X_j beta^) and variance |L_H^-1 (a - X_j'G'b)|^2 + |L_A^-1 Lambda'b|^2.
/// </remarks>
internal sealed class NormalExactMoments : ExactMoments
{
    private readonly NormalSystem system;
    private readonly double sigma;
    private readonly bool isCentred;
    private readonly double[] lambda;              // of u, or of T u where the point is centred
    private readonly double[] pivotedLambda;
    private readonly double[] mean;
    private readonly double[] cholesky;

    /// <summary>Takes the conditional at the workspace's last solution.</summary>
    public NormalExactMoments(NormalSystem system, NormalSystemWorkspace workspace, ScalePoint point)
    {
        this.system = system;
        sigma = point.Sigma;
        lambda = system.TermCount == 0 ? [] : [.. point.Factors[0].Lambda];
        isCentred = system.TermCount > 0 && point.Factors[0].IsCentred;
        pivotedLambda = [.. lambda];
        if (lambda.Length > 0 && !isCentred)
            system.Pivot.PivotLambda(lambda, pivotedLambda);
        mean = [.. workspace.Mean];
        cholesky = [.. workspace.Cholesky];
    }

    public override NormalMoments GivenPopulation(int factorIndex, int level, ReadOnlySpan<double> effects) =>
        Of(new double[system.Population.TermCount], [new LevelWeights(factorIndex, level, [.. effects])], withPopulation: false);

    public override NormalMoments Of(ReadOnlySpan<double> population, ReadOnlySpan<LevelWeights> levels) =>
        Of(population, levels, withPopulation: true);

    private NormalMoments Of(ReadOnlySpan<double> population, ReadOnlySpan<LevelWeights> levels, bool withPopulation)
    {
        var p = system.PopulationCount;
        var q = system.TermCount;
        var weights = new double[p];
        system.Population.PivotWeights(population, weights);

        // The constant part of a'beta: fixed effects and the pivot of the response.
        var beta = new double[system.Population.TermCount];
        system.Population.Restore(new double[p], beta);
        var centre = 0.0;
        for (var t = 0; t < beta.Length; t++)
            centre += population[t] * beta[t];

        var variance = 0.0;
        if (!levels.IsEmpty)
        {
            var level = levels[0].Level;
            double[] effects = [.. levels[0].Weights];
            if (isCentred)
                system.Pivot.PivotWeights(effects);
            var workspace = new EffectsWorkspace(system);
            workspace.Factorise(level, sigma, pivotedLambda);

            var u = new double[q];
            workspace.Draw(level, sigma, lambda, mean, u);
            for (var a = 0; a < q; a++)
                centre += effects[a] * u[a];

            // g = L_A^-1 Lambda'b, then G'b = B L_A^-T g / sigma^2.
            var g = new double[q];
            for (var i = 0; i < q; i++)
            {
                var sum = 0.0;
                for (var a = 0; a < q; a++)
                    sum += lambda[a * q + i] * effects[a];
                for (var a = 0; a < i; a++)
                    sum -= workspace.Cholesky[i * q + a] * g[a];
                g[i] = sum * workspace.Cholesky[i * q + i];
                variance += g[i] * g[i];
            }

            for (var i = q - 1; i >= 0; i--)
            {
                var sum = g[i];
                for (var a = i + 1; a < q; a++)
                    sum -= workspace.Cholesky[a * q + i] * g[a];
                g[i] = sum * workspace.Cholesky[i * q + i];
            }

            var x = system.Classes.Population.AsSpan(system.ClassOfLevel[level] * q * p, q * p);
            for (var r = 0; r < q; r++)
            {
                var weight = 0.0;
                for (var i = 0; i < q; i++)
                    weight += workspace.Design[r * q + i] * g[i];
                weight /= sigma * sigma;
                for (var a = 0; a < p; a++)
                    weights[a] -= x[r * p + a] * weight;
            }
        }

        // Mean of a'beta~ belongs to the unchanged weights.
        var own = new double[p];
        system.Population.PivotWeights(population, own);
        for (var a = 0; a < p; a++)
            centre += own[a] * mean[a];

        for (var a = 0; withPopulation && a < p; a++)
        {
            for (var c = 0; c < a; c++)
                weights[a] -= cholesky[a * p + c] * weights[c];
            weights[a] *= cholesky[a * p + a];
            variance += weights[a] * weights[a];
        }

        return new NormalMoments(centre, Math.Sqrt(variance));
    }
}

using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Hierarchy.CrossedFactors;

/// <summary>Closed-form moments of coefficients of several factors at known scales.</summary>
/// <remarks>
/// A level of the rest, and beta, are part of x: w'x has mean w'x^ and variance |L^-1 D'w|^2 sigma^2. For an eliminated level b'u given x has mean
/// b'Lambda B'V^-1 (y_j - R x) / sigma and variance |b'Lambda|^2 - |V^-1/2 B Lambda'b|^2, so that -R'V^-1 B Lambda'b / sigma joins w.
/// </remarks>
internal sealed class CrossedExactMoments : ExactMoments
{
    private readonly CrossedSystem system;
    private readonly CrossedWorkspace workspace;
    private readonly double sigma;
    private readonly bool isCentred;
    private readonly double[] lambda;          // of the eliminated factor: of u, or of T u where the point is centred
    private readonly double[] pivotedLambda;
    private readonly double[] rest;            // conditional mean, natural coordinates
    private readonly double[] population;

    /// <summary>Takes the conditional at the workspace's last solution, which must not be solved again.</summary>
    public CrossedExactMoments(CrossedSystem system, CrossedWorkspace workspace, ScalePoint point)
    {
        this.system = system;
        this.workspace = workspace;
        sigma = point.Sigma;
        lambda = [.. point.Factors[system.Eliminated].Lambda];
        isCentred = point.Factors[system.Eliminated].IsCentred;
        pivotedLambda = [.. lambda];
        if (!isCentred)
            system.Factors[system.Eliminated].Pivot.PivotLambda(lambda, pivotedLambda);
        rest = new double[system.Layout.Order];
        workspace.Scale(workspace.Mean, rest, 1 / sigma);
        for (var a = 0; a < rest.Length; a++)
            rest[a] *= sigma;
        population = [.. rest[system.PopulationStart..], .. workspace.Joined];
    }

    public override NormalMoments Of(ReadOnlySpan<double> population, ReadOnlySpan<LevelWeights> levels) => Of(population, levels, given: 0);

    // beta comes last in the Cholesky factor: what it adds to |L^-1 D'w|^2 are the last elements.
    public override NormalMoments GivenPopulation(int factor, int level, ReadOnlySpan<double> effects) =>
        Of(new double[system.Population.TermCount], [new LevelWeights(factor, level, [.. effects])], given: system.IntegratedCount);

    private NormalMoments Of(ReadOnlySpan<double> population, ReadOnlySpan<LevelWeights> levels, int given)
    {
        // The constant part of a'beta: fixed effects and the pivot of the response.
        var beta = new double[system.Population.TermCount];
        system.Population.Restore(new double[system.PopulationCount], beta);
        var centre = 0.0;
        for (var t = 0; t < beta.Length; t++)
            centre += population[t] * beta[t];
        var own = new double[system.PopulationCount];
        system.Population.PivotWeights(population, own);
        for (var a = 0; a < own.Length; a++)
            centre += own[a] * this.population[a];

        var weights = new double[system.Layout.Order];
        own.AsSpan(0, system.IntegratedCount).CopyTo(weights.AsSpan(system.PopulationStart));
        var variance = 0.0;
        foreach (var (factor, level, effects) in levels)
        {
            if (factor != system.Eliminated)
                AddRest(factor, level, effects.AsSpan(), weights, ref centre);
        }

        // Last: it adds to the weights of the rest, whose means it has by itself.
        foreach (var (factor, level, effects) in levels)
        {
            if (factor == system.Eliminated)
                AddEliminated(level, [.. effects], weights, ref centre, ref variance);
        }

        workspace.ScaleTransposed(weights, 1 / sigma);
        workspace.Matrix.SolveLower(weights);
        foreach (var weight in weights.AsSpan(0, weights.Length - given))
            variance += sigma * sigma * weight * weight;
        return new NormalMoments(centre, Math.Sqrt(variance));
    }

    private void AddRest(int factor, int level, ReadOnlySpan<double> effects, double[] weights, ref double centre)
    {
        // u = T^-1 (pivoted u): weights on the pivoted effects are T^-T b.
        var at = system.CoordinateOf(factor, level);
        effects.CopyTo(weights.AsSpan(at));
        system.Factors[factor].Pivot.PivotWeights(weights.AsSpan(at, effects.Length));
        for (var a = 0; a < effects.Length; a++)
            centre += weights[at + a] * rest[at + a];
    }

    private void AddEliminated(int level, double[] effects, double[] weights, ref double centre, ref double variance)
    {
        var q = effects.Length;
        if (isCentred)
            system.Factors[system.Eliminated].Pivot.PivotWeights(effects);
        var conditional = new LevelConditional(system, level);
        var u = new double[2 * q];
        conditional.Draw(sigma, lambda, pivotedLambda, rest, population, u);
        for (var a = 0; a < q; a++)
            centre += effects[a] * u[a];

        // g = Lambda'b, h = V^-1 B g
        var g = new double[q];
        var h = new double[q];
        for (var i = 0; i < q; i++)
        {
            for (var a = 0; a < q; a++)
                g[i] += lambda[a * q + i] * effects[a];
            variance += g[i] * g[i];
        }

        var right = new double[q];
        for (var a = 0; a < q; a++)
        {
            for (var i = 0; i < q; i++)
                right[a] += conditional.Design[a * q + i] * g[i];
        }

        right.CopyTo(h, 0);
        conditional.Solve(h);
        var classes = system.Classes;
        var c = classes.ClassOf[level];
        var start = classes.Start[c];
        var d = classes.Start[c + 1] - start;
        for (var a = 0; a < q; a++)
        {
            variance -= right[a] * h[a];
            for (var i = 0; i < d; i++)
                weights[classes.Coordinates[start + i]] -= classes.RestRows[start * q + a * d + i] * h[a] / sigma;
        }

        variance = Math.Max(0, variance);
    }
}

using TypedPooling.Draws;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem;

/// <summary>Closed-form moments of coefficients at known scales.</summary>
/// <remarks>
/// The rest x, the effects of all but the eliminated factor and beta~, is normal with mean x^ and covariance C. A level's u = G (y_j - R x) +
/// Lambda A^-1/2 z with G = Lambda A^-1 B' / sigma^2. So w'x + b'u has mean w'x^ + b'G (y_j - R x^) and variance c'C c + |L_A^-1 Lambda'b|^2,
/// c = w - R'G'b.
/// </remarks>
internal sealed class CoefficientMoments : ExactMoments
{
    private readonly CoefficientSystem system;
    private readonly CoefficientWorkspace workspace;
    private readonly double sigma;
    private readonly bool isCentred;
    private readonly double[] lambda;              // of the eliminated factor: of u, or of T u where the point is centred
    private readonly double[] pivotedLambda;
    private readonly double[] rest;                // conditional means, pivoted
    private readonly double[] population;

    /// <summary>Takes the conditional at the workspace's last solution, which must not be solved again.</summary>
    /// <param name="system">The coefficients.</param>
    /// <param name="workspace">A workspace of theirs.</param>
    /// <param name="point">The scales it was solved at.</param>
    public CoefficientMoments(CoefficientSystem system, CoefficientWorkspace workspace, ScalePoint point)
    {
        this.system = system;
        this.workspace = workspace;
        sigma = point.Sigma;
        (lambda, pivotedLambda) = ([], []);
        if (system.Eliminated >= 0)
        {
            var factor = point.Factors[system.Eliminated];
            isCentred = factor.IsCentred;
            lambda = [.. factor.Lambda];
            pivotedLambda = [.. lambda];
            if (!isCentred)
                system.PivotOf(system.Eliminated).PivotLambda(lambda, pivotedLambda);
        }

        population = new double[system.PopulationCount];
        rest = new double[system.RestCount];
        workspace.DrawPopulation(population);
        workspace.DrawRest(population, rest);
    }

    public override NormalMoments Of(ReadOnlySpan<double> population, ReadOnlySpan<LevelWeights> levels) =>
        Of(population, levels, givenPopulation: false);

    public override NormalMoments GivenPopulation(int factorIndex, int level, ReadOnlySpan<double> effects) => Of(
        new double[system.Population.TermCount], [new LevelWeights(factorIndex, level, [.. effects])], givenPopulation: true);

    private NormalMoments Of(ReadOnlySpan<double> population, ReadOnlySpan<LevelWeights> levels, bool givenPopulation)
    {
        // The constant part of a'beta: fixed effects and what is taken off the response.
        var own = new double[system.PopulationCount];
        var beta = new double[system.Population.TermCount];
        system.Population.Restore(own, beta);
        system.Population.PivotWeights(population, own);
        var mean = 0.0;
        for (var t = 0; t < beta.Length; t++)
            mean += population[t] * beta[t];
        for (var e = 0; e < own.Length; e++)
            mean += own[e] * this.population[e];
        var weights = new double[system.RestCount + system.Population.IntegratedCount];
        own.AsSpan(0, system.Population.IntegratedCount).CopyTo(weights.AsSpan(system.RestCount));
        var variance = 0.0;
        foreach (var (factor, level, effects) in levels)
        {
            if (factor != system.Eliminated)
                mean += AddRest(factor, level, effects.AsSpan(), weights);
        }

        // Last: it adds to the weights of the rest, whose means it has by itself.
        foreach (var (factor, level, effects) in levels)
        {
            if (factor == system.Eliminated)
                mean += AddEliminated(level, [.. effects], weights, ref variance);
        }

        return new NormalMoments(mean, Math.Sqrt(variance + workspace.Variance(weights, givenPopulation)));
    }

    private double AddRest(int factor, int level, ReadOnlySpan<double> effects, double[] weights)
    {
        // u = T^-1 (pivoted u): weights on the pivoted effects are T^-T b.
        var at = system.CoordinateOf(factor, level);
        effects.CopyTo(weights.AsSpan(at));
        system.PivotOf(factor).PivotWeights(weights.AsSpan(at, effects.Length));
        var mean = 0.0;
        for (var a = at; a < at + effects.Length; a++)
            mean += weights[a] * rest[a];
        return mean;
    }

    private double AddEliminated(int level, double[] effects, double[] weights, ref double variance)
    {
        var q = effects.Length;
        if (isCentred)
            system.PivotOf(system.Eliminated).PivotWeights(effects);
        var rows = system.RowsOf(level);
        var conditional = new LevelConditional(q);
        conditional.Factorise(rows, sigma, pivotedLambda);
        var u = new double[q];
        conditional.Draw(rows, sigma, lambda, rest, population, u);
        var mean = 0.0;
        for (var a = 0; a < q; a++)
            mean += effects[a] * u[a];

        // g = Lambda'b, g'A^-1 g its variance; then A^-1 g
        var g = new double[q];
        var solved = new double[q];
        for (var i = 0; i < q; i++)
        {
            for (var a = 0; a < q; a++)
                g[i] += lambda[a * q + i] * effects[a];
        }

        g.CopyTo(solved, 0);
        conditional.Solve(solved);
        var d = rows.RestCount;
        for (var a = 0; a < q; a++)
        {
            variance += g[a] * solved[a];

            // R'G'b = R'B A^-1 g / sigma^2
            var weight = 0.0;
            for (var i = 0; i < q; i++)
                weight += conditional.Design[a * q + i] * solved[i];
            weight /= sigma * sigma;
            for (var i = 0; i < d; i++)
            {
                var at = i < rows.Coordinates.Length ? rows.Coordinates[i] : system.RestCount + i - rows.Coordinates.Length;
                weights[at] -= rows.Rest[a * d + i] * weight;
            }
        }

        return mean;
    }
}

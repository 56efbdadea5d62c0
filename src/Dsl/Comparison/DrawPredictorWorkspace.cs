using TypedPooling.Draws;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>Linear predictors in every draw of a posterior: offset + x'beta + sum over factors of z_k'u_k. Used by one thread.</summary>
/// <param name="posterior">The posterior, on the scale of the columns.</param>
/// <param name="levels">Draws of its levels, which threads may share.</param>
internal sealed class DrawPredictorWorkspace(Posterior posterior, LevelDraws levels)
{
    private readonly ModelSpec spec = posterior.Spec;
    private readonly double[][] population = [.. Enumerable.Range(0, posterior.Population.ParameterCount).Select(t =>
    {
        var draws = new double[posterior.DrawCount];
        posterior.Population.CopyDraws(t, draws);
        return draws;
    })];

    private readonly ScaleValues?[] scales = new ScaleValues?[posterior.Spec.Factors.Length];   // by factor, read when they are needed

    /// <summary>The value that a term multiplies.</summary>
    /// <param name="column">Number of the term's column, or <see cref="ModelSpec.Ones"/>.</param>
    /// <param name="columns">Values of the model's columns.</param>
    public static double ValueOf(int column, ReadOnlySpan<double> columns) => column == ModelSpec.Ones ? 1 : columns[column];

    /// <summary>Draws of a population effect. Length S.</summary>
    public double[] PopulationOf(int term) => population[term];

    /// <summary>Draws of a level's effects, as of <see cref="LevelDraws.Of"/>.</summary>
    public double[] EffectsOf(int factor, int level) => levels.Of(factor, level);

    /// <summary>Sigma and Lambda of a factor by draw.</summary>
    public ScaleValues ScalesOf(int factor) => scales[factor] ??= ScaleValues.Read(spec, posterior, factor);

    /// <summary>Writes what is known of a predictor without varying effects: offset + x'beta.</summary>
    /// <param name="columns">Values of the model's columns. Length m.</param>
    /// <param name="offset">Sum of the offsets.</param>
    /// <param name="from">Number of the first draw.</param>
    /// <param name="eta">Overwritten, a value a draw from there on.</param>
    public void Begin(ReadOnlySpan<double> columns, double offset, int from, Span<double> eta)
    {
        eta.Fill(offset);
        for (var t = 0; t < population.Length; t++)
            Add(ValueOf(spec.Population[t].Column, columns), population[t].AsSpan(from, eta.Length), eta);
    }

    /// <summary>Adds z_k'u_k of a level.</summary>
    /// <param name="factor">Index of the factor k.</param>
    /// <param name="level">Number of the level in the posterior.</param>
    /// <param name="columns">Values of the model's columns. Length m.</param>
    /// <param name="from">Number of the first draw.</param>
    /// <param name="eta">Added to, a value a draw from there on.</param>
    public void AddEffects(int factor, int level, ReadOnlySpan<double> columns, int from, Span<double> eta)
    {
        var effects = EffectsOf(factor, level);
        var terms = spec.Factors[factor].Terms;
        for (var a = 0; a < terms.Length; a++)
            Add(ValueOf(terms[a].Column, columns), effects.AsSpan(a * posterior.DrawCount + from, eta.Length), eta);
    }

    /// <summary>Adds the variance z_k'Sigma_k z_k = |Lambda'z|^2 of effects that are as the prior has them, in every draw.</summary>
    /// <param name="factor">Index of the factor k.</param>
    /// <param name="columns">Values of the model's columns. Length m.</param>
    /// <param name="variances">Added to. Length S.</param>
    public void AddVariance(int factor, ReadOnlySpan<double> columns, Span<double> variances)
    {
        var q = spec.Factors[factor].Terms.Length;
        Span<double> zeta = stackalloc double[q];
        for (var s = 0; s < variances.Length; s++)
        {
            Spherical(factor, columns, s, zeta);
            foreach (var value in zeta)
                variances[s] += value * value;
        }
    }

    /// <summary>Writes zeta = Lambda'z of a factor: what a unit of each spherical effect adds to the predictor.</summary>
    /// <param name="factor">Index of the factor.</param>
    /// <param name="columns">Values of the model's columns. Length m.</param>
    /// <param name="draw">Number of the draw.</param>
    /// <param name="zeta">Overwritten. Length q.</param>
    public void Spherical(int factor, ReadOnlySpan<double> columns, int draw, Span<double> zeta)
    {
        var terms = spec.Factors[factor].Terms;
        var lambda = ScalesOf(factor).LambdaOf(draw);
        zeta.Clear();
        for (var a = 0; a < terms.Length; a++)
        {
            var z = ValueOf(terms[a].Column, columns);
            for (var i = 0; i < terms.Length; i++)
                zeta[i] += lambda[a * terms.Length + i] * z;
        }
    }

    private static void Add(double times, ReadOnlySpan<double> draws, Span<double> eta)
    {
        if (times != 0)
            VectorLoops.Add(times, draws, eta);
    }
}

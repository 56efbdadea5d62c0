using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Model;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Gibbs;

/// <summary>Prior precisions of the population effects; those of mixtures (<see cref="NormalMixture"/>) are drawn anew in each sweep.</summary>
/// <remarks>Scratch of one chain.</remarks>
internal sealed class PriorMixture
{
    private readonly NormalMixture[] mixtures;
    private readonly int[] termOf;

    public PriorMixture(ModelSpec spec, PopulationSystem population)
    {
        termOf = [.. Enumerable.Range(0, population.Count).Select(population.TermOf)];
        mixtures = [.. termOf.Select(t => spec.Population[t].Prior!.Mixture!)];
        Precision = [.. mixtures.Select(mixture => mixture.Precision)];
        IsNeeded = mixtures.Any(mixture => mixture.IsMixed);
    }

    /// <summary>w of each population effect. Length p.</summary>
    public double[] Precision { get; }

    /// <summary>True where a precision is drawn.</summary>
    public bool IsNeeded { get; }

    /// <summary>Whether a prior is Normal, flat, fixed or a mixture of normals.</summary>
    public static bool Supports(IRealPrior? prior) => prior is null or { FixedValue: not null } or { Mixture: not null };

    /// <summary>Draws the precisions.</summary>
    /// <param name="coefficients">All population effects of the model.</param>
    /// <param name="stream">Randomness.</param>
    public void Draw(ReadOnlySpan<double> coefficients, PhiloxStream stream)
    {
        for (var e = 0; e < mixtures.Length; e++)
        {
            if (mixtures[e].IsMixed)
                Precision[e] = mixtures[e].DrawPrecision(coefficients[termOf[e]], stream);
        }
    }
}

using System.Collections.Immutable;
using TypedPooling.Data;
using TypedPooling.Model;
using TypedPooling.Responses;

namespace TypedPooling.Inference.InferNet;

/// <summary>A bound model as a factor graph with its data: which node is what, and the rows. Immutable.</summary>
/// <remarks>
/// <para>
/// Nodes: the noise precision t (where it is not known); a vector beta of the population effects that are nobody's mean; and for each block of
/// effects its precision P, its mean mu and a coefficient b_j for each level j, b_j ~ N(mu, P^-1), so that u_j = b_j - mu. With eta_i = x_i'beta +
/// sum over blocks of z_i'b[level of i], a row i is y_i ~ N(eta_i, 1 / t), or a cell of a_i successes in n_i trials, see
/// <see cref="BinomialFactor"/>; then there is no t.
/// </para>
/// <para>
/// A block has a mean (hierarchical centring) where every one of its terms has a population effect that is free; of several blocks that could have
/// it, the one with fewest levels. The other blocks have mean 0 and b = u. What is independent in the variational approximation is t, beta, and each
/// block's P, mu and b: with centring that is close where levels have much data, and then the population effects' sds are too small by what the data
/// leave uncertain in b_j.
/// </para>
/// </remarks>
internal sealed class FactorGraph
{
    private FactorGraph(BoundModel model, ImmutableArray<EffectBlock> blocks, int[] varyingColumns, int[] rest, GraphRows rows)
    {
        Model = model;
        Blocks = blocks;
        VaryingColumns = varyingColumns;
        Rest = rest;
        Rows = rows;
    }

    /// <summary>The model.</summary>
    public BoundModel Model { get; }

    /// <summary>Its specification, every prior conjugate.</summary>
    public required ModelSpec Spec { get; init; }

    /// <summary>The blocks of varying effects; terms whose sd is fixed at 0 are in none.</summary>
    public ImmutableArray<EffectBlock> Blocks { get; }

    /// <summary>Columns of Z, that of ones first. Length d.</summary>
    public int[] VaryingColumns { get; }

    /// <summary>Indices of the population effects in beta. Length p.</summary>
    public int[] Rest { get; }

    /// <summary>The data.</summary>
    public GraphRows Rows { get; }

    /// <summary>Prior of the noise precision, the residual sum of squares folded in; null where it is known.</summary>
    public (double Shape, double Rate)? Noise => Spec.Response is { KnownSd: null, Sigma.Conjugate: { } prior }
        && Rows is PseudoRows rows
        ? (prior.Shape + 0.5 * rows.LeftRows, prior.Scale + 0.5 * rows.LeftSquares)
        : null;

    /// <summary>The noise precision where it is known: 1 with errors known by row, whose weights are in the sums.</summary>
    public double KnownNoise => Spec.Response.Sigma is { FixedValue: { } sigma } && Spec.Response.KnownSd is null ? 1 / (sigma * sigma) : 1;

    /// <summary>Lowers a model.</summary>
    /// <param name="model">The model with its data.</param>
    /// <param name="spec">Its specification, every prior conjugate.</param>
    /// <returns>The graph.</returns>
    public static FactorGraph Of(BoundModel model, ModelSpec spec)
    {
        var columns = Enumerable.Range(0, spec.Factors.Length)
            .SelectMany(k => VaryingTerms(spec.Factors[k]).Select(a => spec.Factors[k].Terms[a].Column))
            .Distinct().Order().ToArray(); // the column of ones is -1, so it comes first
        var free = Enumerable.Range(0, spec.Population.Length).Where(e => spec.Population[e].Prior?.FixedValue is null).ToList();
        var blocks = new EffectBlock[spec.Factors.Length][];
        foreach (var k in Enumerable.Range(0, spec.Factors.Length).OrderBy(k => model.Levels[k].Count))
        {
            var factor = spec.Factors[k];
            int[][] parts = factor.HasCorrelations ? [[.. VaryingTerms(factor)]] : [.. VaryingTerms(factor).Select(a => new[] { a })];
            blocks[k] = [.. parts.Select(terms =>
            {
                int[] means =
                    [.. terms.Select(a => free.FindIndex(e => spec.Population[e].Column == factor.Terms[a].Column)).Where(at => at >= 0).Select(
                        at => free[at])];
                if (means.Length < terms.Length)
                    means = [];
                free.RemoveAll(means.Contains);
                var kind = factor.HasCorrelations
                    ? PrecisionKind.Wishart
                    : factor.Terms[terms[0]].Sd?.FixedValue is not null ? PrecisionKind.Known : PrecisionKind.Gamma;
                return new EffectBlock(
                    k, terms, [.. terms.Select(a => Array.IndexOf(columns, factor.Terms[a].Column))], means, kind, model.Levels[k].Count);
            })];
        }

        (int, double)[] fixedEffects = [
            .. spec.Population.Where(term => term.Prior?.FixedValue is not null).Select(term => (term.Column, term.Prior!.FixedValue!.Value))];
        int[] population = [.. free.Select(e => spec.Population[e].Column)];
        GraphRows rows = model switch
        {
            NormalBoundModel normal => PseudoRows.Of(normal, columns, population, fixedEffects),
            CellBoundModel cells => CellRows.Of(cells.Cells, spec.Response.Family.Link, columns, population, fixedEffects),
            _ => throw new NotSupportedException(model.GetType().Name),
        };
        return new FactorGraph(model, [.. blocks.SelectMany(list => list)], columns, [.. free], rows) { Spec = spec };
    }

    /// <summary>Prior of a block's precision: shape a and rate matrix B of the Wishart density |P|^(a - (q + 1) / 2) exp(-tr(B P)); with q = 1 a
    /// Gamma.</summary>
    /// <param name="block">A block whose precision is not known.</param>
    /// <returns>The parameters; B is q x q.</returns>
    public (double Shape, double[,] Rate) Precision(EffectBlock block)
    {
        var factor = Spec.Factors[block.Factor];
        if (factor.Covariance?.Conjugate(factor.Terms.Length) is not { } wishart)
        {
            var prior = factor.Terms[block.Terms[0]].Sd!.Conjugate!.Value;
            return (prior.Shape, new[,] { { prior.Scale } });
        }

        var q = block.Size;
        var rate = new double[q, q];
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b < q; b++)
                rate[a, b] = 0.5 * wishart.ScaleMatrix[a * q + b];
        }

        return (0.5 * wishart.DegreesOfFreedom, rate);
    }

    /// <summary>Sds of a block that are known. Length 1.</summary>
    public double KnownSd(EffectBlock block) => Spec.Factors[block.Factor].Terms[block.Terms[0]].Sd!.FixedValue!.Value;

    // A factor with a covariance prior has a Gamma or a Wishart for it, never a known sd.
    private static IEnumerable<int> VaryingTerms(FactorSpec factor) =>
        Enumerable.Range(0, factor.Terms.Length).Where(a => factor.Terms[a].Sd is not { FixedValue: 0 });
}

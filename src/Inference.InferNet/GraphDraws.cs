using System.Collections.Immutable;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.InferNet;

/// <summary>Draws from the approximation in the shape of every posterior.</summary>
internal static class GraphDraws
{
    /// <summary>Draws.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="marginals">Its approximation.</param>
    /// <param name="options">Seed, chains and draws.</param>
    /// <returns>Population effects, scales, and the effects of each factor given these, which are made when they are read.</returns>
    public static (StoredBlock Population, StoredBlock Scales, ImmutableArray<EffectsBlock> Effects) Of(
        FactorGraph graph, Marginals marginals, RunOptions options)
    {
        var spec = graph.Spec;
        var count = options.Chains * options.Draws;
        var stream = RandomAddresses.Approximation(options.Seed);
        var population = Population(graph, marginals, stream, count);
        var (scales, noise, roots) = Scales(graph, marginals, stream, count);
        var conditionals = new LevelConditionals(graph, marginals.Sites, population, noise, roots, options.Seed);
        return (
            population,
            scales,
            [.. Enumerable.Range(0, spec.Factors.Length).Select(EffectsBlock (k) => new ConditionalEffects(graph, conditionals, k))]);
    }

    private static StoredBlock Population(FactorGraph graph, Marginals marginals, PhiloxStream stream, int count)
    {
        var terms = graph.Spec.Population;
        var draws = new double[terms.Length * count];
        for (var e = 0; e < terms.Length; e++)
        {
            if (terms[e].Prior is { FixedValue: { } known })
                draws.AsSpan(e * count, count).Fill(known);
        }

        Draw(marginals.Beta, graph.Rest);
        for (var k = 0; k < graph.Blocks.Length; k++)
            Draw(marginals.Means[k], graph.Blocks[k].Means);
        return new StoredBlock([.. terms.Select(term => new Parameter(ParameterKind.PopulationEffect, term.Name))], draws, count);

        void Draw(NormalMarginal? normal, int[] effects)
        {
            if (normal is null)
                return;
            var cholesky = normal.Cholesky();
            var values = new double[effects.Length];
            for (var s = 0; s < count; s++)
            {
                for (var a = 0; a < values.Length; a++)
                    values[a] = stream.NextNormal();
                normal.Draw(cholesky, values);
                for (var a = 0; a < values.Length; a++)
                    draws[effects[a] * count + s] = values[a];
            }
        }
    }

    // Also the noise precision of each draw, and a root of each factor's covariance, over its blocks in their order.
    private static (StoredBlock Scales, double[] Noise, double[][] Roots) Scales(
        FactorGraph graph, Marginals marginals, PhiloxStream stream, int count)
    {
        var spec = graph.Spec;
        var noise = new double[count];
        Array.Fill(noise, graph.KnownNoise);
        var roots = new double[spec.Factors.Length][];
        var parameters = ImmutableArray.CreateBuilder<Parameter>();
        var rows = new List<double[]>();
        if (spec.Response.HasSigma)
        {
            parameters.Add(new Parameter(ParameterKind.Sigma, string.Empty));
            var sigma = Sds(marginals.Noise, Math.Sqrt(1 / graph.KnownNoise));
            rows.Add(sigma);
            for (var s = 0; marginals.Noise is not null && s < count; s++)
                noise[s] = 1 / (sigma[s] * sigma[s]);
        }

        for (var k = 0; k < spec.Factors.Length; k++)
        {
            var factor = spec.Factors[k];
            var q = factor.Terms.Length;
            var own = Enumerable.Range(0, q * (factor.HasCorrelations ? q + 1 : 2) / 2).Select(_ => new double[count]).ToArray();
            var size = graph.Blocks.Where(block => block.Factor == k).Sum(block => block.Size);
            roots[k] = new double[count * size * size];
            var from = 0;
            for (var i = 0; i < graph.Blocks.Length; i++)
            {
                var block = graph.Blocks[i];
                if (block.Factor != k)
                    continue;
                if (block.Kind == PrecisionKind.Wishart)
                {
                    Covariances(marginals.Precisions[i]!.Value, q, own, roots[k]);
                    continue;
                }

                if (marginals.Precisions[i] is var (shape, rate))
                    own[block.Terms[0]] = Sds((shape, rate[0, 0]), 0);
                else
                    own[block.Terms[0]] = Sds(null, graph.KnownSd(block));
                for (var s = 0; s < count; s++)
                    roots[k][(s * size + from) * size + from] = own[block.Terms[0]][s];
                from++;
            }

            rows.AddRange(own);
            foreach (var term in factor.Terms)
                parameters.Add(new Parameter(ParameterKind.VaryingSd, term.Name) { Factor = factor.Name });
            for (var a = 1; factor.HasCorrelations && a < q; a++)
            {
                for (var b = 0; b < a; b++)
                    parameters.Add(
                        new Parameter(
                            ParameterKind.VaryingCorrelation, factor.Terms[b].Name)
                        { Factor = factor.Name, OtherTerm = factor.Terms[a].Name });
            }
        }

        return (new StoredBlock(parameters.ToImmutable(), [.. rows.SelectMany(row => row)], count), noise, roots);

        double[] Sds((double Shape, double Rate)? precision, double known)
        {
            var sds = new double[count];
            for (var s = 0; s < count; s++)
                sds[s] = precision is var (shape, rate) ? Math.Sqrt(rate / stream.NextGamma(shape)) : known;
            return sds;
        }

        // Precision Wishart of shape a and rate B: covariance inverse Wishart with nu = 2 a and Psi = 2 B.
        void Covariances((double Shape, double[,] Rate) precision, int q, double[][] own, double[] root)
        {
            var psi = new double[q, q];
            for (var a = 0; a < q; a++)
            {
                for (var b = 0; b < q; b++)
                    psi[a, b] = 2 * precision.Rate[a, b];
            }

            var covariance = new InverseWishartPrior(2 * precision.Shape, psi);
            var lambda = new double[q * q];
            for (var s = 0; s < count; s++)
            {
                covariance.SampleFactor(q, stream, lambda);
                lambda.CopyTo(root, s * q * q);
                for (int a = 0, at = q; a < q; a++)
                {
                    own[a][s] = Math.Sqrt(Dot(lambda, q, a, a));
                    for (var b = 0; b < a; b++)
                        own[at++][s] = Dot(lambda, q, a, b) / (own[a][s] * own[b][s]);
                }
            }
        }
    }

    private static double Dot(double[] lambda, int q, int a, int b)
    {
        var sum = 0.0;
        for (var c = 0; c < q; c++)
            sum += lambda[a * q + c] * lambda[b * q + c];
        return sum;
    }
}

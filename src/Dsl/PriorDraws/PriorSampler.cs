using System.Collections.Immutable;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;
using TypedPooling.Randomness;
using TypedPooling.Responses;
using TypedPooling.Standardizing;

namespace TypedPooling.PriorDraws;

/// <summary>Draws the parameters of a model from its prior. A draw is a pure function of the seed and its number.</summary>
internal sealed class PriorSampler
{
    private readonly ImmutableArray<Parameter> scales;

    /// <param name="spec">The model; every prior decided.</param>
    /// <param name="standardization">By what it is standardised; null where priors are on the original scale.</param>
    /// <exception cref="ModelException">ImproperPrior.</exception>
    public PriorSampler(ModelSpec spec, Standardization? standardization)
    {
        OpenPriors.RefuseImproper(spec);

        // Parameters are drawn where their priors are stated.
        Spec = spec.WithoutMovedPriors();
        Standardization = standardization;
        scales = new ScaleCoordinates(spec).Parameters;
    }

    public ModelSpec Spec { get; }

    public Standardization? Standardization { get; }

    /// <summary>Draws the parameters from the first numbers of a stream, on the scale of the priors: population effects, then each factor's sds and
    /// correlations, then sigma, then the shape of the response.</summary>
    public PriorDraw Draw(PhiloxStream stream)
    {
        var population = new double[Spec.Population.Length];
        for (var t = 0; t < population.Length; t++)
            population[t] = Spec.Population[t].Prior!.Sample(stream);
        var factors = new PriorDraw.Factor[Spec.Factors.Length];
        for (var k = 0; k < factors.Length; k++)
            factors[k] = Draw(Spec.Factors[k], stream);
        var response = Spec.Response;
        var sigma = response.HasSigma ? response.Sigma!.Sample(stream) : 1;
        return new(population, factors, new(sigma, response.HasShape ? response.Shape!.Sample(stream) : double.NaN));
    }

    /// <summary>Draws in the shape of a posterior, on the original scale: independent, without effects of levels.</summary>
    public Posterior Sample(int draws, ulong seed)
    {
        if (draws < 4)
        {
            throw new ModelException(new Problem(
                ProblemCode.OptionOutOfRange, FormattableString.Invariant($"The number of draws is {draws}."), "Use a value from 4 to 10,000,000.")
            { Term = nameof(draws) });
        }

        var options = RunOptions.Default with { Chains = 1, Draws = draws, Seed = seed };
        options.Validated(Spec);

        var population = DrawTable.OfPopulation(Spec, draws);
        var reported = new DrawTable(scales, draws);
        for (var s = 0; s < draws; s++)
        {
            var draw = Draw(RandomAddresses.PriorDraw(seed, s));
            population.Set(s, draw.Population);
            Report(draw, reported, s);
        }

        var posterior = new PosteriorBuilder("Prior", Exactness.Exact, Spec, options).Of(population.ToBlock(), reported.ToBlock(), []);
        return OriginalScale.Restore(Spec, Standardization, posterior);
    }

    private static PriorDraw.Factor Draw(FactorSpec factor, PhiloxStream stream)
    {
        var q = factor.Terms.Length;
        var sds = new double[q];
        var root = new double[q * q];
        if (factor.Covariance is null)
        {
            for (var a = 0; a < q; a++)
                sds[a] = factor.Terms[a].Sd!.Sample(stream);
            factor.Correlation.SampleFactor(q, stream, root);
            return new(sds, root);
        }

        // Lambda = diag(sd) L: the sds are the lengths of its rows.
        factor.Covariance.SampleFactor(q, stream, root);
        for (var a = 0; a < q; a++)
        {
            var variance = 0.0;
            for (var b = 0; b <= a; b++)
                variance += root[a * q + b] * root[a * q + b];
            sds[a] = Math.Sqrt(variance);
            for (var b = 0; b <= a; b++)
                root[a * q + b] /= sds[a];
        }

        return new(sds, root);
    }

    // In the order of ScaleCoordinates.Parameters: sigma, the shape, where the response has them; then each factor's sds and, where estimated,
    // correlations, lower triangle by rows.
    private void Report(PriorDraw draw, DrawTable reported, int s)
    {
        var at = 0;
        if (Spec.Response.HasSigma)
            Put(draw.Scales.Sigma);
        if (Spec.Response.HasShape)
            Put(draw.Scales.Shape);
        for (var k = 0; k < draw.Factors.Length; k++)
        {
            var (sds, root) = draw.Factors[k];
            var q = sds.Length;
            foreach (var sd in sds)
                Put(sd);
            if (!Spec.Factors[k].HasCorrelations)
                continue;
            for (var a = 1; a < q; a++)
            {
                for (var b = 0; b < a; b++)
                {
                    var sum = 0.0;
                    for (var c = 0; c <= b; c++)
                        sum += root[a * q + c] * root[b * q + c];
                    Put(sum);
                }
            }
        }

        void Put(double value) => reported[at++][s] = value;
    }
}

/// <summary>One joint draw of the parameters.</summary>
/// <param name="Population">The population effects.</param>
/// <param name="Factors">The scales of each grouping factor.</param>
/// <param name="Scales">Sigma, 1 where the response has none; and the shape.</param>
internal sealed record PriorDraw(double[] Population, PriorDraw.Factor[] Factors, ResponseScales Scales)
{
    /// <summary>Sds, and the Cholesky factor of the correlation matrix, q x q by rows.</summary>
    public readonly record struct Factor(double[] Sds, double[] Root);
}

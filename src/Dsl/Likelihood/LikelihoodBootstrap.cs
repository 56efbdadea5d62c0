using System.Collections.Immutable;
using System.Globalization;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;
using TypedPooling.Randomness;

namespace TypedPooling.Likelihood;

/// <summary>Simulates sums from a maximum and maximises again. Its estimates come in the shape of independent draws.</summary>
internal static class LikelihoodBootstrap
{
    public static Posterior Run(NormalBoundModel model, PointEstimate point, int replicates, RunOptions options)
    {
        var spec = model.Spec;
        var population = new double[point.Population.Length * replicates];
        var scales = new double[point.Scales.Length * replicates];
        var engine = new MaximumLikelihoodEngine { Criterion = point.Criterion };
        var threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        var (done, singular) = (0, 0);
        try
        {
            Parallel.For(0, replicates, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = options.Cancellation }, i =>
            {
                var simulated = model.With(Simulate(model, point, RandomAddresses.BootstrapReplicate(options.Seed, i)));
                var own = engine.RunNormal(simulated, options with { Progress = null }).Point!;
                for (var a = 0; a < own.Population.Length; a++)
                    population[a * replicates + i] = own.Population[a];
                for (var a = 0; a < own.Scales.Length; a++)
                    scales[a * replicates + i] = double.IsNaN(own.Scales[a]) ? 0 : own.Scales[a];
                if (!own.Boundary.IsEmpty)
                    Interlocked.Increment(ref singular);
                options.Progress?.Report(new RunProgress(0, Interlocked.Increment(ref done), replicates, IsWarmup: false));
            });
        }
        catch (AggregateException all) when (all.InnerExceptions.All(one => one is ModelException))
        {
            throw all.InnerExceptions[0];
        }

        var parameters = new TypedPooling.Inference.Scales.ScaleCoordinates(spec).Parameters;
        return new Posterior
        {
            Spec = spec,
            Engine = engine.Name,
            Exactness = Exactness.Approximate,
            DrawKind = DrawKind.Independent,
            ChainCount = 1,
            DrawsPerChain = replicates,
            Seed = options.Seed,
            Probability = options.Probability,
            Population = new StoredBlock([.. spec.Population.Select(term => new Parameter(ParameterKind.PopulationEffect, term.Name))], population, replicates),
            Scales = new StoredBlock(parameters, scales, replicates),
            Effects = [],
            SamplingReason = string.Create(CultureInfo.InvariantCulture, $"{replicates:N0} replicates simulated from the fit, {singular:N0} of them with an estimate on the boundary"),
            Timings = new Timings(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero),
        };
    }

    private static CellMoments Simulate(NormalBoundModel model, PointEstimate point, PhiloxStream stream)
    {
        var spec = model.Spec;
        var m = spec.Columns.Length;
        var coefficients = new double[model.Cells.CellCount * (m + 1)];
        for (var cell = 0; cell < model.Cells.CellCount; cell++)
        {
            for (var t = 0; t < spec.Population.Length; t++)
                coefficients[cell * (m + 1) + 1 + spec.Population[t].Column] += point.Population[t];
        }

        var sigma = spec.Response.KnownSd is null ? point.Scales[0] : 1;
        var at = 0;
        for (var k = 0; k < spec.Factors.Length; k++)
        {
            var terms = spec.Factors[k].Terms;
            var q = terms.Length;
            var root = Root(spec.Factors[k], point.Theta.AsSpan(), ref at, sigma);
            var effects = new double[model.Levels[k].Count * q];
            var z = new double[q];
            for (var level = 0; level < model.Levels[k].Count; level++)
            {
                for (var a = 0; a < q; a++)
                    z[a] = stream.NextNormal();
                for (var a = 0; a < q; a++)
                {
                    for (var b = 0; b <= a; b++)
                        effects[level * q + a] += root[a * q + b] * z[b];
                }
            }

            var levels = model.CellLevels(k);
            for (var cell = 0; cell < levels.Length; cell++)
            {
                for (var a = 0; a < q; a++)
                    coefficients[cell * (m + 1) + 1 + terms[a].Column] += effects[levels[cell] * q + a];
            }
        }

        return model.Cells.SimulateResponses(coefficients, sigma, stream);
    }

    // Lambda = sigma theta, theta by columns.
    private static double[] Root(FactorSpec factor, ReadOnlySpan<double> theta, ref int at, double sigma)
    {
        var q = factor.Terms.Length;
        var root = new double[q * q];
        for (var b = 0; b < q; b++)
        {
            for (var a = b; a < (factor.HasCorrelations ? q : b + 1); a++)
                root[a * q + b] = sigma * theta[at++];
        }

        return root;
    }
}

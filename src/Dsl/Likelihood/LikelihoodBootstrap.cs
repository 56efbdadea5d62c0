using System.Globalization;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Inference.Posteriors;
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
        var population = DrawTable.OfPopulation(spec, replicates);
        var scales = new DrawTable(new ScaleCoordinates(spec).Parameters, replicates);
        var engine = new MaximumLikelihoodEngine { Criterion = point.Criterion };
        var threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        var (done, singular) = (0, 0);
        try
        {
            Parallel.For(0, replicates, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = options.Cancellation }, i =>
            {
                var simulated = model.With(Simulate(model, point, RandomAddresses.BootstrapReplicate(options.Seed, i)));
                var own = engine.RunNormal(simulated, options with { Progress = null, Threads = 1 }).Point!;
                population.Set(i, own.Population.AsSpan());
                scales.Set(i, [.. own.Scales.Select(value => double.IsNaN(value) ? 0 : value)]);
                if (!own.Boundary.IsEmpty)
                    Interlocked.Increment(ref singular);
                options.Progress?.Report(new RunProgress(0, Interlocked.Increment(ref done), replicates, IsWarmup: false));
            });
        }
        catch (AggregateException all) when (all.InnerExceptions.All(one => one is ModelException))
        {
            throw all.InnerExceptions[0];
        }

        var builder = new PosteriorBuilder(engine.Name, Exactness.Approximate, spec, options with { Chains = 1, Draws = replicates });
        return builder.Of(population.ToBlock(), scales.ToBlock(), []) with
        {
            SamplingReason = string.Create(
                CultureInfo.InvariantCulture,
                $"{replicates:N0} replicates simulated from the fit, {singular:N0} of them with an estimate on the boundary"),
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

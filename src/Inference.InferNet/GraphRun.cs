using System.Collections.Immutable;
using Microsoft.ML.Probabilistic;
using Microsoft.ML.Probabilistic.Distributions;
using Microsoft.ML.Probabilistic.Factors;
using Microsoft.ML.Probabilistic.Math;
using Microsoft.ML.Probabilistic.Models;
using TypedPooling.Engines;
using TypedPooling.Model;
using Matrix = Microsoft.ML.Probabilistic.Math.Matrix;
using Vector = Microsoft.ML.Probabilistic.Math.Vector;

namespace TypedPooling.Inference.InferNet;

/// <summary>One run of a compiled algorithm over the data of a graph.</summary>
/// <remarks>
/// It starts where the data are: coefficients at the least squares fit of all columns, noise and effects sharing its residual variance. Marginals are
/// then proper from the first message on, and so is every message of variational message passing; with flat priors too, once the data have spoken.
/// Nothing is random.
/// </remarks>
internal sealed class GraphRun
{
    private readonly FactorGraph graph;
    private readonly IGeneratedAlgorithm algorithm;
    private readonly bool isPropagation;

    public GraphRun(FactorGraph graph, IGeneratedAlgorithm algorithm, bool isPropagation)
    {
        (this.graph, this.algorithm, this.isPropagation) = (graph, algorithm, isPropagation);
        var start = GraphStart.Of(graph);
        ObserveNoise(start);
        ObserveRows();
        if (graph.Rest.Length > 0)
            ObserveVector(GraphNames.Beta, graph.Rest, start.Rest.Mean, start.Rest.Variance);
        for (var k = 0; k < graph.Blocks.Length; k++)
            ObserveBlock(k, graph.Blocks[k], start);
    }

    /// <summary>Passes messages until nothing moves.</summary>
    /// <param name="tolerance">Greatest change in an iteration of a mean in its sds, and of a variance relative to it.</param>
    /// <param name="limit">Greatest number of iterations.</param>
    /// <param name="options">Progress and cancellation.</param>
    /// <returns>The marginals.</returns>
    /// <exception cref="ModelException">A message is not a distribution; the problem names the term.</exception>
    /// <exception cref="OperationCanceledException">Cancelled between two iterations.</exception>
    public Marginals Iterate(double tolerance, int limit, RunOptions options)
    {
        var previous = Array.Empty<(double Mean, double Variance)>();
        try
        {
            // The instance is new. No Reset: it would take variances before the first message.
            for (var iteration = 1; ; iteration++)
            {
                options.Cancellation.ThrowIfCancellationRequested();
                algorithm.Update(1);
                options.Progress?.Report(new RunProgress(0, iteration, limit, true));
                var marginals = Read(iteration, false, []);
                var moments = MarginalMoments.Of(marginals).ToArray();
                if (moments.Any(m => !double.IsFinite(m.Mean) || !(m.Variance >= 0) || double.IsInfinity(m.Variance)))
                    throw Trouble(null);
                var change = previous.Length == 0 ? double.PositiveInfinity : moments.Zip(previous, Change).DefaultIfEmpty(0).Max();
                if (change <= tolerance || iteration == limit)
                    return Read(iteration, change <= tolerance, Sites(marginals));
                previous = moments;
            }
        }
        catch (ImproperMessageException failure)
        {
            throw Trouble(failure.Message);
        }
        catch (AllZeroException)
        {
            throw Trouble(null);
        }
        catch (MatrixSingularException)
        {
            throw Trouble(null);
        }
        catch (PositiveDefiniteMatrixException)
        {
            throw Trouble(null);
        }

        static double Change((double Mean, double Variance) now, (double Mean, double Variance) before) =>
            Math.Max(
                Math.Abs(now.Mean - before.Mean) / Math.Sqrt(Math.Max(now.Variance, double.Epsilon)),
                Math.Abs(now.Variance - before.Variance) / Math.Max(now.Variance, double.Epsilon));
    }

    private static NormalMarginal Normal(VectorGaussian gaussian)
    {
        var (mean, variance) = (Vector.Zero(gaussian.Dimension), new PositiveDefiniteMatrix(gaussian.Dimension, gaussian.Dimension));
        gaussian.GetMeanAndVariance(mean, variance);
        return new NormalMarginal(mean.ToArray(), Symmetric(variance));
    }

    private static NormalMarginal Normal(Gaussian gaussian)
    {
        gaussian.GetMeanAndVariance(out var mean, out var variance);
        return new NormalMarginal([mean], new[,] { { variance } });
    }

    private static double[,] Symmetric(Matrix matrix)
    {
        var values = new double[matrix.Rows, matrix.Cols];
        for (var a = 0; a < matrix.Rows; a++)
        {
            for (var b = 0; b < matrix.Cols; b++)
                values[a, b] = 0.5 * (matrix[a, b] + matrix[b, a]);
        }

        return values;
    }

    private void Set(string name, object value) => algorithm.SetObservedValue(name, value);

    private void ObserveNoise(GraphStart start)
    {
        if (graph.Rows is CellRows)
            return;
        if (graph.Noise is not var (shape, rate))
        {
            Set(GraphNames.Noise, graph.KnownNoise);
            return;
        }

        Set(GraphNames.Prior(GraphNames.Noise), Gamma.FromShapeAndRate(shape, rate));
        Set(GraphNames.Start(GraphNames.Noise), Gamma.FromShapeAndRate(1, start.NoiseVariance));
    }

    private void ObserveRows()
    {
        if (graph.Rows is CellRows cells)
        {
            Set(GraphNames.RowCount, cells.Responses.Length);
            Set(GraphNames.Responses, cells.Responses);
        }

        if (graph.Blocks.Length > 0 && graph.Rows is PseudoRows rows)
        {
            Set(GraphNames.RowCount, rows.Responses.Count);
            Set(GraphNames.Responses, rows.Responses.ToArray());
        }

        if (graph.Rest.Length == 0)
            return;
        if (graph.Blocks.Length > 0 || graph.Rows is CellRows)
            Set(GraphNames.Population, graph.Rows.Population.Select(row => Vector.FromArray(row)).ToArray());
        if (graph.Rows is not PseudoRows { PooledResponses: var responses, PooledPopulation: var population })
            return;
        Set(GraphNames.PooledCount, responses.Count);
        Set(GraphNames.PooledPopulation, population.Select(row => Vector.FromArray(row)).ToArray());
        Set(GraphNames.PooledResponses, responses.ToArray());
    }

    private void ObserveBlock(int k, EffectBlock block, GraphStart start)
    {
        var rows = graph.Rows;
        var (mean, variance) = start.Of(block);
        var means = start.Levels(block);
        Set(GraphNames.LevelCount(k), block.LevelCount);
        Set(GraphNames.Levels(k), rows.Levels(block.Factor));
        if (block.Kind == PrecisionKind.Wishart)
        {
            var (shape, rate) = graph.Precision(block);
            Set(GraphNames.Prior(GraphNames.Precision(k)), Wishart.FromShapeAndRate(shape, new PositiveDefiniteMatrix(rate)));
            var spread = Diagonal(variance);
            Set(GraphNames.Start(GraphNames.Precision(k)), Wishart.FromShapeAndRate(0.5 * (block.Size + 1), spread * (0.5 * (block.Size + 1))));
            Set(
                GraphNames.Start(GraphNames.Coefficients(k)),
                new DistributionRefArray<VectorGaussian, Vector>(
                    block.LevelCount, j => VectorGaussian.FromMeanAndVariance(Vector.FromArray(means[j]), Diagonal(variance))));
            Set(GraphNames.Columns(k), rows.Varying.Select(row => Vector.FromArray([.. block.Columns.Select(c => row[c])])).ToArray());
            if (block.IsCentred)
                ObserveVector(GraphNames.Mean(k), block.Means, mean, variance);
            else
                Set(GraphNames.Mean(k), Vector.Zero(block.Size));
            return;
        }

        if (block.Kind == PrecisionKind.Known)
        {
            Set(GraphNames.Precision(k), 1 / (graph.KnownSd(block) * graph.KnownSd(block)));
        }
        else
        {
            var (shape, rate) = graph.Precision(block);
            Set(GraphNames.Prior(GraphNames.Precision(k)), Gamma.FromShapeAndRate(shape, rate[0, 0]));
            Set(GraphNames.Start(GraphNames.Precision(k)), Gamma.FromShapeAndRate(1, variance[0]));
        }

        Set(
            GraphNames.Start(GraphNames.Coefficients(k)),
            new DistributionStructArray<Gaussian, double>(block.LevelCount, j => Gaussian.FromMeanAndVariance(means[j][0], variance[0])));
        Set(GraphNames.Columns(k), rows.Varying.Select(row => row[block.Columns[0]]).ToArray());
        if (!block.IsCentred)
        {
            Set(GraphNames.Mean(k), 0.0);
            return;
        }

        var prior = graph.Spec.Population[block.Means[0]].Prior!;
        var normal = prior.Mixture!;
        var gaussian = prior.IsProper ? Gaussian.FromMeanAndVariance(normal.Location, normal.Scale * normal.Scale) : Gaussian.Uniform();
        Set(GraphNames.Prior(GraphNames.Mean(k)), gaussian);
        Set(GraphNames.Start(GraphNames.Mean(k)), Gaussian.FromMeanAndVariance(mean[0], variance[0]));
    }

    private static PositiveDefiniteMatrix Diagonal(double[] values)
    {
        var matrix = new PositiveDefiniteMatrix(values.Length, values.Length);
        matrix.SetToDiagonal(Vector.FromArray(values));
        return matrix;
    }

    // Independent Normal priors; a flat one has precision 0.
    private void ObserveVector(string name, int[] effects, double[] mean, double[] variance)
    {
        var priors = effects.Select(e => graph.Spec.Population[e].Prior!.Mixture!).ToArray();
        double[] precision = [.. priors.Select(prior => prior.Precision)];
        double[] target = [.. priors.Select((prior, a) => prior.Location * precision[a])];
        Set(GraphNames.Prior(name), VectorGaussian.FromNatural(Vector.FromArray(target), Diagonal(precision)));
        Set(GraphNames.Start(name), VectorGaussian.FromMeanAndVariance(Vector.FromArray(mean), Diagonal(variance)));
    }

    private Marginals Read(int iteration, bool hasConverged, ImmutableArray<(double MeanTimesPrecision, double Precision)> sites) => new()
    {
        Noise = graph.Noise is null ? null : Parameters(algorithm.Marginal<Gamma>(GraphNames.Noise)),
        Beta = graph.Rest.Length == 0 ? null : Normal(algorithm.Marginal<VectorGaussian>(GraphNames.Beta)),
        Means = [.. graph.Blocks.Select((block, k) => !block.IsCentred ? null
            : block.Kind == PrecisionKind.Wishart ? Normal(algorithm.Marginal<VectorGaussian>(GraphNames.Mean(k)))
            : Normal(algorithm.Marginal<Gaussian>(GraphNames.Mean(k))))],
        Precisions = [.. graph.Blocks.Select(((double, double[,])? (block, k) => block.Kind switch
        {
            PrecisionKind.Known => null,
            PrecisionKind.Gamma => OneByOne(Parameters(algorithm.Marginal<Gamma>(GraphNames.Precision(k)))),
            _ => Parameters(algorithm.Marginal<Wishart>(GraphNames.Precision(k))),
        }))],
        Coefficients = [.. graph.Blocks.Select((block, k) => block.Kind == PrecisionKind.Wishart
            ? algorithm.Marginal<IEnumerable<VectorGaussian>>(GraphNames.Coefficients(k)).Select(Normal).ToArray()
            : algorithm.Marginal<IEnumerable<Gaussian>>(GraphNames.Coefficients(k)).Select(Normal).ToArray())],
        Sites = sites,
        Iterations = iteration,
        HasConverged = hasConverged,
    };

    // Variational messages are a function of the marginals: see BinomialFactorMessages. Those of expectation propagation are asked for.
    private ImmutableArray<(double MeanTimesPrecision, double Precision)> Sites(Marginals marginals)
    {
        if (graph.Rows is not CellRows cells)
            return [];
        if (isPropagation)
            return [.. algorithm.Marginal<IEnumerable<Gaussian>>(GraphNames.Linear, QueryTypes.MarginalDividedByPrior.Name).Select(
                site => (site.MeanTimesPrecision, site.Precision))];
        var levels = graph.Blocks.Select(block => cells.Levels(block.Factor)).ToArray();
        return [.. cells.Responses.Select((cell, r) =>
        {
            var (mean, variance) = marginals.Beta?.Along(cells.Population[r]) ?? (0, 0);
            for (var k = 0; k < graph.Blocks.Length; k++)
            {
                var (ownMean, ownVariance) = marginals.Coefficients[k][levels[k][r]].Along(
                    [.. graph.Blocks[k].Columns.Select(c => cells.Varying[r][c])]);
                (mean, variance) = (mean + ownMean, variance + ownVariance);
            }

            var (slope, curvature) = BinomialMoments.ExpectedDerivatives(cell, mean, variance);
            return (slope - mean * curvature, -curvature);
        })];
    }

    private static (double Shape, double Rate) Parameters(Gamma gamma) => (gamma.Shape, gamma.Rate);

    private static (double Shape, double[,] Rate) Parameters(Wishart wishart) => (wishart.Shape, Symmetric(wishart.Rate));

    private static (double Shape, double[,] Rate)? OneByOne((double Shape, double Rate) gamma) => (gamma.Shape, new[,] { { gamma.Rate } });

    // Which part of the model a failed message was about, as far as its distribution tells: scales fail first where few levels say little of them.
    private ModelException Trouble(string? message)
    {
        var spec = graph.Spec;
        var scales = graph.Blocks.Where(block => block.Kind != PrecisionKind.Known).OrderBy(block => block.LevelCount);
        var kind = message?.Contains("Wishart", StringComparison.Ordinal) == true ? PrecisionKind.Wishart
            : message?.Contains("Gamma", StringComparison.Ordinal) == true ? PrecisionKind.Gamma
            : (PrecisionKind?)null;
        var term = scales.FirstOrDefault(block => kind is null || block.Kind == kind)?.ScaleName(spec);
        return new ModelException(new Problem(
            ProblemCode.EngineRefuses,
            "A message of the algorithm is not a distribution: the data and the priors inform this scale too little for the approximation.",
            $"Give it a prior with more weight (a larger shape), try the other algorithm of InferNetEngine, or use "
                + $"the {(graph.Rows is CellRows ? "Nuts" : "Marginal or the Gibbs")} engine.")
        { Term = term ?? (graph.Rows is CellRows ? spec.Response.Name : "sigma") });
    }
}

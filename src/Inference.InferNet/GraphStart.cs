using MathNet.Numerics.LinearAlgebra;
using Microsoft.ML.Probabilistic.Math;

namespace TypedPooling.Inference.InferNet;

/// <summary>Where a run starts: least squares, and its residual variance shared out. Cells of successes stand for the log odds (or normal quantile)
/// of their smoothed shares, weighted by what they tell.</summary>
internal sealed class GraphStart
{
    // Of the diagonal: enough to solve for columns that are nearly dependent, too little to matter at a start.
    private const double Ridge = 1e-6;

    private readonly FactorGraph graph;
    private readonly Dictionary<int, double> coefficients;
    private readonly double variance;
    private readonly double rowCount;
    private readonly double[] residuals;
    private readonly double[] roots;

    private GraphStart(FactorGraph graph, Dictionary<int, double> coefficients, double variance, double rowCount, double[] residuals, double[] roots)
    {
        this.graph = graph;
        this.coefficients = coefficients;
        this.variance = variance;
        this.rowCount = rowCount;
        this.residuals = residuals;
        this.roots = roots;
    }

    /// <summary>Variance of the noise.</summary>
    public double NoiseVariance => 0.5 * variance;

    /// <summary>Means and variances of beta. Length p each.</summary>
    public (double[] Mean, double[] Variance) Rest => (
        [.. graph.Rest.Select(b => coefficients[b])],
        [.. graph.Rest.Select((_, i) => variance / MeanSquare(graph.Rows.Population.Concat(Pooled(graph)).Select(row => row[i])))]);

    /// <summary>The start of a graph.</summary>
    public static GraphStart Of(FactorGraph graph)
    {
        var rows = graph.Rows;

        // The population effects: in Z where they are the mean of a block, else in X.
        var at = graph.Blocks.SelectMany(block => block.Means.Select((b, i) => (Effect: b, Column: block.Columns[i]))).ToList();
        int[] effects = [.. at.Select(pair => pair.Effect), .. graph.Rest];
        var design = rows.Varying.Zip(rows.Population, (v, x) => (double[])[.. at.Select(pair => v[pair.Column]), .. x])
            .Concat(Pooled(graph).Select(x => (double[])[.. new double[at.Count], .. x])).ToArray();
        var roots = Enumerable.Repeat(1.0, design.Length).ToArray();
        var (responses, left, rowCount, weight, least) = rows switch
        {
            PseudoRows sums =>
                ((double[])[
                    .. sums.Responses, .. sums.PooledResponses], sums.LeftSquares, (double)graph.Model.RowCount, (double)graph.Model.RowCount, 0.0),
            CellRows cells => (Weigh(cells, design, roots), 0, design.Length, roots.Sum(root => root * root), 1),
            _ => throw new NotSupportedException(rows.GetType().Name),
        };
        var residuals = responses;
        var squares = left + responses.Sum(y => y * y);
        var coefficients = new Dictionary<int, double>();
        if (effects.Length > 0)
        {
            var x = Matrix<double>.Build.DenseOfRowArrays(design);
            var y = Vector<double>.Build.Dense(responses);
            var normal = x.TransposeThisAndMultiply(x);
            for (var a = 0; a < effects.Length; a++)
                normal[a, a] += Ridge * normal[a, a] + double.Epsilon;
            var solution = normal.Cholesky().Solve(x.TransposeThisAndMultiply(y));
            residuals = [.. y - x * solution];
            squares = left + residuals.Sum(r => r * r);
            for (var a = 0; a < effects.Length; a++)
                coefficients.Add(effects[a], solution[a]);
        }

        var variance = Math.Max(squares / Math.Max(weight, double.Epsilon), least);
        return new GraphStart(graph, coefficients, variance > 0 ? variance : 1, Math.Max(1, rowCount), residuals, roots);
    }

    /// <summary>Means and variances of the coefficients of a block. Length q each.</summary>
    public (double[] Mean, double[] Variance) Of(EffectBlock block) => (
        block.IsCentred ? [.. block.Means.Select(b => coefficients[b])] : new double[block.Size],
        [.. block.Columns.Select(c => NoiseVariance / MeanSquare(graph.Rows.Varying.Select(row => row[c])))]);

    /// <summary>Means of the coefficients of each level of a block: where cells tell them apart, each takes its share of what least squares left;
    /// cells of many trials are too sure of themselves to come to a common start from afar.</summary>
    /// <param name="block">The block.</param>
    /// <returns>Means by level. J of length q.</returns>
    public double[][] Levels(EffectBlock block)
    {
        var mean = Of(block).Mean;
        var means = Enumerable.Range(0, block.LevelCount).Select(_ => mean.ToArray()).ToArray();
        if (graph.Rows is not CellRows rows)
            return means;
        var levels = rows.Levels(block.Factor);
        var share = 1.0 / graph.Blocks.Sum(each => each.Size);
        for (var a = 0; a < block.Size; a++)
        {
            var (pulls, weights) = (new double[block.LevelCount], new double[block.LevelCount]);
            for (var r = 0; r < levels.Length; r++)
            {
                var v = roots[r] * rows.Varying[r][block.Columns[a]];
                pulls[levels[r]] += v * residuals[r];
                weights[levels[r]] += v * v;
            }

            for (var j = 0; j < means.Length; j++)
                means[j][a] += share * pulls[j] / (weights[j] + 1 / variance);
        }

        return means;
    }

    private double MeanSquare(IEnumerable<double> values)
    {
        var square = values.Sum(value => value * value) / rowCount;
        return square > 0 ? square : 1;
    }

    private static IEnumerable<double[]> Pooled(FactorGraph graph) => graph.Rows is PseudoRows rows ? rows.PooledPopulation : [];

    // Half a success and half a failure more keep the link finite. Rows of the design are scaled in place by the root of the information of their
    // cell; an sd of 1 or more, since shares near 0 and 1 say less than they seem to.
    private static double[] Weigh(CellRows rows, double[][] design, double[] roots)
    {
        var responses = new double[design.Length];
        for (var r = 0; r < responses.Length; r++)
        {
            var cell = rows.Responses[r];
            var probability = (cell.Successes + 0.5) / (cell.Trials + 1);
            var root = roots[r] = Math.Sqrt(cell.Trials * probability * (1 - probability));
            var eta = cell.Link == Link.Logit ? Math.Log(probability / (1 - probability)) : MMath.NormalCdfInv(probability);
            responses[r] = root * (eta - cell.Offset);
            for (var a = 0; a < design[r].Length; a++)
                design[r][a] *= root;
        }

        return responses;
    }
}

using MathNet.Numerics.LinearAlgebra;

namespace TypedPooling.Inference.InferNet;

/// <summary>Where a run starts: least squares, and its residual variance shared out.</summary>
internal sealed class GraphStart
{
    // Of the diagonal: enough to solve for columns that are nearly dependent, too little to matter at a start.
    private const double Ridge = 1e-6;

    private readonly NormalGraph graph;
    private readonly Dictionary<int, double> coefficients;
    private readonly double variance;

    private GraphStart(NormalGraph graph, Dictionary<int, double> coefficients, double variance)
    {
        this.graph = graph;
        this.coefficients = coefficients;
        this.variance = variance;
    }

    /// <summary>Variance of the noise.</summary>
    public double NoiseVariance => 0.5 * variance;

    /// <summary>Means and variances of beta. Length p each.</summary>
    public (double[] Mean, double[] Variance) Rest => (
        [.. graph.Rest.Select(b => coefficients[b])],
        [.. graph.Rest.Select((_, i) => variance / MeanSquare(graph.Rows.Population.Concat(graph.Rows.PooledPopulation).Select(row => row[i])))]);

    /// <summary>The start of a graph.</summary>
    public static GraphStart Of(NormalGraph graph)
    {
        var rows = graph.Rows;

        // The population effects: in V where they are the mean of a block, else in X.
        var at = graph.Blocks.SelectMany(block => block.Means.Select((b, i) => (Effect: b, Column: block.Columns[i]))).ToList();
        int[] effects = [.. at.Select(pair => pair.Effect), .. graph.Rest];
        var design = rows.Varying.Zip(rows.Population, (v, x) => (double[])[.. at.Select(pair => v[pair.Column]), .. x])
            .Concat(rows.PooledPopulation.Select(x => (double[])[.. new double[at.Count], .. x])).ToArray();
        double[] responses = [.. rows.Responses, .. rows.PooledResponses];
        var squares = rows.LeftSquares + responses.Sum(y => y * y);
        var coefficients = new Dictionary<int, double>();
        if (effects.Length > 0)
        {
            var x = Matrix<double>.Build.DenseOfRowArrays(design);
            var y = Vector<double>.Build.Dense(responses);
            var normal = x.TransposeThisAndMultiply(x);
            for (var a = 0; a < effects.Length; a++)
                normal[a, a] += Ridge * normal[a, a] + double.Epsilon;
            var solution = normal.Cholesky().Solve(x.TransposeThisAndMultiply(y));
            squares = rows.LeftSquares + (y - x * solution).DotProduct(y - x * solution);
            for (var a = 0; a < effects.Length; a++)
                coefficients.Add(effects[a], solution[a]);
        }

        var variance = squares / Math.Max(1, graph.Model.RowCount);
        return new GraphStart(graph, coefficients, variance > 0 ? variance : 1);
    }

    /// <summary>Means and variances of the coefficients of a block. Length q each.</summary>
    public (double[] Mean, double[] Variance) Of(EffectBlock block) => (
        block.IsCentred ? [.. block.Means.Select(b => coefficients[b])] : new double[block.Size],
        [.. block.Columns.Select(c => NoiseVariance / MeanSquare(graph.Rows.Varying.Select(row => row[c])))]);

    private double MeanSquare(IEnumerable<double> values)
    {
        var square = values.Sum(value => value * value) / Math.Max(1, graph.Model.RowCount);
        return square > 0 ? square : 1;
    }
}

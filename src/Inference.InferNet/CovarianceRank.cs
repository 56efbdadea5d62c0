using System.Globalization;

namespace TypedPooling.Inference.InferNet;

/// <summary>What expectation propagation needs of the data where it estimates a covariance: its operator inverts what the rows of each level say of
/// the level's effects.</summary>
internal static class CovarianceRank
{
    // Squared length of a column that is left once earlier ones are projected out, relative to its own.
    private const double RelativeTolerance = 1e-10;

    /// <summary>Checks every level of every block with a covariance.</summary>
    /// <param name="graph">The graph.</param>
    /// <exception cref="ModelException">A level's rows do not determine its effects; the first such level of each factor is named.</exception>
    public static void Require(FactorGraph graph)
    {
        var problems = new List<Problem>();
        foreach (var block in graph.Blocks.Where(block => block.Kind == PrecisionKind.Wishart))
        {
            var level = FirstDeficient(graph, block);
            if (level < 0)
                continue;
            problems.Add(new Problem(
                ProblemCode.EngineRefuses,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The rows of this level do not determine its {block.Size} correlated effects. Infer.NET's expectation propagation needs "
                        + $"that of every "
                        + $"level."),
                "Use variational message passing, an exact engine, or uncorrelated effects.")
            { Term = graph.Spec.Factors[block.Factor].Name, Level = graph.Model.Levels[block.Factor].Text(level) });
        }

        if (problems.Count > 0)
            throw new ModelException(problems);
    }

    private static int FirstDeficient(FactorGraph graph, EffectBlock block)
    {
        var q = block.Size;
        var squares = new double[block.LevelCount][];
        for (var j = 0; j < squares.Length; j++)
            squares[j] = new double[q * q];
        var levels = graph.Rows.Levels(block.Factor);
        for (var r = 0; r < levels.Length; r++)
        {
            var row = graph.Rows.Varying[r];
            var square = squares[levels[r]];
            for (var t = 0; t < square.Length; t++)
                square[t] += row[block.Columns[t / q]] * row[block.Columns[t % q]];
        }

        return Array.FindIndex(squares, square => !HasFullRank(square, q));
    }

    private static bool HasFullRank(double[] square, int q)
    {
        for (var a = 0; a < q; a++)
        {
            var own = square[a * q + a];
            for (var b = 0; b < a; b++)
            {
                for (var c = 0; c < b; c++)
                    square[a * q + b] -= square[a * q + c] * square[b * q + c];
                square[a * q + b] /= square[b * q + b];
                square[a * q + a] -= square[a * q + b] * square[a * q + b];
            }

            if (!(square[a * q + a] > RelativeTolerance * own))
                return false;
            square[a * q + a] = Math.Sqrt(square[a * q + a]);
        }

        return true;
    }
}

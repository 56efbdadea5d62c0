using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.InferNet;

namespace TypedPooling.Tests.InferNet;

/// <summary>What the tests look at: the marginals before any draw, and moments of draws.</summary>
internal static class Approximation
{
    public static (FactorGraph Graph, Marginals Marginals) Of(NormalBoundModel model, InferNetAlgorithm algorithm)
    {
        var graph = FactorGraph.Of(model, model.Spec);
        return (graph, new InferNetEngine { Algorithm = algorithm }.NewRun(graph).Iterate(1e-12, 5000, RunOptions.Default));
    }

    public static (double Mean, double Sd) Moments(DrawBlock block, int index)
    {
        var draws = new double[block.DrawCount];
        block.CopyDraws(index, draws);
        var mean = draws.Average();
        return (mean, Math.Sqrt(draws.Sum(x => (x - mean) * (x - mean)) / (draws.Length - 1)));
    }
}

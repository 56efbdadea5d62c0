using System.Numerics;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Marginal.Cells;

/// <summary>The nodes of a product rule of Gauss-Hermite quadrature in q dimensions, laid out for lanes. Immutable.</summary>
/// <remarks>The mean of g under N(0, I_q) is sum over nodes exp(log weight) g(node); what is kept is log weight + |node|^2 / 2, the weight against
/// the density exp(-|x|^2 / 2). Source: [GolubWelsch1969].</remarks>
internal sealed class QuadratureNodes
{
    /// <summary>Makes the rule.</summary>
    /// <param name="points">Nodes of each dimension m.</param>
    /// <param name="dimensions">q, at least 1.</param>
    public QuadratureNodes(int points, int dimensions)
    {
        var rule = new HermiteRule(points);
        Points = points;
        var count = (int)Math.Pow(points, dimensions);
        var lanes = Vector<double>.Count;
        Length = (count + lanes - 1) / lanes * lanes;
        Coordinates = new double[dimensions][];
        for (var e = 0; e < dimensions; e++)
            Coordinates[e] = new double[Length];
        LogWeights = new double[Length];
        Array.Fill(LogWeights, double.NegativeInfinity, count, Length - count);
        for (var node = 0; node < count; node++)
        {
            var rest = node;
            for (var e = 0; e < dimensions; e++)
            {
                (rest, var i) = Math.DivRem(rest, points);
                Coordinates[e][node] = rule.Nodes[i];
                LogWeights[node] += Math.Log(rule.Weights[i]) + 0.5 * rule.Nodes[i] * rule.Nodes[i];
            }
        }
    }

    /// <summary>Nodes of each dimension m.</summary>
    public int Points { get; }

    /// <summary>m^q, rounded up to whole lanes.</summary>
    public int Length { get; }

    /// <summary>Coordinates of the nodes; 0 beyond m^q. Length q, each of <see cref="Length"/>.</summary>
    public double[][] Coordinates { get; }

    /// <summary>Log weight + |node|^2 / 2; negative infinity beyond m^q.</summary>
    public double[] LogWeights { get; }
}

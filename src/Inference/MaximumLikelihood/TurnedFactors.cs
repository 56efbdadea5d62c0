using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>What spherical effects go through, factor by factor: the root L of T Lambda Lambda' T' for the centred columns, and the derivative for
/// it. Scratch of one thread.</summary>
/// <remarks>
/// Varying columns are centred, Z u = C (T u), and only T Lambda Lambda' T' counts. A free covariance matrix is as free there, and the coordinates
/// hold its root. Otherwise (uncorrelated effects, fixed sds) the coordinates hold Lambda, and T Lambda = L Q with L lower triangular and Q
/// orthogonal: L is what v goes through, well conditioned wherever the columns lie. With G the derivative for all elements of L that for Lambda is
/// T'G Q, since turning v changes nothing; see <see cref="TriangularTurn"/> for a rule of few nodes, which turning does change.
/// </remarks>
internal sealed class TurnedFactors
{
    private readonly CellSystem system;
    private readonly ScalePoint point;
    private readonly double[][] turns;            // Q

    public TurnedFactors(CellSystem system, ScalePoint point)
    {
        this.system = system;
        this.point = point;
        IsTurned = [.. system.Bases.Select((basis, k) => !basis.IsPlain && !system.IsFree[k])];
        Roots = [.. point.Factors.Select((part, k) => IsTurned[k] ? new double[part.Lambda.Length] : part.Lambda)];
        OnRoots = [.. point.Factors.Select((part, k) => IsTurned[k] ? new double[part.Lambda.Length] : part.LambdaGradient)];
        turns = [.. point.Factors.Select(part => new double[part.Lambda.Length])];
    }

    /// <summary>By factor: true where Lambda is not what v goes through.</summary>
    public bool[] IsTurned { get; }

    /// <summary>L by factor, q x q by rows.</summary>
    public double[][] Roots { get; }

    /// <summary>G by factor, q x q by rows.</summary>
    public double[][] OnRoots { get; }

    /// <summary>L Q = T Lambda.</summary>
    public void Turn()
    {
        for (var k = 0; k < Roots.Length; k++)
        {
            if (!IsTurned[k])
                continue;
            Multiply(system.Bases[k].Onto, point.Factors[k].Lambda, Roots[k], system.TermCounts[k]);
            TriangularTurn.Turn(Roots[k], system.TermCounts[k], turns[k]);
        }
    }

    /// <summary>The derivative for Lambda, T'G Q.</summary>
    /// <param name="isOfNodes">True where G is of a rule of nodes, which turning changes.</param>
    public void TurnBack(bool isOfNodes)
    {
        for (var k = 0; k < Roots.Length; k++)
        {
            if (!IsTurned[k])
                continue;
            var q = system.TermCounts[k];
            var product = new double[q * q];
            if (isOfNodes)
                TriangularTurn.Complete(Roots[k], OnRoots[k], q);
            Multiply(OnRoots[k], turns[k], product, q);
            var into = point.Factors[k].LambdaGradient;
            Array.Clear(into);
            for (var a = 0; a < q; a++)
            {
                for (var b = 0; b <= a; b++)
                {
                    for (var c = 0; c < q; c++)
                        into[a * q + b] += system.Bases[k].Onto[c * q + a] * product[c * q + b];
                }
            }
        }
    }

    /// <summary>A B for square matrices.</summary>
    public static void Multiply(ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> result, int q)
    {
        result.Clear();
        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j < q; j++)
            {
                for (var c = 0; c < q; c++)
                    result[i * q + c] += a[i * q + j] * b[j * q + c];
            }
        }
    }
}

using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>Adaptive Gauss-Hermite quadrature of a level's effects about their mode, with what its exact gradient needs. One node is Laplace's
/// approximation. Scratch of one thread. Source: [PinheiroChao2006].</summary>
/// <remarks>
/// <para>
/// With A = L_A L_A' at the mode v^ of a level, the integral of exp(f(v)) over v ~ N(0, I)'s density without exp(-|v|^2 / 2), which f holds, is
/// |A|^-1/2 sum over the nodes x of weights exp(f(v^ + L_A^-T x) + |x|^2 / 2).
/// </para>
/// <para>
/// Its derivative has three parts, E being the mean over the nodes by their shares of the sum. The first is E of the derivatives of f where the nodes
/// stand: all there is of the exact integral (Fisher's identity). The nodes move with v^, which adds E[f'] dv^. And they move with L_A: since L_A^-1
/// dL_A is the lower triangle, diagonal halved, of T = L_A^-1 dA L_A^-T, this and -d log |L_A| add -tr(B T) / 2 = -tr(R dA) / 2 with R = L_A^-T B
/// L_A^-1, where B has E[x_b (L_A^-1 f')_a] below its diagonal (b >= a), is symmetric, and 1 is added to its diagonal. With one node R is A^-1; with
/// many R and E[f'] go to 0. So the search climbs the very number that is reported, with any number of nodes.
/// </para>
/// </remarks>
internal sealed class LevelQuadrature
{
    private readonly CellSystem system;
    private readonly LaplaceLikelihood function;
    private readonly HermiteRule rule;
    private readonly int q;
    private readonly double[] spread;             // R, then B
    private readonly double[] node;
    private readonly double[] effects;
    private readonly double[] own;                // f' at a node
    private readonly double[] slopes;             // l' at a node, by sorted cell
    private readonly double[] onShapes;

    public LevelQuadrature(CellSystem system, LaplaceLikelihood function, int count)
    {
        this.system = system;
        this.function = function;
        rule = new HermiteRule(count);
        q = system.TermCounts[0];
        Slopes = new double[system.Responses.Length];
        OnShape = new double[system.Responses.Length];
        Products = new double[system.Responses.Length * q];
        Gradient = new double[q];
        spread = new double[q * q];
        node = new double[q];
        effects = new double[q];
        own = new double[q];
        slopes = new double[system.Responses.Length];
        onShapes = new double[system.Responses.Length];
    }

    /// <summary>E[l'_i] by sorted cell, of the levels integrated so far.</summary>
    public double[] Slopes { get; }

    /// <summary>E[v_e l'_i] by sorted cell, q a cell.</summary>
    public double[] Products { get; }

    /// <summary>E of the derivative of l_i for the shape, by sorted cell.</summary>
    public double[] OnShape { get; }

    /// <summary>E[f'] of the level integrated last. Length q.</summary>
    public double[] Gradient { get; }

    /// <summary>R z for the level integrated last.</summary>
    public void Apply(ReadOnlySpan<double> z, Span<double> result)
    {
        for (var a = 0; a < q; a++)
        {
            result[a] = 0;
            for (var b = 0; b < q; b++)
                result[a] += spread[a * q + b] * z[b];
        }
    }

    /// <summary>The log of a level's integral less Laplace's approximation to it.</summary>
    /// <param name="level">The level.</param>
    /// <param name="cholesky">L_A at the mode.</param>
    /// <param name="mode">The mode.</param>
    /// <param name="height">f there.</param>
    /// <param name="withGradient">Whether the averages are wanted.</param>
    /// <returns>The log of the sum over the nodes.</returns>
    public double Integrate(int level, ReadOnlySpan<double> cholesky, ReadOnlySpan<double> mode, double height, bool withGradient)
    {
        var (first, last) = (system.Plan.LeafCells[level], system.Plan.LeafCells[level + 1]);
        if (withGradient)
            Clear(first, last);
        var count = (int)Math.Pow(rule.Nodes.Length, q);
        var sum = 0.0;
        for (var number = 0; number < count; number++)
        {
            var weight = Place(number, cholesky, mode, out var squares);
            var onShapesHere = withGradient && function.Coordinates.HasShape ? onShapes.AsSpan(0, last - first) : [];
            var likelihood = function.Conditionally(level, effects, slopes.AsSpan(first, last - first), onShapesHere);
            var length = 0.0;
            foreach (var v in effects)
                length += v * v;
            var share = weight * Math.Exp(likelihood - 0.5 * length - height + 0.5 * squares);
            sum += share;
            if (withGradient)
                Add(first, last, share, cholesky);
        }

        if (withGradient)
            Finish(first, last, 1 / sum, cholesky);
        return Math.Log(sum);
    }

    // Node x and the effects v^ + L^-T x.
    private double Place(int number, ReadOnlySpan<double> cholesky, ReadOnlySpan<double> mode, out double squares)
    {
        var (rest, weight) = (number, 1.0);
        squares = 0;
        for (var a = 0; a < q; a++)
        {
            (rest, var i) = Math.DivRem(rest, rule.Nodes.Length);
            node[a] = rule.Nodes[i];
            weight *= rule.Weights[i];
            squares += node[a] * node[a];
        }

        node.CopyTo(effects, 0);
        SmallCholesky.SolveTransposed(cholesky, effects, q);
        for (var a = 0; a < q; a++)
            effects[a] += mode[a];
        return weight;
    }

    private void Clear(int first, int last)
    {
        Array.Clear(Slopes, first, last - first);
        Array.Clear(OnShape, first, last - first);
        Array.Clear(Products, first * q, (last - first) * q);
        Array.Clear(Gradient);
        Array.Clear(spread);
    }

    private void Add(int first, int last, double share, ReadOnlySpan<double> cholesky)
    {
        for (var a = 0; a < q; a++)
            own[a] = -effects[a];
        for (var i = first; i < last; i++)
        {
            var slope = slopes[i];
            Slopes[i] += share * slope;
            if (function.Coordinates.HasShape)
                OnShape[i] += share * onShapes[i - first];
            var spherical = function.Spherical(i);
            for (var a = 0; a < q; a++)
            {
                Products[i * q + a] += share * effects[a] * slope;
                own[a] += slope * spherical[a];
            }
        }

        for (var a = 0; a < q; a++)
            Gradient[a] += share * own[a];
        SmallCholesky.SolveLower(cholesky, own, q);
        for (var b = 0; b < q; b++)
        {
            for (var a = 0; a <= b; a++)
                spread[b * q + a] += share * node[b] * own[a];
        }
    }

    // Averages from sums, and R from B.
    private void Finish(int first, int last, double scale, ReadOnlySpan<double> cholesky)
    {
        for (var i = first; i < last; i++)
        {
            Slopes[i] *= scale;
            OnShape[i] *= scale;
            for (var a = 0; a < q; a++)
                Products[i * q + a] *= scale;
        }

        for (var b = 0; b < q; b++)
        {
            Gradient[b] *= scale;
            for (var a = 0; a <= b; a++)
                spread[b * q + a] = spread[a * q + b] = scale * spread[b * q + a] + (a == b ? 1 : 0);
        }

        // L_A^-T from the left, then, B being symmetric, from the right.
        for (var pass = 0; pass < 2; pass++)
        {
            for (var c = 0; c < q; c++)
            {
                for (var a = 0; a < q; a++)
                    own[a] = spread[a * q + c];
                SmallCholesky.SolveTransposed(cholesky, own, q);
                for (var a = 0; a < q; a++)
                    spread[a * q + c] = own[a];
            }

            for (var a = 0; a < q; a++)
            {
                for (var b = 0; b < a; b++)
                    (spread[a * q + b], spread[b * q + a]) = (spread[b * q + a], spread[a * q + b]);
            }
        }
    }
}

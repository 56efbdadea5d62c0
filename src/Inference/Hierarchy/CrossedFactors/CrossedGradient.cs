using System.Runtime.CompilerServices;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Hierarchy.CrossedFactors;

/// <summary>Derivatives of the density at the last solution of a <see cref="CrossedWorkspace"/>, whose remarks hold the formulas. Scratch of one
/// chain.</summary>
internal sealed class CrossedGradient
{
    private readonly CrossedSystem system;
    private readonly CrossedWorkspace solution;
    private readonly EliminatedClasses classes;
    private readonly PanelLayout layout;
    private readonly int q;
    private readonly int integrated;
    private readonly int joinedCount;                       // joined effects
    private readonly int order;
    private readonly int varying;                       // varying effects of the rest
    private readonly double[][] onLambda;         // derivative for pivoted Lambda over sigma, by factor
    private readonly double[] local;              // a class's part of C, then T C
    private readonly double[] small;              // 3 q^2
    private double weight;                        // of products of residuals

    public CrossedGradient(CrossedSystem system, CrossedWorkspace solution)
    {
        this.system = system;
        this.solution = solution;
        classes = system.Classes;
        layout = system.Layout;
        q = classes.TermCount;
        integrated = system.IntegratedCount;
        joinedCount = system.JoinedCount;
        order = layout.Order;
        varying = order - integrated;
        onLambda = [.. system.Factors.Select(sums => new double[sums.TermCount * sums.TermCount])];
        var widest = system.Pairs.Widest;
        local = new double[widest * (widest + q)];
        small = new double[3 * q * q];
        OnJoined = new double[joinedCount];
    }

    /// <summary>Derivative for each joined coefficient in pivoted coordinates.</summary>
    public double[] OnJoined { get; }

    /// <summary>Computes all derivatives; spends the solution's <see cref="CrossedWorkspace.OnRest"/>.</summary>
    /// <param name="point">The scales of the solution; <see cref="FactorPoint.LambdaGradient"/> is overwritten.</param>
    /// <param name="squares">Q less the prior's part.</param>
    /// <param name="residualWeight">What products of residuals are multiplied with: 1, or the squared ratio of the solution's sigma to another at the
    /// same Lambda / sigma, where the derivative for Lambda / sigma is wanted.</param>
    /// <returns>The derivative for sigma.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Differentiate(ScalePoint point, double squares, double residualWeight)
    {
        var inverse = 1 / point.Sigma;
        weight = residualWeight;
        solution.Matrix.Invert(solution.MaximizesPopulation ? integrated : 0);
        foreach (var gradient in onLambda)
            Array.Clear(gradient);
        Array.Clear(OnJoined);
        for (var a = 0; joinedCount > 0 && a < joinedCount; a++)
        {
            var rest = (system.JoinedTarget[a] - DenseRows.Dot(system.JoinedSquare.AsSpan(a * joinedCount, joinedCount), solution.Joined)) * inverse;
            for (var i = 0; i < order; i++)
                rest -= system.PooledJoined[i * joinedCount + a] * solution.Scaled[i];
            OnJoined[a] = rest;
        }

        double[] own = system.Eliminated < 0 ? [] : onLambda[system.Eliminated];
        for (var c = 0; c < classes.Count; c++)
            DifferentiateClass(c, inverse, own);
        solution.Products.Differentiate(solution.Matrix.Inverse, onLambda, inverse);
        for (var a = 0; a < varying;)
        {
            // g v'
            var k = solution.FactorOf[a];
            var r = system.Factors[k].TermCount;
            for (var i = 0; i < r; i++)
            {
                for (var j = 0; j < r; j++)
                    onLambda[k][i * r + j] += weight * solution.OnRest[a + i] * solution.Mean[a + j];
            }

            a += r;
        }

        var along = 0.0;
        for (var k = 0; k < onLambda.Length; k++)
        {
            along += DenseRows.Dot(onLambda[k], solution.Pivoted[k]);
            var gradient = point.Factors[k].LambdaGradient;
            for (var i = 0; i < gradient.Length; i++)
                gradient[i] = onLambda[k][i] * inverse;
            if (!point.Factors[k].IsCentred)
                system.Factors[k].Pivot.PivotGradient(gradient);
        }

        var trace = 0.0;
        for (var a = 0; a < integrated; a++)
        {
            for (var b = 0; b < integrated; b++)
                trace += solution.Precision[a * integrated + b]
                    * solution.Matrix.Inverse[layout.PlaceOf(varying + Math.Max(a, b), varying + Math.Min(a, b))];
        }

        var intercept = system.Population.Intercept;
        var pull = 0.0;
        for (var a = 0; a < integrated && intercept >= 0 && intercept < integrated; a++)
            pull += solution.Precision[intercept * integrated + a] * (solution.Mean[varying + a] - solution.PriorMean[a]);
        for (var a = 0; a < joinedCount; a++)
            OnJoined[a] = OnJoined[a] * inverse + system.Population.Origin[integrated + a] * pull;
        return inverse * (squares + (solution.MaximizesPopulation ? 0 : integrated - trace) - system.Model.Cells.RowCount - along);
    }

    // A class's part: of the eliminated factor's Lambda, of -F'T C for the others, and F'rho of g.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void DifferentiateClass(int c, double inverse, double[] own)
    {
        var start = classes.Start[c];
        var d = classes.Start[c + 1] - start;
        double size = classes.Sizes[c];
        var coordinates = classes.Coordinates.AsSpan(start, d);
        var f = solution.Whitened.AsSpan(start * q, q * d);
        var t = solution.Transformed.AsSpan(start * q, q * d);
        var l = solution.Cholesky.AsSpan(c * q * q, q * q);
        var rho = solution.Residuals.AsSpan(c * q, q);
        var product = local.AsSpan(d * d, q * d);
        system.Pairs.Multiply(c, t, q, solution.Matrix.Inverse, local, product);

        // T C T' and the residuals' part, in the whitened rows
        var core = small.AsSpan(q * q, q * q);
        if (size > 1)
            solution.WhitenScatter(c, small);
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                var sum = size * (DenseRows.Dot(product.Slice(a * d, d), t.Slice(b * d, d)) + weight * rho[a] * rho[b] - (a == b ? 1 : 0));
                if (size > 1)
                    sum += weight * small[a * q + b] * inverse * inverse;
                core[a * q + b] = core[b * q + a] = sum;
            }
        }

        AddOwn(c, core, own);

        for (var a = 0; a < q; a++)
        {
            var row = f.Slice(a * d, d);
            for (var i = 0; i < d; i++)
                solution.OnRest[coordinates[i]] += size * rho[a] * row[i];
        }

        foreach (var (other, at) in classes.Links[c])
        {
            var gradient = onLambda[other];
            var r = system.Factors[other].TermCount;
            for (var a = 0; a < q; a++)
            {
                for (var i = 0; i < r; i++)
                {
                    for (var j = 0; j < r; j++)
                        gradient[i * r + j] -= size * f[a * d + at + i] * product[a * d + at + j];
                }
            }
        }

        if (joinedCount == 0)
            return;

        // X_b'L^-T rho
        Span<double> w = q <= 64 ? stackalloc double[q] : new double[q];
        rho.CopyTo(w);
        SmallCholesky.SolveTransposed(l, w, q);
        for (var a = 0; a < q; a++)
        {
            for (var i = 0; i < joinedCount; i++)
                OnJoined[i] += size * w[a] * classes.JoinedRows[(c * q + a) * joinedCount + i];
        }
    }

    // Z'L^-T core L^-1 B
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddOwn(int c, Span<double> core, double[] own)
    {
        var l = solution.Cholesky.AsSpan(c * q * q, q * q);
        var b = solution.Design.AsSpan(c * q * q, q * q);
        var z = classes.Rows.AsSpan(c * q * q, q * q);
        SmallBlocks.WhitenTransposed(l, core, q);
        var w = small.AsSpan(2 * q * q, q * q);
        for (var a = 0; a < q; a++)
        {
            for (var j = 0; j < q; j++)
            {
                var sum = 0.0;
                for (var i = 0; i < q; i++)
                    sum += core[a * q + i] * b[i * q + j];
                w[a * q + j] = sum;
            }
        }

        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j < q; j++)
            {
                for (var a = 0; a < q; a++)
                    own[i * q + j] += z[a * q + i] * w[a * q + j];
            }
        }
    }
}

using System.Runtime.CompilerServices;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Hierarchy.CrossedFactors;

/// <summary>The exact conditional of one eliminated level's effects given the scales and all other coefficients. Scratch of one thread.</summary>
/// <remarks>With B = Z Lambda / sigma, V = I + B B' and r = (y_j - R x) / sigma, v = z + B'V^-1 (r - B z - e), z and e standard normal, has mean
/// B'V^-1 r and covariance (I + B'B)^-1. No Sigma is inverted. Source: [LindleySmith1972].</remarks>
internal sealed class LevelConditional
{
    private readonly CrossedSystem system;
    private readonly int level;
    private readonly int q;
    private readonly double[] design;
    private readonly double[] cholesky;
    private readonly double[] relative;    // T Lambda / sigma
    private readonly double[] right;

    public LevelConditional(CrossedSystem system, int level)
    {
        this.system = system;
        this.level = level;
        q = system.Classes.TermCount;
        design = new double[q * q];
        cholesky = new double[q * q];
        relative = new double[q * q];
        right = new double[q];
    }

    /// <summary>B of the last factorisation, q x q.</summary>
    public ReadOnlySpan<double> Design => design;

    /// <summary>Sets B and the Cholesky factor of V.</summary>
    /// <param name="sigma">Residual sd.</param>
    /// <param name="pivotedLambda">T Lambda, q x q by rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Factorise(double sigma, ReadOnlySpan<double> pivotedLambda)
    {
        for (var i = 0; i < relative.Length; i++)
            relative[i] = pivotedLambda[i] / sigma;
        UnitPlusSquare.Factorise(
            system.Classes.Rows.AsSpan(system.Classes.ClassOf[level] * q * q, q * q), relative, 1, UnitPlusSquare.NoFloor, design, cholesky, q);
    }

    /// <summary>V x = b in place.</summary>
    /// <param name="x">Length q.</param>
    public void Solve(Span<double> x) => SmallCholesky.Solve(cholesky, x, q);

    /// <summary>Draws the effects; with normals of zero gives their mean.</summary>
    /// <param name="sigma">Residual sd.</param>
    /// <param name="lambda">Lambda, q x q by rows: lower triangular or any other root of Sigma.</param>
    /// <param name="pivotedLambda">T Lambda, q x q by rows.</param>
    /// <param name="rest">Pivoted effects of the other factors.</param>
    /// <param name="population">beta~, joined effects last. Length p.</param>
    /// <param name="normals">2 q standard normals in, u in the first q out.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Draw(
        double sigma,
        ReadOnlySpan<double> lambda,
        ReadOnlySpan<double> pivotedLambda,
        ReadOnlySpan<double> rest,
        ReadOnlySpan<double> population,
        Span<double> normals)
    {
        Factorise(sigma, pivotedLambda);
        var classes = system.Classes;
        var c = classes.ClassOf[level];
        var start = classes.Start[c];
        var d = classes.Start[c + 1] - start;
        var varying = d - system.IntegratedCount;
        var joinedCount = system.JoinedCount;
        var responses = system.Own.Responses;
        for (var a = 0; a < q; a++)
        {
            var row = classes.RestRows.AsSpan(start * q + a * d, d);
            var sum = responses[level * q + a];
            for (var i = 0; i < varying; i++)
                sum -= row[i] * rest[classes.Coordinates[start + i]];
            for (var i = varying; i < d; i++)
                sum -= row[i] * population[i - varying];
            for (var i = 0; i < joinedCount; i++)
                sum -= classes.JoinedRows[(c * q + a) * joinedCount + i] * population[d - varying + i];
            sum = sum / sigma - normals[q + a];
            for (var i = 0; i < q; i++)
                sum -= design[a * q + i] * normals[i];
            right[a] = sum;
        }

        Solve(right);
        for (var i = 0; i < q; i++)
        {
            for (var a = 0; a < q; a++)
                normals[i] += design[a * q + i] * right[a];
        }

        // u = Lambda v
        for (var i = 0; i < q; i++)
        {
            right[i] = 0;
            for (var a = 0; a < q; a++)
                right[i] += lambda[i * q + a] * normals[a];
        }

        right.AsSpan().CopyTo(normals);
    }
}

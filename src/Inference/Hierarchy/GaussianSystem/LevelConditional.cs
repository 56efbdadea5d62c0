using System.Runtime.CompilerServices;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem;

/// <summary>The exact conditional of the effects of one level of the eliminated factor given the scales and all other coefficients. Scratch of one
/// thread.</summary>
/// <remarks>
/// In spherical effects, u = Lambda v: with B = Z Lambda, r the residuals of the pseudo-rows and A = I + B'B / sigma^2 = L_A L_A',
/// v ~ N(A^-1 B'r / sigma^2, A^-1). No Sigma is inverted, so sd = 0 gives u = 0. Sources: [Bates2015], [LindleySmith1972].
/// </remarks>
internal sealed class LevelConditional
{
    private readonly int q;
    private readonly double[] design;      // B, q x q
    private readonly double[] cholesky;    // L_A, or that of I + B B', q x q, 1 / diagonal on its diagonal
    private readonly double[] v;
    private readonly double[] right;

    /// <summary>Makes room.</summary>
    /// <param name="termCount">Number of varying terms q.</param>
    public LevelConditional(int termCount)
    {
        q = termCount;
        design = new double[q * q];
        cholesky = new double[q * q];
        v = new double[q];
        right = new double[q];
    }

    /// <summary>L_A of the last factorisation, with 1 / diagonal on its diagonal.</summary>
    public ReadOnlySpan<double> Cholesky => cholesky;

    /// <summary>B of the last factorisation.</summary>
    public ReadOnlySpan<double> Design => design;

    /// <summary>Sets B and factorises A.</summary>
    /// <param name="rows">The pseudo-rows of the level.</param>
    /// <param name="sigma">Residual sd.</param>
    /// <param name="pivotedLambda">T Lambda, q x q by rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Factorise(in LevelRows rows, double sigma, ReadOnlySpan<double> pivotedLambda)
    {
        var z = rows.Varying;
        var precision = 1 / (sigma * sigma);
        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j < q; j++)
            {
                // Z is upper triangular.
                var sum = 0.0;
                for (var a = i; a < q; a++)
                    sum += z[i * q + a] * pivotedLambda[a * q + j];
                design[i * q + j] = sum;
            }
        }

        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = 0.0;
                for (var a = 0; a < q; a++)
                    sum += design[a * q + i] * design[a * q + j];
                cholesky[i * q + j] = sum * precision + (i == j ? 1 : 0);
            }
        }

        // Not definite only where B is not finite or its squares are not.
        if (!SmallCholesky.TryFactorise(cholesky, q))
            Array.Fill(cholesky, double.NaN);
    }

    /// <summary>Solves A x = b in place after <see cref="Factorise"/>.</summary>
    public void Solve(Span<double> x) => SmallCholesky.Solve(cholesky, x, q);

    /// <summary>Draws the effects after <see cref="Factorise"/>; with normals of zero gives their mean.</summary>
    /// <param name="rows">The pseudo-rows of the level.</param>
    /// <param name="sigma">Residual sd.</param>
    /// <param name="lambda">Lambda, q x q by rows, not pivoted: lower triangular or any other root of Sigma.</param>
    /// <param name="rest">Pivoted effects of the other factors.</param>
    /// <param name="population">beta~, joined effects last. Length p.</param>
    /// <param name="effects">Standard normals in, u out. Length q.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Draw(
        in LevelRows rows,
        double sigma,
        ReadOnlySpan<double> lambda,
        ReadOnlySpan<double> rest,
        ReadOnlySpan<double> population,
        Span<double> effects)
    {
        var precision = 1 / (sigma * sigma);
        Array.Clear(v);
        for (var a = 0; a < q; a++)
        {
            var residual = rows.Residual(a, rest, population) * precision;
            for (var i = 0; i < q; i++)
                v[i] += design[a * q + i] * residual;
        }

        SmallCholesky.SolveLower(cholesky, v, q);
        for (var i = 0; i < q; i++)
            v[i] += effects[i];
        SmallCholesky.SolveTransposed(cholesky, v, q);
        Turn(lambda, effects);
    }

    /// <summary>Draws the effects from twice as many numbers, with no need of A: v = z + B'V^-1 (r - B z - e), z and e standard normal, B in units of
    /// sigma and V = I + B B'. The draws of several factors are made so.</summary>
    /// <param name="rows">The pseudo-rows of the level.</param>
    /// <param name="sigma">Residual sd.</param>
    /// <param name="lambda">Lambda, q x q by rows, not pivoted.</param>
    /// <param name="pivotedLambda">T Lambda, q x q by rows.</param>
    /// <param name="rest">Pivoted effects of the other factors.</param>
    /// <param name="population">beta~, joined effects last. Length p.</param>
    /// <param name="normals">2 q standard normals, z and e, in; u in the first q out.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void DrawPerturbed(
        in LevelRows rows,
        double sigma,
        ReadOnlySpan<double> lambda,
        ReadOnlySpan<double> pivotedLambda,
        ReadOnlySpan<double> rest,
        ReadOnlySpan<double> population,
        Span<double> normals)
    {
        UnitPlusSquare.Factorise(rows.Varying, pivotedLambda, 1 / sigma, UnitPlusSquare.NoFloor, design, cholesky, q);
        normals[..q].CopyTo(v);
        for (var a = 0; a < q; a++)
            right[a] = rows.Residual(a, rest, population) / sigma - normals[q + a] - DenseRows.Dot(design.AsSpan(a * q, q), v);
        SmallCholesky.Solve(cholesky, right, q);
        for (var a = 0; a < q; a++)
            DenseRows.AddScaled(design.AsSpan(a * q, q), right[a], v);
        Turn(lambda, normals);
    }

    // u = Lambda v
    private void Turn(ReadOnlySpan<double> lambda, Span<double> effects)
    {
        for (var i = 0; i < q; i++)
        {
            var sum = 0.0;
            for (var a = 0; a < q; a++)
                sum += lambda[i * q + a] * v[a];
            effects[i] = sum;
        }
    }
}

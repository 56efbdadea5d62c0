using System.Runtime.CompilerServices;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem;

/// <summary>The exact conditional of one level's varying effects given sigma, Lambda and beta~. Scratch of one thread.</summary>
/// <remarks>
/// In spherical effects, u = Lambda v: with B = Z_j Lambda and A = I + B'B / sigma^2 = L_A L_A',
/// v | rest ~ N(A^-1 B'(y_j - X_j beta~) / sigma^2, A^-1). No Sigma is inverted, so sd = 0 gives u = 0. Source: [Bates2015].
/// </remarks>
internal sealed class EffectsWorkspace
{
    private readonly NormalSystem system;
    private readonly int q;
    private readonly double[] b;          // B, q x q
    private readonly double[] cholesky;   // L_A, q x q, 1 / diagonal on its diagonal
    private readonly double[] v;

    public EffectsWorkspace(NormalSystem system)
    {
        this.system = system;
        q = system.TermCount;
        b = new double[q * q];
        cholesky = new double[q * q];
        v = new double[q];
    }

    /// <summary>L_A of the last factorisation, with 1 / diagonal on its diagonal.</summary>
    public ReadOnlySpan<double> Cholesky => cholesky;

    /// <summary>B of the last factorisation.</summary>
    public ReadOnlySpan<double> Design => b;

    /// <summary>Factorises A for the class of a level.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Factorise(int level, double sigma, ReadOnlySpan<double> pivotedLambda)
    {
        var z = system.Classes.Varying.AsSpan(system.ClassOfLevel[level] * q * q, q * q);
        var precision = 1 / (sigma * sigma);
        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j < q; j++)
            {
                var sum = 0.0;
                for (var a = i; a < q; a++)
                    sum += z[i * q + a] * pivotedLambda[a * q + j];
                b[i * q + j] = sum;
            }
        }

        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = 0.0;
                for (var a = 0; a < q; a++)
                    sum += b[a * q + i] * b[a * q + j];
                cholesky[i * q + j] = sum * precision + (i == j ? 1 : 0);
            }
        }

        // Not definite only where B is not finite or its squares are not.
        if (!SmallCholesky.TryFactorise(cholesky, q))
            Array.Fill(cholesky, double.NaN);
    }

    /// <summary>Solves A x = b in place after <see cref="Factorise"/>.</summary>
    public void Solve(Span<double> x) => SmallCholesky.Solve(cholesky, x, q);

    /// <summary>Draws (or, with normals of zero, gives the mean of) the varying effects of a level after <see cref="Factorise"/>.</summary>
    /// <param name="level">Number of the level.</param>
    /// <param name="sigma">Residual sd.</param>
    /// <param name="lambda">Lambda, not pivoted: lower triangular or any other root of Sigma.</param>
    /// <param name="beta">beta~, joined effects included. Length p.</param>
    /// <param name="effects">Standard normals in, u out. Length q.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Draw(int level, double sigma, ReadOnlySpan<double> lambda, ReadOnlySpan<double> beta, Span<double> effects)
    {
        var p = system.PopulationCount;
        var x = system.Classes.Population.AsSpan(system.ClassOfLevel[level] * q * p, q * p);
        var y = system.LevelResponses.AsSpan(level * q, q);
        var precision = 1 / (sigma * sigma);
        for (var i = 0; i < q; i++)
            v[i] = 0;
        for (var r = 0; r < q; r++)
        {
            var rest = y[r];
            for (var a = 0; a < p; a++)
                rest -= x[r * p + a] * beta[a];
            rest *= precision;
            for (var i = 0; i < q; i++)
                v[i] += b[r * q + i] * rest;
        }

        SmallCholesky.SolveLower(cholesky, v, q);
        for (var i = 0; i < q; i++)
            v[i] += effects[i];
        SmallCholesky.SolveTransposed(cholesky, v, q);

        for (var i = 0; i < q; i++)
        {
            var sum = 0.0;
            for (var a = 0; a < q; a++)
                sum += lambda[i * q + a] * v[a];
            effects[i] = sum;
        }
    }
}

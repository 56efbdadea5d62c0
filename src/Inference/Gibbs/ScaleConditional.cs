using System.Runtime.CompilerServices;
using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Gibbs;

/// <summary>The conditional log density of one factor's scales theta, in two forms: effects u given (centred), or spherical effects v = Lambda^-1 u
/// given (non-centred). Scratch of one chain.</summary>
/// <remarks>
/// Centred it is -J log |Lambda| - tr(Sigma^-1 S) / 2 + log p(theta), S = sum_j u_j u_j' = A A'; the trace is |Lambda^-1 A|^2. Non-centred it is the
/// likelihood of the data,
/// -(x'M x - 2 g'x) / (2 sigma^2) + log p(theta), a quadratic form in the elements x of Lambda, whose M = sum_j (Z_j'Z_j) kron (v_j v_j') and g are
/// computed once. So an evaluation costs O(q^3) or O(q^4), whatever the number of levels. Where an sd is fixed at 0, the row of Lambda is replaced by
/// that of the correlation factor in the centred form. Source: [YuMeng2011].
/// </remarks>
internal sealed class ScaleConditional : IUnivariateDensity
{
    private readonly ScaleCoordinates coordinates;
    private readonly FactorSums sums;
    private readonly int q;
    private readonly double[] solved;          // Lambda^-1 A, q x q
    private readonly double[] quadratic;       // M, q^2 x q^2
    private readonly double[] linear;          // g, q^2
    private readonly double[] root;            // A, q x q
    private double precision;                  // 1 / sigma^2
    private bool isCentred;

    public ScaleConditional(ScaleCoordinates coordinates, FactorSums sums)
    {
        this.coordinates = coordinates;
        this.sums = sums;
        q = sums.TermCount;
        Point = coordinates.NewPoint();
        Theta = new double[coordinates.Dimension];
        Pivoted = new double[q * q];
        Centre = new double[q * q];
        solved = new double[q * q];
        quadratic = new double[q * q * q * q];
        linear = new double[q * q];
        root = new double[q * q];
    }

    /// <summary>The scales on unconstrained space.</summary>
    public double[] Theta { get; }

    /// <summary>Sds, correlation factor and Lambda at the last evaluation.</summary>
    public ScalePoint Point { get; }

    /// <summary>T Lambda at the last evaluation. Length q^2.</summary>
    public double[] Pivoted { get; }

    /// <summary>Lambda at the last evaluation, rows of sds fixed at 0 replaced. Length q^2.</summary>
    public double[] Centre { get; }

    /// <summary>A, S = A A'. Length q^2.</summary>
    public double[] Root => root;

    /// <summary>The coordinate that <see cref="LogDensity"/> moves.</summary>
    public int Coordinate { get; set; }

    /// <inheritdoc/>
    public double LogDensity(double value)
    {
        Theta[Coordinate] = value;
        return Evaluate();
    }

    /// <summary>Evaluates sds, Lambda and its forms at theta.</summary>
    /// <returns>The log prior.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Constrain()
    {
        var log = coordinates.Constrain(Theta, Point);
        var part = Point.Factors[0];
        sums.Pivot.PivotLambda(part.Lambda, Pivoted);
        part.Lambda.CopyTo(Centre.AsSpan());
        for (var a = 0; a < q; a++)
        {
            if (part.Sd[a] == 0)
                part.CorrelationCholesky.AsSpan(a * q, q).CopyTo(Centre.AsSpan(a * q));
        }

        return log;
    }

    /// <summary>The log density at theta.</summary>
    /// <returns>Up to a constant; negative infinity or NaN where it cannot be evaluated.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Evaluate()
    {
        var log = Constrain();
        return isCentred ? log + CentredLikelihood() : log + NonCentredLikelihood();
    }

    /// <summary>Takes the centred form: S of the present effects.</summary>
    /// <param name="spherical">v. Length J q.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void TakeCentred(ReadOnlySpan<double> spherical)
    {
        isCentred = true;
        if (q == 1)
        {
            root[0] = Centre[0] * Math.Sqrt(DenseRows.Dot(spherical, spherical));
            return;
        }

        Array.Clear(solved);
        for (var j = 0; j < sums.LevelCount; j++)
        {
            var v = spherical.Slice(j * q, q);
            for (var a = 0; a < q; a++)
            {
                for (var b = 0; b <= a; b++)
                    solved[a * q + b] += v[a] * v[b];
            }
        }

        SemidefiniteCholesky.Factorise(solved, q);
        TriangularMatrix.Multiply(Centre, solved, q, root);
    }

    /// <summary>Takes the non-centred form: M and g of the present spherical effects.</summary>
    /// <param name="spherical">v. Length J q.</param>
    /// <param name="responses">Pseudo-responses less the other factors' effects. Length J q.</param>
    /// <param name="beta">beta~. Length p.</param>
    /// <param name="sigma">Residual sd.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void TakeNonCentred(ReadOnlySpan<double> spherical, ReadOnlySpan<double> responses, ReadOnlySpan<double> beta, double sigma)
    {
        isCentred = false;
        precision = 1 / (sigma * sigma);
        var p = beta.Length;
        ReadOnlySpan<double> x = sums.PopulationRows;
        ReadOnlySpan<double> z = sums.Rows;
        if (q == 1)
        {
            var (square, g) = (0.0, 0.0);
            for (var j = 0; j < spherical.Length; j++)
            {
                var rest = responses[j];
                for (var e = 0; e < p; e++)
                    rest -= x[j * p + e] * beta[e];
                var b = z[j] * spherical[j];
                square += b * b;
                g += b * rest;
            }

            quadratic[0] = square;
            linear[0] = g;
            return;
        }

        Array.Clear(quadratic);
        Array.Clear(linear);
        for (var j = 0; j < sums.LevelCount; j++)
        {
            var v = spherical.Slice(j * q, q);
            for (var r = 0; r < q; r++)
            {
                var rest = responses[j * q + r] - DenseRows.Dot(x.Slice((j * q + r) * p, p), beta);
                for (var a = 0; a < q; a++)
                {
                    var zr = z[(j * q + r) * q + a] * rest;
                    for (var b = 0; b < q; b++)
                        linear[a * q + b] += zr * v[b];
                }
            }

            // Symmetric: element (a b, c d) with a >= c.
            for (var a = 0; a < q; a++)
            {
                for (var c = 0; c <= a; c++)
                {
                    // Z_j is upper triangular.
                    var zz = 0.0;
                    for (var r = 0; r <= c; r++)
                        zz += z[(j * q + r) * q + a] * z[(j * q + r) * q + c];
                    if (zz == 0)
                        continue;
                    for (var b = 0; b < q; b++)
                    {
                        for (var d = 0; d < q; d++)
                            quadratic[((a * q + b) * q + c) * q + d] += zz * v[b] * v[d];
                    }
                }
            }
        }

        for (var a = 0; a < q; a++)
        {
            for (var c = 0; c < a; c++)
            {
                for (var b = 0; b < q; b++)
                {
                    for (var d = 0; d < q; d++)
                        quadratic[((c * q + d) * q + a) * q + b] = quadratic[((a * q + b) * q + c) * q + d];
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double CentredLikelihood()
    {
        if (q == 1)
        {
            var ratio = root[0] / Centre[0];
            return -sums.LevelCount * Math.Log(Centre[0]) - 0.5 * ratio * ratio;
        }

        TriangularMatrix.Solve(Centre, root, q, solved);
        var log = -0.5 * DenseRows.Dot(solved, solved);
        for (var a = 0; a < q; a++)
            log -= sums.LevelCount * Math.Log(Centre[a * q + a]);
        return log;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double NonCentredLikelihood()
    {
        var sum = 0.0;
        var size = q * q;
        for (var i = 0; i < size; i++)
        {
            if (Pivoted[i] != 0)
                sum += Pivoted[i] * (DenseRows.Dot(quadratic.AsSpan(i * size, size), Pivoted) - 2 * linear[i]);
        }

        return -0.5 * precision * sum;
    }
}

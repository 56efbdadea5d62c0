using System.Runtime.CompilerServices;
using TypedPooling.Inference.Numerics;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Gibbs;

/// <summary>Draws the spherical effects of the eliminated factor and the rest jointly from their exact conditional at given scales. Scratch of one
/// chain.</summary>
/// <remarks>
/// <para>
/// With B_j = Z_j Lambda / sigma, V_j = I + B_j B_j' = L_j L_j' and D the map from spherical to natural coordinates of the rest (Lambda_l for other
/// factors' effects, I for beta~), the rest has precision D'(R'R + sum_j R_j' V_j^-1 R_j) D / sigma^2 + P: sums of squares only, so that nothing
/// large is subtracted from anything large and no Sigma is inverted.
/// </para>
/// <para>
/// Given the rest and r = (y_j - R_j rest) / sigma, v_j ~ N(B'V^-1 r, (I + B'B)^-1) is drawn as z + B'V^-1(r - B z - e) with z, e standard normal:
/// its covariance is (I - B'V^-1B)(I - B'V^-1B)' + B'V^-2B = I - B'V^-1B, the inverse of I + B'B. Source: [LindleySmith1972].
/// </para>
/// </remarks>
internal sealed class EliminationWorkspace
{
    // Least pivot relative to the diagonal it comes from: rounding of the sums. Reached only where flat priors meet scales at which nothing
    // determines a coefficient.
    private const double LeastPivot = 1e-15;

    private readonly Elimination system;
    private readonly int q;
    private readonly int s;
    private readonly int p;
    private readonly double[] design;      // B by class
    private readonly double[] cholesky;    // L by class, 1 / diagonal on the diagonal
    private readonly double[] square;      // s x s, then its Cholesky factor, 1 / diagonal on the diagonal
    private readonly double[] priorTarget; // p
    private readonly double[] whitened;    // L^-1 R of a class, q x s
    private readonly double[] classSums;   // sum of y_j of a class, q each
    private readonly double[] mean;        // s
    private readonly double[] scratch;     // 3 q

    public EliminationWorkspace(Elimination system, int populationCount)
    {
        this.system = system;
        q = system.TermCount;
        s = system.RestCount;
        p = populationCount;
        var classes = system.Representatives.Length;
        design = new double[classes * q * q];
        cholesky = new double[classes * q * q];
        square = new double[s * s];
        priorTarget = new double[p];
        whitened = new double[q * s];
        classSums = new double[classes * q];
        mean = new double[s];
        scratch = new double[3 * q];
        Rest = new double[s];
        Spherical = new double[s];
    }

    /// <summary>The rest in natural coordinates: pivoted effects of other factors, then beta~. Length s.</summary>
    public double[] Rest { get; }

    /// <summary>The rest in spherical coordinates. Length s.</summary>
    public double[] Spherical { get; }

    /// <summary>Draws.</summary>
    /// <param name="sigma">Residual sd.</param>
    /// <param name="lambda">Pivoted Lambda of the eliminated factor, q x q by rows.</param>
    /// <param name="restLambdas">Pivoted Lambda of every factor of the model; those of the rest are used.</param>
    /// <param name="responses">y_j in pseudo-rows. Length J q.</param>
    /// <param name="pooledTarget">R'y over the pooled rows. Length s.</param>
    /// <param name="population">The population effects with their prior.</param>
    /// <param name="precision">Prior precision of each population effect. Length p.</param>
    /// <param name="stream">Randomness; null for the conditional mean in place of a draw.</param>
    /// <param name="effects">Overwritten with v. Length J q.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Draw(
        double sigma,
        ReadOnlySpan<double> lambda,
        double[][] restLambdas,
        ReadOnlySpan<double> responses,
        ReadOnlySpan<double> pooledTarget,
        PopulationLayout population,
        ReadOnlySpan<double> precision,
        PhiloxStream? stream,
        Span<double> effects)
    {
        var inverse = 1 / sigma;
        system.PooledSquare.CopyTo(square);
        pooledTarget.CopyTo(mean);
        Reduce(lambda, inverse, responses);
        ToSpherical(restLambdas, inverse * inverse);
        if (p > 0)
        {
            Array.Clear(priorTarget);
            population.AddPrior(precision, square.AsSpan((s - p) * s + s - p), s, priorTarget);
            for (var a = 0; a < p; a++)
                mean[s - p + a] += priorTarget[a];
        }

        Factorise();
        DrawRest(stream);
        ToNatural(restLambdas);
        DrawLevels(inverse, responses, stream, effects);
    }

    /// <summary>Half the log determinant of the precision of all spherical coefficients and beta~ at the last draw: sum_j log |V_j| / 2 + log |rest|
    /// / 2.</summary>
    /// <returns>The log. O(classes q + s).</returns>
    public double HalfLogDeterminant()
    {
        var log = 0.0;
        for (var c = 0; c < system.Sizes.Length; c++)
        {
            for (var a = 0; a < q; a++)
                log -= system.Sizes[c] * Math.Log(cholesky[(c * q + a) * q + a]);
        }

        for (var a = 0; a < s; a++)
            log -= Math.Log(square[a * s + a]);
        return log;
    }

    // Factorises V of every class, and adds R_j' V^-1 R_j and R_j' V^-1 y_j, in units of sigma.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Reduce(ReadOnlySpan<double> lambda, double inverse, ReadOnlySpan<double> responses)
    {
        Array.Clear(classSums);
        for (var j = 0; j < system.LevelCount; j++)
        {
            var at = system.ClassOf[j] * q;
            for (var a = 0; a < q; a++)
                classSums[at + a] += responses[j * q + a];
        }

        for (var c = 0; c < system.Representatives.Length; c++)
        {
            var j = system.Representatives[c];
            var l = cholesky.AsSpan(c * q * q, q * q);
            UnitPlusSquare.Factorise(
                system.Rows.AsSpan(j * q * q, q * q), lambda, inverse, UnitPlusSquare.RoundingFloor, design.AsSpan(c * q * q, q * q), l, q);
            var sums = classSums.AsSpan(c * q, q);
            double size = system.Sizes[c];
            for (var a = 0; a < q; a++)
            {
                var row = whitened.AsSpan(a * s, s);
                system.RestRows.AsSpan((j * q + a) * s, s).CopyTo(row);
                for (var b = 0; b < a; b++)
                {
                    var below = l[a * q + b];
                    sums[a] -= below * sums[b];
                    var earlier = whitened.AsSpan(b * s, s);
                    for (var column = 0; column < s; column++)
                        row[column] -= below * earlier[column];
                }

                var diagonal = l[a * q + a];
                sums[a] *= diagonal;
                for (var column = 0; column < s; column++)
                    row[column] *= diagonal;
                Add(row, size, sums[a]);
            }
        }
    }

    // square += size row row' (lower triangle), mean += row target
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add(ReadOnlySpan<double> row, double size, double target)
    {
        for (var a = 0; a < row.Length; a++)
        {
            var value = row[a];
            if (value == 0)
                continue;
            mean[a] += value * target;
            value *= size;
            DenseRows.AddScaled(row[..(a + 1)], value, square.AsSpan(a * s, a + 1));
        }
    }

    // square = D' square D / sigma^2 + I for the other factors' effects, mean likewise; the prior of beta~ is still to come.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ToSpherical(double[][] lambdas, double precision)
    {
        for (var a = 0; a < s; a++)
        {
            mean[a] *= precision;
            for (var b = 0; b <= a; b++)
            {
                square[a * s + b] *= precision;
                square[b * s + a] = square[a * s + b];
            }
        }

        foreach (var (other, start) in system.Blocks)
        {
            var lambda = lambdas[other];
            var r = (int)Math.Sqrt(lambda.Length);
            var end = End(start);
            for (var at = start; at < end; at += r)
            {
                for (var row = 0; row < s; row++)
                    SmallBlocks.RightMultiply(square.AsSpan(row * s + at, r), lambda, r);
            }

            for (var at = start; at < end; at += r)
            {
                SmallBlocks.RightMultiply(mean.AsSpan(at, r), lambda, r);
                SmallBlocks.LeftMultiply(square.AsSpan(at * s, r * s), lambda, r, s);
            }

            for (var at = start; at < end; at++)
                square[at * s + at] += 1;
        }
    }

    // square = L L' in place, 1 / diagonal on the diagonal; mean = L^-1 mean.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Factorise()
    {
        for (var a = 0; a < s; a++)
        {
            var row = square.AsSpan(a * s, a + 1);
            var diagonal = row[a];
            for (var c = 0; c < a; c++)
                row[c] = (row[c] - DenseRows.Dot(row[..c], square.AsSpan(c * s, c))) * square[c * s + c];
            var rest = diagonal - DenseRows.Dot(row[..a], row[..a]);
            row[a] = 1 / Math.Sqrt(Math.Max(rest, LeastPivot * diagonal));
            mean[a] = (mean[a] - DenseRows.Dot(row[..a], mean.AsSpan(0, a))) * row[a];
        }
    }

    // Spherical = L'^-1 (L^-1 target + z)
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void DrawRest(PhiloxStream? stream)
    {
        for (var a = 0; a < s; a++)
            Spherical[a] = mean[a] + (stream?.NextNormal() ?? 0);
        for (var a = s - 1; a >= 0; a--)
        {
            var value = Spherical[a] * square[a * s + a];
            Spherical[a] = value;
            var row = square.AsSpan(a * s, a);
            for (var c = 0; c < a; c++)
                Spherical[c] -= row[c] * value;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ToNatural(double[][] lambdas)
    {
        Spherical.CopyTo(Rest.AsSpan());
        foreach (var (other, start) in system.Blocks)
        {
            var lambda = lambdas[other];
            var r = (int)Math.Sqrt(lambda.Length);
            for (var at = start; at < End(start); at += r)
            {
                for (var a = 0; a < r; a++)
                {
                    var sum = 0.0;
                    for (var b = 0; b < r; b++)
                        sum += lambda[a * r + b] * Spherical[at + b];
                    Rest[at + a] = sum;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void DrawLevels(double inverse, ReadOnlySpan<double> responses, PhiloxStream? stream, Span<double> effects)
    {
        ReadOnlySpan<double> rest = Rest;
        ReadOnlySpan<double> restRows = system.RestRows;
        if (q == 1)
        {
            for (var j = 0; j < system.LevelCount; j++)
            {
                var c = system.ClassOf[j];
                var r = (responses[j] - DenseRows.Dot(restRows.Slice(j * s, s), rest)) * inverse;
                var weight = design[c] * cholesky[c] * cholesky[c];
                effects[j] = weight * r + (stream?.NextNormal() ?? 0) * cholesky[c];
            }

            return;
        }

        var residual = scratch.AsSpan(0, q);
        for (var j = 0; j < system.LevelCount; j++)
        {
            var b = design.AsSpan(system.ClassOf[j] * q * q, q * q);
            var l = cholesky.AsSpan(system.ClassOf[j] * q * q, q * q);
            var v = effects.Slice(j * q, q);
            for (var a = 0; a < q; a++)
                v[a] = stream?.NextNormal() ?? 0;
            for (var a = 0; a < q; a++)
            {
                var sum = (responses[j * q + a] - DenseRows.Dot(restRows.Slice((j * q + a) * s, s), rest)) * inverse - (stream?.NextNormal() ?? 0);
                for (var c = 0; c < q; c++)
                    sum -= b[a * q + c] * v[c];
                for (var c = 0; c < a; c++)
                    sum -= l[a * q + c] * residual[c];
                residual[a] = sum * l[a * q + a];
            }

            for (var a = q - 1; a >= 0; a--)
            {
                var value = residual[a] * l[a * q + a];
                residual[a] = value;
                for (var c = 0; c < a; c++)
                    residual[c] -= l[a * q + c] * value;
                for (var c = 0; c < q; c++)
                    v[c] += b[a * q + c] * value;
            }
        }
    }

    private int End(int start)
    {
        var end = s - p;
        foreach (var (_, other) in system.Blocks)
        {
            if (other > start && other < end)
                end = other;
        }

        return end;
    }
}

namespace TypedPooling.Inference.GaussianSystem;

/// <summary>Integrates all coefficients of a <see cref="NormalSystem"/> out at given scales, with derivatives, and holds the exact conditional of beta. Scratch of one chain.</summary>
/// <remarks>
/// <para>
/// With B_c = Z_c Lambda, V_c = sigma^2 I + B_c B_c' = L_c L_c' and P, m the prior precision and mean of beta:
/// H = P + R'R / sigma^2 + sum_c J_c X_c' V_c^-1 X_c, beta^ = H^-1 (P m + R'w / sigma^2 + sum_c J_c X_c' V_c^-1 y_c), and
/// </para>
/// <para>
/// log p(y | theta) = -(N - f) / 2 log 2 pi + sum log w_i / 2 - (N - J q) log sigma - sum_c J_c log |L_c| + log |P| / 2 - log |H| / 2 - Q / 2, f the number of flat priors,
/// Q = (beta^ - m)'P(beta^ - m) + (s + |R beta^ - w|^2) / sigma^2 + sum_c (tr V_c^-1 S_c + J_c r_c' V_c^-1 r_c), r_c = y_c - X_c beta^:
/// a sum of squares of residuals, so that nothing large is subtracted from anything large.
/// </para>
/// <para>
/// Derivatives: with D_c = [V_c^-1 (S_c + J_c r_c r_c' + J_c X_c H^-1 X_c') V_c^-1 - J_c V_c^-1] / 2 the derivative for V_c,
/// d/dLambda = 2 (sum_c Z_c' D_c Z_c) Lambda and d/dsigma^2 = sum_c tr D_c + [-(N - J q) + (s + |R beta^ - w|^2) / sigma^2 + tr(H^-1 R'R) / sigma^2] / (2 sigma^2).
/// This is Fisher's identity in the spherical effects v, u = Lambda v; no Sigma is inverted, so it holds at sd = 0 and |rho| = 1. Sources: [Bates2015], [LindleySmith1972].
/// </para>
/// </remarks>
internal sealed class NormalSystemWorkspace
{
    private readonly NormalSystem system;
    private readonly int q;
    private readonly int p;
    private readonly double[] factors;        // L_c, class after class, q x q by rows; its diagonal holds 1 / L_ii
    private readonly double[] whitened;       // L_c^-1 [X_c y_c], class after class, q x (p + 1) by rows
    private readonly double[] hessian;        // H, then its Cholesky factor L_H with 1 / diagonal on the diagonal, p x p by rows
    private readonly double[] pooledSquare;   // R'R
    private readonly double[] pooledTarget;   // R'w
    private readonly double[] priorTarget;    // P m
    private readonly double[] b;              // B_c, q x q
    private readonly double[] middle;         // M, q x q
    private readonly double[] left;           // L_c^-1 Z_c, q x q
    private readonly double[] inverse;        // L_c^-1, q x q
    private readonly double[] projected;      // L_H^-1 K_x', q rows of length p
    private readonly double[] gamma;          // sum_c Z_c' D_c Z_c, q x q
    private readonly double[] residual;       // L_c^-1 r_c
    private readonly double logConstant;
    private double sigma;

    public NormalSystemWorkspace(NormalSystem system)
    {
        this.system = system;
        q = system.TermCount;
        p = system.PopulationCount;
        factors = new double[system.Classes.Count * q * q];
        whitened = new double[system.Classes.Count * q * (p + 1)];
        hessian = new double[p * p];
        pooledSquare = new double[p * p];
        pooledTarget = new double[p];
        priorTarget = new double[p];
        b = new double[q * q];
        middle = new double[q * q];
        left = new double[q * q];
        inverse = new double[q * q];
        projected = new double[q * p];
        gamma = new double[q * q];
        residual = new double[q];
        Mean = new double[p];

        var root = system.Pooled.Root;
        for (var a = 0; a < p; a++)
        {
            for (var c = 0; c < p; c++)
            {
                for (var k = 0; k <= Math.Min(a, c); k++)
                    pooledSquare[a * p + c] += root[k * p + a] * root[k * p + c];
                priorTarget[a] += system.Population.Precision[a * p + c] * system.Population.PriorMean[c];
            }

            for (var k = 0; k <= a; k++)
                pooledTarget[a] += root[k * p + a] * system.Pooled.Target[k];
        }

        logConstant = -0.5 * (system.Pooled.TotalRows - system.Population.FlatCount) * Math.Log(2 * Math.PI)
            + 0.5 * system.Model.Cells.LogWeightSum + system.Population.LogPriorConstant;
    }

    /// <summary>beta^, the conditional mean of the pivoted population effects at the last solution. Length p.</summary>
    public double[] Mean { get; }

    /// <summary>L_H with H = L_H L_H' at the last solution, 1 / diagonal on its diagonal. p x p by rows.</summary>
    public ReadOnlySpan<double> Factor => hessian;

    /// <summary>Derivative of the last solution for sigma.</summary>
    public double SigmaGradient { get; private set; }

    private double FreeRows => system.Pooled.TotalRows - (double)system.GroupCount * q;

    /// <summary>Integrates the coefficients out.</summary>
    /// <param name="sigma">Residual sd.</param>
    /// <param name="lambda">Pivoted Lambda, q x q by rows.</param>
    /// <param name="gradient">Overwritten with the derivative for each element of the pivoted Lambda, q x q by rows; empty where no derivative is wanted.</param>
    /// <returns>log p(y | sigma, Lambda), all constants included; negative infinity where a factor is not positive definite.</returns>
    public double Solve(double sigma, ReadOnlySpan<double> lambda, Span<double> gradient)
    {
        this.sigma = sigma;
        var variance = sigma * sigma;
        if (!(variance > 0 && double.IsFinite(variance)))
            return double.NegativeInfinity;

        StartHessian(1 / variance);
        var logDeterminant = ReduceClasses(variance, lambda);
        if (!SolveMean(out var logHessian) || double.IsNaN(logDeterminant))
            return double.NegativeInfinity;

        var pooled = PooledSquares();
        var derivative = gradient.IsEmpty && q > 0 ? double.NaN : 0.0;
        var squares = PriorSquares() + pooled / variance + ClassSquares(!double.IsNaN(derivative), ref derivative);
        var log = logConstant - FreeRows * Math.Log(sigma) - logDeterminant - logHessian - 0.5 * squares;
        if (double.IsNaN(derivative))
            return Finite(log);

        derivative += 0.5 * (-FreeRows + pooled / variance + PooledTrace() / variance) / variance;
        SigmaGradient = 2 * sigma * derivative;
        for (var a = 0; a < q; a++)
        {
            for (var c = 0; c < q; c++)
            {
                var sum = 0.0;
                for (var k = 0; k < q; k++)
                    sum += gamma[a * q + k] * lambda[k * q + c];
                gradient[a * q + c] = 2 * sum;
            }
        }

        return Finite(log);
    }

    /// <summary>Turns standard normals into a draw of beta~ from its conditional N(beta^, H^-1) at the last solution.</summary>
    /// <param name="normals">Independent standard normals; overwritten with the draw. Length p.</param>
    public void DrawPopulation(Span<double> normals)
    {
        for (var a = p - 1; a >= 0; a--)
        {
            var sum = normals[a];
            for (var c = a + 1; c < p; c++)
                sum -= hessian[c * p + a] * normals[c];
            normals[a] = sum * hessian[a * p + a];
        }

        for (var a = 0; a < p; a++)
            normals[a] += Mean[a];
    }

    private static double Finite(double log) => double.IsNaN(log) ? double.NegativeInfinity : log;

    private void StartHessian(double precision)
    {
        var prior = system.Population.Precision;
        for (var a = 0; a < p; a++)
        {
            for (var c = 0; c <= a; c++)
                hessian[a * p + c] = prior[a * p + c] + pooledSquare[a * p + c] * precision;
            Mean[a] = priorTarget[a] + pooledTarget[a] * precision;
        }
    }

    // First pass over classes: L_c, L_c^-1 [X_c y_c], and their part of H and its right-hand side. Returns sum J log |L|, NaN where a V is not positive definite.
    private double ReduceClasses(double variance, ReadOnlySpan<double> lambda)
    {
        var classes = system.Classes;
        var log = 0.0;
        for (var c = 0; c < classes.Count; c++)
        {
            var groups = classes.GroupCounts[c];
            var factor = factors.AsSpan(c * q * q, q * q);
            var determinant = FactoriseClass(variance, classes.Varying.AsSpan(c * q * q, q * q), lambda, factor);
            if (!(determinant > 0))
                return double.NaN;
            log += groups * Math.Log(determinant);
            Whiten(factor, classes.Population.AsSpan(c * q * p, q * p), classes.MeanResponse.AsSpan(c * q, q), whitened.AsSpan(c * q * (p + 1), q * (p + 1)));
            AddToHessian(groups, whitened.AsSpan(c * q * (p + 1), q * (p + 1)));
        }

        return log;
    }

    // Cholesky of sigma^2 I + B B', B = Z Lambda. Returns the product of its diagonal.
    private double FactoriseClass(double variance, ReadOnlySpan<double> z, ReadOnlySpan<double> lambda, Span<double> factor)
    {
        var determinant = 1.0;
        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j < q; j++)
            {
                var sum = 0.0;
                for (var k = i; k < q; k++)
                    sum += z[i * q + k] * lambda[k * q + j];
                b[i * q + j] = sum;
            }

            for (var j = 0; j <= i; j++)
            {
                var sum = i == j ? variance : 0;
                for (var k = 0; k < q; k++)
                    sum += b[i * q + k] * b[j * q + k];
                for (var k = 0; k < j; k++)
                    sum -= factor[i * q + k] * factor[j * q + k];
                if (i > j)
                {
                    factor[i * q + j] = sum * factor[j * q + j];
                }
                else
                {
                    if (!(sum > 0))
                        return double.NaN;
                    var diagonal = Math.Sqrt(sum);
                    determinant *= diagonal;
                    factor[i * q + i] = 1 / diagonal;
                }
            }
        }

        return determinant;
    }

    // (q x q)^-1 (q x (p + 1))
    private void Whiten(ReadOnlySpan<double> factor, ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> result)
    {
        var n = p + 1;
        for (var i = 0; i < q; i++)
        {
            var row = result.Slice(i * n, n);
            x.Slice(i * p, p).CopyTo(row);
            row[p] = y[i];
            for (var k = 0; k < i; k++)
            {
                var l = factor[i * q + k];
                var above = result.Slice(k * n, n);
                for (var t = 0; t < n; t++)
                    row[t] -= l * above[t];
            }

            var scale = factor[i * q + i];
            for (var t = 0; t < n; t++)
                row[t] *= scale;
        }
    }

    private void AddToHessian(double groups, ReadOnlySpan<double> rows)
    {
        var n = p + 1;
        for (var i = 0; i < q; i++)
        {
            var row = rows.Slice(i * n, n);
            for (var a = 0; a < p; a++)
            {
                var scaled = groups * row[a];
                for (var c = 0; c <= a; c++)
                    hessian[a * p + c] += scaled * row[c];
                Mean[a] += scaled * row[p];
            }
        }
    }

    // H = L L' in place (1 / diagonal on the diagonal), then Mean = H^-1 Mean.
    private bool SolveMean(out double logHessian)
    {
        var product = 1.0;
        logHessian = 0;
        for (var a = 0; a < p; a++)
        {
            for (var c = 0; c <= a; c++)
            {
                var sum = hessian[a * p + c];
                for (var k = 0; k < c; k++)
                    sum -= hessian[a * p + k] * hessian[c * p + k];
                if (a > c)
                {
                    hessian[a * p + c] = sum * hessian[c * p + c];
                }
                else
                {
                    if (!(sum > 0))
                        return false;
                    var diagonal = Math.Sqrt(sum);
                    product *= diagonal;

                    // A long product could leave the range of a double.
                    if (product is > 1e100 or < 1e-100)
                    {
                        logHessian += Math.Log(product);
                        product = 1;
                    }

                    hessian[a * p + a] = 1 / diagonal;
                }
            }
        }

        logHessian += Math.Log(product);
        for (var a = 0; a < p; a++)
        {
            var sum = Mean[a];
            for (var c = 0; c < a; c++)
                sum -= hessian[a * p + c] * Mean[c];
            Mean[a] = sum * hessian[a * p + a];
        }

        for (var a = p - 1; a >= 0; a--)
        {
            var sum = Mean[a];
            for (var c = a + 1; c < p; c++)
                sum -= hessian[c * p + a] * Mean[c];
            Mean[a] = sum * hessian[a * p + a];
        }

        return true;
    }

    private double PriorSquares()
    {
        var prior = system.Population;
        var sum = 0.0;
        for (var a = 0; a < p; a++)
        {
            var da = Mean[a] - prior.PriorMean[a];
            for (var c = 0; c < p; c++)
                sum += da * prior.Precision[a * p + c] * (Mean[c] - prior.PriorMean[c]);
        }

        return sum;
    }

    private double PooledSquares()
    {
        var pooled = system.Pooled;
        var sum = pooled.SumOfSquares;
        if (pooled.IsEmpty)
        {
            foreach (var w in pooled.Target)
                sum += w * w;
            return sum;
        }

        for (var a = 0; a < p; a++)
        {
            var rest = pooled.Target[a];
            for (var c = a; c < p; c++)
                rest -= pooled.Root[a * p + c] * Mean[c];
            sum += rest * rest;
        }

        return sum;
    }

    // tr(H^-1 R'R) = |L_H^-1 R'|^2
    private double PooledTrace()
    {
        if (system.Pooled.IsEmpty)
            return 0;
        var root = system.Pooled.Root;
        Span<double> column = p <= 128 ? stackalloc double[p] : new double[p];
        var trace = 0.0;
        for (var r = 0; r < p; r++)
        {
            for (var a = 0; a < p; a++)
            {
                var sum = a >= r ? root[r * p + a] : 0;
                for (var k = 0; k < a; k++)
                    sum -= hessian[a * p + k] * column[k];
                column[a] = sum * hessian[a * p + a];
                trace += column[a] * column[a];
            }
        }

        return trace;
    }

    // Second pass over classes: residual squares and, where wanted, gamma = sum Z'DZ and the classes' part of the derivative for sigma^2.
    private double ClassSquares(bool withGradient, ref double derivative)
    {
        var classes = system.Classes;
        Array.Clear(gamma);
        var squares = 0.0;
        var n = p + 1;
        for (var c = 0; c < classes.Count; c++)
        {
            var groups = classes.GroupCounts[c];
            var factor = factors.AsSpan(c * q * q, q * q);
            var rows = whitened.AsSpan(c * q * n, q * n);
            for (var i = 0; i < q; i++)
            {
                var sum = rows[i * n + p];
                for (var a = 0; a < p; a++)
                    sum -= rows[i * n + a] * Mean[a];
                residual[i] = sum;
                squares += groups * sum * sum;
            }

            Middle(groups, factor, rows, classes.Scatter.AsSpan(c * q * q, q * q), withGradient, ref squares);
            if (withGradient)
                derivative += AddToGamma(factor, classes.Varying.AsSpan(c * q * q, q * q));
        }

        return squares;
    }

    // M = L^-1 S L^-T + J (r r' + K H^-1 K') - J I, in whitened coordinates; adds tr L^-1 S L^-T to the squares.
    private void Middle(double groups, ReadOnlySpan<double> factor, ReadOnlySpan<double> rows, ReadOnlySpan<double> scatter, bool withGradient, ref double squares)
    {
        // The factor's inverse serves S and, later, the trace.
        for (var j = 0; j < q; j++)
        {
            for (var i = 0; i < q; i++)
            {
                var sum = i == j ? 1.0 : 0.0;
                for (var k = j; k < i; k++)
                    sum -= factor[i * q + k] * inverse[k * q + j];
                inverse[i * q + j] = i < j ? 0 : sum * factor[i * q + i];
            }
        }

        if (groups > 1)
        {
            // left = L^-1 S (q x q), then times L^-T
            for (var i = 0; i < q; i++)
            {
                for (var j = 0; j < q; j++)
                {
                    var sum = 0.0;
                    for (var k = 0; k <= i; k++)
                        sum += inverse[i * q + k] * scatter[k * q + j];
                    left[i * q + j] = sum;
                }

                for (var j = 0; j <= i; j++)
                {
                    var sum = 0.0;
                    for (var k = 0; k <= j; k++)
                        sum += left[i * q + k] * inverse[j * q + k];
                    middle[i * q + j] = sum;
                }

                squares += middle[i * q + i];
            }
        }
        else
        {
            Array.Clear(middle);
        }

        if (!withGradient)
            return;
        var n = p + 1;
        for (var i = 0; i < q; i++)
        {
            var row = projected.AsSpan(i * p, p);
            for (var a = 0; a < p; a++)
            {
                var sum = rows[i * n + a];
                for (var k = 0; k < a; k++)
                    sum -= hessian[a * p + k] * row[k];
                row[a] = sum * hessian[a * p + a];
            }

            for (var j = 0; j <= i; j++)
            {
                var sum = residual[i] * residual[j] - (i == j ? 1 : 0);
                for (var a = 0; a < p; a++)
                    sum += row[a] * projected[j * p + a];
                middle[i * q + j] += groups * sum;
            }
        }
    }

    // gamma += (L^-1 Z)' M (L^-1 Z) / 2; returns tr(L^-T M L^-1) / 2.
    private double AddToGamma(ReadOnlySpan<double> factor, ReadOnlySpan<double> z)
    {
        var trace = 0.0;
        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j < q; j++)
            {
                var sum = 0.0;
                for (var k = 0; k <= i; k++)
                    sum += inverse[i * q + k] * z[k * q + j];
                left[i * q + j] = sum;
            }
        }

        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var weight = (i == j ? 0.5 : 1) * middle[i * q + j];
                var dot = 0.0;
                for (var k = 0; k <= j; k++)
                    dot += inverse[i * q + k] * inverse[j * q + k];
                trace += weight * dot;

                var half = 0.5 * middle[i * q + j] * (i == j ? 0.5 : 1);
                for (var a = 0; a < q; a++)
                {
                    var la = half * left[i * q + a];
                    var lb = half * left[j * q + a];
                    for (var c = 0; c < q; c++)
                        gamma[a * q + c] += la * left[j * q + c] + lb * left[i * q + c];
                }
            }
        }

        return trace;
    }
}

using System.Runtime.CompilerServices;
using TypedPooling.Inference.GaussianSystem.Kernels;

namespace TypedPooling.Inference.GaussianSystem;

/// <summary>Integrates all coefficients of a <see cref="NormalSystem"/> out at given scales, with derivatives, and holds the exact conditional of beta. Scratch of one chain.</summary>
/// <remarks>
/// <para>
/// In units of sigma, with B_c = Z_c Lambda / sigma, V_c = I + B_c B_c', W_c = V_c^-1 and P, m the prior precision and mean of beta:
/// H = P + (R'R + sum_c J_c X_c' W_c X_c) / sigma^2, beta^ = H^-1 (P m + (R'w + sum_c J_c X_c' W_c y_c) / sigma^2), and
/// </para>
/// <para>
/// log p(y | theta) = -(N - f) / 2 log 2 pi + sum log w_i / 2 - N log sigma - sum_c J_c log |V_c| / 2 + log |P| / 2 - log |H| / 2 - Q / 2, f the number of flat priors,
/// Q = (beta^ - m)'P(beta^ - m) + (s + |R beta^ - w|^2 + C) / sigma^2, C = sum_c (tr W_c S_c + J_c r_c' W_c r_c), r_c = y_c - X_c beta^:
/// a sum of squares of residuals, so that nothing large is subtracted from anything large. For a LogNormal response y is its log, and the log Jacobian - sum log y is added.
/// </para>
/// <para>
/// Derivatives: with Gamma = sum_c Z_c' [W_c (S_c + J_c r_c r_c' + J_c X_c H^-1 X_c') W_c / sigma^2 - J_c W_c] Z_c, twice the derivative for Lambda Lambda' / sigma^2,
/// d/dLambda = Gamma Lambda / sigma^2. V_c knows Lambda / sigma alone, so
/// sigma d/dsigma = -N + (s + |R beta^ - w|^2 + C + tr H^-1 (R'R + sum_c J_c X_c' W_c X_c)) / sigma^2 - sum of the elements of Lambda times d/dLambda.
/// This is Fisher's identity in the spherical effects v, u = Lambda v; no Sigma is inverted, so it holds at sd = 0 and |rho| = 1. Sources: [Bates2015], [LindleySmith1972].
/// </para>
/// </remarks>
internal sealed class NormalSystemWorkspace
{
    private readonly NormalSystem system;
    private readonly ClassKernel kernel;
    private readonly int q;
    private readonly int p;
    private readonly double[] hessian;        // H, then its Cholesky factor L_H with 1 / diagonal on the diagonal, p x p by rows
    private readonly double[] pooledSquare;   // R'R
    private readonly double[] pooledTarget;   // R'w
    private readonly double[] priorTarget;    // P m
    private readonly double[] relative;       // Lambda / sigma, q x q
    private readonly double[] gamma;          // Gamma, q x q
    private readonly double[] column;         // length p
    private readonly double logConstant;

    public NormalSystemWorkspace(NormalSystem system)
    {
        this.system = system;
        kernel = ClassKernel.For(system.Lanes);
        q = system.TermCount;
        p = system.PopulationCount;
        hessian = new double[p * p];
        pooledSquare = new double[p * p];
        pooledTarget = new double[p];
        priorTarget = new double[p];
        relative = new double[q * q];
        gamma = new double[q * q];
        column = new double[p];
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
            + 0.5 * system.Model.Cells.LogWeightSum + system.Model.LogJacobian + system.Population.LogPriorConstant;
    }

    /// <summary>beta^, the conditional mean of the pivoted population effects at the last solution. Length p.</summary>
    public double[] Mean { get; }

    /// <summary>L_H with H = L_H L_H' at the last solution, 1 / diagonal on its diagonal. p x p by rows; only the lower triangle has a meaning.</summary>
    public ReadOnlySpan<double> Factor => hessian;

    /// <summary>Derivative of the last solution for sigma.</summary>
    public double SigmaGradient { get; private set; }

    /// <summary>Integrates the coefficients out.</summary>
    /// <param name="sigma">Residual sd.</param>
    /// <param name="lambda">Pivoted Lambda, q x q by rows.</param>
    /// <param name="gradient">Overwritten with the derivative for each element of the pivoted Lambda, q x q by rows; empty where no derivative is wanted.</param>
    /// <returns>log p(y | sigma, Lambda), all constants included; negative infinity where a factor is not positive definite.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Solve(double sigma, ReadOnlySpan<double> lambda, Span<double> gradient)
    {
        var inverse = 1 / sigma;
        var precision = inverse * inverse;
        if (!(precision > 0 && double.IsFinite(precision)))
            return double.NegativeInfinity;
        for (var i = 0; i < relative.Length; i++)
            relative[i] = lambda[i] * inverse;

        pooledSquare.CopyTo(hessian);
        pooledTarget.CopyTo(Mean);
        var logDeterminant = kernel.Reduce(relative, hessian, Mean);
        AddPrior(precision);
        if (!double.IsFinite(logDeterminant) || !SolveMean(out var logHessian))
            return double.NegativeInfinity;

        var withGradient = q == 0 || !gradient.IsEmpty;
        var residuals = kernel.Residuals(relative, Mean, hessian, precision, withGradient ? gamma : []);
        var squares = PooledSquares() + residuals.Squares;
        var log = logConstant - system.Pooled.TotalRows * Math.Log(sigma) - 0.5 * logDeterminant - logHessian - 0.5 * (PriorSquares() + squares * precision);
        if (withGradient)
            Differentiate(inverse, squares + residuals.Trace + PooledTrace(), gradient);
        return double.IsNaN(log) ? double.NegativeInfinity : log;
    }

    /// <summary>Turns standard normals into a draw of beta~ from its conditional N(beta^, H^-1) at the last solution.</summary>
    /// <param name="normals">Independent standard normals; overwritten with the draw. Length p.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

    // spread: the residual squares and traces behind sigma's own part of the derivative.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Differentiate(double inverse, double spread, Span<double> gradient)
    {
        // Gamma . Lambda / sigma^2, (q x q) . (q x q)
        var onLambda = 0.0;
        for (var a = 0; a < q; a++)
        {
            for (var c = 0; c < q; c++)
            {
                var sum = 0.0;
                for (var k = 0; k < q; k++)
                    sum += gamma[a * q + k] * relative[k * q + c];
                onLambda += sum * relative[a * q + c];
                gradient[a * q + c] = sum * inverse;
            }
        }

        SigmaGradient = inverse * (spread * inverse * inverse - system.Pooled.TotalRows - onLambda);
    }

    // From the sums in units of sigma to H and its right-hand side.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddPrior(double precision)
    {
        var prior = system.Population.Precision;
        for (var a = 0; a < p; a++)
        {
            for (var c = 0; c <= a; c++)
                hessian[a * p + c] = prior[a * p + c] + hessian[a * p + c] * precision;
            Mean[a] = priorTarget[a] + Mean[a] * precision;
        }
    }

    // H = L L' in place (1 / diagonal on the diagonal), then Mean = H^-1 Mean. Gives log |H| / 2.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool SolveMean(out double logHessian)
    {
        var product = 1.0;
        logHessian = 0;
        var h = hessian;
        var mean = Mean;
        for (var a = 0; a < mean.Length; a++)
        {
            var row = h.AsSpan(a * p, a + 1);
            var target = mean[a];
            for (var c = 0; c < a; c++)
            {
                var sum = row[c];
                for (var k = 0; k < c; k++)
                    sum -= row[k] * h[c * p + k];
                row[c] = sum * h[c * p + c];
                target -= row[c] * mean[c];
            }

            var rest = row[a];
            for (var k = 0; k < a; k++)
                rest -= row[k] * row[k];
            if (!(rest > 0))
                return false;
            var diagonal = Math.Sqrt(rest);
            row[a] = 1 / diagonal;
            mean[a] = target * row[a];

            // A long product could leave the range of a double.
            product *= diagonal;
            if (product is > 1e100 or < 1e-100)
            {
                logHessian += Math.Log(product);
                product = 1;
            }
        }

        logHessian += Math.Log(product);
        for (var a = mean.Length - 1; a >= 0; a--)
        {
            var sum = mean[a];
            for (var c = a + 1; c < mean.Length; c++)
                sum -= h[c * p + a] * mean[c];
            mean[a] = sum * h[a * p + a];
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double PriorSquares()
    {
        var precision = system.Population.Precision;
        var priorMean = system.Population.PriorMean;
        var sum = 0.0;
        for (var a = 0; a < p; a++)
        {
            var da = Mean[a] - priorMean[a];
            sum += da * da * precision[a * p + a];
            for (var c = 0; c < a; c++)
                sum += 2 * da * precision[a * p + c] * (Mean[c] - priorMean[c]);
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double PooledTrace()
    {
        if (system.Pooled.IsEmpty)
            return 0;
        var root = system.Pooled.Root;
        var trace = 0.0;
        for (var r = 0; r < p; r++)
        {
            // Column r of R' is zero above its element r.
            for (var a = r; a < p; a++)
            {
                var sum = root[r * p + a];
                for (var k = r; k < a; k++)
                    sum -= hessian[a * p + k] * column[k];
                column[a] = sum * hessian[a * p + a];
                trace += column[a] * column[a];
            }
        }

        return trace;
    }
}

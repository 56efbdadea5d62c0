using System.Runtime.CompilerServices;
using TypedPooling.Inference.Hierarchy.GaussianSystem.Kernels;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem;

/// <summary>Integrates all coefficients of a <see cref="NormalSystem"/> out at given scales, with derivatives, and holds the exact conditional of
/// beta. Scratch of one chain.</summary>
/// <remarks>
/// <para>
/// In units of sigma, with B_c = Z_c Lambda / sigma, V_c = I + B_c B_c', W_c = V_c^-1 and P, beta* the prior precision and mean of beta:
/// H = P + (R'R + sum_c J_c X_c' W_c X_c) / sigma^2, beta^ = H^-1 (P beta* + (R'w + sum_c J_c X_c' W_c y_c) / sigma^2), and
/// </para>
/// <para>
/// log p(y | theta) = -(N - flat) / 2 log 2 pi + sum log w_i / 2 - N log sigma - sum_c J_c log |V_c| / 2 + log |P| / 2 - log |H| / 2 - Q / 2, flat
/// the number of flat priors, Q = (beta^ - beta*)'P(beta^ - beta*) + (s + |R beta^ - w|^2 + C) / sigma^2, C = sum_c (tr W_c S_c + J_c r_c' W_c r_c),
/// r_c = y_c - X_c beta^: a sum of squares of residuals, so that nothing large is subtracted from anything large. For a LogNormal response y is its
/// log, and the log Jacobian - sum log y is added.
/// </para>
/// <para>
/// Derivatives: with Gamma = sum_c Z_c' [W_c (S_c + J_c r_c r_c' + J_c X_c H^-1 X_c') W_c / sigma^2 - J_c W_c] Z_c, twice the derivative for Lambda
/// Lambda' / sigma^2, d/dLambda = Gamma Lambda / sigma^2. V_c knows Lambda / sigma alone, so sigma d/dsigma = -N + (s + |R beta^ - w|^2 + C + tr H^-1
/// (R'R + sum_c J_c X_c' W_c X_c)) / sigma^2 - sum of the elements of Lambda times d/dLambda. A joined coefficient b_e is given: r_c, w and beta*
/// move with it, H does not, and since beta^ is where Q is least, d/db_e = (sum_c J_c X_ce' W_c r_c + R_e'(w - R (beta^, b))) / sigma^2 + x*_e [P
/// (beta^ - beta*)]_0, the last where the intercept is integrated. This is Fisher's identity in the spherical effects v, u = Lambda v; no Sigma is
/// inverted, so it holds at sd = 0 and |rho| = 1. Sources: [Bates2015], [LindleySmith1972].
/// </para>
/// </remarks>
internal sealed partial class NormalSystemWorkspace : CoefficientWorkspace
{
    private readonly NormalSystem system;
    private readonly ClassKernel kernel;
    private readonly int q;
    private readonly int integrated;                   // integrated effects
    private readonly int p;                   // estimated effects: the integrated ones, then the joined ones
    private readonly double[] hessian;        // H, then its Cholesky factor L_H with 1 / diagonal on the diagonal, by rows
    private readonly double[] pooledSquare;   // R'R, p x p
    private readonly double[] pooledTarget;   // R'w, length p
    private readonly double[] priorMean;      // beta*, where the joined coefficients have moved it
    private readonly double[] priorTarget;    // P beta*
    private readonly double[] normalSquare;   // [X Xb]'W[X Xb] over all rows, p x p, lower triangle; only with joined effects
    private readonly double[] normalTarget;   // likewise with y, length p
    private readonly double[] pivoted;        // T Lambda, q x q
    private readonly double[] relative;       // Lambda / sigma, q x q
    private readonly double[] gamma;          // Gamma, q x q
    private readonly double[] column;         // length integrated
    private readonly double[] noSpread;       // zeros for L_H^-1 where beta is maximised
    private readonly double logConstant;
    private readonly bool hasAnchor;
    private readonly double[] anchor;                 // beta near beta^, the same for every evaluation
    private readonly double[] anchoredTarget;         // R'(w - R anchor)
    private readonly double[] anchoredPriorTarget;    // P (beta* - anchor)
    private readonly double anchoredSquares;          // s + |R anchor - w|^2
    private readonly double anchoredPriorSquares;     // (anchor - beta*)'P(anchor - beta*)

    public NormalSystemWorkspace(NormalSystem system)
    {
        this.system = system;
        kernel = ClassKernel.For(system.Lanes);
        q = system.TermCount;
        integrated = system.IntegratedCount;
        p = system.PopulationCount;
        hessian = new double[integrated * integrated];
        normalSquare = p > integrated ? new double[p * p] : [];
        normalTarget = p > integrated ? new double[p] : [];
        JoinedGradient = new double[p - integrated];
        priorMean = [.. system.Population.PriorMean];
        priorTarget = new double[integrated];
        pivoted = new double[q * q];
        relative = new double[q * q];
        gamma = new double[q * q];
        column = new double[integrated];
        noSpread = new double[integrated * integrated];
        Mean = new double[p];

        (pooledSquare, pooledTarget) = system.Pooled.CrossProducts();
        FillPriorTarget();

        logConstant = -0.5 * (system.Pooled.TotalRows - system.Population.FlatCount) * Math.Log(2 * Math.PI)
            + 0.5 * system.Model.Cells.LogWeightSum + system.Model.LogJacobian + system.Population.LogPriorConstant;

        anchor = new double[integrated];
        anchoredTarget = new double[integrated];
        anchoredPriorTarget = new double[integrated];
        hasAnchor = q > 0 && p == integrated && kernel.HasOnePass && system.Anchor.Length == integrated;
        if (!hasAnchor)
            return;
        system.Anchor.CopyTo(anchor, 0);
        for (var a = 0; a < integrated; a++)
        {
            (anchoredTarget[a], anchoredPriorTarget[a]) = (pooledTarget[a], priorTarget[a]);
            for (var c = 0; c < integrated; c++)
            {
                anchoredTarget[a] -= pooledSquare[a * p + c] * anchor[c];
                anchoredPriorTarget[a] -= system.Population.Precision[a * integrated + c] * anchor[c];
            }
        }

        anchor.CopyTo(Mean, 0);
        anchoredSquares = PooledSquares();
        anchoredPriorSquares = PriorSquares();
    }

    /// <summary>beta^, the conditional mean of the integrated, pivoted population effects at the last solution, then the joined coefficients it was
    /// given. Length p.</summary>
    public double[] Mean { get; }

    public override double[] JoinedGradient { get; }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override double Solve(ScalePoint point, ReadOnlySpan<double> joined, bool withGradient)
    {
        if (q == 0)
            return Solve(point.Sigma, [], joined, []);
        var factor = point.Factors[0];
        if (factor.IsCentred)
            factor.Lambda.CopyTo(pivoted, 0);
        else
            system.Pivot.PivotLambda(factor.Lambda, pivoted);
        var log = Solve(point.Sigma, pivoted, joined, withGradient ? factor.LambdaGradient : []);
        if (withGradient && !factor.IsCentred)
            system.Pivot.PivotGradient(factor.LambdaGradient);
        return log;
    }

    /// <summary>Integrates the coefficients out.</summary>
    /// <param name="sigma">Residual sd.</param>
    /// <param name="lambda">Pivoted Lambda, q x q by rows.</param>
    /// <param name="joined">The joined coefficients in pivoted coordinates.</param>
    /// <param name="gradient">Overwritten with the derivative for each element of the pivoted Lambda, q x q by rows; empty where no derivative is
    /// wanted.</param>
    /// <returns>log p(y | sigma, Lambda, b), all constants included; negative infinity where a matrix is not positive definite.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Solve(double sigma, ReadOnlySpan<double> lambda, ReadOnlySpan<double> joined, Span<double> gradient)
    {
        var inverse = 1 / sigma;
        var precision = inverse * inverse;
        if (!(precision > 0 && double.IsFinite(precision)))
            return double.NegativeInfinity;
        for (var i = 0; i < relative.Length; i++)
            relative[i] = lambda[i] * inverse;

        if (hasAnchor && gradient.IsEmpty)
            return SolveValue(sigma, precision);

        double logDeterminant;
        if (p == integrated)
        {
            pooledSquare.CopyTo(hessian);
            pooledTarget.CopyTo(Mean);
            logDeterminant = kernel.Reduce(relative, hessian, Mean);
        }
        else
        {
            pooledSquare.CopyTo(normalSquare);
            pooledTarget.CopyTo(normalTarget);
            logDeterminant = kernel.Reduce(relative, normalSquare, normalTarget);
            Condition(joined);
        }

        AddPrior(precision, priorTarget);
        if (!double.IsFinite(logDeterminant) || !SolveMean(out var logHessian, out _))
            return double.NegativeInfinity;

        // H^-1 is 0 where beta stands at its maximum: it then has no spread of its own.
        var withGradient = q == 0 || !gradient.IsEmpty;
        var residuals = kernel.Residuals(relative, Mean, MaximizesPopulation ? noSpread : hessian, precision, withGradient ? gamma : []);
        if (p > integrated)
            DifferentiateJoined(precision);
        Squares = PooledSquares() + residuals.Squares;
        var log = logConstant - system.Pooled.TotalRows * Math.Log(sigma) - 0.5 * logDeterminant - Spread(logHessian)
            - 0.5 * (PriorSquares() + Squares * precision);
        if (withGradient)
            Differentiate(inverse, Squares + residuals.Trace + (MaximizesPopulation ? 0 : PooledTrace()), gradient);
        return double.IsNaN(log) ? double.NegativeInfinity : log;
    }

    // beta~ is N(beta^, H^-1).
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void DrawPopulation(Span<double> normals)
    {
        for (var a = integrated - 1; a >= 0; a--)
        {
            var sum = normals[a];
            for (var c = a + 1; c < integrated; c++)
                sum -= hessian[c * integrated + a] * normals[c];
            normals[a] = sum * hessian[a * integrated + a];
        }

        for (var a = 0; a < integrated; a++)
            normals[a] += Mean[a];
        for (var a = integrated; a < p; a++)
            normals[a] = Mean[a];
    }

    public override void DrawRest(ReadOnlySpan<double> population, Span<double> effects)
    {
    }

    // w'H^-1 w = |L_H^-1 w|^2
    public override double Variance(Span<double> weights, bool givenPopulation)
    {
        if (givenPopulation)
            return 0;
        SmallCholesky.SolveLower(hessian, weights, integrated);
        return DenseRows.Dot(weights, weights);
    }

    // With beta = anchor + delta, H delta = g and Q = Q(anchor) - g'H^-1 g: one pass over the classes. The anchor is near every beta^ that matters,
    // so little is subtracted.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double SolveValue(double sigma, double precision)
    {
        pooledSquare.CopyTo(hessian);
        anchoredTarget.CopyTo(Mean);
        var logDeterminant = kernel.ReduceAt(relative, anchor, hessian, Mean, out var classSquares);
        AddPrior(precision, anchoredPriorTarget);
        if (!double.IsFinite(logDeterminant) || !SolveMean(out var logHessian, out var gain))
            return double.NegativeInfinity;
        for (var a = 0; a < integrated; a++)
            Mean[a] += anchor[a];
        var squares = (anchoredSquares + classSquares) * precision + anchoredPriorSquares;

        // Far from the anchor the difference loses digits: the squares of the residuals do not.
        if (gain > 0.5 * squares)
            squares = (PooledSquares() + kernel.Residuals(relative, Mean, hessian, precision, []).Squares) * precision + PriorSquares();
        else
            squares -= gain;
        Squares = (squares - PriorSquares()) / precision;
        var log = logConstant - system.Pooled.TotalRows * Math.Log(sigma) - 0.5 * logDeterminant - Spread(logHessian) - 0.5 * squares;
        return double.IsNaN(log) ? double.NegativeInfinity : log;
    }

    // log |H| / 2, what integrating beta takes off its density at the maximum; there, its normal constants, which the rows' own do not hold.
    private double Spread(double logHessian) => MaximizesPopulation ? 0.5 * integrated * Math.Log(2 * Math.PI) : logHessian;

    // The normal equations of the integrated effects given the joined coefficients, still in units of sigma; and the prior mean these move.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Condition(ReadOnlySpan<double> joined)
    {
        joined.CopyTo(Mean.AsSpan(integrated));
        for (var a = 0; a < integrated; a++)
        {
            for (var c = 0; c <= a; c++)
                hessian[a * integrated + c] = normalSquare[a * p + c];
            var target = normalTarget[a];
            for (var e = integrated; e < p; e++)
                target -= normalSquare[e * p + a] * Mean[e];
            Mean[a] = target;
        }

        var intercept = system.Population.Intercept;
        if (intercept < 0 || intercept >= integrated)
            return;
        var origin = system.Population.Origin;
        priorMean[intercept] = system.Population.PriorMean[intercept];
        for (var e = integrated; e < p; e++)
            priorMean[intercept] += origin[e] * Mean[e];
        FillPriorTarget();
    }

    private void FillPriorTarget()
    {
        var precision = system.Population.Precision;
        for (var a = 0; a < integrated; a++)
        {
            var sum = 0.0;
            for (var c = 0; c < integrated; c++)
                sum += precision[a * integrated + c] * priorMean[c];
            priorTarget[a] = sum;
        }
    }

    // From the sums in units of sigma to H and its right-hand side.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddPrior(double precision, double[] targetOfPrior)
    {
        var prior = system.Population.Precision;
        for (var a = 0; a < integrated; a++)
        {
            for (var c = 0; c <= a; c++)
                hessian[a * integrated + c] = prior[a * integrated + c] + hessian[a * integrated + c] * precision;
            Mean[a] = targetOfPrior[a] + Mean[a] * precision;
        }
    }

    // H = L L' in place (1 / diagonal on the diagonal), then Mean = H^-1 Mean = H^-1 g. Gives log |H| / 2 and g'H^-1 g.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool SolveMean(out double logHessian, out double gain)
    {
        var product = 1.0;
        logHessian = 0;
        gain = 0;
        var h = hessian;
        var mean = Mean;
        for (var a = 0; a < integrated; a++)
        {
            var row = h.AsSpan(a * integrated, a + 1);
            var target = mean[a];
            for (var c = 0; c < a; c++)
            {
                var sum = row[c];
                for (var b = 0; b < c; b++)
                    sum -= row[b] * h[c * integrated + b];
                row[c] = sum * h[c * integrated + c];
                target -= row[c] * mean[c];
            }

            var rest = row[a];
            for (var b = 0; b < a; b++)
                rest -= row[b] * row[b];
            if (!(rest > 0))
                return false;
            var diagonal = Math.Sqrt(rest);
            row[a] = 1 / diagonal;
            mean[a] = target * row[a];
            gain += mean[a] * mean[a];

            // A long product could leave the range of a double.
            product *= diagonal;
            if (product is > 1e100 or < 1e-100)
            {
                logHessian += Math.Log(product);
                product = 1;
            }
        }

        logHessian += Math.Log(product);
        for (var a = integrated - 1; a >= 0; a--)
        {
            var sum = mean[a];
            for (var c = a + 1; c < integrated; c++)
                sum -= h[c * integrated + a] * mean[c];
            mean[a] = sum * h[a * integrated + a];
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double PriorSquares()
    {
        var precision = system.Population.Precision;
        var sum = 0.0;
        for (var a = 0; a < integrated; a++)
        {
            var da = Mean[a] - priorMean[a];
            sum += da * da * precision[a * integrated + a];
            for (var c = 0; c < a; c++)
                sum += 2 * da * precision[a * integrated + c] * (Mean[c] - priorMean[c]);
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
}

using System.Runtime.CompilerServices;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem;

// Derivatives of the last solution.
internal sealed partial class NormalSystemWorkspace
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void DifferentiateJoined(double precision)
    {
        // [P (beta^ - beta*)]_0: what moving the prior mean of the intercept is worth
        var intercept = system.Population.Intercept;
        var pull = 0.0;
        for (var a = 0; a < integrated && intercept >= 0 && intercept < integrated; a++)
            pull += system.Population.Precision[intercept * integrated + a] * (Mean[a] - priorMean[a]);
        var origin = system.Population.Origin;
        for (var e = integrated; e < p; e++)
        {
            var rest = normalTarget[e];
            for (var a = 0; a < p; a++)
                rest -= normalSquare[Math.Max(e, a) * p + Math.Min(e, a)] * Mean[a];
            JoinedGradient[e - integrated] = rest * precision + origin[e] * pull;
        }
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
                for (var b = 0; b < q; b++)
                    sum += gamma[a * q + b] * relative[b * q + c];
                onLambda += sum * relative[a * q + c];
                gradient[a * q + c] = sum * inverse;
            }
        }

        SigmaGradient = inverse * (spread * inverse * inverse - system.Pooled.TotalRows - onLambda);
    }

    // tr(H^-1 R'R) = |L_H^-1 R'|^2 over the integrated effects
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double PooledTrace()
    {
        if (system.Pooled.IsEmpty)
            return 0;
        var root = system.Pooled.Root;
        var trace = 0.0;
        for (var r = 0; r < integrated; r++)
        {
            // Column r of R' is zero above its element r.
            for (var a = r; a < integrated; a++)
            {
                var sum = root[r * p + a];
                for (var b = r; b < a; b++)
                    sum -= hessian[a * integrated + b] * column[b];
                column[a] = sum * hessian[a * integrated + a];
                trace += column[a] * column[a];
            }
        }

        return trace;
    }
}

using MathNet.Numerics;
using TypedPooling.Inference.Numerics;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Variational;

/// <summary>A covariance matrix: inverse Wishart under an inverse Wishart prior, and under Huang and Wand's prior together with the gamma precisions
/// that make it a mixture of inverse Wisharts.</summary>
/// <remarks>
/// q(Sigma) = InverseWishart(n, Psi), n = n_0 + count, Psi = E Psi_0 + S. Under HuangWand(nu, A), n_0 = nu + q - 1 and Psi_0 = 2 nu diag(w), q(w_i) =
/// Gamma((nu + q) / 2, rate nu n (Psi^-1)_ii + 1 / A_i^2). E Sigma^-1 = n Psi^-1, E log |Sigma| = log |Psi| - q log 2 - sum_i digamma((n - i) / 2), i
/// from 0. Sources: [Huang2013], [WandOrmerod2011].
/// </remarks>
internal sealed class CovarianceScale : ScaleApproximation
{
    private const int Passes = 3;

    private readonly int q;
    private readonly double priorDegrees;       // n_0
    private readonly double[] priorScale;       // Psi_0 of an inverse Wishart prior
    private readonly double mixture;            // nu of Huang and Wand's prior; 0 otherwise
    private readonly double[] mixingRates;      // 1 / A_i^2
    private readonly GammaMoments[] mixing;
    private readonly double[] root;             // Cholesky factor of Psi
    private readonly double[] inverse;          // Psi^-1
    private readonly double[] identity;
    private readonly double[] solved;
    private double degrees;
    private InverseWishartPrior? sampled;

    public CovarianceScale(int q, InverseWishartCovariance prior)
    {
        this.q = q;
        priorDegrees = prior.DegreesOfFreedom;
        priorScale = [.. prior.ScaleMatrix];
        mixture = prior.MixingDegreesOfFreedom;
        mixingRates = [.. prior.MixingScales.Select(scale => Math.Pow(scale, -2))];
        mixing = [.. mixingRates.Select(rate => new GammaMoments(1, rate))];
        root = new double[q * q];
        inverse = new double[q * q];
        solved = new double[q * q];
        identity = new double[q * q];
        for (var i = 0; i < q; i++)
            identity[i * q + i] = 1;
    }

    public override void Update(double count, ReadOnlySpan<double> squares)
    {
        degrees = priorDegrees + count;
        sampled = null;
        for (var pass = 0; pass < (mixture > 0 ? Passes : 1); pass++)
        {
            for (var a = 0; a < q; a++)
            {
                for (var b = 0; b <= a; b++)
                    root[a * q + b] = 0.5 * (squares[a * q + b] + squares[b * q + a]) + PriorScale(a, b);
            }

            SemidefiniteCholesky.Factorise(root, q);
            TriangularMatrix.Solve(root, identity, q, solved);
            for (var a = 0; a < q; a++)
            {
                for (var b = 0; b <= a; b++)
                {
                    var sum = 0.0;
                    for (var i = a; i < q; i++)
                        sum += solved[i * q + a] * solved[i * q + b];
                    inverse[a * q + b] = inverse[b * q + a] = sum;
                }
            }

            for (var i = 0; i < mixing.Length; i++)
                mixing[i] = new GammaMoments((mixture + q) / 2, mixture * degrees * inverse[i * q + i] + mixingRates[i]);
        }
    }

    public override void Effective(Span<double> lambda)
    {
        var scale = 1 / Math.Sqrt(degrees);
        for (var i = 0; i < root.Length; i++)
            lambda[i] = scale * root[i];
    }

    public override double Bound(double count)
    {
        var logScale = LogDeterminant(root);
        var meanLog = -MeanLogDeterminant(degrees) - logScale;      // E log |Sigma^-1|
        var log = -0.5 * count * (-meanLog - logScale + q * Math.Log(degrees));

        // Less the mean log of q, in Sigma^-1 ~ Wishart(n, Psi^-1); then the mean log of the prior.
        log -= 0.5 * (degrees - q - 1) * meanLog - 0.5 * degrees * q - 0.5 * degrees * q * Math.Log(2) + 0.5 * degrees * logScale - LogGamma(degrees);
        log += 0.5 * (priorDegrees - q - 1) * meanLog - 0.5 * priorDegrees * q * Math.Log(2) + 0.5 * priorDegrees * MeanLogPriorScale() - LogGamma(
            priorDegrees);
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b < q; b++)
                log -= 0.5 * PriorScale(a, b) * degrees * inverse[a * q + b];
        }

        for (var i = 0; i < mixing.Length; i++)
            log += mixing[i].Entropy + 0.5 * Math.Log(mixingRates[i]) - SpecialFunctions.GammaLn(0.5) - 0.5 * mixing[i].MeanLog
                - mixingRates[i] * mixing[i].Mean;
        return log;
    }

    public override void Sample(PhiloxStream stream, Span<double> lambda)
    {
        if (sampled is null)
        {
            var scale = new double[q, q];
            for (var a = 0; a < q; a++)
            {
                for (var b = 0; b < q; b++)
                {
                    for (var i = 0; i <= Math.Min(a, b); i++)
                        scale[a, b] += root[a * q + i] * root[b * q + i];
                }
            }

            sampled = new InverseWishartPrior(degrees, scale);
        }

        sampled.SampleFactor(q, stream, lambda);
    }

    private double MeanLogPriorScale()
    {
        if (mixture > 0)
            return mixing.Sum(w => Math.Log(2 * mixture) + w.MeanLog);
        priorScale.CopyTo(solved, 0);
        SemidefiniteCholesky.Factorise(solved, q);
        return LogDeterminant(solved);
    }

    private double LogDeterminant(double[] cholesky)
    {
        var sum = 0.0;
        for (var i = 0; i < q; i++)
            sum += 2 * Math.Log(cholesky[i * q + i]);
        return sum;
    }

    private double PriorScale(int a, int b) => mixture == 0 ? priorScale[a * q + b] : a == b ? 2 * mixture * mixing[a].Mean : 0;

    // -q log 2 - sum digamma((n - i) / 2): E log |Sigma| - log |Psi|
    private double MeanLogDeterminant(double n)
    {
        var sum = -q * Math.Log(2);
        for (var i = 0; i < q; i++)
            sum -= SpecialFunctions.DiGamma(0.5 * (n - i));
        return sum;
    }

    // log Gamma_q(n / 2)
    private double LogGamma(double n)
    {
        var sum = 0.25 * q * (q - 1) * Math.Log(Math.PI);
        for (var i = 0; i < q; i++)
            sum += SpecialFunctions.GammaLn(0.5 * (n - i));
        return sum;
    }
}

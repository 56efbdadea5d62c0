using System.Runtime.CompilerServices;
using TypedPooling.Model;

namespace TypedPooling.Inference.CellLikelihoods;

/// <summary>The log likelihood of a cell, a successes (events) of n trials (exposure), as a function of its linear predictor eta, with three derivatives. What does not know eta is left out: see <see cref="ScaleTerm"/>.</summary>
/// <remarks>
/// A curve whose family has a sigma or a shape is scratch of one thread, set to their values; others are immutable. Every curve but that of StudentT is concave in eta, so that the mode of effects given scales is one, and Newton's steps
/// ascend. a and n are <see cref="Data.ResponseCells.Responses"/> and <see cref="Data.ResponseCells.Sizes"/>. Source: [McCullaghNelder1989].
/// </remarks>
internal abstract class ResponseCurve
{
    private static readonly double LogRootTwoPi = 0.5 * Math.Log(2 * Math.PI);

    /// <summary>True where the curve knows a sigma or a shape.</summary>
    public virtual bool HasScales => false;

    /// <summary>True where the weight is 0 or more everywhere.</summary>
    public virtual bool IsConcave => true;

    /// <summary>Sets sigma and the shape; without effect on a curve that knows neither.</summary>
    /// <param name="scales">Positive numbers.</param>
    public virtual void Set(in ResponseScales scales)
    {
    }

    /// <summary>A curve for another thread; the same one where it knows no sigma and no shape.</summary>
    public virtual ResponseCurve NewScratch() => this;

    /// <summary>The value and its derivatives.</summary>
    /// <param name="eta">Linear predictor.</param>
    /// <param name="a">Successes or events.</param>
    /// <param name="n">Trials or exposure.</param>
    /// <param name="slope">First derivative.</param>
    /// <param name="weight">Minus the second derivative; 0 or more where the curve is concave.</param>
    /// <param name="weightSlope">Derivative of the weight.</param>
    /// <returns>The value; negative infinity or NaN where it overflows.</returns>
    public abstract double At(double eta, double a, double n, out double slope, out double weight, out double weightSlope);

    /// <summary>A weight that is positive: minus the second derivative, or its expectation where the curve is not concave.</summary>
    public virtual double Information(double eta, double a, double n)
    {
        At(eta, a, n, out _, out var weight, out _);
        return weight;
    }

    /// <summary>Derivatives of the value for sigma and the shape; 0 where the curve does not know them.</summary>
    public virtual ResponseScales OnScales(double eta, double a, double n) => default;

    /// <summary>Derivatives of value, slope and weight for the shape; 0 where the curve does not know it.</summary>
    public virtual void OnShape(double eta, double a, double n, out double value, out double slope, out double weight) => value = slope = weight = 0;

    /// <summary>Squared residuals of the rows, weighted so that their mean is what sigma^2 is next (a step of EM); 0 where the curve knows no sigma.</summary>
    public virtual double ResidualSquares(double eta, double a, double n) => 0;

    /// <summary>The curve of a family and its link.</summary>
    /// <returns>A curve of its own where the family has a sigma or a shape, both 1 until they are set; null where there is none.</returns>
    public static ResponseCurve? Of(Family family) => (family.Name, family.Link) switch
    {
        ("Bernoulli" or "Binomial", Link.Logit) => new Logit(),
        ("Bernoulli" or "Binomial", Link.Probit) => new Probit(),
        ("Bernoulli" or "Binomial", Link.ComplementaryLogLog) => new ComplementaryLogLog(),
        ("Poisson", Link.Log) => new Log(),
        ("NegativeBinomial", Link.Log) => new NegativeBinomialCurve(),
        ("Gamma", Link.Log) => new GammaCurve(),
        ("StudentT", Link.Identity) => new StudentTCurve(),
        _ => null,
    };

    /// <summary>phi(x) / Phi(x), without underflow far to the left, and log Phi(x).</summary>
    internal static double InverseMills(double x, out double logProbability)
    {
        if (x > -5)
        {
            var probability = 0.5 * MathNet.Numerics.SpecialFunctions.Erfc(-x / Math.Sqrt(2));
            logProbability = x > 5 ? -0.5 * MathNet.Numerics.SpecialFunctions.Erfc(x / Math.Sqrt(2)) : Math.Log(probability);
            return Math.Exp(-0.5 * x * x - LogRootTwoPi) / probability;
        }

        // Laplace's continued fraction, y + 1 / (y + 2 / (y + ...)), from its 60th term: [DLMF], 7.9.
        var y = -x;
        var tail = y;
        for (var k = 60; k > 0; k--)
            tail = y + k / tail;
        logProbability = -0.5 * x * x - LogRootTwoPi - Math.Log(tail);
        return tail;
    }

    // a eta - n log(1 + e^eta)
    private sealed class Logit : ResponseCurve
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override double At(double eta, double a, double n, out double slope, out double weight, out double weightSlope)
        {
            var e = Math.Exp(-Math.Abs(eta));
            var p = eta >= 0 ? 1 / (1 + e) : e / (1 + e);
            var rest = eta >= 0 ? e / (1 + e) : 1 / (1 + e);
            slope = a * rest - (n - a) * p;
            weight = n * p * rest;
            weightSlope = weight * (rest - p);
            return (eta >= 0 ? (a - n) * eta : a * eta) - n * LogOnePlus(e);
        }
    }

    // log(1 + e) for e in [0, 1], to the last digits also where e is small
    private static double LogOnePlus(double e) => e < 1e-5 ? e * (1 - e * (0.5 - e / 3)) : Math.Log(1 + e);

    // a log Phi(eta) + (n - a) log Phi(-eta)
    private sealed class Probit : ResponseCurve
    {
        public override double At(double eta, double a, double n, out double slope, out double weight, out double weightSlope)
        {
            var one = InverseMills(eta, out var logOne);
            var other = InverseMills(-eta, out var logOther);
            var rest = n - a;
            slope = a * one - rest * other;
            var (u, v) = (one + eta, other - eta);
            weight = a * one * u + rest * other * v;
            weightSlope = a * one * (1 - u * u - one * u) + rest * other * (v * v + other * v - 1);
            return (a > 0 ? a * logOne : 0) + (rest > 0 ? rest * logOther : 0);
        }
    }

    // a log(1 - exp(-m)) - (n - a) m, m = e^eta; r = m / (e^m - 1)
    private sealed class ComplementaryLogLog : ResponseCurve
    {
        public override double At(double eta, double a, double n, out double slope, out double weight, out double weightSlope)
        {
            var m = Math.Exp(Math.Min(eta, 700));
            var rest = n - a;
            var growth = ExpMinusOne(m);
            var r = m == 0 ? 1 : m / growth;
            if (double.IsInfinity(growth))
                r = 0;
            var bend = r * (1 - m - r);
            if (double.IsNaN(bend))
                bend = 0;
            slope = a * r - rest * m;
            weight = rest * m - a * bend;
            weightSlope = rest * m - a * (bend * (1 - m - 2 * r) - r * m);
            if (double.IsNaN(weightSlope))
                weightSlope = rest * m;

            // log(1 - e^-m) = log((e^m - 1) / e^m); near 0 log m - m / 2
            var logSuccess = m < 1e-8 ? eta - 0.5 * m : double.IsInfinity(growth) ? 0 : Math.Log(growth) - m;
            return (a > 0 ? a * logSuccess : 0) - rest * m;
        }

        private static double ExpMinusOne(double m) => m < 1e-5 ? m * (1 + m * (0.5 + m / 6)) : Math.Exp(m) - 1;
    }

    // a eta - n e^eta
    private sealed class Log : ResponseCurve
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override double At(double eta, double a, double n, out double slope, out double weight, out double weightSlope)
        {
            var expected = n * Math.Exp(eta);
            slope = a - expected;
            weight = expected;
            weightSlope = expected;
            return a * eta - expected;
        }
    }
}

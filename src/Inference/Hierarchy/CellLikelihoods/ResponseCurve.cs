using System.Runtime.CompilerServices;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Hierarchy.CellLikelihoods;

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

    /// <summary>The linear predictor that values of a cell are measured from: where the cell is expected to be just what it is; 0 where no finite predictor does that (no events, or no failures).</summary>
    /// <remarks>
    /// A cell of 1e9 events has a log likelihood of the order of 1e10, whose rounding, 1e-6, would drown what a search has to see. Measured from the anchor it is minus half the deviance, and its rounding that of events times distance.
    /// </remarks>
    public virtual double Anchor(double a, double n) => 0;

    /// <summary>The value at the anchor, but for what knows the shape (<see cref="ScaleTerm.Anchored"/>); 0 where the anchor is 0 for want of a better.</summary>
    public virtual double AnchorValue(double a, double n) => 0;

    /// <summary>The value at a distance from the anchor less the value there, and derivatives as <see cref="At"/> has them; no difference of large numbers is taken.</summary>
    public virtual double FromAnchor(double anchor, double distance, double a, double n, out double slope, out double weight, out double weightSlope) => At(distance, a, n, out slope, out weight, out weightSlope);

    /// <summary>Derivatives for the shape of value, slope and weight of <see cref="FromAnchor"/>.</summary>
    public virtual void OnShapeFromAnchor(double distance, double a, double n, out double value, out double slope, out double weight) => OnShape(distance, a, n, out value, out slope, out weight);

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

    /// <summary>a r - (a + b) log(1 + p (e^r - 1)) with p = a / (a + b): the logit curve of a successes and b failures at a distance r from its greatest value, less that value.</summary>
    /// <param name="r">The distance.</param>
    /// <param name="a">Successes, positive.</param>
    /// <param name="b">Failures, positive.</param>
    /// <param name="chance">The chance of a success at r.</param>
    /// <param name="rest">That of a failure.</param>
    /// <param name="lean">(e^r - 1) / (1 + p (e^r - 1)): the slope is -a b / (a + b) of it.</param>
    /// <param name="growth">The log.</param>
    internal static double LogitFromAnchor(double r, double a, double b, out double chance, out double rest, out double lean, out double growth)
    {
        // In terms of the rarer outcome no large part cancels; far away in terms of what does not overflow.
        var (p, q) = (a / (a + b), b / (a + b));
        if (a <= b ? r <= 500 : r < -500)
        {
            var rise = GammaRatio.ExpMinusOne(r, out var exponential);
            var share = p * rise;
            var whole = share < -0.5 ? q + p * exponential : 1 + share;
            growth = share < -0.5 ? Math.Log(whole) : GammaRatio.LogOnePlus(share);
            (chance, rest, lean) = (p * exponential / whole, q / whole, rise / whole);
            return a * r - (a + b) * growth;
        }

        // The same with failures for successes.
        var fall = GammaRatio.ExpMinusOne(-r, out var decay);
        var loss = q * fall;
        var part = loss < -0.5 ? p + q * decay : 1 + loss;
        var log = loss < -0.5 ? Math.Log(part) : GammaRatio.LogOnePlus(loss);
        growth = r + log;
        (chance, rest, lean) = (p / part, q * decay / part, -fall / part);
        return -b * r - (a + b) * log;
    }

    // a log p + (n - a) log(1 - p) at p = a / n
    private static double ProportionAnchor(double a, double n) => a > 0 && a < n ? a * Math.Log(a / n) + (n - a) * GammaRatio.LogOnePlus(-a / n) : 0;

    // a eta - n log(1 + e^eta)
    private sealed class Logit : ResponseCurve
    {
        public override double Anchor(double a, double n) => a > 0 && a < n ? Math.Log(a / (n - a)) : 0;

        public override double AnchorValue(double a, double n) => ProportionAnchor(a, n);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override double FromAnchor(double anchor, double distance, double a, double n, out double slope, out double weight, out double weightSlope)
        {
            if (!(a > 0 && a < n))
                return At(distance, a, n, out slope, out weight, out weightSlope);
            var value = LogitFromAnchor(distance, a, n - a, out var p, out var rest, out var lean, out _);
            slope = -a * ((n - a) / n) * lean;
            weight = n * p * rest;
            weightSlope = weight * (rest - p);
            return value;
        }

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
        // Beyond it differences lose nothing that counts.
        private const double Near = 0.3;

        public override double Anchor(double a, double n) => a > 0 && a < n ? -Math.Sqrt(2) * MathNet.Numerics.SpecialFunctions.ErfcInv(2 * a / n) : 0;

        public override double AnchorValue(double a, double n) => ProportionAnchor(a, n);

        public override double FromAnchor(double anchor, double distance, double a, double n, out double slope, out double weight, out double weightSlope)
        {
            var value = At(anchor + distance, a, n, out slope, out weight, out weightSlope);
            if (!(a > 0 && a < n))
                return value;
            if (Math.Abs(distance) > Near)
                return value - AnchorValue(a, n);

            // Phi(x + r) - Phi(x) = phi(x) (r - He1(x) r^2 / 2! + He2(x) r^3 / 3! - ...)
            var (sum, before, now, power) = (distance, 1.0, anchor, -0.5 * distance * distance);
            for (var k = 2; k < 60 && Math.Abs(power) > 1e-40; k++)
            {
                sum += now * power;
                (before, now) = (now, anchor * now - (k - 1) * before);
                power *= -distance / (k + 1);
            }

            var moved = Math.Exp(-0.5 * anchor * anchor - LogRootTwoPi) * sum;
            var (p, rest) = (a / n, (n - a) / n);
            var end = anchor + distance;
            slope = -n * moved * Math.Exp(-0.5 * end * end - LogRootTwoPi) / ((p + moved) * (rest - moved));
            return a * GammaRatio.LogOnePlus(moved / p) + (n - a) * GammaRatio.LogOnePlus(-moved / rest);
        }

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
        public override double Anchor(double a, double n) => a > 0 && a < n ? Math.Log(-GammaRatio.LogOnePlus(-a / n)) : 0;

        public override double AnchorValue(double a, double n) => ProportionAnchor(a, n);

        public override double FromAnchor(double anchor, double distance, double a, double n, out double slope, out double weight, out double weightSlope)
        {
            var value = At(anchor + distance, a, n, out slope, out weight, out weightSlope);
            if (!(a > 0 && a < n))
                return value;
            if (Math.Abs(distance) > 0.3)
                return value - AnchorValue(a, n);

            // With k = m - m0 the chance of a failure falls by the factor e^-k.
            var m = -GammaRatio.LogOnePlus(-a / n);
            var k = m * GammaRatio.ExpMinusOne(distance, out var exponential);
            var moved = -(n - a) / n * GammaRatio.ExpMinusOne(-k, out _);
            slope = -n * moved * m * exponential / (a / n + moved);
            return a * GammaRatio.LogOnePlus(moved * n / a) - (n - a) * k;
        }

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
        public override double Anchor(double a, double n) => a > 0 ? Math.Log(a / n) : 0;

        public override double AnchorValue(double a, double n) => a > 0 ? a * Math.Log(a / n) - a : 0;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override double FromAnchor(double anchor, double distance, double a, double n, out double slope, out double weight, out double weightSlope)
        {
            if (!(a > 0))
                return At(distance, a, n, out slope, out weight, out weightSlope);
            var rise = GammaRatio.ExpMinusOne(distance, out var exponential);
            slope = -a * rise;
            weight = weightSlope = a * exponential;
            return -a * (rise - distance);
        }

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

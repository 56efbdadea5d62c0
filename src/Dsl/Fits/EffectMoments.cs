using System.Numerics;
using System.Runtime.CompilerServices;
using MathNet.Numerics;
using MathNet.Numerics.Integration;
using TypedPooling.Responses;

namespace TypedPooling;

/// <summary>Moments of the expected response m(eta), eta normal about its predictor by the varying effects of all factors: its mean, its variance,
/// and of that variance what each factor's effects explain alone. Scratch of one thread.</summary>
internal abstract class EffectMoments
{
    /// <summary>Moments of a link.</summary>
    /// <param name="link">The link.</param>
    public static EffectMoments Of(Link link) => link switch
    {
        Link.Identity => new OfIdentity(),
        Link.Log => new OfLog(),
        Link.Probit => new OfProbit(),
        _ => new OnGrid(link),
    };

    /// <summary>Distance from the real line within which the moments are analytic in the predictor, and bounded; infinite where entries need not be
    /// collapsed, since a moment costs no more than a sum.</summary>
    public abstract double Strip { get; }

    /// <summary>Computes the moments.</summary>
    /// <param name="entries">The predictors, closed.</param>
    public abstract void Compute(PredictorEntries entries);

    private sealed class OfIdentity : EffectMoments
    {
        public override double Strip => double.PositiveInfinity;

        public override void Compute(PredictorEntries entries)
        {
            entries.Eta.CopyTo(entries.Means);
            entries.Variances.CopyTo(entries.OfEffects);
            for (var k = 0; k < entries.Parts.Length; k++)
                entries.Parts[k].AsSpan(0, entries.Count).CopyTo(entries.Shared[k]);
        }
    }

    // A log-normal number: M = exp(eta + V / 2), and its covariance with one that shares v of V is M^2 (exp(v) - 1).
    private sealed class OfLog : EffectMoments
    {
        public override double Strip => double.PositiveInfinity;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Compute(PredictorEntries entries)
        {
            var eta = entries.Eta;
            var variances = entries.Variances;
            var sizes = entries.Sizes;
            var means = entries.Means;
            var half = new Vector<double>(0.5);
            for (var i = 0; i < means.Length; i += Vector<double>.Count)
            {
                var at = new Vector<double>(eta[i..]) + half * new Vector<double>(variances[i..]);
                (new Vector<double>(sizes[i..]) * Vector.Exp(at)).CopyTo(means[i..]);
            }

            // Entries of one variance follow each other.
            var (last, rise) = (double.NaN, 0.0);
            for (var i = 0; i < entries.Count; i++)
            {
                if (variances[i] != last)
                    (last, rise) = (variances[i], ExpMinusOne(variances[i]));
                var square = means[i] * means[i];
                entries.OfEffects[i] = square * rise;
                entries.Squares[i] = square + square * rise;
            }

            for (var k = 0; k < entries.Parts.Length; k++)
            {
                var (parts, shared) = (entries.Parts[k], entries.Shared[k]);
                last = double.NaN;
                for (var i = 0; i < entries.Count; i++)
                {
                    if (parts[i] != last)
                        (last, rise) = (parts[i], ExpMinusOne(parts[i]));
                    shared[i] = means[i] * means[i] * rise;
                }
            }
        }

        private static double ExpMinusOne(double x) => 2 * Math.Sinh(0.5 * x) * Math.Exp(0.5 * x);
    }

    // With a = eta / sqrt(1 + V) M = Phi(a), and two rows that share v of V both succeed with the bivariate normal probability of correlation r = v /
    // (1 + V): above M^2 by the integral from 0 to arcsin r of exp(-a^2 / (1 + sin t)) / (2 pi). From arcsin (V / (1 + V)) to pi / 2 it is E[m (1 -
    // m)]. Source: [DrezdnerWesolowsky1990].
    private sealed class OfProbit : EffectMoments
    {
        private static readonly GaussLegendreRule Rule = new(0, 1, 24);

        private readonly double[] sines = new double[Rule.Order * Vector<double>.Count];      // by abscissa and lane

        public override double Strip => 2.5;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Compute(PredictorEntries entries)
        {
            var eta = entries.Eta;
            var variances = entries.Variances;
            var means = entries.Means;
            for (var i = 0; i < entries.Count; i++)
                means[i] = InverseLink.Of(Link.Probit, eta[i] / Math.Sqrt(1 + variances[i]));
            Integrate(entries, variances, entries.OfEffects, isAbove: false);
            Integrate(entries, variances, entries.Spreads, isAbove: true);
            for (var k = 0; k < entries.Parts.Length; k++)
            {
                if (entries.Parts.Length == 1)
                    entries.OfEffects[..entries.Count].CopyTo(entries.Shared[k]);
                else
                    Integrate(entries, entries.Parts[k].AsSpan(0, entries.PaddedCount), entries.Shared[k], isAbove: false);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Integrate(PredictorEntries entries, ReadOnlySpan<double> parts, Span<double> sums, bool isAbove)
        {
            var eta = entries.Eta;
            var variances = entries.Variances;
            var one = Vector<double>.One;
            Span<double> lengths = stackalloc double[Vector<double>.Count];
            for (var i = 0; i < entries.PaddedCount; i += Vector<double>.Count)
            {
                var isNew = i == 0;
                for (var lane = 0; lane < lengths.Length; lane++)
                {
                    var corner = Math.Asin(parts[i + lane] / (1 + variances[i + lane]));
                    var length = isAbove ? 0.5 * Math.PI - corner : corner;
                    isNew |= length != lengths[lane];
                    lengths[lane] = length;
                }

                // Neighbours mostly have one variance, and so one rule.
                for (var at = 0; isNew && at < sines.Length; at++)
                {
                    var angle = lengths[at % lengths.Length] * Rule.Abscissas[at / lengths.Length];
                    sines[at] = at % lengths.Length > 0 && lengths[at % lengths.Length] == lengths[at % lengths.Length - 1] ? sines[at - 1]
                        : isAbove ? Math.Cos(angle)
                        : Math.Sin(angle);
                }

                var scale = one + new Vector<double>(variances[i..]);
                var square = new Vector<double>(eta[i..]) * new Vector<double>(eta[i..]) / scale;
                var sum = Vector<double>.Zero;
                for (var n = 0; n < Rule.Order; n++)
                    sum += new Vector<double>(Rule.Weights[n]) * Vector.Exp(-square / (one + new Vector<double>(sines, n * lengths.Length)));
                (sum * new Vector<double>(lengths) / new Vector<double>(2 * Math.PI)).CopyTo(sums[i..]);
            }
        }
    }

    // By the trapezoidal rule over t = (eta - eta_i) / sqrt(V_i). By Mehler's formula var(E[m | u_k]) = sum c_n^2 (v_k / V_i)^n over n from 1, with
    // c_n the Hermite coefficients of m, whose squares sum to var(m): one integral serves all factors, and what is left of that sum bounds what a
    // truncation leaves out. Where that is too much, and where V_i is large, sums over the latent number take over.
    private sealed class OnGrid(Link link) : EffectMoments
    {
        // What is left of the variance of m, relative to it, below which it is rounding.
        private const double Rest = 1e-13;

        // What the terms left out of a series may come to, relative to the variance of m.
        private const double Omitted = 1e-9;

        // Of the predictor's sd: points and polynomials of a grid grow with it. All grids up to it have 2.3 MB.
        private const double Widest = 16;

        // exp(eta) is finite and above 0 within; beyond, m is 0 or 1 wherever t has a weight, the sd being Widest at most.
        private const double Huge = 700;

        private readonly LatentMoments latent = new(link);
        private readonly Dictionary<int, HermiteGrid> grids = [];
        private Vector<double>[] even = [];          // by point above 0: weight times the sum, or difference, of m there and at its mirror image
        private Vector<double>[] odd = [];

        // The logistic function has poles pi from the real line; 1 - exp(-exp(z)) is bounded up to pi / 2.
        public override double Strip => link == Link.Logit ? 2.8 : 1.5;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Compute(PredictorEntries entries)
        {
            var largest = 0.0;
            foreach (var variance in entries.Variances)
                largest = variance > largest && variance <= Widest * Widest ? variance : largest;

            // Integrands are analytic within pi / 2 over the sd at least: an error of exp(-pi^2 / 0.33).
            var number = HermiteGrid.NumberOf(Math.Min(0.5, 0.33 / Math.Sqrt(largest)));
            var hasOrders = entries.Parts.Length > 1;
            if (!grids.TryGetValue(number, out var grid))
                grids.Add(number, grid = HermiteGrid.Of(number, hasOrders));
            if (even.Length < grid.Count)
                (even, odd) = (new Vector<double>[grid.Count], new Vector<double>[grid.Count]);
            for (var i = 0; i < entries.PaddedCount; i += Vector<double>.Count)
            {
                var ofEffects = Integrate(entries, i, grid);
                if (hasOrders)
                    Share(entries, i, grid, ofEffects);
                else if (entries.Parts.Length == 1)
                    ofEffects.CopyTo(entries.Shared[0], i);
                for (var at = i; at < i + Vector<double>.Count; at++)
                {
                    if (entries.Variances[at] > Widest * Widest)
                        latent.Write(entries, at);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private Vector<double> Integrate(PredictorEntries entries, int at, HermiteGrid grid)
        {
            // Lanes that are wider are overwritten.
            var sd = Vector.Min(Vector.SquareRoot(new Vector<double>(entries.Variances[at..])), new Vector<double>(Widest));
            var eta = Vector.Min(Vector.Max(new Vector<double>(entries.Eta[at..]), new Vector<double>(-Huge)), new Vector<double>(Huge));

            // exp(eta + sd t) at the points in turn: a factor apart, which is e^0.33 at most.
            var odds = Vector.Exp(eta);
            var factor = Vector.Exp(sd * new Vector<double>(grid.Step));
            var inverse = Vector.Exp(-sd * new Vector<double>(grid.Step));
            var (up, down) = (odds, odds);
            var (centre, rest) = Mean(odds);
            var weights = grid.Weights;
            var (first, square) = (Vector<double>.Zero, Vector<double>.Zero);
            var spread = new Vector<double>(weights[0]) * centre * rest;
            for (var n = 1; n <= grid.Count; n++)
            {
                up *= factor;
                down *= inverse;
                var weight = new Vector<double>(weights[n]);
                var (above, aboveRest) = Mean(up);
                var (below, belowRest) = Mean(down);
                spread += weight * (above * aboveRest + below * belowRest);
                above -= centre;
                below -= centre;
                square += weight * (above * above + below * below);
                var sum = weight * (above + below);
                first += sum;
                even[n - 1] = sum;
                odd[n - 1] = weight * (above - below);
            }

            var ofEffects = Vector.Max(Vector<double>.Zero, square - first * first);
            (centre + first).CopyTo(entries.Means[at..]);
            ofEffects.CopyTo(entries.OfEffects[at..]);
            spread.CopyTo(entries.Spreads[at..]);
            return ofEffects;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Share(PredictorEntries entries, int at, HermiteGrid grid, Vector<double> ofEffects)
        {
            var variance = new Vector<double>(entries.Variances[at..]);
            var isFixed = Vector.Equals(variance, Vector<double>.Zero);
            var left = ofEffects;
            var largest = Vector<double>.Zero;
            Span<Vector<double>> ratios = stackalloc Vector<double>[entries.Parts.Length];
            Span<Vector<double>> powers = stackalloc Vector<double>[entries.Parts.Length];
            Span<Vector<double>> sums = stackalloc Vector<double>[entries.Parts.Length];
            for (var k = 0; k < ratios.Length; k++)
            {
                ratios[k] = Vector.ConditionalSelect(isFixed, Vector<double>.Zero, new Vector<double>(entries.Parts[k], at) / variance);
                (powers[k], sums[k]) = (Vector<double>.One, Vector<double>.Zero);
                largest = Vector.Max(largest, ratios[k]);
            }

            // A lane that has its digits takes no more terms, whatever its neighbours do.
            var power = Vector<double>.One;
            for (var order = 1; order < HermiteGrid.Orders; order++)
            {
                var isDue = Vector.GreaterThan(left * power, new Vector<double>(Rest) * ofEffects);
                if (Vector.EqualsAll(isDue, Vector<long>.Zero))
                    break;
                var coefficient = Coefficient(order % 2 == 0 ? even : odd, grid.Polynomial(order));
                var square = Vector.ConditionalSelect(isDue, coefficient * coefficient, Vector<double>.Zero);
                left -= square;
                power *= largest;
                for (var k = 0; k < ratios.Length; k++)
                {
                    powers[k] *= ratios[k];
                    sums[k] += square * powers[k];
                }
            }

            for (var k = 0; k < ratios.Length; k++)
            {
                var isWhole = Vector.Equals(ratios[k], Vector<double>.One);
                Vector.ConditionalSelect(isWhole, ofEffects, sums[k]).CopyTo(entries.Shared[k], at);
                var isCut = Vector.AndNot(Vector.GreaterThan(left * powers[k], new Vector<double>(Omitted) * ofEffects), isWhole);
                for (var lane = 0; !Vector.EqualsAll(isCut, Vector<long>.Zero) && lane < Vector<double>.Count; lane++)
                {
                    // With less variance what is left is rounding.
                    if (isCut[lane] != 0 && variance[lane] is > 1 and <= Widest * Widest)
                        entries.Shared[k][at + lane] = latent.Shared(entries, at + lane, k);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static Vector<double> Coefficient(Vector<double>[] values, ReadOnlySpan<double> polynomial)
        {
            var (a, b, c, d) = (Vector<double>.Zero, Vector<double>.Zero, Vector<double>.Zero, Vector<double>.Zero);
            var n = 0;
            for (; n + 4 <= polynomial.Length; n += 4)
            {
                a = Vector.FusedMultiplyAdd(values[n], new Vector<double>(polynomial[n]), a);
                b = Vector.FusedMultiplyAdd(values[n + 1], new Vector<double>(polynomial[n + 1]), b);
                c = Vector.FusedMultiplyAdd(values[n + 2], new Vector<double>(polynomial[n + 2]), c);
                d = Vector.FusedMultiplyAdd(values[n + 3], new Vector<double>(polynomial[n + 3]), d);
            }

            for (; n < polynomial.Length; n++)
                a = Vector.FusedMultiplyAdd(values[n], new Vector<double>(polynomial[n]), a);
            return (a + b) + (c + d);
        }

        // m, and 1 - m, at exp(eta).
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private (Vector<double> Mean, Vector<double> Failure) Mean(Vector<double> odds)
        {
            var one = Vector<double>.One;
            if (link == Link.Logit)
            {
                // Beyond 1e300 m is 1.
                odds = Vector.Min(odds, new Vector<double>(1e300));
                var rest = one / (one + odds);
                return (odds * rest, rest);
            }

            var failure = LaneMath.ExpMinusOne(-odds, out var exponential);
            return (-failure, exponential);
        }
    }
}

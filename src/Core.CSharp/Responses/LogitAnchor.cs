using System.Numerics;
using System.Runtime.CompilerServices;

namespace TypedPooling.Responses;

/// <summary>The logit curve of a successes and b failures at a distance from its greatest value: a r - (a + b) log(1 + p (e^r - 1)) with p = a / (a +
/// b).</summary>
/// <remarks>In terms of the rarer outcome no large part cancels; far away it is written in terms of what does not overflow.</remarks>
internal static class LogitAnchor
{
    // e^500 times any share of a probability is finite.
    private const double Far = 500;

    /// <summary>The curve, less its greatest value.</summary>
    /// <param name="r">The distance.</param>
    /// <param name="a">Successes, positive.</param>
    /// <param name="b">Failures, positive.</param>
    /// <param name="chance">The chance of a success at r.</param>
    /// <param name="rest">That of a failure.</param>
    /// <param name="lean">(e^r - 1) / (1 + p (e^r - 1)): the slope is -a b / (a + b) of it.</param>
    /// <param name="growth">log(1 + p (e^r - 1)).</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> At(
        Vector<double> r,
        Vector<double> a,
        Vector<double> b,
        out Vector<double> chance,
        out Vector<double> rest,
        out Vector<double> lean,
        out Vector<double> growth)
    {
        var one = Vector<double>.One;
        var (p, q) = (a / (a + b), b / (a + b));
        var isPlain = Vector.ConditionalSelect(
            Vector.LessThanOrEqual(a, b), Vector.LessThanOrEqual(r, new Vector<double>(Far)), Vector.LessThan(r, new Vector<double>(-Far)));

        // Elsewhere the same with failures for successes: -r for r, q for p.
        var own = Vector.ConditionalSelect(isPlain, p, q);
        var other = Vector.ConditionalSelect(isPlain, q, p);
        var rise = LaneMath.ExpMinusOne(Vector.ConditionalSelect(isPlain, r, -r), out var exponential);
        var share = own * rise;
        var isDeep = Vector.LessThan(share, new Vector<double>(-0.5));
        var whole = Vector.ConditionalSelect(isDeep, other + own * exponential, one + share);
        var log = Vector.ConditionalSelect(isDeep, Vector.Log(whole), LaneMath.LogOnePlus(share));
        var (gained, left) = (own * exponential / whole, other / whole);
        chance = Vector.ConditionalSelect(isPlain, gained, left);
        rest = Vector.ConditionalSelect(isPlain, left, gained);
        lean = Vector.ConditionalSelect(isPlain, rise, -rise) / whole;
        growth = Vector.ConditionalSelect(isPlain, log, r + log);
        return Vector.ConditionalSelect(isPlain, a, -b) * r - (a + b) * log;
    }
}

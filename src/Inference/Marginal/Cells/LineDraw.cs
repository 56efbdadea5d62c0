using System.Runtime.CompilerServices;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Randomness;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Marginal.Cells;

/// <summary>Exact draws of t from the density proportional to exp(f(c + t d)) along a line through one level's spherical effects, f strictly concave.
/// Mutable scratch of one thread.</summary>
/// <remarks>
/// <para>
/// f(c + t d) = sum l_i(base_i + t direction_i) - |c|^2 / 2 - t c'd - t^2 |d|^2 / 2. A concave function lies below each of its tangents, so the
/// tangents at three points bound it by a density of three exponential pieces that is drawn from by inversion; a point drawn is kept with the
/// probability exp(f - bound). For a normal density and tangents at -sqrt 2, 0 and sqrt 2 sds, where f has fallen by 1, that is 0.886. Where points
/// so far from 0 do not find f so, they are moved: one to the mode, the others to where f has fallen by about 1. The chords between the points bound
/// f from below: a proposal that is kept whatever f is between chord and tangent needs no evaluation.
/// </para>
/// <para>Source: [GilksWild1992], with a bound that is not refined.</para>
/// </remarks>
internal sealed class LineDraw
{
    // The most proposals in front of an accepted one: at an acceptance of 1/10, which tangents where f has fallen by about 1 do not come near, as
    // many have a probability below 1e-45.
    private const int MostProposals = 1000;
    private const int MostMoves = 200;
    private const int Lanes = 4;

    // Falls of f between which a point is where it should be.
    private const double LeastFall = 0.2;
    private const double MostFall = 4;

    private readonly CellLayout cells;
    private readonly ResponseCurve curve;
    private readonly double[] t = new double[Lanes];
    private readonly double[] height = new double[Lanes];
    private readonly double[] slope = new double[Lanes];
    private readonly double[] eta = new double[Lanes];
    private readonly double[] own = new double[Lanes];
    private readonly double[] onShape = new double[Lanes];

    /// <summary>Makes scratch.</summary>
    /// <param name="cells">The level's cells alone.</param>
    public LineDraw(CellLayout cells)
    {
        this.cells = cells;
        curve = cells.Family.Curve;
        Base = new double[cells.Count];
        Direction = new double[cells.Count];
    }

    /// <summary>Predictors at t = 0, to be written before a draw.</summary>
    public double[] Base { get; }

    /// <summary>What a unit of t changes the predictors by, to be written before a draw.</summary>
    public double[] Direction { get; }

    /// <summary>Sigma and the shape of the response, to be set before a draw where the family has them.</summary>
    public ResponseScales Scales { get; set; } = new(1, 1);

    /// <summary>One draw.</summary>
    /// <param name="cross">c'd.</param>
    /// <param name="square">|d|^2, above 0.</param>
    /// <param name="uniforms">Random numbers.</param>
    /// <returns>t; NaN where f cannot be evaluated.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Draw(double cross, double square, ref PhiloxUniforms uniforms)
    {
        if (!TryPlace(cross, square))
            return double.NaN;

        // Where neighbouring tangents meet; heights count from that of the middle.
        Span<double> at = [t[0], t[1], t[2]];
        Span<double> tangent = [height[0] - height[1], 0, height[2] - height[1]];
        Span<double> rise = [slope[0], slope[1], slope[2]];
        var top = height[1];
        var low = Meeting(at[0], tangent[0], rise[0], at[1], tangent[1], rise[1]);
        var high = Meeting(at[1], tangent[1], rise[1], at[2], tangent[2], rise[2]);
        var atLow = tangent[1] + rise[1] * (low - at[1]);
        var atHigh = tangent[1] + rise[1] * (high - at[1]);
        var middleHeight = Math.Exp(atLow);
        var leftArea = middleHeight / rise[0];
        var middleArea = middleHeight * Growth(rise[1], high - low);
        var rightArea = Math.Exp(atHigh) / -rise[2];
        var area = leftArea + middleArea + rightArea;

        for (var proposals = 0; proposals < MostProposals; proposals++)
        {
            var share = uniforms.Next() * area;
            double point, bound;
            if (share < leftArea)
            {
                point = low + Math.Log(share / leftArea) / rise[0];
                bound = atLow + rise[0] * (point - low);
            }
            else if (share < leftArea + rightArea)
            {
                point = high + Math.Log((share - leftArea) / rightArea) / rise[2];
                bound = atHigh + rise[2] * (point - high);
            }
            else
            {
                point = low + Inverse(rise[1], (share - leftArea - rightArea) / middleHeight);
                bound = atLow + rise[1] * (point - low);
            }

            // f is above its chords, so that most proposals are accepted unseen.
            var logUniform = Math.Log(uniforms.Next());
            if (point > at[0] && point < at[2] && logUniform + bound <= Chord(at, tangent, point))
                return point;
            (t[0], t[1], t[2], t[3]) = (point, point, point, point);
            Evaluate(cross, square);
            if (logUniform <= height[0] - top - bound)
                return point;
        }

        return double.NaN;
    }

    // Three points whose tangents bound f well, with their heights and slopes.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TryPlace(double cross, double square)
    {
        var sd = Math.Sqrt(2);
        (t[0], t[1], t[2], t[3]) = (-sd, 0, sd, 0);
        Evaluate(cross, square);
        if (IsPlaced)
            return true;
        if (!TryBracket(cross, square, out var low, out var high)
            || !TryNearMode(cross, square, low, high, out var mode, out var top)
            || !TryFall(cross, square, mode, top, -1, out var left)
                || !TryFall(cross, square, mode, top, 1, out var right))
        {
            return false;
        }

        (t[0], t[1], t[2], t[3]) = (left, mode, right, mode);
        Evaluate(cross, square);
        return slope[0] > 0 && slope[2] < 0 && double.IsFinite(height[0] + height[1] + height[2]);
    }

    private bool IsPlaced =>
        slope[0] > 0 && slope[2] < 0 && height[1] - height[0] is > LeastFall and < MostFall && height[1] - height[2] is > LeastFall and < MostFall;

    // Two points between which f has its mode.
    private bool TryBracket(double cross, double square, out double low, out double high)
    {
        (low, high) = (-1, 1);
        for (var move = 0; move < MostMoves; move++)
        {
            (t[0], t[1], t[2], t[3]) = (low, high, low, high);
            Evaluate(cross, square);
            var (isLow, isHigh) = (slope[0] > 0, slope[1] < 0);
            if (isLow && isHigh)
                return true;
            if (!isLow)
                low = double.IsNaN(slope[0]) ? 0.5 * low : 3 * low - high;
            if (!isHigh)
                high = double.IsNaN(slope[1]) ? 0.5 * high : 3 * high - low;
        }

        return false;
    }

    // The highest of points that leave f no room to be much higher between them.
    private bool TryNearMode(double cross, double square, double low, double high, out double mode, out double top)
    {
        (mode, top) = (0, 0);
        for (var move = 0; move < MostMoves; move++)
        {
            var part = (high - low) / (Lanes + 1);
            for (var i = 0; i < Lanes; i++)
                t[i] = low + (i + 1) * part;
            Evaluate(cross, square);
            var rising = 0;
            while (rising < Lanes && slope[rising] > 0)
                rising++;
            if (rising > 0)
                low = t[rising - 1];
            if (rising < Lanes)
                high = t[rising];
            var best = rising == 0 ? 0 : rising == Lanes || height[rising - 1] > height[rising] ? rising - 1 : rising;
            (mode, top) = (t[best], height[best]);
            if (double.IsFinite(top) && Math.Abs(slope[best]) * (high - low) < 0.1)
                return true;
            if (!(high > low))
                return double.IsFinite(top);
        }

        return false;
    }

    // A point on one side of the mode where f has fallen by about 1.
    private bool TryFall(double cross, double square, double mode, double top, int side, out double point)
    {
        var distance = 1.0;
        point = mode;
        for (var move = 0; move < MostMoves; move++)
        {
            for (var i = 0; i < Lanes; i++)
                t[i] = mode + side * distance * (1 << i);
            Evaluate(cross, square);
            var nearest = double.PositiveInfinity;
            for (var i = 0; i < Lanes; i++)
            {
                var fall = top - height[i];
                if (!(fall is > LeastFall and < MostFall) || !(Math.Abs(fall - 1) < nearest))
                    continue;
                nearest = Math.Abs(fall - 1);
                point = t[i];
            }

            if (nearest < double.PositiveInfinity)
                return true;
            if (!(top - height[0] < MostFall))
                distance /= 1 << Lanes;
            else if (top - height[Lanes - 1] <= LeastFall)
                distance *= 1 << Lanes;
            else
                distance *= 1.37;
        }

        return false;
    }

    // The height at a point of the chord of the two points about it.
    private static double Chord(ReadOnlySpan<double> at, ReadOnlySpan<double> heights, double point)
    {
        var i = point < at[1] ? 0 : 1;
        return heights[i] + (heights[i + 1] - heights[i]) * (point - at[i]) / (at[i + 1] - at[i]);
    }

    // Where two tangents meet, between their points.
    private static double Meeting(double t, double height, double slope, double nextT, double nextHeight, double nextSlope)
    {
        var meeting = (nextHeight - height - nextT * nextSlope + t * slope) / (slope - nextSlope);
        return double.IsFinite(meeting) ? Math.Clamp(meeting, t, nextT) : 0.5 * (t + nextT);
    }

    // The integral of exp(slope s) over s from 0 to length.
    private static double Growth(double slope, double length) =>
        Math.Abs(slope * length) < 1e-5 ? length * (1 + 0.5 * slope * length) : (Math.Exp(slope * length) - 1) / slope;

    // The length whose Growth is an area.
    private static double Inverse(double slope, double area) =>
        Math.Abs(slope * area) < 1e-5 ? area * (1 - 0.5 * slope * area) : Math.Log(1 + slope * area) / slope;

    // Heights and slopes at t, up to the constant |c|^2 / 2.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Evaluate(double cross, double square)
    {
        for (var lane = 0; lane < Lanes; lane++)
        {
            height[lane] = -t[lane] * (cross + 0.5 * square * t[lane]);
            slope[lane] = -cross - square * t[lane];
        }

        for (var i = 0; i < Base.Length; i++)
        {
            for (var lane = 0; lane < Lanes; lane++)
                eta[lane] = Base[i] + Direction[i] * t[lane];
            curve.Add(eta, cells.Responses[i], cells.Sizes[i], Scales, height, own, onShape);
            for (var lane = 0; lane < Lanes; lane++)
                slope[lane] += Direction[i] * own[lane];
        }
    }
}

using System.Runtime.CompilerServices;
using TypedPooling.Inference.JointPosterior;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Marginal.Cells;

/// <summary>Exact draws of t from the density proportional to exp(f(c + t d)) along a line through one level's spherical effects, f strictly concave. Mutable scratch of one thread.</summary>
/// <remarks>
/// <para>
/// f(c + t d) = sum l_i(base_i + t direction_i) - |c|^2 / 2 - t c'd - t^2 |d|^2 / 2. A concave function lies below each of its tangents, so the tangents at three points bound it by a density of three exponential pieces that is drawn from by
/// inversion; a point drawn is kept with the probability exp(f - bound). For a normal density and tangents at -sqrt 2, 0 and sqrt 2 sds that is 0.886. Outer points move out until f falls there.
/// </para>
/// <para>Source: [GilksWild1992], with a bound that is not refined.</para>
/// </remarks>
internal sealed class LineDraw
{
    // The most proposals in front of an accepted one; 1000 of them at the least acceptance met (above 1/2) have a probability below 1e-300.
    private const int MostProposals = 1000;
    private const int MostMoves = 100;
    private const int Lanes = 4;

    private readonly GroupedCells cells;
    private readonly CurveKernel kernel;
    private readonly double[] t = new double[Lanes];
    private readonly double[] height = new double[Lanes];
    private readonly double[] slope = new double[Lanes];
    private readonly double[] eta = new double[Lanes];
    private readonly double[] own = new double[Lanes];
    private readonly double[] logUniform = new double[Lanes];
    private readonly double[] bound = new double[Lanes];

    public LineDraw(GroupedCells cells)
    {
        this.cells = cells;
        kernel = CurveKernel.Of(cells.Family);
        Base = new double[cells.MostCells];
        Direction = new double[cells.MostCells];
    }

    /// <summary>Predictors at t = 0, to be written before a draw.</summary>
    public double[] Base { get; }

    /// <summary>What a unit of t changes the predictors by, to be written before a draw.</summary>
    public double[] Direction { get; }

    /// <summary>One draw.</summary>
    /// <param name="first">The level's first cell.</param>
    /// <param name="count">Number of its cells.</param>
    /// <param name="cross">c'd.</param>
    /// <param name="square">|d|^2, above 0.</param>
    /// <param name="uniforms">Random numbers.</param>
    /// <returns>t; NaN where f cannot be evaluated.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Draw(int first, int count, double cross, double square, ref PhiloxUniforms uniforms)
    {
        (t[0], t[1], t[2], t[3]) = (-Math.Sqrt(2), 0, Math.Sqrt(2), 0);
        for (var move = 0; ; move++)
        {
            Evaluate(first, count, cross, square);
            if (!double.IsFinite(height[0] + height[1] + height[2]) || move == MostMoves)
                return double.NaN;
            var (left, right) = (slope[0] > 0, slope[2] < 0);
            if (left && right)
                break;
            if (!left)
                (t[1], t[0]) = (t[0], 2 * t[0] - t[2]);
            else
                (t[1], t[2]) = (t[2], 2 * t[2] - t[0]);
        }

        // Where neighbouring tangents meet; heights count from that of the middle.
        Span<double> at = [t[0], t[1], t[2]];
        Span<double> tangent = [height[0] - height[1], 0, height[2] - height[1]];
        Span<double> rise = [slope[0], slope[1], slope[2]];
        var top = height[1];
        var low = Meeting(at[0], tangent[0], rise[0], at[1], tangent[1], rise[1]);
        var high = Meeting(at[1], tangent[1], rise[1], at[2], tangent[2], rise[2]);
        var atLow = tangent[1] + rise[1] * (low - at[1]);
        var atHigh = tangent[1] + rise[1] * (high - at[1]);
        var leftArea = Math.Exp(atLow) / rise[0];
        var middleArea = Math.Exp(atLow) * Growth(rise[1], high - low);
        var rightArea = Math.Exp(atHigh) / -rise[2];
        var area = leftArea + middleArea + rightArea;

        for (var proposals = 0; proposals < MostProposals; proposals += 2)
        {
            for (var i = 0; i < Lanes; i++)
            {
                // Two proposals at a time: the second is seldom needed, and more never.
                if (i >= 2)
                {
                    t[i] = t[0];
                    continue;
                }

                var share = uniforms.Next() * area;
                logUniform[i] = Math.Log(uniforms.Next());
                if (share < leftArea)
                {
                    t[i] = low + Math.Log(share / leftArea) / rise[0];
                    bound[i] = atLow + rise[0] * (t[i] - low);
                }
                else if (share < leftArea + rightArea)
                {
                    t[i] = high + Math.Log((share - leftArea) / rightArea) / rise[2];
                    bound[i] = atHigh + rise[2] * (t[i] - high);
                }
                else
                {
                    t[i] = low + Inverse(rise[1], (share - leftArea - rightArea) / Math.Exp(atLow));
                    bound[i] = atLow + rise[1] * (t[i] - low);
                }
            }

            Evaluate(first, count, cross, square);
            for (var i = 0; i < 2; i++)
            {
                if (logUniform[i] <= height[i] - top - bound[i])
                    return t[i];
            }
        }

        return double.NaN;
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
    private void Evaluate(int first, int count, double cross, double square)
    {
        for (var lane = 0; lane < Lanes; lane++)
        {
            height[lane] = -t[lane] * (cross + 0.5 * square * t[lane]);
            slope[lane] = -cross - square * t[lane];
        }

        for (var i = 0; i < count; i++)
        {
            for (var lane = 0; lane < Lanes; lane++)
                eta[lane] = Base[i] + Direction[i] * t[lane];
            kernel.Add(eta, cells.Responses[first + i], cells.Sizes[first + i], height, own);
            for (var lane = 0; lane < Lanes; lane++)
                slope[lane] += Direction[i] * own[lane];
        }
    }
}

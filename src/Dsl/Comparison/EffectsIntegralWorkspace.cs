using System.Numerics;
using System.Runtime.CompilerServices;
using TypedPooling.Inference.Marginal.Cells;
using TypedPooling.Inference.Numerics;
using TypedPooling.Responses;

namespace TypedPooling;

/// <summary>Likelihoods of cells with the effects that they share integrated out, for a block of draws at once. Used by one thread.</summary>
/// <remarks>
/// <para>
/// In a draw eta_i = o_i + zeta_i'v with v ~ N(0, I_q): the log of the integral of exp(sum of l_i(eta_i)) over v, l_i measured from the cell's
/// anchor. With f(v) = sum of l_i - |v|^2 / 2, its mode c and H = I + sum of w_i zeta_i zeta_i' = L L' there, v = c + L^-T x: the sum over nodes x of
/// weight exp(f(v) + |x|^2 / 2), over |L|. Newton's steps find the mode, halved where f would fall. The rule has 31, 11 and 9 nodes a dimension for q
/// = 1, 2 and 3.
/// </para>
/// <para>
/// A StudentT row can have a mode of its effects near 0 and one near the response. One cell and one effect are then integrated about both modes, each
/// point shared by the two normal densities there. Sources: [GolubWelsch1969], [PinheiroBates1995].
/// </para>
/// </remarks>
internal sealed class EffectsIntegralWorkspace
{
    /// <summary>Greatest number of draws of a block.</summary>
    public const int BlockLength = 128;

    /// <summary>Greatest number of effects q.</summary>
    public const int MostEffects = 3;

    // A rule need not be centred on the mode itself: half this squared is the distance in sds.
    private const double LastGain = 1e-4;
    private const int MostSteps = 200;

    // What rounding may leave of a sum that is reached but for it.
    private const double LastShare = 1e-12;
    private static readonly int[] Points = [31, 11, 9];
    private static readonly Lazy<QuadratureNodes>[] Rules =
        [.. Points.Select((points, q) => new Lazy<QuadratureNodes>(() => new QuadratureNodes(points, q + 1)))];

    private readonly CellsFamily family;
    private readonly int q;
    private readonly double[] centre;             // (effect, draw) at effect * BlockLength + draw, here and below
    private readonly double[] trial;
    private readonly double[] gradient;
    private readonly double[] direction;
    private readonly double[] curvature;          // lower triangle by rows, each entry with all draws
    private readonly double[] root;               // L
    private readonly double[] distances = new double[BlockLength];
    private readonly double[] values = new double[BlockLength];
    private readonly double[] heights = new double[BlockLength];
    private readonly double[] lengths = new double[BlockLength];
    private readonly double[] slopes = new double[BlockLength];
    private readonly double[] weights = new double[BlockLength];
    private readonly double[] sums = new double[BlockLength];
    private readonly double[] otherCentre = new double[BlockLength];
    private readonly double[] otherRoot = new double[BlockLength];
    private readonly double[] otherHeights = new double[BlockLength];
    private readonly double[] whole = new double[BlockLength];
    private readonly double[] wholeSums = new double[BlockLength];
    private readonly double[] thresholds = new double[BlockLength];

    /// <param name="family">The response's distribution.</param>
    /// <param name="effects">Number of effects q, from 1 to <see cref="MostEffects"/>.</param>
    public EffectsIntegralWorkspace(CellsFamily family, int effects)
    {
        this.family = family;
        q = effects;
        centre = new double[q * BlockLength];
        trial = new double[q * BlockLength];
        gradient = new double[q * BlockLength];
        direction = new double[q * BlockLength];
        curvature = new double[q * (q + 1) / 2 * BlockLength];
        root = new double[q * (q + 1) / 2 * BlockLength];
    }

    /// <summary>The cells of an integral. Arrays by cell and draw have their draws together, <see cref="BlockLength"/> apart.</summary>
    /// <param name="responses">As <c>ResponseCells.Responses</c>, by cell.</param>
    /// <param name="sizes">As <c>ResponseCells.Sizes</c>, by cell.</param>
    /// <param name="anchors">The anchors of the cells.</param>
    /// <param name="known">o_i, by cell and draw.</param>
    /// <param name="spherical">zeta_i, by cell, effect and draw.</param>
    public readonly ref struct Cells(
        ReadOnlySpan<double> responses,
        ReadOnlySpan<double> sizes,
        ReadOnlySpan<double> anchors,
        ReadOnlySpan<double> known,
        ReadOnlySpan<double> spherical)
    {
        public ReadOnlySpan<double> Responses { get; } = responses;

        public ReadOnlySpan<double> Sizes { get; } = sizes;

        public ReadOnlySpan<double> Anchors { get; } = anchors;

        public ReadOnlySpan<double> Known { get; } = known;

        public ReadOnlySpan<double> Spherical { get; } = spherical;
    }

    /// <summary>Computes the logs of the integrals.</summary>
    /// <param name="cells">The cells; none give 0.</param>
    /// <param name="sigma">Sigma by draw; empty where the family has none.</param>
    /// <param name="shape">The shape by draw; empty where the family has none.</param>
    /// <param name="logs">Overwritten; NaN where a likelihood cannot be evaluated. Length: number of draws of the block.</param>
    public void Compute(in Cells cells, ReadOnlySpan<double> sigma, ReadOnlySpan<double> shape, Span<double> logs)
    {
        if (cells.Responses.IsEmpty)
        {
            logs.Clear();
            return;
        }

        var count = logs.Length;
        var isOne = cells.Responses.Length == 1 && q == 1;
        if (isOne && !family.MayHaveSeveralModes)
        {
            var rule = Rules[0].Value;
            Array.Clear(trial);
            Distances(cells, 0, trial, count);
            family.Curve.MeanByDraw(
                cells.Anchors[0],
                distances.AsSpan(0, count),
                cells.Spherical[..count],
                cells.Responses[0],
                cells.Sizes[0],
                sigma,
                shape,
                rule.Coordinates[0].AsSpan(0, rule.Points),
                rule.LogWeights.AsSpan(0, rule.Points),
                logs);
            return;
        }

        Array.Clear(centre);
        FindMode(cells, sigma, shape, count);
        if (isOne)
            IntegrateAboutBoth(cells, sigma, shape, logs);
        else
            Integrate(cells, sigma, shape, logs, isShared: false);
    }

    /// <summary>Draws the effects from their distribution given the cells: a point of the rule, with the probability that the rule gives
    /// it.</summary>
    /// <param name="cells">The cells; at least one.</param>
    /// <param name="sigma">Sigma by draw; empty where the family has none.</param>
    /// <param name="shape">The shape by draw; empty where the family has none.</param>
    /// <param name="uniforms">A number between 0 and 1 for each draw. Length: number of draws of the block.</param>
    /// <param name="effects">Overwritten with v, by effect and draw, <see cref="BlockLength"/> apart; NaN where a likelihood cannot be
    /// evaluated.</param>
    /// <remarks>Expectations are those of the rule. The cost is that of two integrals.</remarks>
    public void Draw(
        in Cells cells, ReadOnlySpan<double> sigma, ReadOnlySpan<double> shape, ReadOnlySpan<double> uniforms, Span<double> effects)
    {
        var count = uniforms.Length;
        Span<double> logs = stackalloc double[BlockLength];
        logs = logs[..count];
        effects.Fill(double.NaN);
        Array.Clear(centre);
        FindMode(cells, sigma, shape, count);
        if (cells.Responses.Length > 1 || q > 1 || !family.MayHaveSeveralModes)
        {
            Integrate(cells, sigma, shape, logs, isShared: false);
            for (var s = 0; s < count; s++)
                thresholds[s] = (1 - LastShare) * uniforms[s] * sums[s];
            Integrate(cells, sigma, shape, logs, isShared: false, effects);
            return;
        }

        // The mode by its share of the integral, then a point about it; the one near 0 is at hand.
        IntegrateAboutBoth(cells, sigma, shape, logs);
        Span<double> share = stackalloc double[count];
        for (var s = 0; s < count; s++)
        {
            share[s] = Math.Exp(whole[s] - logs[s]);
            thresholds[s] = uniforms[s] < share[s]
                ? double.PositiveInfinity
                : (1 - LastShare) * (uniforms[s] - share[s]) / (1 - share[s]) * sums[s];
        }

        Integrate(cells, sigma, shape, logs, isShared: true, effects);
        ExchangeModes(count);
        for (var s = 0; s < count; s++)
            thresholds[s] = uniforms[s] < share[s] ? (1 - LastShare) * uniforms[s] / share[s] * wholeSums[s] : double.PositiveInfinity;
        Integrate(cells, sigma, shape, logs, isShared: true, effects);
    }

    // About the mode near 0, which is at hand, and the one nearest to the response. Leaves the integral about the latter in whole, and the former at
    // hand.
    private void IntegrateAboutBoth(in Cells cells, ReadOnlySpan<double> sigma, ReadOnlySpan<double> shape, Span<double> logs)
    {
        var count = logs.Length;
        Array.Copy(centre, otherCentre, count);
        Array.Copy(root, otherRoot, count);
        Array.Copy(heights, otherHeights, count);
        for (var s = 0; s < count; s++)
        {
            var unit = cells.Spherical[s];
            centre[s] = unit > 0 ? (cells.Anchors[0] - cells.Known[s]) / unit : 0;
        }

        FindMode(cells, sigma, shape, count);
        for (var s = 0; s < count; s++)
            heights[s] = Math.Max(heights[s], otherHeights[s]);
        Integrate(cells, sigma, shape, logs, isShared: true);
        logs.CopyTo(whole);
        Array.Copy(sums, wholeSums, count);
        ExchangeModes(count);
        Integrate(cells, sigma, shape, logs, isShared: true);
        for (var s = 0; s < count; s++)
        {
            var high = Math.Max(logs[s], whole[s]);
            logs[s] = high + Math.Log(Math.Exp(logs[s] - high) + Math.Exp(whole[s] - high));
        }
    }

    private void ExchangeModes(int count)
    {
        for (var s = 0; s < count; s++)
        {
            (centre[s], otherCentre[s]) = (otherCentre[s], centre[s]);
            (root[s], otherRoot[s]) = (otherRoot[s], root[s]);
        }
    }

    // From the centre; leaves L at the mode in root.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FindMode(in Cells cells, ReadOnlySpan<double> sigma, ReadOnlySpan<double> shape, int count)
    {
        Evaluate(cells, sigma, shape, centre, count);
        Array.Copy(values, heights, count);
        Array.Fill(lengths, -1, 0, count);              // below 0: a new direction is due; 0: done
        for (var step = 0; step < MostSteps; step++)
        {
            var isDone = true;
            for (var s = 0; s < count; s++)
            {
                if (lengths[s] < 0)
                    lengths[s] = TryMove(s) < LastGain || !double.IsFinite(heights[s]) ? 0 : 1;
                isDone &= lengths[s] == 0;
                for (var a = 0; a < q; a++)
                    trial[a * BlockLength + s] = centre[a * BlockLength + s] + lengths[s] * direction[a * BlockLength + s];
            }

            if (isDone)
                return;
            Evaluate(cells, sigma, shape, trial, count);
            for (var s = 0; s < count; s++)
            {
                if (lengths[s] == 0)
                    continue;
                if (!(values[s] >= heights[s]) && lengths[s] > 1e-9)
                {
                    lengths[s] *= 0.5;
                    continue;
                }

                if (values[s] >= heights[s])
                {
                    heights[s] = values[s];
                    for (var a = 0; a < q; a++)
                        centre[a * BlockLength + s] = trial[a * BlockLength + s];
                    lengths[s] = -1;
                }
                else
                {
                    lengths[s] = 0;
                }
            }
        }
    }

    // Newton's direction of a draw, from what Evaluate left, what it promises, and L.
    private double TryMove(int s)
    {
        Span<double> l = stackalloc double[6];
        Span<double> t = stackalloc double[3];
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                var sum = curvature[(a * (a + 1) / 2 + b) * BlockLength + s];
                for (var c = 0; c < b; c++)
                    sum -= l[a * (a + 1) / 2 + c] * l[b * (b + 1) / 2 + c];
                l[a * (a + 1) / 2 + b] = a == b ? Math.Sqrt(sum) : sum / l[b * (b + 1) / 2 + b];
                root[(a * (a + 1) / 2 + b) * BlockLength + s] = l[a * (a + 1) / 2 + b];
            }
        }

        var gain = 0.0;
        for (var a = 0; a < q; a++)
        {
            t[a] = gradient[a * BlockLength + s];
            for (var c = 0; c < a; c++)
                t[a] -= l[a * (a + 1) / 2 + c] * t[c];
            t[a] /= l[a * (a + 1) / 2 + a];
            gain += t[a] * t[a];
        }

        for (var a = q - 1; a >= 0; a--)
        {
            for (var c = a + 1; c < q; c++)
                t[a] -= l[c * (c + 1) / 2 + a] * t[c];
            t[a] /= l[a * (a + 1) / 2 + a];
            direction[a * BlockLength + s] = t[a];
        }

        return gain;
    }

    // f in values; its gradient, and H with no weight below 0, only where the draw moves on to the point.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Evaluate(in Cells cells, ReadOnlySpan<double> sigma, ReadOnlySpan<double> shape, double[] at, int count)
    {
        Array.Clear(values);
        Array.Clear(gradient);
        Array.Clear(curvature);
        for (var a = 0; a < q; a++)
        {
            for (var s = 0; s < count; s++)
            {
                gradient[a * BlockLength + s] = -at[a * BlockLength + s];
                curvature[(a * (a + 1) / 2 + a) * BlockLength + s] = 1;
                values[s] -= 0.5 * at[a * BlockLength + s] * at[a * BlockLength + s];
            }
        }

        for (var i = 0; i < cells.Responses.Length; i++)
        {
            var zeta = Distances(cells, i, at, count);
            family.Curve.AddByDraw(
                cells.Anchors[i],
                distances.AsSpan(0, count),
                cells.Responses[i],
                cells.Sizes[i],
                sigma,
                shape,
                values.AsSpan(0, count),
                slopes.AsSpan(0, count),
                weights.AsSpan(0, count));
            for (var a = 0; a < q; a++)
            {
                var own = zeta.Slice(a * BlockLength, count);
                for (var s = 0; s < count; s++)
                    gradient[a * BlockLength + s] += slopes[s] * own[s];
                for (var b = 0; b <= a; b++)
                {
                    var other = zeta.Slice(b * BlockLength, count);
                    var into = curvature.AsSpan((a * (a + 1) / 2 + b) * BlockLength, count);
                    for (var s = 0; s < count; s++)
                        into[s] += Math.Max(weights[s], 0) * own[s] * other[s];
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ReadOnlySpan<double> Distances(in Cells cells, int cell, double[] at, int count)
    {
        var zeta = cells.Spherical.Slice(cell * q * BlockLength, q * BlockLength);
        var known = cells.Known.Slice(cell * BlockLength, count);
        for (var s = 0; s < count; s++)
            distances[s] = known[s] - cells.Anchors[cell];
        for (var a = 0; a < q; a++)
        {
            var own = zeta.Slice(a * BlockLength, count);
            var v = at.AsSpan(a * BlockLength, count);
            for (var s = 0; s < count; s++)
                distances[s] += own[s] * v[s];
        }

        return zeta;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Integrate(
        in Cells cells, ReadOnlySpan<double> sigma, ReadOnlySpan<double> shape, Span<double> logs, bool isShared, Span<double> effects = default)
    {
        var count = logs.Length;
        var nodes = Rules[q - 1].Value;
        Array.Clear(sums);
        Span<double> x = stackalloc double[MostEffects];
        for (var node = 0; node < nodes.Length; node++)
        {
            if (double.IsNegativeInfinity(nodes.LogWeights[node]))
                continue;
            for (var s = 0; s < count; s++)
            {
                // L'(v - c) = x
                values[s] = nodes.LogWeights[node];
                for (var a = q - 1; a >= 0; a--)
                {
                    x[a] = nodes.Coordinates[a][node];
                    for (var c = a + 1; c < q; c++)
                        x[a] -= root[(c * (c + 1) / 2 + a) * BlockLength + s] * x[c];
                    x[a] /= root[(a * (a + 1) / 2 + a) * BlockLength + s];
                    var v = centre[a * BlockLength + s] + x[a];
                    trial[a * BlockLength + s] = v;
                    values[s] -= 0.5 * v * v;
                }

                if (isShared)
                    values[s] -= LogShare(s, nodes.Coordinates[0][node]);
            }

            for (var i = 0; i < cells.Responses.Length; i++)
            {
                Distances(cells, i, trial, count);
                family.Curve.AddByDraw(
                    cells.Anchors[i],
                    distances.AsSpan(0, count),
                    cells.Responses[i],
                    cells.Sizes[i],
                    sigma,
                    shape,
                    values.AsSpan(0, count),
                    default,
                    default);
            }

            // At a node f + |x|^2 / 2 is at most |x|^2 / 2 above f at the mode: nothing overflows.
            AddExponentials(count);
            for (var s = 0; s < count && !effects.IsEmpty; s++)
            {
                if (!double.IsNaN(effects[s]) || !(sums[s] >= thresholds[s]))
                    continue;
                for (var a = 0; a < q; a++)
                    effects[a * BlockLength + s] = trial[a * BlockLength + s];
            }
        }

        for (var s = 0; s < count; s++)
        {
            logs[s] = heights[s] + Math.Log(sums[s]);
            for (var a = 0; a < q; a++)
                logs[s] -= Math.Log(root[(a * (a + 1) / 2 + a) * BlockLength + s]);
        }
    }

    // sums += exp(values - heights)
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddExponentials(int count)
    {
        for (var s = 0; s < count; s += Vector<double>.Count)
            (new Vector<double>(sums, s) + Vector.Exp(new Vector<double>(values, s) - new Vector<double>(heights, s))).CopyTo(sums, s);
    }

    // log(1 + other density / own density) of the two normal densities at the modes, at a point of the draw's own rule.
    private double LogShare(int s, double x)
    {
        var distance = otherRoot[s] * (trial[s] - otherCentre[s]);
        var difference = 0.5 * (x * x - distance * distance) + Math.Log(otherRoot[s] / root[s]);
        return difference > 0 ? difference + Math.Log(1 + Math.Exp(-difference)) : Math.Log(1 + Math.Exp(difference));
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Inference.Hierarchy.JointPosterior;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Marginal.Cells;

/// <summary>Log posterior density of the scales and the population effects of a model of cells with one grouping factor or none, varying effects
/// integrated out level by level by adaptive Gauss-Hermite quadrature.</summary>
/// <remarks>
/// <para>
/// A position is theta (<see cref="ScaleCoordinates"/>), then the coordinates of the population effects (<see cref="PopulationCoordinates"/>). With f
/// and H of <see cref="LevelModes"/> and H = L L' near the mode v^ of a level, its integral is that of exp(f(v)) (2 pi)^(-q/2) = |H|^(-1/2) sum over
/// nodes x of exp(f(v^ + L^-T x) + |x|^2 / 2 + log weight).
/// </para>
/// <para>
/// The gradient is Fisher's identity, with the expectations by the same nodes: d log p / d beta~ = sum over cells x~_i E[l'_i], for an element of
/// Lambda z_ia E[v_b l'_i], for a shape the sum of the expected derivatives. It is the gradient of the integral itself and differs from that of the
/// sum by an error of the order of the sum's own.
/// </para>
/// <para>O(C (p + q + m^q)) an evaluation, nothing allocated, not thread-safe: one instance a thread. A position where the predictor overflows has
/// density 0. Sources: [PinheiroChao2006], [LindleySmith1972].</para>
/// </remarks>
internal sealed class CellDensity : ILogDensity
{
    private readonly GroupedCells cells;
    private readonly QuadratureNodes nodes;
    private readonly ModeStarts modeStarts;
    private readonly JointSystem system;
    private readonly ResponseCurve curve;
    private readonly LevelModes modes;
    private readonly double[] beta;
    private readonly double[] pivoted;
    private readonly double[] onPopulation;
    private readonly int[] leafCells;             // first cell of each level, and C
    private readonly double[] known;              // o_i: eta_i without varying effects
    private readonly double[] spherical;          // zeta_i
    private readonly double[] moved;              // E[l'_i]
    private readonly double[][] at;               // v of the nodes, q of them
    private readonly double[] eta;
    private readonly double[] heights;            // f, then weights, of the nodes
    private readonly double[] slopes;             // l'_i at the nodes, cell after cell of a level
    private readonly double[] shapeSlopes;        // derivatives for the shape at the nodes, cell after cell of a level; empty without a shape
    private double onShape;

    /// <summary>Makes scratch.</summary>
    /// <param name="cells">The cells.</param>
    /// <param name="nodes">The nodes, of as many dimensions as there are varying terms.</param>
    /// <param name="modeStarts">Where the searches for modes begin.</param>
    public CellDensity(GroupedCells cells, QuadratureNodes nodes, ModeStarts modeStarts)
    {
        this.cells = cells;
        this.nodes = nodes;
        this.modeStarts = modeStarts;
        system = cells.System;
        curve = cells.Family.Curve;
        modes = new LevelModes(cells);
        (known, spherical, leafCells) = (modes.Known, modes.Columns, cells.Plan.LeafCells);
        Point = system.Scales.NewPoint();
        beta = new double[cells.PopulationCount];
        pivoted = new double[cells.PopulationCount];
        onPopulation = new double[cells.PopulationCount];
        moved = new double[cells.Count];
        at = [.. Enumerable.Range(0, cells.TermCount).Select(_ => new double[nodes.Length])];
        eta = new double[nodes.Length];
        heights = new double[nodes.Length];
        slopes = new double[cells.Plan.MostLeafCells * nodes.Length];
        shapeSlopes = new double[cells.Family.HasShape ? slopes.Length : 0];
    }

    /// <inheritdoc/>
    public int Dimension => system.Scales.Dimension + cells.PopulationCount;

    /// <summary>Scales and Lambda at the last position.</summary>
    public ScalePoint Point { get; }

    /// <summary>The estimated population effects at the last position, in units of the model. Length p.</summary>
    public ReadOnlySpan<double> Beta => beta;

    /// <summary>The same where columns are centred. Length p.</summary>
    public ReadOnlySpan<double> Pivoted => pivoted;

    /// <summary>Sigma and the shape of the response at the last position.</summary>
    public ResponseScales ResponseScales => new(Point.Sigma, Point.Shape);

    /// <inheritdoc/>
    public double LogDensity(ReadOnlySpan<double> position) => Evaluate(position, []);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double LogDensity(ReadOnlySpan<double> position, Span<double> gradient)
    {
        var log = Evaluate(position, gradient);
        if (!double.IsFinite(log))
            return double.NegativeInfinity;
        var p = cells.PopulationCount;
        Array.Clear(onPopulation);
        for (var i = 0; i < moved.Length; i++)
        {
            for (var e = 0; e < p; e++)
                onPopulation[e] += moved[i] * cells.Population[i * p + e];
        }

        var scales = system.Scales.Dimension;
        system.Scales.Backward(position[..scales], Point, 0, gradient[..scales], onShape);
        system.Population.Backward(beta, onPopulation, gradient[scales..]);
        return log;
    }

    /// <summary>Sets the parameters without the likelihood.</summary>
    /// <param name="position">A position. Length D.</param>
    /// <returns>Log prior density of the position, Jacobians included; NaN or infinite where a parameter overflows.</returns>
    public double MoveTo(ReadOnlySpan<double> position)
    {
        var scales = system.Scales.Dimension;
        return system.Scales.Constrain(position[..scales], Point) + system.Population.Constrain(position[scales..], beta, pivoted);
    }

    /// <summary>The modes of all levels at a position, to a few hundredths of an sd.</summary>
    /// <param name="position">A position. Length D.</param>
    /// <param name="found">Where the searches begin in, the modes out. Length J q.</param>
    /// <returns>False where one cannot be found.</returns>
    public bool TryFindModes(ReadOnlySpan<double> position, Span<double> found)
    {
        MoveTo(position);
        found.CopyTo(modes.Starts);
        SetModes();
        var q = cells.TermCount;
        for (var j = 0; j < cells.LevelCount; j++)
        {
            if (!modes.TryFind(j))
                return false;
            modes.Centre.CopyTo(found[(j * q)..]);
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Evaluate(ReadOnlySpan<double> position, Span<double> gradient)
    {
        var log = MoveTo(position);
        if (!double.IsFinite(log))
            return double.NegativeInfinity;
        modeStarts.Fill(0, position, modes.Starts);
        SetModes();
        log += cells.LogConstant + cells.ScaleTerm.At(ResponseScales, out var onTerm);
        onShape = onTerm.Shape;
        if (cells.TermCount == 0)
        {
            log += curve.Sum(known, cells.Responses, cells.Sizes, ResponseScales, moved, out var onScales);
            onShape += onScales.Shape;
            return log;
        }

        Array.Clear(Point.Factors[0].LambdaGradient);
        if (cells.TermCount == 1 && gradient.IsEmpty)
        {
            for (var j = 0; j < cells.LevelCount; j++)
                log += IntegrateOne(j);
            return double.IsFinite(log) ? log : double.NegativeInfinity;
        }

        for (var j = 0; j < cells.LevelCount; j++)
            log += Integrate(j, withGradient: !gradient.IsEmpty);
        return double.IsFinite(log) ? log : double.NegativeInfinity;
    }

    private void SetModes() => modes.Set(ResponseScales, pivoted, cells.TermCount == 0 ? [] : Point.Factors[0].Lambda);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Integrate(int level, bool withGradient)
    {
        var q = cells.TermCount;
        var first = leafCells[level];
        var count = leafCells[level + 1] - first;
        if (!modes.TryFind(level))
            return double.NegativeInfinity;
        PlaceNodes(q);
        var etas = MemoryMarshal.Cast<double, Vector<double>>(eta.AsSpan());
        for (var i = 0; i < count; i++)
        {
            etas.Fill(new Vector<double>(known[first + i]));
            for (var e = 0; e < q; e++)
            {
                var zeta = new Vector<double>(spherical[(first + i) * q + e]);
                var v = MemoryMarshal.Cast<double, Vector<double>>(at[e].AsSpan());
                for (var lane = 0; lane < etas.Length; lane++)
                    etas[lane] += zeta * v[lane];
            }

            var own = (withGradient ? i : 0) * eta.Length;
            curve.Add(
                eta, cells.Responses[first + i], cells.Sizes[first + i], ResponseScales, heights, slopes.AsSpan(
                    own, eta.Length), shapeSlopes.Length == 0 ? [] : shapeSlopes.AsSpan(own, eta.Length));
        }

        var greatest = Greatest();
        var sum = ExponentiateHeights(greatest);
        if (withGradient)
            Differentiate(first, count, 1 / sum);

        // |H|^(-1/2) is the product of the Cholesky factor's diagonal, which is inverted.
        for (var a = 0; a < q; a++)
            sum *= modes.Factor[a * q + a];
        return greatest + Math.Log(sum);
    }

    // The same for one effect, without derivatives: where an importance sampler spends its time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double IntegrateOne(int level)
    {
        if (!modes.TryFind(level))
            return double.NegativeInfinity;
        var first = leafCells[level];
        var count = leafCells[level + 1] - first;
        var (centre, sd) = (new Vector<double>(modes.Centre[0]), new Vector<double>(modes.Factor[0]));
        var x = MemoryMarshal.Cast<double, Vector<double>>(nodes.Coordinates[0].AsSpan());
        var logWeights = MemoryMarshal.Cast<double, Vector<double>>(nodes.LogWeights.AsSpan());
        var v = MemoryMarshal.Cast<double, Vector<double>>(at[0].AsSpan());
        var height = MemoryMarshal.Cast<double, Vector<double>>(heights.AsSpan());
        var half = new Vector<double>(0.5);
        for (var lane = 0; lane < height.Length; lane++)
        {
            var own = centre + sd * x[lane];
            v[lane] = own;
            height[lane] = logWeights[lane] - half * own * own;
        }

        curve.AddAlong(
            known.AsSpan(first, count),
            spherical.AsSpan(first, count),
            cells.Responses.AsSpan(first, count),
            cells.Sizes.AsSpan(first, count),
            ResponseScales,
            at[0],
            heights);
        var tops = height[0];
        for (var lane = 1; lane < height.Length; lane++)
            tops = Vector.Max(tops, height[lane]);
        var greatest = tops[0];
        for (var i = 1; i < Vector<double>.Count; i++)
            greatest = Math.Max(greatest, tops[i]);
        return greatest + Math.Log(ExponentiateHeights(greatest) * modes.Factor[0]);
    }

    // v = v^ + L^-T x, and the heights without the likelihood.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PlaceNodes(int q)
    {
        var height = MemoryMarshal.Cast<double, Vector<double>>(heights.AsSpan());
        MemoryMarshal.Cast<double, Vector<double>>(nodes.LogWeights.AsSpan()).CopyTo(height);
        for (var a = q - 1; a >= 0; a--)
        {
            // Row a of L'v' = x from the rows after it, v' = v - v^.
            var own = MemoryMarshal.Cast<double, Vector<double>>(at[a].AsSpan());
            MemoryMarshal.Cast<double, Vector<double>>(nodes.Coordinates[a].AsSpan()).CopyTo(own);
            for (var b = a + 1; b < q; b++)
            {
                var element = new Vector<double>(modes.Factor[b * q + a]);
                var other = MemoryMarshal.Cast<double, Vector<double>>(at[b].AsSpan());
                for (var lane = 0; lane < own.Length; lane++)
                    own[lane] -= element * other[lane];
            }

            var inverse = new Vector<double>(modes.Factor[a * q + a]);
            for (var lane = 0; lane < own.Length; lane++)
                own[lane] *= inverse;
        }

        var half = new Vector<double>(0.5);
        for (var a = 0; a < q; a++)
        {
            var own = MemoryMarshal.Cast<double, Vector<double>>(at[a].AsSpan());
            var centre = new Vector<double>(modes.Centre[a]);
            for (var lane = 0; lane < own.Length; lane++)
            {
                own[lane] += centre;
                height[lane] -= half * own[lane] * own[lane];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Greatest()
    {
        var greatest = double.NegativeInfinity;
        foreach (var height in heights)
            greatest = height > greatest ? height : greatest;
        return greatest;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double ExponentiateHeights(double greatest)
    {
        var lanes = MemoryMarshal.Cast<double, Vector<double>>(heights.AsSpan());
        var (top, sum) = (new Vector<double>(greatest), Vector<double>.Zero);
        for (var lane = 0; lane < lanes.Length; lane++)
        {
            lanes[lane] = Vector.Exp(lanes[lane] - top);
            sum += lanes[lane];
        }

        return Vector.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Differentiate(int first, int count, double scale)
    {
        var q = cells.TermCount;
        var onLambda = Point.Factors[0].LambdaGradient;
        var weights = MemoryMarshal.Cast<double, Vector<double>>(heights.AsSpan());
        for (var i = 0; i < count; i++)
        {
            var slope = MemoryMarshal.Cast<double, Vector<double>>(slopes.AsSpan(i * eta.Length, eta.Length));
            var sum = Vector<double>.Zero;
            for (var lane = 0; lane < slope.Length; lane++)
            {
                slope[lane] *= weights[lane];
                sum += slope[lane];
            }

            moved[first + i] = scale * Vector.Sum(sum);
            if (shapeSlopes.Length > 0)
            {
                var shapes = MemoryMarshal.Cast<double, Vector<double>>(shapeSlopes.AsSpan(i * eta.Length, eta.Length));
                sum = Vector<double>.Zero;
                for (var lane = 0; lane < shapes.Length; lane++)
                    sum += shapes[lane] * weights[lane];
                onShape += scale * Vector.Sum(sum);
            }

            for (var e = 0; e < q; e++)
            {
                var v = MemoryMarshal.Cast<double, Vector<double>>(at[e].AsSpan());
                sum = Vector<double>.Zero;
                for (var lane = 0; lane < slope.Length; lane++)
                    sum += slope[lane] * v[lane];
                var expected = scale * Vector.Sum(sum);
                for (var a = e; a < q; a++)
                    onLambda[a * q + e] += cells.Varying[(first + i) * q + a] * expected;
            }
        }
    }
}

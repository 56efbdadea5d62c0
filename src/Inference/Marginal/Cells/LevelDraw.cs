using System.Runtime.CompilerServices;
using TypedPooling.Inference.Numerics;
using TypedPooling.Randomness;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Marginal.Cells;

/// <summary>Draws one level's effects given scales and population effects. Mutable scratch of one thread.</summary>
/// <remarks>
/// <para>In w = L'(v - v^), L L' = H near the mode, f has the curvature of |w|^2 / 2. One effect is drawn exactly by <see cref="LineDraw"/>.</para>
/// <para>
/// Several begin at a draw of N(0, I), the normal approximation, and each is then drawn exactly given the others, <see cref="Sweeps"/> times over.
/// Such a sweep leaves the exact distribution as it is and shrinks a distance from it by about the greatest squared correlation of the w, which f's
/// own shape alone makes differ from 0: what is left of the approximation's error is beyond measuring.
/// </para>
/// </remarks>
internal sealed class LevelDraw
{
    /// <summary>Sweeps over several effects.</summary>
    public const int Sweeps = 4;

    private readonly GroupedCells cells;
    private readonly GroupMode mode;
    private readonly ResponseCurve curve;
    private readonly LineDraw line;
    private readonly double[] known;
    private readonly double[] spherical;
    private readonly double[] eta;                // where the search for the mode begins, and the curves' derivatives there
    private readonly double[] slopes;
    private readonly double[] weights;
    private readonly double[] weightSlopes;
    private readonly double[] v;
    private readonly double[] direction;

    public LevelDraw(GroupedCells cells)
    {
        this.cells = cells;
        mode = new GroupMode(cells);
        line = new LineDraw(cells);
        known = new double[cells.MostCells];
        spherical = new double[cells.MostCells * cells.TermCount];
        curve = cells.Family.Curve;
        eta = new double[cells.MostCells];
        slopes = new double[cells.MostCells];
        weights = new double[cells.MostCells];
        weightSlopes = new double[cells.MostCells];
        v = new double[cells.TermCount];
        direction = new double[cells.TermCount];
    }

    /// <summary>One draw.</summary>
    /// <param name="level">The level.</param>
    /// <param name="scales">Sigma and the shape of the response.</param>
    /// <param name="pivoted">beta~. Length p.</param>
    /// <param name="lambda">Lambda, q x q by rows.</param>
    /// <param name="start">Where the search for the mode begins. Length q.</param>
    /// <param name="uniforms">Random numbers.</param>
    /// <param name="effects">Overwritten with u, in units of the model. Length q.</param>
    /// <exception cref="InvalidOperationException">The likelihood cannot be evaluated about the mode.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Draw(
        int level,
        in ResponseScales scales,
        ReadOnlySpan<double> pivoted,
        ReadOnlySpan<double> lambda,
        ReadOnlySpan<double> start,
        ref PhiloxUniforms uniforms,
        Span<double> effects)
    {
        var (q, p) = (cells.TermCount, cells.PopulationCount);
        mode.Set(scales);
        line.Scales = scales;
        var first = cells.Starts[level];
        var count = cells.Starts[level + 1] - first;
        for (var i = 0; i < count; i++)
        {
            var sum = cells.Known[first + i];
            for (var e = 0; e < p; e++)
                sum += cells.Population[(first + i) * p + e] * pivoted[e];
            known[i] = sum;
        }

        SphericalColumns.Fill(cells.Varying.AsSpan(first * q, count * q), lambda, q, spherical);
        var zeta = spherical.AsSpan(0, count * q);
        for (var i = 0; i < count; i++)
        {
            eta[i] = known[i];
            for (var a = 0; a < q; a++)
                eta[i] += zeta[i * q + a] * start[a];
        }

        curve.Curvatures(
            eta.AsSpan(0, count), cells.Responses.AsSpan(first, count), cells.Sizes.AsSpan(first, count), scales, slopes, weights, weightSlopes);
        if (!mode.TryStep(zeta, start, slopes.AsSpan(0, count), weights.AsSpan(0, count), weightSlopes.AsSpan(0, count))
            && !mode.TryFind(first, known.AsSpan(0, count), zeta, start))
            throw Lost(level);
        mode.Centre.CopyTo(v, 0);
        if (q > 1)
        {
            for (var a = 0; a < q; a++)
                direction[a] = InverseNormal.Of(uniforms.Next());
            SmallCholesky.SolveTransposed(mode.Factor, direction, q);
            for (var a = 0; a < q; a++)
                v[a] += direction[a];
        }

        for (var sweep = 0; sweep < (q == 1 ? 1 : Sweeps); sweep++)
        {
            for (var axis = 0; axis < q; axis++)
                Move(level, first, count, axis, ref uniforms);
        }

        for (var a = 0; a < q; a++)
        {
            effects[a] = 0;
            for (var b = 0; b <= a; b++)
                effects[a] += lambda[a * q + b] * v[b];
        }
    }

    // Draws v anew on the line through it along one of the whitened axes, a column of L^-T; t = 0 is the point of the line where w = 0 on that axis.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Move(int level, int first, int count, int axis, ref PhiloxUniforms uniforms)
    {
        var q = cells.TermCount;
        Array.Clear(direction);
        direction[axis] = 1;
        SmallCholesky.SolveTransposed(mode.Factor, direction, q);

        // w = L'(v - v^) on the axis; the diagonal of the Cholesky factor is inverted.
        var own = (v[axis] - mode.Centre[axis]) / mode.Factor[axis * q + axis];
        for (var b = axis + 1; b < q; b++)
            own += mode.Factor[b * q + axis] * (v[b] - mode.Centre[b]);
        var (cross, square) = (0.0, 0.0);
        for (var a = 0; a < q; a++)
        {
            v[a] -= own * direction[a];
            cross += v[a] * direction[a];
            square += direction[a] * direction[a];
        }

        for (var i = 0; i < count; i++)
        {
            var (sum, change) = (known[i], 0.0);
            for (var a = 0; a < q; a++)
            {
                sum += spherical[i * q + a] * v[a];
                change += spherical[i * q + a] * direction[a];
            }

            (line.Base[i], line.Direction[i]) = (sum, change);
        }

        var t = line.Draw(first, count, cross, square, ref uniforms);
        if (double.IsNaN(t))
            throw Lost(level);
        for (var a = 0; a < q; a++)
            v[a] += t * direction[a];
    }

    private InvalidOperationException Lost(int level) =>
        new(
            $"The likelihood of level {level} of '{cells.System.Model.Spec.Factors[0].Name}' could not be evaluated about its mode, at a draw "
                + $"where it was evaluated before. This is a defect of the library; please report it with the model.");
}

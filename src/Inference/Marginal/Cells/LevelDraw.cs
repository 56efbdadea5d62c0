using System.Runtime.CompilerServices;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
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

    private readonly LevelModes modes;
    private readonly LineDraw line;
    private readonly int q;
    private readonly double[] known;
    private readonly double[] spherical;
    private readonly double[] v;
    private readonly double[] direction;

    /// <summary>Makes scratch.</summary>
    /// <param name="level">The level's cells alone.</param>
    public LevelDraw(CellLayout level)
    {
        modes = new LevelModes(level);
        (known, spherical) = (modes.Known, modes.Columns);
        line = new LineDraw(level);
        q = level.Plan.LeafTermCount;
        v = new double[q];
        direction = new double[q];
    }

    /// <summary>One draw.</summary>
    /// <param name="scales">Sigma and the shape of the response.</param>
    /// <param name="pivoted">beta~. Length p.</param>
    /// <param name="lambda">Lambda, q x q by rows.</param>
    /// <param name="start">Where the search for the mode begins. Length q.</param>
    /// <param name="uniforms">Random numbers.</param>
    /// <param name="effects">Overwritten with u, in units of the model. Length q.</param>
    /// <returns>False where the likelihood cannot be evaluated about the mode.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryDraw(
        in ResponseScales scales,
        ReadOnlySpan<double> pivoted,
        ReadOnlySpan<double> lambda,
        ReadOnlySpan<double> start,
        ref PhiloxUniforms uniforms,
        Span<double> effects)
    {
        line.Scales = scales;
        start.CopyTo(modes.Starts);
        modes.Set(scales, pivoted, lambda);
        if (!modes.TryFind(0))
            return false;
        modes.Centre.CopyTo(v, 0);
        if (q > 1)
        {
            for (var a = 0; a < q; a++)
                direction[a] = InverseNormal.Of(uniforms.Next());
            SmallCholesky.SolveTransposed(modes.Factor, direction, q);
            for (var a = 0; a < q; a++)
                v[a] += direction[a];
        }

        for (var sweep = 0; sweep < (q == 1 ? 1 : Sweeps); sweep++)
        {
            for (var axis = 0; axis < q; axis++)
            {
                if (!TryMove(axis, ref uniforms))
                    return false;
            }
        }

        for (var a = 0; a < q; a++)
        {
            effects[a] = 0;
            for (var b = 0; b <= a; b++)
                effects[a] += lambda[a * q + b] * v[b];
        }

        return true;
    }

    // Draws v anew on the line through it along one of the whitened axes, a column of L^-T; t = 0 is the point of the line where w = 0 on that axis.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TryMove(int axis, ref PhiloxUniforms uniforms)
    {
        Array.Clear(direction);
        direction[axis] = 1;
        SmallCholesky.SolveTransposed(modes.Factor, direction, q);

        // w = L'(v - v^) on the axis; the diagonal of the Cholesky factor is inverted.
        var own = (v[axis] - modes.Centre[axis]) / modes.Factor[axis * q + axis];
        for (var b = axis + 1; b < q; b++)
            own += modes.Factor[b * q + axis] * (v[b] - modes.Centre[b]);
        var (cross, square) = (0.0, 0.0);
        for (var a = 0; a < q; a++)
        {
            v[a] -= own * direction[a];
            cross += v[a] * direction[a];
            square += direction[a] * direction[a];
        }

        for (var i = 0; i < known.Length; i++)
        {
            var (sum, change) = (known[i], 0.0);
            for (var a = 0; a < q; a++)
            {
                sum += spherical[i * q + a] * v[a];
                change += spherical[i * q + a] * direction[a];
            }

            (line.Base[i], line.Direction[i]) = (sum, change);
        }

        var t = line.Draw(cross, square, ref uniforms);
        if (double.IsNaN(t))
            return false;
        for (var a = 0; a < q; a++)
            v[a] += t * direction[a];
        return true;
    }
}

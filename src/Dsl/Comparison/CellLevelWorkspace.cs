using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Responses;

namespace TypedPooling;

/// <summary>The log likelihood of cells of one level in every draw of all else, the level's effects integrated out by quadrature. Used by one
/// thread.</summary>
/// <remarks>Given a draw of beta, the scales and the effects of all other factors: <see cref="EffectsIntegralWorkspace"/>, for blocks of draws.
/// O(cells S nodes^q).</remarks>
internal sealed class CellLevelWorkspace
{
    private const int Block = EffectsIntegralWorkspace.BlockLength;

    private readonly CellsFamily family;
    private readonly CellRowDensity density;
    private readonly DrawPredictorWorkspace predictor;
    private readonly int factor;
    private readonly int factorCount;
    private readonly int[][]? numbers;
    private readonly int effects;
    private readonly EffectsIntegralWorkspace integral;
    private readonly List<int> at = [];                      // cell of each part of the integral
    private readonly List<double> responses = [];
    private readonly List<double> sizes = [];
    private readonly double[] points = new double[EffectsIntegralWorkspace.MostEffects * Block];
    private double[] known = [];
    private double[] spherical = [];

    /// <param name="posterior">Draws on the scale of the rows, of a model with at most three effects of the factor.</param>
    /// <param name="levels">Draws of its levels, which threads may share.</param>
    /// <param name="density">The density of its rows.</param>
    /// <param name="factor">Index of the factor.</param>
    /// <param name="numbers">For each factor the number in the posterior of each level of the cells; null where they are the same.</param>
    public CellLevelWorkspace(Posterior posterior, LevelDraws levels, CellRowDensity density, int factor, int[][]? numbers = null)
    {
        family = (CellsFamily)posterior.Spec.Response.Family;
        this.density = density;
        this.factor = factor;
        this.numbers = numbers;
        predictor = new(posterior, levels);
        factorCount = posterior.Spec.Factors.Length;
        effects = posterior.Spec.Factors[factor].Terms.Length;
        integral = new(family, effects);
    }

    /// <summary>Computes the log likelihood of the rows of one level.</summary>
    /// <param name="cells">The level's cells; no others.</param>
    /// <param name="logLikelihood">Overwritten, a value a draw, all constants included. Length S.</param>
    public void Compute(ResponseCells cells, Span<double> logLikelihood)
    {
        Clear();
        for (var cell = 0; cell < cells.Count; cell++)
            Add(cell, cells.Responses[cell], cells.Sizes[cell]);
        Integrate(cells, logLikelihood);
        var constant = family.AnchoredConstant(cells.View);
        var term = family.NewScaleTerm(cells.View);
        for (var s = 0; s < logLikelihood.Length; s++)
            logLikelihood[s] += constant + term.Anchored(density.ScalesOf(s), out _);
    }

    /// <summary>Computes the log density of one row given the others of its level.</summary>
    /// <param name="cells">Cells of the model.</param>
    /// <param name="level">Those of the row's level, by number.</param>
    /// <param name="design">Rows, every level known to the fit.</param>
    /// <param name="row">Number of the row in the design.</param>
    /// <param name="logDensity">Overwritten, a value a draw. Length S.</param>
    public void ComputeWithout(ResponseCells cells, ReadOnlySpan<int> level, RowDesign design, int row, Span<double> logDensity)
    {
        var (own, response, size) = AddOthers(cells, level, design, row);
        var others = new double[logDensity.Length];
        Integrate(cells, others);
        Add(own, response, size);
        Integrate(cells, logDensity);
        for (var s = 0; s < others.Length; s++)
            others[s] = logDensity[s] - others[s];
        density.AtAnchor(design, row, logDensity);
        for (var s = 0; s < others.Length; s++)
            logDensity[s] += others[s];
    }

    /// <summary>Draws the predictor of one row given the others of its level: the level's effects from their distribution given these.</summary>
    /// <param name="cells">Cells of the model.</param>
    /// <param name="level">Those of the row's level, by number.</param>
    /// <param name="design">Rows, every level known to the fit.</param>
    /// <param name="row">Number of the row in the design; not the only one of its level.</param>
    /// <param name="uniforms">A number between 0 and 1 for each draw. Length S.</param>
    /// <param name="eta">Overwritten with linear predictors, offset included and exposure not, a value a draw. Length S.</param>
    public void DrawWithout(
        ResponseCells cells, ReadOnlySpan<int> level, RowDesign design, int row, ReadOnlySpan<double> uniforms, Span<double> eta)
    {
        AddOthers(cells, level, design, row);
        var drawn = new double[effects * eta.Length];
        Integrate(cells, eta, uniforms, drawn);
        var width = cells.ColumnCount;
        var columns = design.Matrix.AsSpan(row * width, width);
        predictor.Begin(columns, design.Offsets[row], 0, eta);
        for (var k = 0; k < factorCount; k++)
        {
            var other = design.Levels[row * factorCount + k];
            if (k != factor)
                predictor.AddEffects(k, numbers is null ? other : numbers[k][other], columns, 0, eta);
        }

        Span<double> zeta = stackalloc double[effects];
        for (var s = 0; s < eta.Length; s++)
        {
            predictor.Spherical(factor, columns, s, zeta);
            for (var e = 0; e < effects; e++)
                eta[s] += zeta[e] * drawn[e * eta.Length + s];
        }
    }

    private (int Cell, double Response, double Size) AddOthers(ResponseCells cells, ReadOnlySpan<int> level, RowDesign design, int row)
    {
        var (response, size, shift) = CellRowDensity.CellOf(family, design, row);
        var own = CellOf(cells, level, design, row, response, shift);
        Clear();
        foreach (var cell in level)
        {
            var (a, n) = (cells.Responses[cell], cells.Sizes[cell]);
            if (cell == own)
                (a, n) = (family.KeepsResponses ? a : a - response, n - size);
            if (n > 0)
                Add(cell, a, n);
        }

        return (own, response, size);
    }

    private void Clear()
    {
        at.Clear();
        responses.Clear();
        sizes.Clear();
    }

    private void Add(int cell, double response, double size)
    {
        at.Add(cell);
        responses.Add(response);
        sizes.Add(size);
    }

    // Logs of the integrals; or draws of the effects, effect after effect.
    private void Integrate(ResponseCells cells, Span<double> logs, ReadOnlySpan<double> uniforms = default, double[]? drawn = null)
    {
        if (at.Count == 0)
        {
            logs.Clear();
            return;
        }

        double[] anchors = [.. responses.Zip(sizes, family.Curve.Anchor)];
        double[] a = [.. responses];
        double[] n = [.. sizes];
        if (known.Length < at.Count * Block)
        {
            known = new double[at.Count * Block];
            spherical = new double[at.Count * effects * Block];
        }

        var width = cells.ColumnCount;
        Span<double> zeta = stackalloc double[effects];
        for (var from = 0; from < logs.Length; from += Block)
        {
            var count = Math.Min(Block, logs.Length - from);
            for (var i = 0; i < a.Length; i++)
            {
                var columns = cells.Columns.Slice(at[i] * width, width);
                var eta = known.AsSpan(i * Block, count);
                predictor.Begin(columns, cells.Offsets[at[i]], from, eta);
                for (var k = 0; k < factorCount; k++)
                {
                    var level = cells.Levels[at[i] * factorCount + k];
                    if (k != factor)
                        predictor.AddEffects(k, numbers is null ? level : numbers[k][level], columns, from, eta);
                }

                for (var s = 0; s < count; s++)
                {
                    predictor.Spherical(factor, columns, from + s, zeta);
                    for (var e = 0; e < effects; e++)
                        spherical[(i * effects + e) * Block + s] = zeta[e];
                }
            }

            var block = new EffectsIntegralWorkspace.Cells(a, n, anchors, known, spherical);
            if (drawn is null)
            {
                integral.Compute(block, density.SigmaOf(from, count), density.ShapeOf(from, count), logs.Slice(from, count));
                continue;
            }

            integral.Draw(block, density.SigmaOf(from, count), density.ShapeOf(from, count), uniforms.Slice(from, count), points);
            for (var e = 0; e < effects; e++)
                points.AsSpan(e * Block, count).CopyTo(drawn.AsSpan(e * logs.Length + from, count));
        }
    }

    private int CellOf(ResponseCells cells, ReadOnlySpan<int> level, RowDesign design, int row, double response, double shift)
    {
        var width = cells.ColumnCount;
        foreach (var cell in level)
        {
            if (cells.Offsets[cell] == design.Offsets[row] + shift
                && (!family.KeepsResponses || cells.Responses[cell] == response)
                && cells.Levels.Slice(cell * factorCount, factorCount).SequenceEqual(design.Levels.AsSpan(row * factorCount, factorCount))
                && IsEqual(cells.Columns.Slice(cell * width, width), design.Matrix.AsSpan(row * width, width)))
                return cell;
        }

        throw new InvalidOperationException("The fit has no cell of this row.");
    }

    // -0 is 0.
    private static bool IsEqual(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        for (var i = 0; i < a.Length; i++)
        {
            if (a[i] != b[i])
                return false;
        }

        return true;
    }
}

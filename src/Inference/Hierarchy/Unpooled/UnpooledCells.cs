using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Inference.Numerics;
using TypedPooling.Model;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Hierarchy.Unpooled;

/// <summary>Maximum likelihood without pooling of a response that is not normal: every level has coefficients of its own for what varies, all levels
/// share those of the other columns, sigma and the shape. Immutable.</summary>
/// <remarks>
/// <para>
/// What <c>glm(y ~ x + factor(group) - 1)</c> maximises, by Newton's method (expected information on the way where the curve is not concave), given
/// sigma and shape; these maximise the profile likelihood, whose derivative is the partial one. Cells that coefficients separate are left out first
/// (<see cref="SeparatedCells"/>), at their limits: log likelihood 0.
/// </para>
/// <para>
/// Standard errors are those of the observed information of all coefficients, log sigma and log shape together, minus the second derivatives at the
/// maximum; derivatives of slopes for log sigma and log shape by central differences. Where a shape runs to infinity it is none of these. Source:
/// [McCullaghNelder1989].
/// </para>
/// </remarks>
internal sealed class UnpooledCells : IUnpooledFit
{
    // Central differences of analytic slopes for logs of scales: an error of 1e-8 by truncation, 1e-12 by rounding.
    private const double Difference = 1e-4;

    private const double LeastShape = 1e-4;
    private const double MostShape = 1e10;

    private readonly CellBoundModel model;
    private readonly CellsFamily family;
    private readonly UnpooledDesign design;
    private readonly ArrowSearch search;
    private readonly double[] anchors;
    private readonly double[] responses;
    private readonly double[] sizes;
    private readonly double[] distances;
    private readonly double[] weightSlopes;
    private readonly double[] scratch;
    private readonly ScaleTerm scaleTerm;
    private readonly int q;
    private readonly int p;
    private readonly double[] sizesOfColumns;
    private readonly CoefficientMap? map;
    private readonly double[] fixedValues;
    private readonly int[] sharedTerms;
    private ResponseScales scales = new(1, 1);
    private double[] sharedCovariance = [];       // (p + t) x (p + t), t free scales
    private double[] weights = [];
    private double[][] onScales = [];             // derivative of each cell's slope for each free scale
    private bool isDefinite;

    private UnpooledCells(CellBoundModel model)
    {
        this.model = model;
        family = model.Family;
        var spec = model.Spec;
        var cells = model.Cells;
        var factor = spec.Factors[0];
        int[] own = [.. factor.Terms.Select(term => term.Column)];
        sharedTerms = [.. Enumerable.Range(0, spec.Population.Length).Where(t => spec.Population[t].Prior?.FixedValue is null)];
        int[] shared = [.. sharedTerms.Select(t => spec.Population[t].Column)];
        PopulationTerm[] fixedTerms = [.. spec.Population.Where(term => term.Prior?.FixedValue is not null)];
        fixedValues = [.. fixedTerms.Select(term => term.Prior!.FixedValue!.Value)];
        map = model.Standardization?.MapOf([.. own, .. shared, .. fixedTerms.Select(term => term.Column)]);
        (q, p) = (own.Length, shared.Length);
        var left = SeparatedCells.Left(family, cells, cells.Levels.ToArray(), model.Levels[0].Count, own, shared);
        design = UnpooledDesign.Of(cells, left, cells.Levels.ToArray(), model.Levels[0].Count, own, shared);
        sizesOfColumns = OriginalSizes([.. own, .. shared]);

        var count = design.Cells.Length;
        responses = [.. design.Cells.Select(i => cells.Responses[i])];
        sizes = [.. design.Cells.Select(i => cells.Sizes[i])];
        anchors = new double[count];
        family.Curve.Anchors(responses, sizes, anchors);
        var known = new double[count];
        for (var i = 0; i < count; i++)
        {
            var row = cells.Columns.Slice(design.Cells[i] * cells.ColumnCount, cells.ColumnCount);
            known[i] = cells.Offsets[design.Cells[i]] - anchors[i];
            for (var t = 0; t < fixedTerms.Length; t++)
                known[i] += fixedValues[t] * CellSystem.Value(row, fixedTerms[t].Column);
        }

        (distances, weightSlopes, scratch) = (new double[count], new double[count], new double[count]);
        scaleTerm = family.NewScaleTerm(cells.View);
        search = new ArrowSearch(design, known, q, p);
        SharedCount = p;
        DegreesOfFreedom = cells.RowCount - design.Ranks.Sum() - design.SharedRank;
        Run(known);
    }

    /// <inheritdoc/>
    public double Sigma { get; private set; } = double.NaN;

    /// <inheritdoc/>
    public double Shape { get; private set; } = double.NaN;

    /// <inheritdoc/>
    public double SumOfSquares => double.NaN;

    /// <inheritdoc/>
    public double LogLikelihood { get; private set; }

    /// <inheritdoc/>
    public long DegreesOfFreedom { get; }

    /// <inheritdoc/>
    public int SharedCount { get; }

    private bool HasFreeSigma => family.HasSigma && model.Spec.Response.Sigma?.FixedValue is null;

    private bool HasFreeShape => family.HasShape && model.Spec.Response.Shape?.FixedValue is null;

    private bool HasFiniteShape => HasFreeShape && double.IsFinite(Shape);

    /// <summary>Maximises the likelihood.</summary>
    /// <param name="model">A bound model with one grouping factor, whose varying effects have no population effect of their column; priors are not
    /// looked at, but fixed values hold.</param>
    /// <exception cref="ModelException">The likelihood rises without bound as sigma falls to 0.</exception>
    public static UnpooledCells Of(CellBoundModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new(model);
    }

    /// <inheritdoc/>
    public (double[] Estimates, double[] StandardErrors) Solve(int level)
    {
        var (width, rank, s) = (q + p, design.Ranks[level], design.SharedRank);
        var toOwn = design.MapOf(level);
        var values = new double[width];
        var coordinates = new double[width];
        search.Coordinates.AsSpan(level * q, q).CopyTo(coordinates);
        search.Coordinates.AsSpan(design.Ranks.Length * q, p).CopyTo(coordinates.AsSpan(q));
        for (var r = 0; r < width; r++)
        {
            for (var c = 0; c < width; c++)
                values[r] += toOwn[r * width + c] * coordinates[c];
        }

        MapBack(values, withConstant: true);
        var isFree = design.Undetermined(level, direction => MapBack(direction, withConstant: false), sizesOfColumns);
        var covariance = isDefinite ? CovarianceOf(level, rank, s) : null;
        var errors = new double[width];
        Array.Fill(errors, double.NaN);
        for (var r = 0; covariance is not null && r < width; r++)
        {
            // The coefficient as weights over the coordinates.
            var weightsOf = Row(toOwn, r);
            var square = 0.0;
            for (var a = 0; a < width; a++)
            {
                for (var b = 0; b < width; b++)
                    square += weightsOf[a] * covariance[a * width + b] * weightsOf[b];
            }

            errors[r] = Math.Sqrt(Math.Max(0, square));
        }

        for (var e = 0; e < width; e++)
        {
            if (isFree[e])
                values[e] = errors[e] = double.NaN;
        }

        return (values, errors);
    }

    // Row r of M T, T the map from coordinates and M that to the original scale.
    private double[] Row(double[] toOwn, int r)
    {
        var width = q + p;
        var row = new double[width];
        var column = new double[width];
        for (var c = 0; c < width; c++)
        {
            for (var e = 0; e < width; e++)
                column[e] = toOwn[e * width + c];
            MapBack(column, withConstant: false);
            row[c] = column[r];
        }

        return row;
    }

    private void MapBack(double[] values, bool withConstant)
    {
        if (map is null)
            return;
        double[] all = [.. values, .. withConstant ? fixedValues : new double[fixedValues.Length]];
        if (withConstant)
            map.Restore(all);
        else
            map.RestoreEffects(all);
        all.AsSpan(0, values.Length).CopyTo(values);
    }

    // Root mean squares of the columns as they were read, over the rows that count.
    private double[] OriginalSizes(int[] columns)
    {
        if (model.Standardization is not { } by)
            return [];
        var cells = model.Cells;
        var sums = new double[columns.Length];
        var total = 0.0;
        foreach (var i in design.Cells)
        {
            total += cells.Rows[i];
            for (var c = 0; c < columns.Length; c++)
            {
                var value = columns[c] == ModelSpec.Ones
                    ? 1
                    : cells.Columns[i * cells.ColumnCount + columns[c]] * by.Scales[columns[c]] + by.Origins[columns[c]];
                sums[c] += cells.Rows[i] * value * value;
            }
        }

        return [.. sums.Select(sum => Math.Sqrt(sum / Math.Max(1, total)))];
    }

    private void Run(double[] known)
    {
        var response = model.Spec.Response;
        var startSigma = model.Cells.ResponseSd > 0 ? model.Cells.ResponseSd : 1;
        scales = new(
            response.Sigma?.FixedValue ?? (family.HasSigma ? startSigma : 1),
            response.Shape?.FixedValue ?? (family.HasSigma ? 4 : 1));
        Start(known);
        var value = double.NaN;
        if (HasFreeShape)
        {
            var log = Root(
                shape =>
                {
                    scales = scales with { Shape = Math.Exp(shape) };
                    value = ClimbWithSigma();
                    return scales.Shape * OnShape();
                },
                Math.Log(scales.Shape),
                Math.Log(LeastShape),
                Math.Log(MostShape));
            scales = scales with { Shape = Math.Exp(log) };
        }

        value = ClimbWithSigma();
        Sigma = family.HasSigma ? scales.Sigma * (model.Standardization?.ResponseScale ?? 1) : double.NaN;
        Shape = !family.HasShape ? double.NaN : HasFreeShape && scales.Shape > 0.99 * MostShape ? double.PositiveInfinity : scales.Shape;
        LogLikelihood = value + family.AnchoredConstant(model.Cells.View) + scaleTerm.Anchored(scales, out _);
        Inform();
    }

    private void Start(double[] known)
    {
        var targets = new double[known.Length];
        var ownWeights = new double[known.Length];
        for (var i = 0; i < targets.Length; i++)
            targets[i] = CompleteFit.OwnPredictor(family, responses[i], sizes[i], scales, out ownWeights[i]) - anchors[i] - known[i];
        search.StartAt(targets, ownWeights);
    }

    private double ClimbWithSigma()
    {
        if (!HasFreeSigma)
            return search.Climb(Curves);
        var value = double.NaN;
        var start = Math.Log(scales.Sigma);
        var least = Math.Log(model.Cells.ResponseSd > 0 ? model.Cells.ResponseSd : 1) - 20;
        var log = Root(
            sigma =>
            {
                scales = scales with { Sigma = Math.Exp(sigma) };
                value = search.Climb(Curves);
                return scales.Sigma * OnSigma();
            },
            start,
            least,
            least + 40);
        if (log <= least)
        {
            throw new ModelException(new Problem(
                ProblemCode.NotIdentified,
                $"Coefficients of every level fit too many rows of '{model.Spec.Response.Name}' exactly: the likelihood rises without bound as sigma "
                    + "falls to 0.",
                "Fix sigma, or leave the model pooled.")
            { Term = model.Spec.Response.Name });
        }

        scales = scales with { Sigma = Math.Exp(log) };
        return search.Climb(Curves);
    }

    private double Curves(double[] predictors, double[] slopes, double[] cellWeights)
    {
        var value = family.Curve.SumFromAnchors(anchors, predictors, responses, sizes, scales, slopes, cellWeights, weightSlopes);
        if (!family.Curve.IsConcave)
            family.Curve.Information(Whole(predictors), responses, sizes, scales, cellWeights);
        return value;
    }

    private double[] Whole(double[] predictors)
    {
        for (var i = 0; i < scratch.Length; i++)
            scratch[i] = anchors[i] + predictors[i];
        return scratch;
    }

    // Derivatives of the log likelihood for shape and sigma at the predictors at hand.
    private double OnShape()
    {
        scaleTerm.Anchored(scales, out var on);
        var values = new double[anchors.Length];
        family.Curve.OnShapeFromAnchors(
            anchors, search.Predictors, responses, sizes, scales, values, new double[values.Length], new double[values.Length]);
        return on.Shape + values.Sum();
    }

    private double OnSigma()
    {
        scaleTerm.At(scales, out var on);
        family.Curve.Sum(Whole(search.Predictors), responses, sizes, scales, distances, out var onCells);
        return on.Sigma + onCells.Sigma;
    }

    // The zero of a derivative that falls, near a start: a bracket, then regula falsi with halving (Illinois). A bound where there is none before it.
    private static double Root(Func<double, double> derivative, double start, double low, double high)
    {
        var (x, slope) = (start, derivative(start));
        var step = slope > 0 ? 0.5 : -0.5;
        var (other, otherSlope) = (x, slope);
        while (slope != 0 && Rises(otherSlope) == Rises(slope))
        {
            (x, slope) = (other, otherSlope);
            if ((step > 0 && x >= high) || (step < 0 && x <= low))
                return Math.Clamp(x, low, high);
            other = Math.Clamp(x + step, low, high);
            otherSlope = derivative(other);
            step *= 1.5;
        }

        for (var iteration = 0; iteration < 200 && slope != 0 && otherSlope != 0 && Math.Abs(other - x) > 1e-13 * (1 + Math.Abs(x)); iteration++)
        {
            var next = (x * otherSlope - other * slope) / (otherSlope - slope);
            var nextSlope = derivative(next);
            if (Rises(nextSlope) == Rises(otherSlope))
                slope *= 0.5;
            else
                (x, slope) = (other, otherSlope);
            (other, otherSlope) = (next, nextSlope);
        }

        return otherSlope == 0 || Math.Abs(otherSlope) <= Math.Abs(slope) ? other : x;
    }

    // Of a derivative that may be NaN where it overflows.
    private static bool Rises(double slope) => slope > 0;

    // Minus the second derivatives at the maximum: by level, and of the shared coordinates with the free scales behind them.
    private void Inform()
    {
        var count = anchors.Length;
        weights = new double[count];
        var slopes = new double[count];
        family.Curve.SumFromAnchors(anchors, search.Predictors, responses, sizes, scales, slopes, weights, weightSlopes);
        var free = new List<Func<double, ResponseScales>>();
        if (HasFreeSigma)
            free.Add(step => scales with { Sigma = scales.Sigma * Math.Exp(step) });
        if (HasFiniteShape)
            free.Add(step => scales with { Shape = scales.Shape * Math.Exp(step) });
        var t = free.Count;
        onScales = new double[t][];
        var second = new double[t * t];
        var own = scales;
        for (var k = 0; k < t; k++)
        {
            var (up, down) = (new double[count], new double[count]);
            double[] gradientUp = Gradient(free[k](Difference), up), gradientDown = Gradient(free[k](-Difference), down);
            onScales[k] = [.. up.Zip(down, (a, b) => (a - b) / (2 * Difference))];
            for (var l = 0; l < t; l++)
                second[k * t + l] = (gradientUp[l] - gradientDown[l]) / (2 * Difference);
        }

        scales = own;
        isDefinite = TryInvert(second, t);

        // Derivatives for the logs of the free scales, and the slopes of cells.
        double[] Gradient(ResponseScales at, double[] cellSlopes)
        {
            scales = at;
            family.Curve.SumFromAnchors(
                anchors, search.Predictors, responses, sizes, scales, cellSlopes, new double[count], new double[count]);
            List<double> gradient = [];
            if (HasFreeSigma)
                gradient.Add(scales.Sigma * OnSigma());
            if (HasFiniteShape)
                gradient.Add(scales.Shape * OnShape());
            scales = own;
            return [.. gradient];
        }
    }

    // The inverse of the information of the shared coordinates and the free scales, the levels' own taken out.
    private bool TryInvert(double[] second, int t)
    {
        var s = design.SharedRank;
        var width = s + t;
        var schur = new double[width * width];
        for (var i = 0; i < anchors.Length; i++)
        {
            for (var e = 0; e < width; e++)
            {
                for (var f = 0; f <= e; f++)
                    schur[e * width + f] += e < s ? weights[i] * Column(i, e) * Column(i, f) : f < s ? Border(i, e) * Column(i, f) : 0;
            }
        }

        for (var k = 0; k < t; k++)
        {
            for (var l = 0; l <= k; l++)
                schur[(s + k) * width + s + l] -= 0.5 * (second[k * t + l] + second[l * t + k]);
        }

        for (var j = 0; j < design.Ranks.Length; j++)
        {
            if (BlocksOf(j, width) is not { } blocks)
                return false;
            var rank = design.Ranks[j];
            for (var e = 0; e < width; e++)
            {
                for (var f = 0; f <= e; f++)
                {
                    for (var r = 0; r < rank; r++)
                        schur[e * width + f] -= blocks.Border[r * width + e] * blocks.Border[r * width + f];
                }
            }
        }

        if (!SmallCholesky.TryFactorise(schur, width))
            return false;
        sharedCovariance = new double[width * width];
        for (var c = 0; c < width; c++)
        {
            var column = new double[width];
            column[c] = 1;
            SmallCholesky.Solve(schur, column, width);
            for (var r = 0; r < width; r++)
                sharedCovariance[r * width + c] = column[r];
        }

        return true;
    }

    private double Column(int i, int e) => design.Shared[i * p + e];

    // What a shared coordinate or a scale adds to a coordinate's row of the information, for one cell.
    private double Border(int i, int e) => e < design.SharedRank ? weights[i] * Column(i, e) : -onScales[e - design.SharedRank][i];

    // L of A_j = L L', and L^-1 of the border; null where A_j is not positive definite.
    private (double[] Root, double[] Border)? BlocksOf(int level, int width)
    {
        var rank = design.Ranks[level];
        var a = new double[rank * rank];
        var border = new double[rank * width];
        foreach (var i in design.CellsOfLevel[level])
        {
            for (var r = 0; r < rank; r++)
            {
                var u = design.Own[i * q + r];
                for (var c = 0; c <= r; c++)
                    a[r * rank + c] += weights[i] * u * design.Own[i * q + c];
                for (var e = 0; e < width; e++)
                    border[r * width + e] += u * Border(i, e);
            }
        }

        if (!SmallCholesky.TryFactorise(a, rank))
            return null;
        var column = new double[rank];
        for (var e = 0; e < width; e++)
        {
            for (var r = 0; r < rank; r++)
                column[r] = border[r * width + e];
            SmallCholesky.SolveLower(a, column, rank);
            for (var r = 0; r < rank; r++)
                border[r * width + e] = column[r];
        }

        return (a, border);
    }

    // Covariance of a level's coordinates and the shared ones, (q + p) x (q + p); 0 beyond the ranks.
    private double[]? CovarianceOf(int level, int rank, int s)
    {
        var width = s + onScales.Length;
        if (BlocksOf(level, width) is not { } blocks)
            return null;

        // K = -A^-1 B, rank x width.
        var carried = new double[rank * width];
        var column = new double[rank];
        for (var e = 0; e < width; e++)
        {
            for (var r = 0; r < rank; r++)
                column[r] = -blocks.Border[r * width + e];
            SmallCholesky.SolveTransposed(blocks.Root, column, rank);
            for (var r = 0; r < rank; r++)
                carried[r * width + e] = column[r];
        }

        var all = q + p;
        var covariance = new double[all * all];
        var crossed = new double[rank * width];
        for (var r = 0; r < rank; r++)
        {
            for (var e = 0; e < width; e++)
            {
                for (var f = 0; f < width; f++)
                    crossed[r * width + e] += carried[r * width + f] * sharedCovariance[f * width + e];
                if (e < s)
                    covariance[r * all + q + e] = covariance[(q + e) * all + r] = crossed[r * width + e];
            }
        }

        for (var c = 0; c < rank; c++)
        {
            Array.Clear(column);
            column[c] = 1;
            SmallCholesky.Solve(blocks.Root, column, rank);
            for (var r = 0; r < rank; r++)
            {
                covariance[r * all + c] = column[r];
                for (var e = 0; e < width; e++)
                    covariance[r * all + c] += crossed[r * width + e] * carried[c * width + e];
            }
        }

        for (var e = 0; e < s; e++)
        {
            for (var f = 0; f < s; f++)
                covariance[(q + e) * all + q + f] = sharedCovariance[e * width + f];
        }

        return covariance;
    }
}

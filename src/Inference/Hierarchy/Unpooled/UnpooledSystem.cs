using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Inference.Numerics;
using TypedPooling.Model;

namespace TypedPooling.Inference.Hierarchy.Unpooled;

/// <summary>Least squares without pooling: every level has coefficients of its own for what varies, all levels share those of the other columns.
/// Immutable.</summary>
/// <remarks>
/// <para>
/// y_j = X_j gamma + Z_j b_j + e with nothing assumed of b_j: what <c>lm(y ~ x + factor(group) - 1)</c> fits. Each level's rows are rotated as for
/// the hierarchy, so that those which hold no b_j, pooled over levels, give gamma, and the first q give b_j = Z_j^-1 (y_j - X_j gamma). Nothing is
/// squared twice and no indicator column is formed: O(J m^2 (m + p)).
/// </para>
/// <para>
/// A coefficient is determined if no null vector of the rows has a part in it; others are NaN. Decided on the columns as they are: with x = 0 in all
/// rows of a level its intercept is determined and its slope is not. Source: [GolubVanLoan2013], section 5.5.
/// </para>
/// </remarks>
internal sealed class UnpooledSystem : IUnpooledFit
{
    // What is left of a column after those before it, relative to its length, below which it is rounding.
    private const double RankTolerance = 1e-9;

    // Part of a null vector in a coefficient, relative to its largest part, both in units of the response, below which it is rounding.
    private const double NullTolerance = 1e-8;

    private readonly NormalBoundModel model;
    private readonly PopulationSystem population;
    private readonly EffectPivot pivot;
    private readonly int q;
    private readonly int p;
    private readonly int[] ranks;
    private readonly double[] rows;             // q x (q + p + 1) a level: Z in echelon form, X, y
    private readonly int[] columns;             // of the q + p coefficients
    private readonly int[] fixedColumns;
    private readonly double[] rms;              // root mean square of these columns, in units of the rows
    private readonly double[] gamma;            // in pivoted coordinates
    private readonly double[,] gammaCovariance; // over sigma^2
    private readonly double[][] gammaNull;
    private readonly CoefficientMap? map;

    private UnpooledSystem(NormalBoundModel model)
    {
        this.model = model;
        var spec = model.Spec;
        var terms = spec.Factors[0].Terms;
        var total = model.Cells.Total();
        q = terms.Length;
        var sums = HierarchySums.Of(model.With(spec.WithoutOrigins()));
        var factor = sums.Factors[0];
        population = sums.Population;
        p = population.Count;
        pivot = factor.Pivot;
        columns = [.. terms.Select(t => t.Column), .. population.Columns];
        fixedColumns = [.. population.FixedColumns];
        map = model.Standardization?.MapOf([.. columns, .. fixedColumns]);
        rms = [.. columns.Select(c => c == ModelSpec.Ones ? 1 : RootMeanSquare(total, c))];

        var width = q + p + 1;
        ranks = new int[factor.LevelCount];
        rows = new double[ranks.Length * q * width];
        var pooled = new PooledRowsBuilder(p, sums.Pooled[0]);
        for (var j = 0; j < ranks.Length; j++)
        {
            var own = rows.AsSpan(j * q * width, q * width);
            for (var r = 0; r < q; r++)
            {
                factor.Rows.AsSpan((j * q + r) * q, q).CopyTo(own[(r * width)..]);
                factor.PopulationRows.AsSpan((j * q + r) * p, p).CopyTo(own[(r * width + q)..]);
                own[r * width + q + p] = factor.Responses[j * q + r];
            }

            ranks[j] = ToEchelon(own, width);
            for (var r = ranks[j]; r < q; r++)
                pooled.Add(own.Slice(r * width + q, p + 1));
        }

        var shared = pooled.Build(total.RowCount);
        (gamma, gammaCovariance, gammaNull, var reduced) = SolveShared(shared);
        DegreesOfFreedom = total.RowCount - ranks.Sum() - (p - gammaNull.Length);

        // Known errors are in the weights, whatever the scale.
        var isKnown = spec.Response.KnownSd is not null;
        var scale = isKnown || model.Standardization is null ? 1 : model.Standardization.ResponseScale;
        SumOfSquares = reduced * scale * scale;
        Sigma = !isKnown && DegreesOfFreedom > 0 ? Math.Sqrt(SumOfSquares / DegreesOfFreedom) : double.NaN;
        ErrorScale = isKnown ? 1 : Sigma / scale;
        SharedCount = p;
        LogLikelihood = model.LogJacobian + 0.5 * total.LogWeightSum - 0.5 * (isKnown
            ? total.RowCount * (Math.Log(2 * Math.PI) + 2 * Math.Log(model.Standardization?.ResponseScale ?? 1)) + SumOfSquares
            : total.RowCount * (Math.Log(2 * Math.PI * SumOfSquares / total.RowCount) + 1));
    }

    /// <inheritdoc/>
    /// <remarks>0 where nothing is left to estimate the error from.</remarks>
    public long DegreesOfFreedom { get; }

    /// <inheritdoc/>
    public double SumOfSquares { get; }

    /// <inheritdoc/>
    /// <remarks>The root of the sum of squares over the degrees of freedom; NaN without these.</remarks>
    public double Sigma { get; }

    /// <inheritdoc/>
    /// <remarks>With sigma at its maximum, the root of the sum of squares over the number of rows.</remarks>
    public double LogLikelihood { get; }

    /// <inheritdoc/>
    public double Shape => double.NaN;

    /// <inheritdoc/>
    public int SharedCount { get; }

    // What standard errors are multiplied by, on the model's own scale: 1 where rows are weighted by known errors.
    private double ErrorScale { get; }

    /// <summary>Solves the least squares of a model.</summary>
    /// <param name="model">A bound model with one grouping factor, whose varying effects have no population effect of their column; priors are not
    /// looked at, but fixed effects are subtracted.</param>
    /// <returns>The solution.</returns>
    /// <exception cref="ArgumentException">The model has not exactly one factor, or a column has a varying and a population effect.</exception>
    public static UnpooledSystem Of(NormalBoundModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Spec.Factors.Length != 1)
            throw new ArgumentException("The model must have exactly one grouping factor.", nameof(model));
        if (model.Spec.Population.Any(term => model.Spec.Factors[0].Terms.Any(varying => varying.Column == term.Column)))
            throw new ArgumentException("A column has both a coefficient for every level and one for all.", nameof(model));
        return new(model);
    }

    /// <inheritdoc/>
    /// <remarks>Errors are NaN also where there are no degrees of freedom.</remarks>
    public (double[] Estimates, double[] StandardErrors) Solve(int level)
    {
        var (inverse, ownNull) = Invert(level);
        var width = q + p + 1;
        var own = rows.AsSpan(level * q * width, q * width);

        // b = A (y - X gamma), B = A X.
        var values = new double[q + p];
        var slope = new double[q, p];
        for (var a = 0; a < q; a++)
        {
            for (var r = 0; r < q; r++)
            {
                values[a] += inverse[a, r] * own[r * width + q + p];
                for (var c = 0; c < p; c++)
                    slope[a, c] += inverse[a, r] * own[r * width + q + c];
            }

            for (var c = 0; c < p; c++)
                values[a] -= slope[a, c] * gamma[c];
        }

        gamma.CopyTo(values.AsSpan(q));
        var covariance = Covariance(inverse, slope);
        MapBack(values, withConstant: true);
        MapBoth(covariance);

        var isFree = new bool[q + p];
        foreach (var direction in ownNull)
            Mark([.. direction, .. new double[p]], isFree);
        foreach (var direction in gammaNull)
        {
            var joint = new double[q + p];
            for (var a = 0; a < q; a++)
            {
                for (var c = 0; c < p; c++)
                    joint[a] -= slope[a, c] * direction[c];
            }

            direction.CopyTo(joint, q);
            Mark(joint, isFree);
        }

        var errors = new double[q + p];
        for (var e = 0; e < values.Length; e++)
        {
            errors[e] = isFree[e] ? double.NaN : ErrorScale * Math.Sqrt(Math.Max(0, covariance[e, e]));
            if (isFree[e])
                values[e] = double.NaN;
        }

        // The shared ones stand in the model's order.
        var order = Enumerable.Range(0, p).OrderBy(population.TermOf).Select(e => q + e).ToArray();
        return ([.. values[..q], .. order.Select(e => values[e])], [.. errors[..q], .. order.Select(e => errors[e])]);
    }

    // Rows of [Z X y] to echelon form in Z by Givens rotations: a column in the span of those before it is passed over. Returns the rank.
    private int ToEchelon(Span<double> own, int width)
    {
        var rank = 0;
        for (var c = 0; c < q && rank < q; c++)
        {
            var length = 0.0;
            for (var r = 0; r < q; r++)
                length += own[r * width + c] * own[r * width + c];
            for (var r = rank + 1; r < q; r++)
            {
                var (a, b) = (own[rank * width + c], own[r * width + c]);
                if (b == 0)
                    continue;
                var h = Math.Sqrt(a * a + b * b);
                var (cos, sin) = (a / h, b / h);
                for (var t = c; t < width; t++)
                {
                    (a, b) = (own[rank * width + t], own[r * width + t]);
                    own[rank * width + t] = cos * a + sin * b;
                    own[r * width + t] = cos * b - sin * a;
                }
            }

            if (Math.Abs(own[rank * width + c]) > RankTolerance * Math.Sqrt(length))
                rank++;
            else
                own[rank * width + c] = 0;
        }

        for (var r = rank; r < q; r++)
            own.Slice(r * width, q).Clear();
        return rank;
    }

    // Z^-1 of a level, or its pseudo-inverse with a basis of the null space.
    private (double[,] Inverse, double[][] Null) Invert(int level)
    {
        var width = q + p + 1;
        var z = new double[q, q];
        for (var r = 0; r < ranks[level]; r++)
        {
            for (var c = 0; c < q; c++)
                z[r, c] = rows[(level * q + r) * width + c];
        }

        return PseudoInverse.Of(z, q, ranks[level], RankTolerance);
    }

    private (double[] Gamma, double[,] Covariance, double[][] Null, double SumOfSquares) SolveShared(PooledRows shared)
    {
        var root = new double[p, p];
        for (var r = 0; r < p; r++)
        {
            for (var c = r; c < p; c++)
                root[r, c] = shared.Root[r * p + c];
        }

        var (inverse, nulls) = PseudoInverse.Of(root, p, -1, RankTolerance);
        var solution = new double[p];
        var covariance = new double[p, p];
        for (var a = 0; a < p; a++)
        {
            for (var b = 0; b < p; b++)
            {
                solution[a] += inverse[a, b] * shared.Target[b];
                for (var c = 0; c < p; c++)
                    covariance[a, b] += inverse[a, c] * inverse[b, c];
            }
        }

        // What no coefficient can explain of the target is error.
        var rest = shared.SumOfSquares;
        for (var r = 0; r < p; r++)
        {
            var residual = shared.Target[r];
            for (var c = 0; c < p; c++)
                residual -= root[r, c] * solution[c];
            rest += residual * residual;
        }

        return (solution, covariance, nulls, rest);
    }

    // Of (b, gamma) over sigma^2: b = A e - B (gamma - its own error).
    private double[,] Covariance(double[,] inverse, double[,] slope)
    {
        var covariance = new double[q + p, q + p];
        var carried = new double[q, p];
        for (var a = 0; a < q; a++)
        {
            for (var c = 0; c < p; c++)
            {
                for (var e = 0; e < p; e++)
                    carried[a, c] += slope[a, e] * gammaCovariance[e, c];
                covariance[a, q + c] = -carried[a, c];
                covariance[q + c, a] = -carried[a, c];
            }
        }

        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b < q; b++)
            {
                for (var c = 0; c < q; c++)
                    covariance[a, b] += inverse[a, c] * inverse[b, c];
                for (var c = 0; c < p; c++)
                    covariance[a, b] += carried[a, c] * slope[b, c];
            }
        }

        for (var a = 0; a < p; a++)
        {
            for (var b = 0; b < p; b++)
                covariance[q + a, q + b] = gammaCovariance[a, b];
        }

        return covariance;
    }

    private void MapBoth(double[,] covariance)
    {
        var count = q + p;
        var vector = new double[count];
        for (var pass = 0; pass < 2; pass++)
        {
            for (var r = 0; r < count; r++)
            {
                for (var c = 0; c < count; c++)
                    vector[c] = covariance[r, c];
                MapBack(vector, withConstant: false);
                for (var c = 0; c < count; c++)
                    covariance[r, c] = vector[c];
            }

            for (var r = 0; r < count; r++)
            {
                for (var c = 0; c < r; c++)
                    (covariance[r, c], covariance[c, r]) = (covariance[c, r], covariance[r, c]);
            }
        }
    }

    // From centred columns to those of the model, and from a standardised model to the original scale.
    private void MapBack(double[] values, bool withConstant)
    {
        pivot.Unpivot(values.AsSpan(0, q));
        population.Pivot.Unpivot(values.AsSpan(q, p));
        if (withConstant && population.Intercept >= 0)
            values[q + population.Intercept] += population.Response;

        if (map is null)
            return;
        double[] all = [.. values, .. withConstant ? population.FixedValues : new double[fixedColumns.Length]];
        if (withConstant)
            map.Restore(all);
        else
            map.RestoreEffects(all);
        all.AsSpan(0, values.Length).CopyTo(values);
    }

    private void Mark(double[] direction, bool[] isFree)
    {
        MapBack(direction, withConstant: false);
        var largest = 0.0;
        for (var e = 0; e < direction.Length; e++)
            largest = Math.Max(largest, Math.Abs(direction[e]) * rms[e]);
        for (var e = 0; e < direction.Length; e++)
            isFree[e] |= Math.Abs(direction[e]) * rms[e] > NullTolerance * largest || (rms[e] == 0 && direction[e] != 0);
    }

    private double RootMeanSquare(CellMoments total, int column)
    {
        var square = total.CrossProducts(0)[column * (column + 1) / 2 + column] / total.Weight(0);
        var mean = total.Means(0)[column];
        if (model.Standardization is { } by)
        {
            square *= by.Scales[column] * by.Scales[column];
            mean = mean * by.Scales[column] + by.Origins[column];
        }

        return Math.Sqrt(square + mean * mean);
    }
}

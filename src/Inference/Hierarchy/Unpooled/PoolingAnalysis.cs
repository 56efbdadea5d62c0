using System.Collections.Immutable;
using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling.Inference.Hierarchy.Unpooled;

/// <summary>How far each level of a normal hierarchy is pulled from its own least squares towards the population: no-pooling estimates,
/// complete-pooling estimates, pooling matrices.</summary>
/// <remarks>
/// Given the scales, E[u_j] = W_j (b_j - beta) with b_j the level's own least squares and W_j = Sigma G_j (sigma^2 I + Sigma G_j)^-1, G_j = Z_j'Z_j.
/// In spherical effects, with B = Z_j Lambda and A = I + B'B / sigma^2, W_j = Lambda A^-1 B'Z_j / sigma^2, whose eigenvalues are those of I - A^-1,
/// in [0, 1]. W_j is a function of the design alone, so it is computed once a class and averaged over the draws of the scales. Works on the posterior
/// of any engine. Where the model is standardised, all is computed there and mapped to the original scale: coefficients as coefficients are, W_j to M
/// W_j M^-1 for u = M u_s, which has the same eigenvalues. Of several factors W_j is given the effects of the others; a level's own least squares
/// takes them at their posterior means. Source: [LindleySmith1972].
/// </remarks>
internal sealed class PoolingAnalysis : IPoolingAnalysis
{
    private readonly NormalSystem system;
    private readonly double[] sigma;
    private readonly double[] lambda;          // draw after draw, q x q
    private readonly double[] meanBeta;
    private readonly Dictionary<int, (double[] Matrix, double[] Eigenvalues)> byClass = [];

    private PoolingAnalysis(NormalSystem system, double[] sigma, double[] lambda, double[] meanBeta, ImmutableArray<double> complete)
    {
        this.system = system;
        this.sigma = sigma;
        this.lambda = lambda;
        this.meanBeta = meanBeta;
        CompletePooling = complete;
    }

    /// <inheritdoc/>
    /// <remarks>By least squares.</remarks>
    public ImmutableArray<double> CompletePooling { get; }

    /// <summary>Analyses a fit.</summary>
    /// <param name="model">The bound model.</param>
    /// <param name="posterior">Its posterior; of a standardised model that on the original scale, or what the engine returned.</param>
    /// <param name="factor">Index of the factor.</param>
    /// <returns>The analysis, on the original scale.</returns>
    public static PoolingAnalysis Of(NormalBoundModel model, Posterior posterior, int factor = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(posterior);
        if (model.Standardization is not null)
            posterior = posterior.Standardized ?? posterior;
        var scales = ScaleValues.Read(model.Spec, posterior, factor);
        var alone = OfFactor(model, posterior, factor);
        var system = NormalSystem.Reduce(alone.With(alone.Spec.WithoutOrigins()));
        var meanBeta = new double[model.Spec.Population.Length];
        for (var t = 0; t < meanBeta.Length; t++)
            meanBeta[t] = EffectMeans.OfPopulation(posterior, t);
        return new PoolingAnalysis(system, scales.Sigma, scales.Lambda, meanBeta, Complete(model, factor));
    }

    /// <inheritdoc/>
    /// <remarks>By least squares.</remarks>
    public double[]? NoPooling(int level)
    {
        var q = system.TermCount;
        var p = system.PopulationCount;
        var terms = system.Model.Spec.Factors[0].Terms;
        var c = system.ClassOfLevel[level];
        var z = system.Classes.Varying.AsSpan(c * q * q, q * q);
        for (var a = 0; a < q; a++)
        {
            if (!(z[a * q + a] > 0))
                return null;
        }

        // What the effects that do not vary explain, in pivoted columns; what pivoting moved to the intercept goes back below.
        var population = system.Population;
        var x = system.Classes.Population.AsSpan(c * q * p, q * p);
        var response = system.LevelResponses.AsSpan(level * q, q).ToArray();
        var moved = 0.0;
        var intercept = -1;
        for (var e = 0; e < p; e++)
        {
            var column = population.Columns[e];
            if (column == ModelSpec.Ones)
                intercept = e;
            else if (!terms.Any(t => t.Column == column))
            {
                var beta = meanBeta[population.TermOf(e)];
                moved += population.Origin[e] * beta;
                for (var r = 0; r < q; r++)
                    response[r] -= x[r * p + e] * beta;
            }
        }

        if (intercept >= 0 && system.Pivot.Intercept < 0)
        {
            var constant = meanBeta[population.TermOf(intercept)] - population.Response + moved;
            for (var r = 0; r < q; r++)
                response[r] -= x[r * p + intercept] * constant;
        }

        var b = new double[q];
        for (var a = q - 1; a >= 0; a--)
        {
            var sum = response[a];
            for (var d = a + 1; d < q; d++)
                sum -= z[a * q + d] * b[d];
            b[a] = sum / z[a * q + a];
        }

        system.Pivot.Unpivot(b);
        if (system.Pivot.Intercept is var at and >= 0)
            b[at] += population.Response - moved;

        // A coefficient fixed by its prior was subtracted from the response with the rest.
        for (var a = 0; a < q; a++)
            b[a] += population.FixedValueOf(terms[a].Column);
        return system.Model.Standardization is { } standardization ? Restore(b, standardization) : b;
    }

    /// <inheritdoc/>
    public double[] PoolingMatrix(int level) => [.. OfClass(level).Matrix];

    /// <inheritdoc/>
    public double[] PoolingEigenvalues(int level) => [.. OfClass(level).Eigenvalues];

    /// <inheritdoc/>
    public long Rows(int level) => system.Model.Cells.Rows(level);

    // The model of one factor, with the effects of the others, at their posterior means, taken off the response.
    private static NormalBoundModel OfFactor(NormalBoundModel model, Posterior posterior, int factor)
    {
        var spec = model.Spec;
        if (spec.Factors.Length == 1)
            return model;
        var m = model.Cells.ColumnCount;
        var coefficients = new double[model.Cells.CellCount * (m + 1)];
        for (var k = 0; k < spec.Factors.Length; k++)
        {
            if (k == factor)
                continue;
            var terms = spec.Factors[k].Terms;
            var means = EffectMeans.Of(posterior, k, model.Levels[k].Count, terms.Length);
            for (var cell = 0; cell < model.Cells.CellCount; cell++)
            {
                for (var a = 0; a < terms.Length; a++)
                    coefficients[cell * (m + 1) + terms[a].Column + 1] += means[model.CellLevels(k)[cell] * terms.Length + a];
            }
        }

        var byLevel = new CellMomentsBuilder(m);
        byLevel.Merge(model.Cells.Less(coefficients), model.CellLevels(factor).ToArray());
        var levels = model.Levels[factor];
        return new(
            spec with { Factors = [spec.Factors[factor]] },
            [levels],
            byLevel.Build(),
            [[.. Enumerable.Range(0, levels.Count)]],
            model.DroppedRowCount)
        { Standardization = model.Standardization };
    }

    private static ImmutableArray<double> Complete(NormalBoundModel model, int factor)
    {
        var spec = model.Spec;
        var total = model.Cells.Total();
        var wanted = spec.Factors[factor].Terms.Select(t => t.Column).ToArray();
        int[] columns = [.. wanted, .. spec.Population.Where(t => t.Prior?.FixedValue is null).Select(t => t.Column).Except(wanted)];

        // The intercept first, so that the pivot's part can go back to it.
        var means = total.Means(0).ToArray();
        var known = new PopulationColumns(spec with { Population = [.. spec.Population.Where(t => t.Prior?.FixedValue is not null)] }, means, 0);
        var pivot = new EffectPivot(EffectPivot.Centres(columns, means), Array.IndexOf(columns, ModelSpec.Ones));
        var table = MomentTable.Of(total, [.. columns.Zip(pivot.Origin)], known);
        var reducer = new LevelReducer(table, [.. Enumerable.Range(0, columns.Length)], []);
        reducer.Reduce(0, new PooledRowsBuilder(0));

        var count = columns.Length;
        var b = new double[count];
        for (var a = count - 1; a >= 0; a--)
        {
            var sum = reducer.Response[a];
            for (var d = a + 1; d < count; d++)
                sum -= reducer.Varying[a * count + d] * b[d];
            b[a] = reducer.Varying[a * count + a] > 0 ? sum / reducer.Varying[a * count + a] : double.NaN;
        }

        pivot.Unpivot(b);
        for (var d = 0; d < count; d++)
            b[d] += known.FixedValueOf(columns[d]);
        if (model.Standardization is not { } standardization)
            return [.. b[..wanted.Length]];

        // The intercept of the original scale takes in every other coefficient, those that are fixed too.
        int[] others = [.. known.FixedColumns.Except(columns)];
        double[] all = [.. b, .. others.Select(known.FixedValueOf)];
        standardization.MapOf(columns.Concat(others)).Restore(all);
        return [.. all[..wanted.Length]];
    }

    // A level's own coefficients with those of the population effects that do not vary, which the intercept of the original scale takes in.
    private double[] Restore(double[] own, Standardization standardization)
    {
        var spec = system.Model.Spec;
        var terms = spec.Factors[0].Terms;
        int[] others = [.. Enumerable.Range(0, spec.Population.Length).Where(t => !terms.Any(term => term.Column == spec.Population[t].Column))];
        double[] all = [.. own, .. others.Select(t => meanBeta[t])];
        standardization.MapOf(terms.Select(term => term.Column).Concat(others.Select(t => spec.Population[t].Column))).Restore(all);
        return all[..own.Length];
    }

    private (double[] Matrix, double[] Eigenvalues) OfClass(int level)
    {
        var c = system.ClassOfLevel[level];
        lock (byClass)
        {
            if (!byClass.TryGetValue(c, out var known))
                byClass[c] = known = Average(level, c);
            return known;
        }
    }

    private (double[] Matrix, double[] Eigenvalues) Average(int level, int c)
    {
        var q = system.TermCount;
        var rows = system.RowsOf(level);
        var workspace = new LevelConditional(q);
        var pivoted = new double[q * q];
        var matrix = new double[q * q];
        var eigenvalues = new double[q];

        // Z_j T: the columns of the model itself.
        var z = system.Classes.Varying.AsSpan(c * q * q, q * q).ToArray();
        if (system.Pivot.Intercept is var at and >= 0)
        {
            for (var r = 0; r < q; r++)
            {
                var ones = z[r * q + at];
                for (var a = 0; a < q; a++)
                    z[r * q + a] += a == at ? 0 : system.Pivot.Origin[a] * ones;
            }
        }

        for (var s = 0; s < sigma.Length; s++)
        {
            var root = lambda.AsSpan(s * q * q, q * q);
            system.Pivot.PivotLambda(root, pivoted);
            workspace.Factorise(rows, sigma[s], pivoted);
            AddMatrix(workspace, root, z, 1 / (sigma[s] * sigma[s] * sigma.Length), matrix);
            AddEigenvalues(workspace, sigma.Length, eigenvalues);
        }

        system.Model.Standardization?.MapOf(system.Model.Spec.Factors[0].Terms.Select(term => term.Column)).RestoreMatrix(matrix);
        return (matrix, eigenvalues);
    }

    // matrix += Lambda A^-1 B' Z * scale
    private void AddMatrix(LevelConditional workspace, ReadOnlySpan<double> root, double[] z, double scale, double[] matrix)
    {
        var q = system.TermCount;
        var v = new double[q];
        for (var column = 0; column < q; column++)
        {
            for (var i = 0; i < q; i++)
            {
                var sum = 0.0;
                for (var r = 0; r < q; r++)
                    sum += workspace.Design[r * q + i] * z[r * q + column];
                v[i] = sum;
            }

            workspace.Solve(v);
            for (var i = 0; i < q; i++)
            {
                var sum = 0.0;
                for (var a = 0; a < q; a++)
                    sum += root[i * q + a] * v[a];
                matrix[i * q + column] += sum * scale;
            }
        }
    }

    // The eigenvalues of I - A^-1, a symmetric problem of size q.
    private void AddEigenvalues(LevelConditional workspace, int count, double[] eigenvalues)
    {
        var q = system.TermCount;
        var inverse = new double[q * q];      // by columns
        for (var j = 0; j < q; j++)
        {
            inverse[j * q + j] = 1;
            workspace.Solve(inverse.AsSpan(j * q, q));
        }

        if (q == 1)
        {
            eigenvalues[0] += Math.Clamp(1 - inverse[0], 0, 1) / count;
        }
        else if (q == 2)
        {
            // Half the trace plus or minus half the distance of the two.
            var centre = 0.5 * (inverse[0] + inverse[3]);
            var half = Math.Sqrt(0.25 * (inverse[0] - inverse[3]) * (inverse[0] - inverse[3]) + inverse[1] * inverse[2]);
            eigenvalues[0] += Math.Clamp(1 - centre - half, 0, 1) / count;
            eigenvalues[1] += Math.Clamp(1 - centre + half, 0, 1) / count;
        }
        else
        {
            var matrix = Matrix<double>.Build.Dense(q, q, inverse);
            var values = ((matrix + matrix.Transpose()) * 0.5).Evd(Symmetricity.Symmetric).EigenValues;
            for (var i = 0; i < q; i++)
                eigenvalues[i] += Math.Clamp(1 - values[q - 1 - i].Real, 0, 1) / count;
        }
    }
}

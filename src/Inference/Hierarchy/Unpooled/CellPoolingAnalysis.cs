using System.Collections.Immutable;
using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Hierarchy.Unpooled;

/// <summary>How far each level of a factor is pulled towards the population where the response is not normal.</summary>
/// <remarks>
/// <para>
/// Given a draw of beta, the scales and the effects of other factors, a level's effects have a mode; with w the cells' weights there, minus the
/// second
/// derivatives of their log likelihoods, the level's rows act like a normal response of information G = Z'WZ, and W_j = (Sigma^-1 + G)^-1 G. In
/// spherical effects, u = Lambda v and B = Z Lambda, W_j = Lambda (I + B'WB)^-1 B'WZ, whose eigenvalues are those of I - (I + B'WB)^-1, in [0, 1].
/// Where a weight is not positive the expected information stands for it. Both are averaged over the draws; at the estimates of a point fit there is
/// one. O(draws cells q^2).
/// </para>
/// <para>A level's own estimate is the maximum of its cells' likelihood (<see cref="UnpooledCells"/>), sigma and the shape at their posterior means.
/// Complete pooling is the maximum over all rows, sigma and the shape estimated. Sources: [LindleySmith1972], [McCullaghNelder1989].</para>
/// </remarks>
internal sealed class CellPoolingAnalysis : IPoolingAnalysis
{
    private const int MostSteps = 50;

    // An infinite shape, as an estimate may be, is as good as this.
    private const double MostShape = 1e10;

    private readonly CellBoundModel model;
    private readonly int factor;
    private readonly int q;
    private readonly double[] matrices;           // q x q a level
    private readonly double[] eigenvalues;        // q a level
    private readonly long[] rows;
    private readonly double[] meanBeta;
    private readonly UnpooledCells own;
    private readonly double[][] columns;          // of each population effect, by cell
    private readonly double[][] varying;          // of the terms of each factor, by cell

    private CellPoolingAnalysis(CellBoundModel model, Posterior posterior, int factor)
    {
        (this.model, this.factor) = (model, factor);
        q = model.Spec.Factors[factor].Terms.Length;
        rows = model.RowsByLevel(factor);
        var count = rows.Length;
        matrices = new double[count * q * q];
        eigenvalues = new double[count * q];
        columns = [.. model.Spec.Population.Select(term => Columns([term.Column]))];
        varying = [.. model.Spec.Factors.Select(f => Columns([.. f.Terms.Select(term => term.Column)]))];
        meanBeta = [.. Enumerable.Range(0, model.Spec.Population.Length).Select(t => EffectMeans.OfPopulation(posterior, t))];
        Average(posterior);
        own = UnpooledCells.Of(Alone(posterior));
        CompletePooling = Complete();
    }

    /// <inheritdoc/>
    public ImmutableArray<double> CompletePooling { get; }

    /// <summary>Analyses a fit.</summary>
    /// <param name="model">The bound model.</param>
    /// <param name="posterior">Its posterior; of a standardised model that on the original scale, or what the engine returned.</param>
    /// <param name="factor">Index of the factor.</param>
    /// <returns>The analysis, on the original scale.</returns>
    public static CellPoolingAnalysis Of(CellBoundModel model, Posterior posterior, int factor)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(posterior);
        return new(model, model.Standardization is null ? posterior : posterior.Standardized ?? posterior, factor);
    }

    /// <inheritdoc/>
    public double[]? NoPooling(int level)
    {
        var values = own.Solve(level).Estimates[..q];
        return values.Any(double.IsNaN) ? null : Restore(values);
    }

    /// <inheritdoc/>
    public double[] PoolingMatrix(int level)
    {
        var matrix = matrices.AsSpan(level * q * q, q * q).ToArray();
        model.Standardization?.MapOf(model.Spec.Factors[factor].Terms.Select(term => term.Column)).RestoreMatrix(matrix);
        return matrix;
    }

    /// <inheritdoc/>
    public double[] PoolingEigenvalues(int level) => eigenvalues[(level * q)..((level + 1) * q)];

    /// <inheritdoc/>
    public long Rows(int level) => rows[level];

    // Columns of a set of terms by cell.
    private double[] Columns(IReadOnlyList<int> columns)
    {
        var cells = model.Cells;
        var values = new double[cells.Count * columns.Count];
        for (var i = 0; i < cells.Count; i++)
        {
            var row = cells.Columns.Slice(i * cells.ColumnCount, cells.ColumnCount);
            for (var a = 0; a < columns.Count; a++)
                values[i * columns.Count + a] = CellSystem.Value(row, columns[a]);
        }

        return values;
    }

    // Offsets with effects at given values, the factor's own left out and, where asked for, population effects of what varies too.
    private double[] Known(Func<int, double> beta, Func<int, double[]> effects, bool withVarying)
    {
        var cells = model.Cells;
        var spec = model.Spec;
        var known = cells.Offsets.ToArray();
        for (var t = 0; t < spec.Population.Length; t++)
        {
            if (!withVarying && spec.Factors[factor].Terms.Any(term => term.Column == spec.Population[t].Column))
                continue;
            var value = beta(t);
            for (var i = 0; i < known.Length; i++)
                known[i] += value * columns[t][i];
        }

        for (var k = 0; k < spec.Factors.Length; k++)
        {
            if (k == factor)
                continue;
            var terms = spec.Factors[k].Terms.Length;
            var u = effects(k);
            for (var i = 0; i < known.Length; i++)
            {
                for (var a = 0; a < terms; a++)
                    known[i] += varying[k][i * terms + a] * u[cells.Levels[i * cells.FactorCount + k] * terms + a];
            }
        }

        return known;
    }

    private double[] MeansOf(Posterior posterior, int k) =>
        EffectMeans.Of(posterior, k, model.Levels[k].Count, model.Spec.Factors[k].Terms.Length);

    private void Average(Posterior posterior)
    {
        var atPoint = posterior.Point is not null;
        var scales = atPoint ? ScaleValues.AtPoint(model.Spec, posterior, factor) : ScaleValues.Read(model.Spec, posterior, factor);
        var draws = atPoint ? 1 : posterior.DrawCount;
        var beta = new double[meanBeta.Length][];
        for (var t = 0; t < beta.Length; t++)
        {
            beta[t] = new double[draws];
            if (atPoint)
                beta[t][0] = meanBeta[t];
            else
                posterior.Population.CopyDraws(t, beta[t]);
        }

        var others = new double[model.Spec.Factors.Length][];
        for (var k = 0; k < others.Length; k++)
        {
            if (k != factor)
                others[k] = atPoint ? MeansOf(posterior, k) : AllDraws(posterior, k);
        }

        var shapes = Shapes(posterior, draws);
        var cellsOfLevel = Enumerable.Range(0, model.Cells.Count)
            .ToLookup(i => model.Cells.Levels[i * model.Cells.FactorCount + factor]);
        int[][] lists = [.. Enumerable.Range(0, rows.Length).Select(j => cellsOfLevel[j].ToArray())];
        var level = new LevelModeWorkspace(model, varying[factor], q);
        for (var s = 0; s < draws; s++)
        {
            var draw = s;
            var known = Known(t => beta[t][draw], k => Slice(others[k], draw, draws), withVarying: true);
            var response = new ResponseScales(scales.SigmaOf(s), shapes[s]);
            for (var j = 0; j < lists.Length; j++)
            {
                level.Add(
                    lists[j],
                    known,
                    scales.LambdaOf(s),
                    response,
                    matrices.AsSpan(j * q * q, q * q),
                    eigenvalues.AsSpan(j * q, q),
                    1.0 / draws);
            }
        }
    }

    // Draw after draw: the effects of every level.
    private double[] AllDraws(Posterior posterior, int k)
    {
        var (terms, levels, draws) = (model.Spec.Factors[k].Terms.Length, model.Levels[k].Count, posterior.DrawCount);
        var all = new double[draws * levels * terms];
        var one = new double[terms * draws];
        for (var j = 0; j < levels; j++)
        {
            posterior.Effects[k].CopyLevel(j, one);
            for (var a = 0; a < terms; a++)
            {
                for (var s = 0; s < draws; s++)
                    all[(s * levels + j) * terms + a] = one[a * draws + s];
            }
        }

        return all;
    }

    private static double[] Slice(double[] all, int draw, int draws)
    {
        var size = all.Length / draws;
        return all[(draw * size)..((draw + 1) * size)];
    }

    private double[] Shapes(Posterior posterior, int draws)
    {
        var shapes = new double[draws];
        Array.Fill(shapes, 1);
        for (var i = 0; i < posterior.Scales.ParameterCount; i++)
        {
            if (!posterior.Scales.Parameter(i).IsResponseShape)
                continue;
            if (posterior.Point is { } point)
                shapes[0] = point.Scales[i];
            else
                posterior.Scales.CopyDraws(i, shapes);
        }

        return shapes;
    }

    // The factor alone: everything else is an offset, at posterior means.
    private CellBoundModel Alone(Posterior posterior)
    {
        var known = Known(t => meanBeta[t], k => MeansOf(posterior, k), withVarying: false);
        var atPoint = posterior.Point is not null;
        var sigma = atPoint ? ScaleValues.AtPoint(model.Spec, posterior, factor).Sigma : ScaleValues.Read(model.Spec, posterior, factor).Sigma;
        var shapes = Shapes(posterior, atPoint ? 1 : posterior.DrawCount);
        var response = model.Spec.Response;
        return new(
            model.Spec with
            {
                Population = [],
                Factors = [model.Spec.Factors[factor]],
                Response = response with
                {
                    Sigma = response.HasSigma ? new FixedPrior(sigma.Average()) : null,
                    Shape = response.HasShape ? new FixedPrior(Math.Min(shapes.Average(), MostShape)) : null,
                },
            },
            [model.Levels[factor]],
            model.Cells.Select([.. Enumerable.Range(0, model.Cells.ColumnCount)], [factor]).WithOffsets(known),
            model.DroppedRowCount);
    }

    private ImmutableArray<double> Complete()
    {
        var spec = model.Spec;
        var terms = spec.Factors[factor].Terms;
        PopulationTerm[] rest = [.. spec.Population.Where(term => !terms.Any(t => t.Column == term.Column))];
        ImmutableArray<VaryingTerm> all =
        [
            .. terms, .. rest.Where(term => term.Prior?.FixedValue is null).Select(term => new VaryingTerm(term.Name, term.Column, new FlatPrior())),
        ];
        var one = new LevelIndex<int>();
        one.GetOrAdd(0);
        var cells = model.Cells.Select([.. Enumerable.Range(0, model.Cells.ColumnCount)], []);
        var together = new CellBoundModel(
            spec with
            {
                Population = [.. rest.Where(term => term.Prior?.FixedValue is not null)],
                Factors = [new FactorSpec("all rows", all, new UncorrelatedPrior())],
            },
            [one],
            cells.InOneLevel(),
            model.DroppedRowCount)
        { Standardization = model.Standardization };
        return [.. UnpooledCells.Of(together).Solve(0).Estimates[..q]];
    }

    // A level's own coefficients with those of the population effects that do not vary, which the intercept of the original scale takes in.
    private double[] Restore(double[] values)
    {
        if (model.Standardization is not { } standardization)
            return values;
        var spec = model.Spec;
        var terms = spec.Factors[factor].Terms;
        int[] others = [.. Enumerable.Range(0, spec.Population.Length).Where(t => !terms.Any(term => term.Column == spec.Population[t].Column))];
        double[] all = [.. values, .. others.Select(t => meanBeta[t])];
        standardization.MapOf(terms.Select(term => term.Column).Concat(others.Select(t => spec.Population[t].Column))).Restore(all);
        return all[..q];
    }

    // The mode of one level's effects and what its rows weigh there.
    private sealed class LevelModeWorkspace(CellBoundModel model, double[] z, int q)
    {
        private readonly ResponseCurve curve = model.Family.Curve;
        private readonly double[] v = new double[q];
        private readonly double[] step = new double[q];
        private readonly double[] information = new double[q * q];
        private double[] b = [];
        private double[] eta = [];
        private double[] responses = [];
        private double[] sizes = [];
        private double[] slopes = [];
        private double[] weights = [];
        private double[] weightSlopes = [];
        private double[] expected = [];

        // Adds share times W_j and its eigenvalues.
        public void Add(
            int[] list,
            double[] known,
            ReadOnlySpan<double> lambda,
            in ResponseScales scales,
            Span<double> matrix,
            Span<double> eigenvalues,
            double share)
        {
            var count = list.Length;
            Prepare(list, lambda);
            Array.Clear(v);
            var height = Evaluate(list, known, v, scales);
            for (var iteration = 0; iteration < MostSteps; iteration++)
            {
                Inform(count);
                if (!SmallCholesky.TryFactorise(information, q))
                    break;
                for (var a = 0; a < q; a++)
                {
                    step[a] = -v[a];
                    for (var i = 0; i < count; i++)
                        step[a] += slopes[i] * b[i * q + a];
                }

                var gain = 0.0;
                var gradient = step.ToArray();
                SmallCholesky.Solve(information, step, q);
                for (var a = 0; a < q; a++)
                    gain += gradient[a] * step[a];
                if (gain < 1e-16)
                    break;
                var length = 1.0;
                var at = v.ToArray();
                for (; length > 1e-10; length *= 0.5)
                {
                    for (var a = 0; a < q; a++)
                        v[a] = at[a] + length * step[a];
                    var next = Evaluate(list, known, v, scales);
                    if (!(next >= height - 1e-12 * (1 + Math.Abs(height))))
                        continue;
                    height = next;
                    break;
                }

                if (length > 1e-10)
                    continue;
                at.CopyTo(v, 0);
                Evaluate(list, known, v, scales);
                break;
            }

            Inform(count);
            if (!SmallCholesky.TryFactorise(information, q))
                throw new InvalidOperationException("The information of a level is not positive definite.");
            AddMatrix(list, lambda, matrix, share);
            AddEigenvalues(eigenvalues, share);
        }

        private void Prepare(int[] list, ReadOnlySpan<double> lambda)
        {
            var count = list.Length;
            if (eta.Length != count)
            {
                (b, eta, responses, sizes) = (new double[count * q], new double[count], new double[count], new double[count]);
                (slopes, weights, weightSlopes, expected) = (new double[count], new double[count], new double[count], new double[count]);
            }

            for (var i = 0; i < count; i++)
            {
                responses[i] = model.Cells.Responses[list[i]];
                sizes[i] = model.Cells.Sizes[list[i]];
                for (var c = 0; c < q; c++)
                {
                    var sum = 0.0;
                    for (var a = 0; a < q; a++)
                        sum += z[list[i] * q + a] * lambda[a * q + c];
                    b[i * q + c] = sum;
                }
            }
        }

        // The log posterior of v but for a constant; slopes, and weights that are positive.
        private double Evaluate(int[] list, double[] known, double[] at, in ResponseScales scales)
        {
            var height = 0.0;
            for (var i = 0; i < eta.Length; i++)
            {
                eta[i] = known[list[i]];
                for (var a = 0; a < q; a++)
                    eta[i] += b[i * q + a] * at[a];
            }

            height += curve.SumWithCurvatures(eta, responses, sizes, scales, slopes, weights, weightSlopes);
            if (!curve.IsConcave)
            {
                curve.Information(eta, responses, sizes, scales, expected);
                for (var i = 0; i < weights.Length; i++)
                    weights[i] = weights[i] > 0 ? weights[i] : expected[i];
            }

            foreach (var value in at)
                height -= 0.5 * value * value;
            return double.IsNaN(height) ? double.NegativeInfinity : height;
        }

        // I + B'WB
        private void Inform(int count)
        {
            Array.Clear(information);
            for (var i = 0; i < count; i++)
            {
                for (var a = 0; a < q; a++)
                {
                    for (var c = 0; c <= a; c++)
                        information[a * q + c] += weights[i] * b[i * q + a] * b[i * q + c];
                }
            }

            for (var a = 0; a < q; a++)
                information[a * q + a] += 1;
        }

        // matrix += share Lambda A^-1 B'W Z
        private void AddMatrix(int[] list, ReadOnlySpan<double> lambda, Span<double> matrix, double share)
        {
            var column = new double[q];
            for (var c = 0; c < q; c++)
            {
                Array.Clear(column);
                for (var i = 0; i < list.Length; i++)
                {
                    for (var a = 0; a < q; a++)
                        column[a] += weights[i] * b[i * q + a] * z[list[i] * q + c];
                }

                SmallCholesky.Solve(information, column, q);
                for (var r = 0; r < q; r++)
                {
                    for (var a = 0; a < q; a++)
                        matrix[r * q + c] += share * lambda[r * q + a] * column[a];
                }
            }
        }

        // Of I - A^-1.
        private void AddEigenvalues(Span<double> eigenvalues, double share)
        {
            var inverse = Matrix<double>.Build.Dense(q, q);
            var column = new double[q];
            for (var c = 0; c < q; c++)
            {
                Array.Clear(column);
                column[c] = 1;
                SmallCholesky.Solve(information, column, q);
                inverse.SetColumn(c, column);
            }

            if (q == 1)
            {
                eigenvalues[0] += share * Math.Clamp(1 - inverse[0, 0], 0, 1);
                return;
            }

            var values = ((inverse + inverse.Transpose()) * 0.5).Evd(Symmetricity.Symmetric).EigenValues;
            for (var a = 0; a < q; a++)
                eigenvalues[a] += share * Math.Clamp(1 - values[q - 1 - a].Real, 0, 1);
        }
    }
}

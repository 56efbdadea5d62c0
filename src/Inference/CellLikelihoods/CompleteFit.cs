using TypedPooling.Data;
using TypedPooling.Model;

namespace TypedPooling.Inference.CellLikelihoods;

/// <summary>The fit without varying effects (glm), by Newton's method on standardised columns: where the search with them begins, and what scales it.</summary>
internal sealed class CompleteFit
{
    private const int MostSteps = 100;

    // A linear predictor beyond this, in a fit that still rises, is on its way to infinity: a probability within 1e-13 of 0 or 1.
    private const double Separated = 30;

    private CompleteFit(int[] terms, int[] columns, double[] known)
    {
        Terms = terms;
        Columns = columns;
        Known = known;
        Estimates = new double[columns.Length];
        Root = new double[columns.Length * columns.Length];
    }

    /// <summary>The model's term of each estimated effect. Length p.</summary>
    public int[] Terms { get; }

    /// <summary>Its column. Length p.</summary>
    public int[] Columns { get; }

    /// <summary>Offsets and fixed effects by cell.</summary>
    public double[] Known { get; }

    /// <summary>The estimates. Length p.</summary>
    public double[] Estimates { get; }

    /// <summary>A root of their covariance, Root Root' = (X'W X)^-1. p x p by rows.</summary>
    public double[] Root { get; }

    /// <exception cref="ModelException">The response is separated, so there is no finite estimate.</exception>
    public static CompleteFit Of(CellBoundModel model, ResponseCurve curve)
    {
        var spec = model.Spec;
        var cells = model.Cells;
        var (c, m) = (cells.Count, cells.ColumnCount);
        var terms = Enumerable.Range(0, spec.Population.Length).Where(t => spec.Population[t].Prior is not FixedPrior).ToArray();
        int[] columns = [.. terms.Select(t => spec.Population[t].Column)];
        var known = cells.Offsets.ToArray();
        foreach (var term in spec.Population)
        {
            if (term.Prior is not FixedPrior fixedAt)
                continue;
            for (var i = 0; i < c; i++)
                known[i] += fixedAt.Value * CellSystem.Value(cells.Columns.Slice(i * m, m), term.Column);
        }

        var fit = new CompleteFit(terms, columns, known);
        fit.Run(model, curve);
        return fit;
    }

    /// <summary>The shape of greatest likelihood at the estimates, by bisection of the derivative.</summary>
    public double BestShape(CellBoundModel model, ResponseCurve curve)
    {
        var (cells, own) = (model.Cells, curve.NewScratch());
        var term = ScaleTerm.Of(model.Spec.Response.Family, cells);
        var eta = (double[])Known.Clone();
        for (var i = 0; i < eta.Length; i++)
        {
            for (var a = 0; a < Columns.Length; a++)
                eta[i] += Estimates[a] * CellSystem.Value(cells.Columns.Slice(i * cells.ColumnCount, cells.ColumnCount), Columns[a]);
        }

        var (low, high) = (Math.Log(1e-3), Math.Log(1e6));
        for (var step = 0; step < 24; step++)
        {
            var scales = new ResponseScales(1, Math.Exp(0.5 * (low + high)));
            own.Set(scales);
            term.At(scales, out var on);
            for (var i = 0; i < eta.Length; i++)
                on += own.OnScales(eta[i], cells.Responses[i], cells.Sizes[i]);
            if (on.Shape > 0)
                low = Math.Log(scales.Shape);
            else
                high = Math.Log(scales.Shape);
        }

        return Math.Exp(0.5 * (low + high));
    }

    private void Run(CellBoundModel model, ResponseCurve curve)
    {
        var cells = model.Cells;
        var (c, m, p) = (cells.Count, cells.ColumnCount, Columns.Length);
        if (p == 0)
            return;
        var x = Standardise(cells, out var map);
        var b = new double[p];
        var step = new double[p];
        var trial = new double[p];
        var information = new double[p * p];
        var gradient = new double[p];
        var canSeparate = model.Spec.Response.Family is { HasShape: false } or { IsCount: true };
        var intercept = Array.IndexOf(Columns, ModelSpec.Ones);
        if (intercept >= 0)
            b[intercept] = Guess(cells, curve, model.Spec.Response.Family.KeepsResponses);
        var value = Evaluate(b);
        for (var iteration = 0; iteration < MostSteps && double.IsFinite(value); iteration++)
        {
            if (!SmallCholesky.TryFactorise(information, p))
                throw Separation(model, b, x);
            gradient.CopyTo(step, 0);
            SmallCholesky.Solve(information, step, p);
            var gain = 0.0;
            for (var a = 0; a < p; a++)
                gain += step[a] * gradient[a];
            if (gain < 1e-14 * (1 + Math.Abs(value)))
                break;
            var length = 1.0;
            for (; length > 1e-10; length *= 0.5)
            {
                for (var a = 0; a < p; a++)
                    trial[a] = b[a] + length * step[a];
                var next = Evaluate(trial);
                if (!(next >= value))
                    continue;
                value = next;
                break;
            }

            if (length <= 1e-10)
                break;
            trial.CopyTo(b, 0);
            if (canSeparate && Enumerable.Range(0, c).Any(i => Math.Abs(Predictor(i, b)) > Separated))
                throw Separation(model, b, x);
        }

        Evaluate(b);
        if (!double.IsFinite(value) || !SmallCholesky.TryFactorise(information, p))
            throw Separation(model, b, x);

        // Root = map L^-T; beta = map b
        var column = new double[p];
        for (var k = 0; k < p; k++)
        {
            Array.Clear(column);
            column[k] = 1;
            SmallCholesky.SolveTransposed(information, column, p);
            for (var a = 0; a < p; a++)
            {
                for (var e = 0; e < p; e++)
                    Root[a * p + k] += map[a * p + e] * column[e];
            }
        }

        for (var a = 0; a < p; a++)
        {
            for (var e = 0; e < p; e++)
                Estimates[a] += map[a * p + e] * b[e];
        }

        double Predictor(int i, double[] at)
        {
            var eta = Known[i];
            for (var a = 0; a < p; a++)
                eta += x[i * p + a] * at[a];
            return eta;
        }

        double Evaluate(double[] at)
        {
            Array.Clear(gradient);
            Array.Clear(information);
            var sum = 0.0;
            for (var i = 0; i < c; i++)
            {
                sum += curve.At(Predictor(i, at), cells.Responses[i], cells.Sizes[i], out var slope, out var weight, out _);
                for (var a = 0; a < p; a++)
                {
                    gradient[a] += slope * x[i * p + a];
                    for (var e = 0; e <= a; e++)
                        information[a * p + e] += weight * x[i * p + a] * x[i * p + e];
                }
            }

            return double.IsNaN(sum) ? double.NegativeInfinity : sum;
        }
    }

    // The linear predictor of the overall rate.
    private static double Guess(ResponseCells cells, ResponseCurve curve, bool keepsResponses)
    {
        var (a, n) = (0.0, 0.0);
        for (var i = 0; i < cells.Count; i++)
            (a, n) = (a + cells.Responses[i] * (keepsResponses ? cells.Sizes[i] : 1), n + cells.Sizes[i]);
        if (keepsResponses)
            a /= n;
        var eta = 0.0;
        for (var iteration = 0; iteration < 50; iteration++)
        {
            curve.At(eta, a, n, out var slope, out var weight, out _);
            if (!(weight > 0))
                break;
            eta += Math.Clamp(slope / weight, -1, 1);
        }

        return double.IsFinite(eta) ? Math.Clamp(eta, -10, 10) : 0;
    }

    // Columns less their means (where an intercept takes the shift) over their spread; map takes coefficients back.
    private double[] Standardise(ResponseCells cells, out double[] map)
    {
        var (c, m, p) = (cells.Count, cells.ColumnCount, Columns.Length);
        var x = new double[c * p];
        map = new double[p * p];
        var intercept = Array.IndexOf(Columns, ModelSpec.Ones);
        for (var a = 0; a < p; a++)
        {
            var (mean, squares) = (0.0, 0.0);
            for (var i = 0; i < c; i++)
                mean += CellSystem.Value(cells.Columns.Slice(i * m, m), Columns[a]) / c;
            if (intercept < 0 || a == intercept)
                mean = 0;
            for (var i = 0; i < c; i++)
                squares += Math.Pow(CellSystem.Value(cells.Columns.Slice(i * m, m), Columns[a]) - mean, 2) / c;
            var scale = squares > 0 ? Math.Sqrt(squares) : 1;
            for (var i = 0; i < c; i++)
                x[i * p + a] = (CellSystem.Value(cells.Columns.Slice(i * m, m), Columns[a]) - mean) / scale;
            map[a * p + a] = 1 / scale;
            if (intercept >= 0 && a != intercept)
                map[intercept * p + a] = -mean / scale;
        }

        return x;
    }

    private ModelException Separation(CellBoundModel model, double[] b, double[] x)
    {
        // Effects that run away: those whose standardised estimate is within a tenth of the greatest.
        var greatest = b.Max(Math.Abs);
        var names = Terms.Where((_, a) => Math.Abs(b[a]) > 0.1 * greatest).Select(t => $"'{model.Spec.Population[t].Name}'");
        return new ModelException(new Problem(
            ProblemCode.NotIdentified,
            $"'{model.Spec.Response.Name}' is separated: some combination of {string.Join(", ", names)} predicts it without error, so the likelihood rises without end as its coefficient grows.",
            "Leave the effects that separate out, merge levels, or give the effects proper priors and use an engine that knows priors.")
        { Term = model.Spec.Response.Name });
    }
}

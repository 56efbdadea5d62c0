using TypedPooling.Data;
using TypedPooling.Inference.Numerics;
using TypedPooling.Model;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Hierarchy.CellLikelihoods;

/// <summary>The fit without varying effects (glm), by Newton's method on centred columns: where the search with them begins, and what scales
/// it.</summary>
/// <remarks>
/// <para>It starts at the weighted least squares of the cells' own predictors, half an event (success, failure) added where there is none, as R's
/// <c>glm</c> does, so that it is near for counts of any size.</para>
/// <para>
/// Effects separate the response along d if x'd >= 0 in every cell with successes and x'd &lt;= 0 in every cell with failures, and not all are 0: the
/// likelihood then rises without end along d. In a cell with both, or with events of a count, x'd must be 0; a count of 0 plays the failure. Newton's
/// last step goes along such a d where there is one, which is checked and is the certificate; without it nothing is called separated. Source:
/// [AlbertAnderson1984].
/// </para>
/// </remarks>
internal sealed class CompleteFit
{
    private const int MostSteps = 100;

    // A step of a predictor, relative to the greatest, below which it counts as 0. What is left of such a step falls like e^-eta while the separated
    // cells run away.
    private const double NoStep = 1e-8;

    // A search that nears a maximum takes no step of a predictor as long as this.
    private const double LeastStep = 0.1;

    // What a step promises, relative to the value, below which values at both ends differ by rounding alone.
    private const double Rounding = 1e-14;

    private readonly CellBoundModel model;
    private readonly CellsFamily family;
    private readonly ResponseCells cells;
    private readonly ResponseScales scales;
    private readonly double[] eta;                // distances from the anchors
    private readonly double[] x;                  // centred columns over their spreads
    private readonly double[] gradient;
    private readonly double[] information;
    private readonly double[] step;
    private readonly double[] slopes;
    private readonly double[] weights;
    private readonly double[] weightSlopes;
    private readonly int p;

    private CompleteFit(CellBoundModel model, in ResponseScales scales, int[] terms, CentredColumns columns, double[] known, double[] anchors)
    {
        this.model = model;
        this.scales = scales;
        family = model.Family;
        cells = model.Cells;
        Terms = terms;
        Columns = columns;
        Known = known;
        Anchors = anchors;
        p = terms.Length;
        Estimates = new double[p];
        Root = new double[p * p];
        eta = new double[cells.Count];
        slopes = new double[cells.Count];
        weights = new double[cells.Count];
        weightSlopes = new double[cells.Count];
        gradient = new double[p];
        information = new double[p * p];
        step = new double[p];
        x = (double[])columns.Values.Clone();
        for (var i = 0; i < x.Length; i++)
            x[i] /= columns.Spread[i % p];
    }

    /// <summary>The model's term of each estimated effect. Length p.</summary>
    public int[] Terms { get; }

    /// <summary>Their columns, centred.</summary>
    public CentredColumns Columns { get; }

    /// <summary>Offsets and fixed effects by cell, less <see cref="Anchors"/>.</summary>
    public double[] Known { get; }

    /// <summary>What values of each cell are measured from: <see cref="ICurve.Anchor"/>. Length C.</summary>
    public double[] Anchors { get; }

    /// <summary>The estimates, for the centred columns. Length p.</summary>
    public double[] Estimates { get; }

    /// <summary>A root of their covariance, Root Root' = (C'W C)^-1. p x p by rows.</summary>
    public double[] Root { get; }

    /// <exception cref="ModelException">The response is separated, so there is no finite estimate.</exception>
    public static CompleteFit Of(CellBoundModel model, in ResponseScales scales)
    {
        var spec = model.Spec;
        var cells = model.Cells;
        var (cellCount, m) = (cells.Count, cells.ColumnCount);
        var terms = Enumerable.Range(0, spec.Population.Length).Where(t => spec.Population[t].Prior?.FixedValue is null).ToArray();
        var known = cells.Offsets.ToArray();
        foreach (var term in spec.Population)
        {
            if (term.Prior is not { FixedValue: { } fixedAt })
                continue;
            for (var i = 0; i < cellCount; i++)
                known[i] += fixedAt * CellSystem.Value(cells.Columns.Slice(i * m, m), term.Column);
        }

        var anchors = new double[cellCount];
        model.Family.Curve.Anchors(cells.Responses, cells.Sizes, anchors);
        for (var i = 0; i < cellCount; i++)
            known[i] -= anchors[i];

        var fit = new CompleteFit(model, scales, terms, CentredColumns.Of(cells, [.. terms.Select(t => spec.Population[t].Column)]), known, anchors);
        fit.Run();
        return fit;
    }

    /// <summary>The shape of greatest likelihood at the estimates, by bisection of the derivative.</summary>
    public double BestShape()
    {
        var term = family.NewScaleTerm(cells.View);
        var values = new double[eta.Length];
        var (low, high) = (Math.Log(1e-4), Math.Log(1e10));
        for (var bisection = 0; bisection < 30; bisection++)
        {
            var trial = new ResponseScales(1, Math.Exp(0.5 * (low + high)));
            term.Anchored(trial, out var on);
            family.Curve.OnShapeFromAnchors(Anchors, eta, cells.Responses, cells.Sizes, trial, values, slopes, weights);
            var slope = on.Shape;
            foreach (var value in values)
                slope += value;
            if (slope > 0)
                low = Math.Log(trial.Shape);
            else
                high = Math.Log(trial.Shape);
        }

        return Math.Exp(0.5 * (low + high));
    }

    /// <summary>The linear predictor at which a cell expects just what it is, half an event (success, failure) added where there is none.</summary>
    /// <param name="family">The family.</param>
    /// <param name="a">The cell's response.</param>
    /// <param name="n">Its size.</param>
    /// <param name="scales">Sigma and the shape.</param>
    /// <param name="weight">Minus the second derivative there.</param>
    /// <returns>The predictor.</returns>
    public static double OwnPredictor(CellsFamily family, double a, double n, in ResponseScales scales, out double weight)
    {
        (a, n) = family.WithFiniteAnchor(a, n);
        var own = family.Curve.Anchor(a, n);
        family.Curve.FromAnchor(own, 0, a, n, scales, out _, out weight, out _);
        return own;
    }

    private void Run()
    {
        var beta = new double[p];
        var trial = new double[p];
        if (p > 0)
            Start(beta);
        var value = Evaluate(beta);
        for (var iteration = 0; iteration < MostSteps && p > 0 && double.IsFinite(value); iteration++)
        {
            if (!SmallCholesky.TryFactorise(information, p))
                break;
            gradient.CopyTo(step, 0);
            SmallCholesky.Solve(information, step, p);
            var gain = 0.0;
            for (var a = 0; a < p; a++)
                gain += step[a] * gradient[a];
            if (family.Outcomes is { } outcomes && IsCertificate())
                throw Separation(outcomes);
            if (gain < Rounding * (1 + Math.Abs(value)))
                break;
            var length = 1.0;
            for (; length > 1e-10; length *= 0.5)
            {
                for (var a = 0; a < p; a++)
                    trial[a] = beta[a] + length * step[a];
                var next = Evaluate(trial);
                if (!(next >= value))
                    continue;
                value = next;
                break;
            }

            if (length <= 1e-10)
                break;
            trial.CopyTo(beta, 0);
        }

        Evaluate(beta);
        SetRoot();
        for (var a = 0; a < p; a++)
            Estimates[a] = beta[a] / Columns.Spread[a];
    }

    // Root = spread^-1 L^-T; standardised columns have unit information where theirs is not to be had.
    private void SetRoot()
    {
        var isDefinite = SmallCholesky.TryFactorise(information, p);
        var column = new double[p];
        for (var c = 0; c < p; c++)
        {
            Array.Clear(column);
            column[c] = 1;
            if (isDefinite)
                SmallCholesky.SolveTransposed(information, column, p);
            for (var a = 0; a < p; a++)
                Root[a * p + c] = column[a] / Columns.Spread[a];
        }
    }

    // Weighted least squares of the cells' own predictors, less what is known of them.
    private void Start(double[] beta)
    {
        Array.Clear(information);
        for (var i = 0; i < cells.Count; i++)
        {
            var target = OwnPredictor(family, cells.Responses[i], cells.Sizes[i], scales, out var weight) - Anchors[i] - Known[i];
            for (var a = 0; a < p; a++)
            {
                beta[a] += weight * target * x[i * p + a];
                for (var e = 0; e <= a; e++)
                    information[a * p + e] += weight * x[i * p + a] * x[i * p + e];
            }
        }

        if (SmallCholesky.TryFactorise(information, p))
            SmallCholesky.Solve(information, beta, p);
        else
            Array.Clear(beta);
    }

    private double Evaluate(double[] at)
    {
        Array.Clear(gradient);
        Array.Clear(information);
        for (var i = 0; i < eta.Length; i++)
        {
            var distance = Known[i];
            for (var a = 0; a < p; a++)
                distance += x[i * p + a] * at[a];
            eta[i] = distance;
        }

        var sum = family.Curve.SumFromAnchors(Anchors, eta, cells.Responses, cells.Sizes, scales, slopes, weights, weightSlopes);
        if (!family.Curve.IsConcave)
            family.Curve.Information(Predictors(), cells.Responses, cells.Sizes, scales, weights);
        for (var i = 0; i < eta.Length; i++)
        {
            for (var a = 0; a < p; a++)
            {
                gradient[a] += slopes[i] * x[i * p + a];
                for (var e = 0; e <= a; e++)
                    information[a * p + e] += weights[i] * x[i * p + a] * x[i * p + e];
            }
        }

        return double.IsNaN(sum) ? double.NegativeInfinity : sum;
    }

    private double[] Predictors()
    {
        var predictors = new double[eta.Length];
        for (var i = 0; i < eta.Length; i++)
            predictors[i] = Anchors[i] + eta[i];
        return predictors;
    }

    // Whether the step at hand separates the response.
    private bool IsCertificate()
    {
        var greatest = 0.0;
        for (var i = 0; i < eta.Length; i++)
            greatest = Math.Max(greatest, Math.Abs(Moved(i)));
        if (!(greatest > LeastStep))
            return false;
        for (var i = 0; i < eta.Length; i++)
        {
            var moved = Moved(i);
            var (mayNotFall, mayNotRise) = family.Bounds(cells.Responses[i], cells.Sizes[i]);
            if (Math.Abs(moved) > NoStep * greatest && (moved > 0 ? mayNotRise : mayNotFall))
                return false;
        }

        return true;
    }

    private double Moved(int i)
    {
        var moved = 0.0;
        for (var a = 0; a < p; a++)
            moved += x[i * p + a] * step[a];
        return moved;
    }

    // Names the effects along the direction whose standardised share is within a tenth of the greatest.
    private ModelException Separation((string More, string Less) outcomes)
    {
        var shares = new double[p];
        for (var a = 0; a < p; a++)
        {
            for (var e = 0; e < p; e++)
                shares[a] += Columns.Back[a * p + e] * step[e] / Columns.Spread[e];

            // A column far from 0 must not put the intercept at its origin first.
            shares[a] = model.Spec.Population[Terms[a]].Column == ModelSpec.Ones ? step[a] : shares[a] * Columns.Spread[a];
        }

        var greatest = shares.Max(Math.Abs);
        var names = Terms.Where((_, a) => Math.Abs(shares[a]) > 0.1 * greatest).Select(t => $"'{model.Spec.Population[t].Name}'");
        return new ModelException(new Problem(
            ProblemCode.Separated,
            $"'{model.Spec.Response.Name}' is separated: a combination of {string.Join(", ", names)} separates rows with {outcomes.More} from rows "
                + $"with {outcomes.Less}, so the likelihood rises without bound along it.",
            "Leave some of these effects out, merge levels, or give them proper priors and use an engine that takes priors.")
        { Term = model.Spec.Response.Name });
    }
}

using TypedPooling.Data;
using TypedPooling.Model;

namespace TypedPooling.Inference.Hierarchy.Sums;

/// <summary>The estimated population effects in pivoted coordinates: their columns, their prior, and the map back to the model's beta.
/// Immutable.</summary>
/// <remarks>
/// <para>
/// Effects with a Normal or a Flat prior are integrated; those with any other prior are joined to theta. The p estimated effects are ordered
/// so that the integrated ones come first, and all arrays over effects follow that order.
/// </para>
/// <para>
/// An integrated intercept lets every column be centred: beta~_0 = beta_0 + sum_e x*_e beta_e - y*, the sum over all other effects, so that joined
/// coefficients b move its prior mean by sum x*_e b_e. A joined intercept lets only the response and the joined columns be centred: what its prior
/// says of beta_0 would else depend on the integrated effects.
/// </para>
/// </remarks>
internal sealed class PopulationSystem
{
    private readonly int[] termOf;              // model term of each estimated effect
    private readonly double[] fixedValue;       // by model term; NaN where estimated
    private readonly int intercept;             // index among the estimated effects where X is centred, -1 otherwise
    private readonly double[] origin;           // x* by estimated effect, 0 where its column is not centred

    private PopulationSystem(
        int[] termOf,
        int integratedCount,
        int[] columns,
        double[] fixedValue,
        int[] fixedColumns,
        int intercept,
        Pivot pivot,
        double[] origin,
        double[] precision,
        double[] priorMean,
        double logPrior,
        int flatCount)
    {
        IntegratedCount = integratedCount;
        this.origin = origin;
        this.termOf = termOf;
        Columns = columns;
        this.fixedValue = fixedValue;
        FixedColumns = fixedColumns;
        FixedValues = [.. fixedValue.Where(v => !double.IsNaN(v))];
        this.intercept = intercept;
        Pivot = pivot;
        Precision = precision;
        PriorMean = priorMean;
        LogPriorConstant = logPrior;
        FlatCount = flatCount;
    }

    /// <summary>Number of estimated effects p, integrated and joined.</summary>
    public int Count => Columns.Length;

    /// <summary>Number of integrated effects, the first ones.</summary>
    public int IntegratedCount { get; }

    /// <summary>Number of joined effects, the last ones.</summary>
    public int JoinedCount => Count - IntegratedCount;

    /// <summary>Index of the intercept among the estimated effects; -1 where it is not estimated.</summary>
    public int Intercept => intercept;

    /// <summary>x* of each estimated effect's column; 0 where it is not centred. Length p.</summary>
    public ReadOnlySpan<double> Origin => origin;

    /// <summary>Number of terms of the model, fixed ones included.</summary>
    public int TermCount => fixedValue.Length;

    /// <summary>Column of each estimated effect, or <see cref="ModelSpec.Ones"/>. Length p.</summary>
    public int[] Columns { get; }

    /// <summary>Columns of the effects whose value is fixed.</summary>
    public int[] FixedColumns { get; }

    /// <summary>Values of the effects whose value is fixed, as <see cref="FixedColumns"/>.</summary>
    public double[] FixedValues { get; }

    /// <summary>Where y is centred, and the columns of X that are.</summary>
    public Pivot Pivot { get; }

    /// <summary>Prior precision of the integrated beta~; zero rows for flat priors. By rows.</summary>
    public double[] Precision { get; }

    /// <summary>Prior mean of the integrated beta~ where the joined coefficients are 0.</summary>
    public double[] PriorMean { get; }

    /// <summary>Half the log determinant of the proper part of the prior precision.</summary>
    public double LogPriorConstant { get; }

    /// <summary>Number of effects with a flat prior.</summary>
    public int FlatCount { get; }

    /// <summary>Lays out the population effects of a model.</summary>
    /// <param name="spec">The model; every prior decided.</param>
    /// <param name="total">Moments of all rows as one cell.</param>
    /// <param name="integratesAll">True to integrate effects whose prior is a mixture of normals too, at precisions given by
    /// <see cref="PivotPrecision"/>; <see cref="Precision"/> then holds those of the mixtures' scales.</param>
    /// <returns>The system.</returns>
    public static PopulationSystem Of(ModelSpec spec, CellMoments total, bool integratesAll = false)
    {
        var terms = spec.Population;
        var termOf = new List<int>();
        var columns = new List<int>();
        var fixedColumns = new List<int>();
        var fixedValue = new double[terms.Length];
        var joined = new List<int>();
        for (var t = 0; t < terms.Length; t++)
        {
            fixedValue[t] = double.NaN;
            if (terms[t].Prior is { FixedValue: { } known })
            {
                fixedValue[t] = known;
                fixedColumns.Add(terms[t].Column);
            }
            else if (integratesAll || IsIntegrated(terms[t].Prior))
            {
                termOf.Add(t);
                columns.Add(terms[t].Column);
            }
            else
            {
                joined.Add(t);
            }
        }

        var integrated = columns.Count;
        termOf.AddRange(joined);
        columns.AddRange(joined.Select(t => terms[t].Column));
        var intercept = columns.IndexOf(ModelSpec.Ones);
        var pivot = Pivot.Of(intercept >= 0, total, withResponse: true);
        var origin = columns.Select((column, e) => intercept >= integrated && e < integrated ? 0 : pivot.At(column)).ToArray();

        // Prior in the model's coordinates: independent, precision 1 / sd^2, 0 where flat.
        var mean = new double[integrated];
        var precision = new double[integrated];
        var logPrior = 0.0;
        var flat = 0;
        for (var e = 0; e < integrated; e++)
        {
            if (terms[termOf[e]].Prior is { IsProper: true, Mixture: { } normal })
            {
                mean[e] = normal.Location;
                precision[e] = normal.Precision;
                logPrior -= Math.Log(normal.Scale);
            }
            else
            {
                flat++;
            }
        }

        var pivoted = new double[integrated * integrated];
        if (intercept >= 0 && intercept < integrated)
        {
            mean[intercept] -= pivot.Response;
            for (var e = 0; e < integrated; e++)
                mean[intercept] += e == intercept ? 0 : origin[e] * mean[e];
        }

        var system = new PopulationSystem(
            [.. termOf], integrated, [.. columns], fixedValue, [.. fixedColumns], intercept, pivot, origin, pivoted, mean, logPrior, flat);
        system.PivotPrecision(precision, pivoted);
        return system;
    }

    /// <summary>The precision of the integrated beta~ where their priors have independent precisions: T^-T diag(w) T^-1, T^-1 = [1 -x*'; 0 I]. A flat
    /// intercept gives rows of zeros.</summary>
    /// <param name="precision">w in the model's coordinates, 0 where flat. At least as long as there are integrated effects.</param>
    /// <param name="pivoted">Overwritten. By rows.</param>
    public void PivotPrecision(ReadOnlySpan<double> precision, Span<double> pivoted)
    {
        var integrated = IntegratedCount;
        pivoted.Clear();
        for (var a = 0; a < integrated; a++)
        {
            pivoted[a * integrated + a] += precision[a];
            if (a != intercept || precision[a] == 0)
                continue;
            for (var b = 0; b < integrated; b++)
            {
                for (var c = 0; c < integrated; c++)
                {
                    var vb = b == a ? 1 : -origin[b];
                    var vc = c == a ? 1 : -origin[c];
                    if (b != a || c != a)
                        pivoted[b * integrated + c] += precision[a] * vb * vc;
                }
            }
        }
    }

    /// <summary>Whether the coefficient of a prior is integrated out (Normal, Flat); else it is joined to theta, unless it is fixed.</summary>
    /// <param name="prior">The prior.</param>
    /// <returns>True for Normal and Flat.</returns>
    public static bool IsIntegrated(IRealPrior? prior) => prior?.Mixture is { IsMixed: false };

    /// <summary>Where a prior is and how wide, for starting points only.</summary>
    /// <param name="prior">The prior.</param>
    /// <returns>Its median, 0 where there is none, and its rough scale.</returns>
    public static (double Location, double Scale) Rough(IRealPrior prior) => (double.IsNaN(prior.Median) ? 0 : prior.Median, prior.RoughScale);

    /// <summary>The model's term behind an estimated effect.</summary>
    /// <param name="effect">Index among the estimated effects.</param>
    /// <returns>Index among the model's population terms.</returns>
    public int TermOf(int effect) => termOf[effect];

    /// <summary>The fixed coefficient of a column; 0 where no fixed effect uses it.</summary>
    /// <param name="column">Column index or <see cref="ModelSpec.Ones"/>.</param>
    /// <returns>The value.</returns>
    public double FixedValueOf(int column)
    {
        var at = Array.IndexOf(FixedColumns, column);
        return at < 0 ? 0 : FixedValues[at];
    }

    /// <summary>The model's beta, fixed effects included, from the pivoted coordinates.</summary>
    /// <param name="pivoted">beta~. Length p.</param>
    /// <param name="beta">Overwritten with every population effect of the model, in its order.</param>
    public void Restore(ReadOnlySpan<double> pivoted, Span<double> beta)
    {
        for (var t = 0; t < fixedValue.Length; t++)
            beta[t] = fixedValue[t];
        for (var e = 0; e < termOf.Length; e++)
            beta[termOf[e]] = pivoted[e];
        if (intercept < 0)
            return;
        var value = pivoted[intercept];
        for (var e = 0; e < termOf.Length; e++)
            value -= e == intercept ? 0 : origin[e] * pivoted[e];
        beta[termOf[intercept]] = value + Pivot.Response;
    }

    /// <summary>Deviations of the model's beta from those of beta~: what <see cref="Restore"/> does to a difference, without its constants.</summary>
    /// <param name="pivoted">Deviation of beta~. Length p.</param>
    /// <param name="beta">Overwritten with that of every population effect of the model, in its order; 0 for fixed ones.</param>
    public void RestoreDeviation(ReadOnlySpan<double> pivoted, Span<double> beta)
    {
        beta.Clear();
        for (var e = 0; e < termOf.Length; e++)
            beta[termOf[e]] = pivoted[e];
        for (var e = 0; e < termOf.Length && intercept >= 0; e++)
            beta[termOf[intercept]] -= e == intercept ? 0 : origin[e] * pivoted[e];
    }

    /// <summary>The pivoted coordinates of the model's beta: what <see cref="Restore"/> is the inverse of.</summary>
    /// <param name="beta">Every population effect of the model, in its order.</param>
    /// <param name="pivoted">Overwritten with beta~. Length p.</param>
    public void Pivoted(ReadOnlySpan<double> beta, Span<double> pivoted)
    {
        for (var e = 0; e < termOf.Length; e++)
            pivoted[e] = beta[termOf[e]];
        if (intercept < 0)
            return;
        var value = pivoted[intercept] - Pivot.Response;
        for (var e = 0; e < termOf.Length; e++)
            value += e == intercept ? 0 : origin[e] * pivoted[e];
        pivoted[intercept] = value;
    }

    /// <summary>Weights over beta~ that give the same combination, up to its constant, as weights over the model's beta.</summary>
    /// <param name="weights">Weights over the model's population effects.</param>
    /// <param name="pivoted">Overwritten with the weights over beta~. Length p.</param>
    public void PivotWeights(ReadOnlySpan<double> weights, Span<double> pivoted)
    {
        for (var e = 0; e < termOf.Length; e++)
        {
            pivoted[e] = weights[termOf[e]];
            if (intercept >= 0 && e != intercept)
                pivoted[e] -= origin[e] * weights[termOf[intercept]];
        }
    }
}

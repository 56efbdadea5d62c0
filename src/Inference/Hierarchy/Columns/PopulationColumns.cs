using TypedPooling.Model;

namespace TypedPooling.Inference.Hierarchy.Columns;

/// <summary>The estimated population effects of a model: their columns, where these are centred, and the map between the model's beta and beta~, the
/// effects of the centred columns. Immutable.</summary>
/// <remarks>
/// With an intercept x_i'beta = y* + beta~_0 + sum_e (x_ie - x*_e) beta_e, beta~_0 = beta_0 + sum_e x*_e beta_e - y*: beta~ = T beta - y* e_0 with T
/// of <see cref="EffectPivot"/>, so that the prior N(m, P^-1) of beta becomes N(T m - y* e_0, T P^-1 T'). x* are grand means, y* that of the response
/// on the scale of the predictor. Without an intercept nothing is centred.
/// </remarks>
internal class PopulationColumns
{
    private readonly int[] termOf;              // model term of each estimated effect
    private readonly double[] fixedValue;       // by model term; NaN where estimated

    /// <summary>All estimated effects in the order of the model, centred about the intercept where its prior has no bounds.</summary>
    /// <param name="spec">The model; every prior decided.</param>
    /// <param name="means">Grand means by column.</param>
    /// <param name="response">y*.</param>
    public PopulationColumns(ModelSpec spec, double[] means, double response)
        : this(spec, EstimatedTerms(spec), means, response, firstCentred: 0, centresBounded: false)
    {
    }

    /// <summary>Estimated effects in a given order.</summary>
    /// <param name="spec">The model; every prior decided.</param>
    /// <param name="termOf">Its term of each estimated effect.</param>
    /// <param name="means">Grand means by column.</param>
    /// <param name="response">y*.</param>
    /// <param name="firstCentred">Effects before this one keep their columns as they are.</param>
    /// <param name="centresBounded">Whether columns are centred where the prior of the intercept has bounds.</param>
    protected PopulationColumns(ModelSpec spec, int[] termOf, double[] means, double response, int firstCentred, bool centresBounded)
    {
        var terms = spec.Population;
        this.termOf = termOf;
        Columns = [.. termOf.Select(t => terms[t].Column)];
        Priors = [.. termOf.Select(t => terms[t].Prior!)];
        fixedValue = [.. terms.Select(term => term.Prior?.FixedValue ?? double.NaN)];
        FixedColumns = [.. terms.Where(term => term.Prior?.FixedValue is not null).Select(term => term.Column)];
        FixedValues = [.. fixedValue.Where(v => !double.IsNaN(v))];
        var intercept = Array.IndexOf(Columns, ModelSpec.Ones);
        if (intercept >= 0 && !centresBounded && PopulationCoordinates.IsBounded(Priors[intercept]))
            intercept = -1;
        double[] centres = [.. EffectPivot.Centres(Columns, means).Select((centre, e) => e < firstCentred ? 0 : centre)];
        Pivot = new EffectPivot(intercept < 0 ? new double[Count] : centres, intercept);
        Response = intercept < 0 ? 0 : response;
    }

    /// <summary>Number of estimated effects p.</summary>
    public int Count => Columns.Length;

    /// <summary>Number of terms of the model, fixed ones included.</summary>
    public int TermCount => fixedValue.Length;

    /// <summary>Column of each estimated effect, or <see cref="ModelSpec.Ones"/>. Length p.</summary>
    public int[] Columns { get; }

    /// <summary>Its prior. Length p.</summary>
    public IRealPrior[] Priors { get; }

    /// <summary>Columns of the effects whose value is fixed.</summary>
    public int[] FixedColumns { get; }

    /// <summary>Values of the effects whose value is fixed, as <see cref="FixedColumns"/>.</summary>
    public double[] FixedValues { get; }

    /// <summary>Where the columns are centred.</summary>
    public EffectPivot Pivot { get; }

    /// <summary>y*; 0 where nothing is centred.</summary>
    public double Response { get; }

    /// <summary>Index of the estimated intercept by which columns are centred; -1 where there is none.</summary>
    public int Intercept => Pivot.Intercept;

    /// <summary>x* of each estimated effect's column; 0 where it is not centred. Length p.</summary>
    public double[] Origin => Pivot.Origin;

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

    /// <summary>The precision of beta~ where the priors of the first effects have independent precisions: T^-T diag(w) T^-1. A flat intercept gives
    /// rows of zeros.</summary>
    /// <param name="precision">w in the model's coordinates, 0 where flat. At least as long as the effects meant.</param>
    /// <param name="count">Number of effects meant, the first ones.</param>
    /// <param name="pivoted">Overwritten. By rows.</param>
    public void PivotPrecision(ReadOnlySpan<double> precision, int count, Span<double> pivoted)
    {
        pivoted.Clear();
        for (var a = 0; a < count; a++)
        {
            pivoted[a * count + a] += precision[a];
            if (a != Intercept || precision[a] == 0)
                continue;
            for (var b = 0; b < count; b++)
            {
                for (var c = 0; c < count; c++)
                {
                    var vb = b == a ? 1 : -Origin[b];
                    var vc = c == a ? 1 : -Origin[c];
                    if (b != a || c != a)
                        pivoted[b * count + c] += precision[a] * vb * vc;
                }
            }
        }
    }

    /// <summary>The model's beta, fixed effects included, from the pivoted coordinates.</summary>
    /// <param name="pivoted">beta~. Length p.</param>
    /// <param name="beta">Overwritten with every population effect of the model, in its order.</param>
    public void Restore(ReadOnlySpan<double> pivoted, Span<double> beta)
    {
        RestoreDeviation(pivoted, beta);
        for (var t = 0; t < fixedValue.Length; t++)
        {
            if (!double.IsNaN(fixedValue[t]))
                beta[t] = fixedValue[t];
        }

        if (Intercept >= 0)
            beta[termOf[Intercept]] += Response;
    }

    /// <summary>Deviations of the model's beta from those of beta~: what <see cref="Restore"/> does to a difference, without its constants.</summary>
    /// <param name="pivoted">Deviation of beta~. Length p.</param>
    /// <param name="beta">Overwritten with that of every population effect of the model, in its order; 0 for fixed ones.</param>
    public void RestoreDeviation(ReadOnlySpan<double> pivoted, Span<double> beta)
    {
        beta.Clear();
        for (var e = 0; e < termOf.Length; e++)
            beta[termOf[e]] = pivoted[e];
        for (var e = 0; e < termOf.Length && Intercept >= 0; e++)
            beta[termOf[Intercept]] -= e == Intercept ? 0 : Origin[e] * pivoted[e];
    }

    /// <summary>The pivoted coordinates of the model's beta: what <see cref="Restore"/> is the inverse of.</summary>
    /// <param name="beta">Every population effect of the model, in its order.</param>
    /// <param name="pivoted">Overwritten with beta~. Length p.</param>
    public void Pivoted(ReadOnlySpan<double> beta, Span<double> pivoted)
    {
        for (var e = 0; e < termOf.Length; e++)
            pivoted[e] = beta[termOf[e]];
        if (Intercept < 0)
            return;
        var value = pivoted[Intercept] - Response;
        for (var e = 0; e < termOf.Length; e++)
            value += e == Intercept ? 0 : Origin[e] * pivoted[e];
        pivoted[Intercept] = value;
    }

    /// <summary>Weights over beta~ that give the same combination, up to its constant, as weights over the model's beta.</summary>
    /// <param name="weights">Weights over the model's population effects.</param>
    /// <param name="pivoted">Overwritten with the weights over beta~. Length p.</param>
    public void PivotWeights(ReadOnlySpan<double> weights, Span<double> pivoted)
    {
        for (var e = 0; e < termOf.Length; e++)
            pivoted[e] = weights[termOf[e]];
        Pivot.PivotWeights(pivoted);
    }

    private static int[] EstimatedTerms(ModelSpec spec) =>
        [.. Enumerable.Range(0, spec.Population.Length).Where(t => spec.Population[t].Prior?.FixedValue is null)];
}

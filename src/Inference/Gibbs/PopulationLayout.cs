using TypedPooling.Data;
using TypedPooling.Model;

namespace TypedPooling.Inference.Gibbs;

/// <summary>The estimated population effects of a model in pivoted coordinates, with the map back. Immutable.</summary>
/// <remarks>
/// With an estimated intercept, beta~ = T beta - y* e_0, T = [1 x*'; 0 I], x* and y* the grand means of columns and response (less fixed effects):
/// the same model in centred columns. A prior of independent coefficients, precision diag(w) about m, becomes T^-T diag(w) T^-1 about T m - y* e_0,
/// so that pivoting changes no prior's meaning. Without an intercept nothing is centred. Priors that are not Normal are scale mixtures of normals, so
/// that each sweep has a precision w_k for every coefficient, 0 where the prior is flat.
/// </remarks>
internal sealed class PopulationLayout
{
    private readonly int[] termOf;
    private readonly double[] fixedValue;       // by model term; NaN where estimated

    private PopulationLayout(
        int[] termOf,
        int[] columns,
        double[] fixedValue,
        (int Column, double Value)[] fixedEffects,
        int intercept,
        double[] origin,
        double responseOrigin,
        IRealPrior[] priors)
    {
        this.termOf = termOf;
        this.fixedValue = fixedValue;
        Columns = columns;
        FixedEffects = fixedEffects;
        Intercept = intercept;
        Origin = origin;
        ResponseOrigin = responseOrigin;
        Priors = priors;
    }

    /// <summary>Number of estimated effects p.</summary>
    public int Count => Columns.Length;

    /// <summary>Number of terms of the model, fixed ones included.</summary>
    public int TermCount => fixedValue.Length;

    /// <summary>Column of each estimated effect, or <see cref="ModelSpec.Ones"/>. Length p.</summary>
    public int[] Columns { get; }

    /// <summary>Columns and values of the fixed effects.</summary>
    public (int Column, double Value)[] FixedEffects { get; }

    /// <summary>Index of the intercept among the estimated effects; -1 where it is not estimated.</summary>
    public int Intercept { get; }

    /// <summary>x* of each estimated effect's column; 0 for the intercept and where nothing is centred. Length p.</summary>
    public double[] Origin { get; }

    /// <summary>y*.</summary>
    public double ResponseOrigin { get; }

    /// <summary>Priors of the estimated effects. Length p.</summary>
    public IRealPrior[] Priors { get; }

    /// <summary>Lays out the population effects of a model.</summary>
    /// <param name="spec">The model; every prior decided.</param>
    /// <param name="total">Moments of all rows as one cell.</param>
    /// <returns>The layout.</returns>
    public static PopulationLayout Of(ModelSpec spec, CellMoments total)
    {
        var terms = spec.Population;
        var mean = total.Means(0);
        var fixedValue = new double[terms.Length];
        var fixedEffects = new List<(int, double)>();
        var termOf = new List<int>();
        for (var t = 0; t < terms.Length; t++)
        {
            fixedValue[t] = double.NaN;
            if (terms[t].Prior is { FixedValue: { } known })
            {
                fixedValue[t] = known;
                fixedEffects.Add((terms[t].Column, known));
            }
            else
            {
                termOf.Add(t);
            }
        }

        var columns = termOf.Select(t => terms[t].Column).ToArray();
        var intercept = Array.IndexOf(columns, ModelSpec.Ones);
        var origin = new double[columns.Length];
        var responseOrigin = 0.0;
        if (intercept >= 0)
        {
            for (var e = 0; e < columns.Length; e++)
                origin[e] = e == intercept ? 0 : mean[columns[e]];
            responseOrigin = mean[^1];
            foreach (var (column, value) in fixedEffects)
                responseOrigin -= value * (column == ModelSpec.Ones ? 1 : mean[column]);
        }

        return new PopulationLayout(
            [.. termOf], columns, fixedValue, [.. fixedEffects], intercept, origin, responseOrigin, [.. termOf.Select(t => terms[t].Prior!)]);
    }

    /// <summary>Location of a coefficient's prior; 0 where it is flat.</summary>
    /// <param name="effect">Index among the estimated effects.</param>
    /// <returns>The location, in the model's coordinates.</returns>
    public double Location(int effect) => Priors[effect].Mixture!.Location;

    /// <summary>Adds the prior to a precision and its right-hand side: T^-T diag(w) T^-1, and that times the prior mean, T^-T w (m - y*
    /// e_0).</summary>
    /// <param name="precision">w. Length p.</param>
    /// <param name="matrix">Added to, by rows of <paramref name="stride"/> numbers, the p x p block from its beginning; both triangles.</param>
    /// <param name="stride">Length of a row.</param>
    /// <param name="target">Added to. Length p.</param>
    public void AddPrior(ReadOnlySpan<double> precision, Span<double> matrix, int stride, Span<double> target)
    {
        for (var e = 0; e < Count; e++)
        {
            if (precision[e] == 0)
                continue;
            var pull = precision[e] * (Location(e) - (e == Intercept ? ResponseOrigin : 0));
            matrix[e * stride + e] += precision[e];
            target[e] += pull;
            if (e != Intercept)
                continue;

            // T^-1 has the row (1, -x*') for the intercept.
            for (var a = 0; a < Count; a++)
            {
                if (a == e)
                    continue;
                target[a] -= Origin[a] * pull;
                matrix[a * stride + e] -= precision[e] * Origin[a];
                matrix[e * stride + a] -= precision[e] * Origin[a];
                for (var b = 0; b < Count; b++)
                    matrix[a * stride + b] += b == e ? 0 : precision[e] * Origin[a] * Origin[b];
            }
        }
    }

    /// <summary>The estimated effects in the model's coordinates.</summary>
    /// <param name="pivoted">beta~. Length p.</param>
    /// <param name="coefficients">Overwritten. Length p.</param>
    public void Unpivot(ReadOnlySpan<double> pivoted, Span<double> coefficients)
    {
        pivoted.CopyTo(coefficients);
        if (Intercept < 0)
            return;
        var value = pivoted[Intercept];
        for (var e = 0; e < Count; e++)
            value -= Origin[e] * pivoted[e];
        coefficients[Intercept] = value + ResponseOrigin;
    }

    /// <summary>All population effects of the model.</summary>
    /// <param name="coefficients">The estimated ones, in the model's coordinates. Length p.</param>
    /// <param name="beta">Overwritten, in the order of the model.</param>
    public void Restore(ReadOnlySpan<double> coefficients, Span<double> beta)
    {
        fixedValue.CopyTo(beta);
        for (var e = 0; e < termOf.Length; e++)
            beta[termOf[e]] = coefficients[e];
    }
}

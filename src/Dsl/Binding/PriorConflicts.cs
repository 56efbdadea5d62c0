using System.Globalization;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Model;
using TypedPooling.Responses;

namespace TypedPooling.Binding;

/// <summary>Population effects whose estimate without groups and priors lies far outside their prior, which then holds the coefficient
/// back.</summary>
/// <remarks>
/// The estimate b with its standard error e is that of complete pooling: least squares for Normal, LogNormal and StudentT responses, maximum
/// likelihood for the others, of the population effects and of what varies without one. With m and s the mean and
/// sd of the prior, b is far outside where |b - m| > 4 s, and where it is not its own error that takes it there: |b - m| > 2.5 e. The error is too
/// large for what varies within groups, since their differences are part of it: so more is not asked for.
/// Where there is no such estimate (separated or dependent columns, no row left for sigma), or the prior has no sd, nothing is said.
/// </remarks>
internal static class PriorConflicts
{
    private const double MostSds = 4;
    private const double MostErrors = 2.5;

    public static IEnumerable<FitWarning> Check(BoundModel model)
    {
        var spec = model.Spec;
        if (!spec.Population.Any(term => HasSpread(term.Prior!)) || Estimate(model) is not { } estimate)
            yield break;
        var p = estimate.Population.Length;
        var found = new List<(PopulationTerm Term, double Estimate, double Error, double Distance)>();
        for (var t = 0; t < spec.Population.Length; t++)
        {
            var prior = spec.Population[t].Prior!;
            if (!HasSpread(prior))
                continue;
            var error = Math.Sqrt(estimate.PopulationCovariance[t * p + t]);
            var away = Math.Abs(estimate.Population[t] - prior.Mean);
            if (away > MostSds * prior.Sd && away > MostErrors * error)
                found.Add((spec.Population[t], estimate.Population[t], error, away / prior.Sd));
        }

        if (found.Count == 0)
            yield break;
        var (worst, value, se, distance) = found.MaxBy(one => one.Distance);
        var others = found.Where(one => one.Term != worst).Select(one => $"'{one.Term.Name}'").ToArray();
        yield return new(
            FitWarningCode.PriorConflict,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The estimate of '{worst.Name}' without groups and priors{(spec.IsStandardized ? ", on the standardised scale," : string.Empty)} "
                    + $"is {value:G3} (se {se:G2}), {distance:N0} prior sds from the mean of its prior {worst.Prior!.Text}: the prior pulls the "
                    + $"coefficient towards its mean.")
            + (others.Length > 0 ? $" {string.Join(", ", others)} {(others.Length == 1 ? "is" : "are")} far from the prior mean too." : string.Empty)
            + " Centre or rescale the columns (powers of a column that is far from 0 need it), or widen the prior.");
    }

    // Whether the prior leaves room for an estimate, and has an sd to measure its distance by.
    private static bool HasSpread(IRealPrior prior) => prior.FixedValue is null && double.IsFinite(prior.Sd);

    private static PointEstimate? Estimate(BoundModel model)
    {
        var engine = new MaximumLikelihoodEngine();
        try
        {
            var posterior = model is CellBoundModel { Spec.Response.HasSigma: false } cells
                ? engine.Run(
                    new CellBoundModel(Pooled(cells.Spec), [], cells.Cells.With(cells.Cells.Columns, cells.Cells.ColumnCount, 0), 0),
                    RunOptions.Default)
                : engine.RunNormal(Sums(model), RunOptions.Default);
            return posterior.Warnings.Any(warning => warning.Code == FitWarningCode.NotConverged) ? null : posterior.Point;
        }
        catch (ModelException)
        {
            // The engine's way to say that there is no maximum to compare a prior with.
            return null;
        }
    }

    private static NormalBoundModel Sums(BoundModel model)
    {
        if (model is NormalBoundModel normal)
            return new(Pooled(normal.Spec), [], normal.Cells.Total(), [], 0);

        // A StudentT response less its offsets, by least squares.
        var cells = ((CellBoundModel)model).Cells;
        var moments = new CellMomentsBuilder(cells.ColumnCount);
        var row = new double[cells.ColumnCount + 1];
        for (var i = 0; i < cells.Count; i++)
        {
            cells.Columns.Slice(i * cells.ColumnCount, cells.ColumnCount).CopyTo(row);
            row[^1] = cells.Responses[i] - cells.Offsets[i];
            moments.AddReplicates(0, row, cells.Rows[i]);
        }

        var spec = Pooled(model.Spec);
        var response = new ResponseSpec(new NormalFamily(), spec.Response.Name, spec.Response.Formula, Prior.Flat, null);
        return new(spec with { Response = response, Offsets = [] }, [], moments.Build(), [], 0);
    }

    // Without groups and priors; what varied without a population effect has one, behind the others.
    private static ModelSpec Pooled(ModelSpec spec)
    {
        var added = spec.Factors.SelectMany(factor => factor.Terms).DistinctBy(term => term.Column).Where(
            term => spec.Population.All(own => own.Column != term.Column));
        return (spec with
        {
            Population = [.. spec.Population, .. added.Select(term => new PopulationTerm(term.Name, term.Column, Prior.Flat))],
            Factors = [],
        }).WithoutPriors();
    }
}

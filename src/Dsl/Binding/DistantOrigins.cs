using System.Globalization;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Model;

namespace TypedPooling.Binding;

/// <summary>Priors of the user's own on an intercept, or on the sd of one that varies, that hold where a column is 0, far outside the data: more than
/// 20 of its sds from its mean.</summary>
/// <remarks>
/// What is believed of a response is believed near the data. At a distance of d sds a varying slope with sd s moves its group's intercept by d s
/// sd(x), so that a prior of ordinary size for the intercept is a strict one for the slopes. Flat and fixed
/// priors, defaults, and columns of 0 and 1 (whose 0 is in the data) are left alone.
/// </remarks>
internal static class DistantOrigins
{
    private const double MostSds = 20;

    public static IEnumerable<FitWarning> Check(ModelSpec spec, CellMoments total)
    {
        foreach (var term in spec.Population)
        {
            if (term is { Column: ModelSpec.Ones, HasDefaultPrior: false, Prior: { IsProper: true, FixedValue: null } })
            {
                var beside = spec.Population.Where(other => other.Column != ModelSpec.Ones && other.Prior?.FixedValue is null).Select(
                    other => other.Column);
                if (Farthest(spec, total, beside) is { } found)
                    yield return Warn(spec, $"The prior of the intercept, {term.Prior.Text},", found);
            }
        }

        foreach (var factor in spec.Factors)
        {
            foreach (var term in factor.Terms)
            {
                var prior = factor.Covariance?.Text
                    ?? (term is { HasDefaultPrior: false, Sd: { IsProper: true, FixedValue: null } } ? term.Sd.Text : null);
                if (term.Column != ModelSpec.Ones || prior is null)
                    continue;
                var beside = factor.Terms.Where(other => other.Column != ModelSpec.Ones && other.Sd is not { FixedValue: 0 }).Select(
                    other => other.Column);
                if (Farthest(spec, total, beside) is { } found)
                    yield return Warn(
                        spec,
                        "The prior of "
                            + (factor.Covariance is null ? $"sd({factor.Name}: {term.Name})" : $"the covariance of {factor.Name}")
                            + $", {prior},",
                        found);
            }
        }
    }

    // The column whose 0 is farthest from its data, if that is too far.
    private static (ColumnSpec Column, double Mean, double Sd)? Farthest(ModelSpec spec, CellMoments total, IEnumerable<int> columns)
    {
        (ColumnSpec Column, double Mean, double Sd)? farthest = null;
        foreach (var c in columns)
        {
            var (mean, squares) = (total.Means(0)[c], total.CrossProducts(0)[c * (c + 1) / 2 + c]);
            var sd = total.RowCount < 2 ? 0 : Math.Sqrt(squares / (total.RowCount - 1));
            if (sd > 0 && Math.Abs(mean) > MostSds * sd && !IsZeroOrOne(mean, squares, total.Weight(0))
                && !(Math.Abs(mean) / sd <= Math.Abs(farthest?.Mean / farthest?.Sd ?? 0)))
                farthest = (spec.Columns[c], mean, sd);
        }

        return farthest;
    }

    // Sum of x^2 = sum of x, to rounding.
    private static bool IsZeroOrOne(double mean, double squares, double weight) =>
        Math.Abs(squares - weight * mean * (1 - mean)) <= 1e-9 * weight * mean;

    private static FitWarning Warn(ModelSpec spec, string prior, (ColumnSpec Column, double Mean, double Sd) found)
    {
        var (column, mean, sd) = found;
        var unit = Math.Pow(10, Math.Floor(Math.Log10(sd)));
        var centre = Math.Round(mean / unit) * unit;
        var isSymbol = column.Formula.All(c => char.IsLetterOrDigit(c) || c == '_');
        var centred = string.Create(
            CultureInfo.InvariantCulture,
            $"{(isSymbol ? $"r.{column.Formula}" : $"({column.Formula})")} {(centre < 0 ? "+" : "-")} {Math.Abs(centre):G10}");
        return new(
            FitWarningCode.DistantOrigin,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{prior} applies where '{column.Name}' is 0, but the data lie {Math.Abs(mean) / sd:N0} sds from there "
                    + $"(mean {mean:G6}, sd {sd:G3}). Centre the column, as in Slope(r "
                    + $"=> {centred}){(spec.IsStandardized ? string.Empty : ", or call Standardized()")}, so "
                    + $"that the prior applies at the mean of the data."));
    }
}

using System.Globalization;
using TypedPooling.Model;

namespace TypedPooling.Binding;

/// <summary>Flat priors on standard deviations leave a posterior that cannot be normalised where the data do not bound the sd from above.</summary>
/// <remarks>
/// As an sd grows, the marginal likelihood falls as sd^-(J - d) with J levels of which d effects are taken up by population effects with flat priors
/// that vary between groups only; it must fall faster than 1/sd. With a flat intercept that means 3 levels. Fewer than 3 are always refused. Where
/// the response is a count of successes or events, levels that an infinite effect fits best do not count: they do not make the likelihood fall.
/// Source: [Gelman2006].
/// </remarks>
internal static class FlatScales
{
    private const int LeastLevels = 3;

    public static IEnumerable<Problem> Check(ColumnsByCell model)
    {
        var spec = model.Spec;
        for (var k = 0; k < spec.Factors.Length; k++)
        {
            foreach (var term in spec.Factors[k].Terms.Where(term => term.Sd is { IsProper: false }))
            {
                var needed = Math.Max(LeastLevels, 2 + TakenUp(model, k, term));
                var name = $"sd({spec.Factors[k].Name}: {term.Name})";
                var levels = model.Levels(k).Count;
                var bounded = term.Column == ModelSpec.Ones ? model.BoundedLevels(k) : levels;
                if (bounded >= needed)
                    continue;
                var (kind, there) = bounded == levels ? (string.Empty, string.Create(CultureInfo.InvariantCulture, $"there are {levels}"))
                    : (spec.Response.Family.IsCount
                        ? " with events"
                        : " with both successes and failures", string.Create(CultureInfo.InvariantCulture, $"only {bounded} of {levels} are such"));
                yield return Refusal(
                    name,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"A flat prior on {name} needs at least {needed} levels of {spec.Factors[k].Name}{kind}, but {there}: the posterior would "
                            + $"be improper."));
            }
        }

        if (spec.Response.Sigma is not { IsProper: false })
            yield break;
        var scales = 1 + spec.Factors.Sum(factor => factor.Terms.Count(term => term.Sd is { IsProper: false }));
        var flat = spec.Population.Count(term => !term.Prior!.IsProper);
        if (model.RowCount - flat <= scales)
        {
            yield return Refusal("sigma", string.Create(
                CultureInfo.InvariantCulture,
                $"A flat prior on sigma needs at least {flat + scales + 1} rows here ({flat} flat population effects, {scales} flat sds), but "
                    + $"there are {model.RowCount}: the posterior would be improper."));
        }
    }

    // Flat population effects inside the space of a varying effect: on an intercept, columns constant in every group; on a slope, the slope itself
    // and its products with group-level predictors.
    private static int TakenUp(ColumnsByCell model, int factor, VaryingTerm term)
    {
        var spec = model.Spec;
        var flat = spec.Population.Where(effect => !effect.Prior!.IsProper).Select(effect => effect.Column).ToArray();
        if (term.Column != ModelSpec.Ones)
        {
            var products =
                spec.Columns.Where(column => column.ConstantWithin == factor).Select(column => $"{spec.Columns[term.Column].Name}:{column.Name}")
                    .ToHashSet();
            return flat.Count(column => column == term.Column || (column != ModelSpec.Ones && products.Contains(spec.Columns[column].Name)));
        }

        return flat.Count(column => column == ModelSpec.Ones || IsConstantInGroups(model, factor, column));
    }

    private static bool IsConstantInGroups(ColumnsByCell model, int factor, int column)
    {
        var values = new double[model.Levels(factor).Count];
        Array.Fill(values, double.NaN);
        for (var cell = 0; cell < model.Count; cell++)
        {
            ref var value = ref values[model.Level(factor, cell)];
            var mean = model.Value(cell, column);
            if (model.Varies(cell, column) || (!double.IsNaN(value) && value != mean))
                return false;
            value = mean;
        }

        return true;
    }

    private static Problem Refusal(string term, string sentence) =>
        new(ProblemCode.ImproperPosterior, sentence, "Give it a proper prior, such as HalfNormal or Exponential.") { Term = term };
}

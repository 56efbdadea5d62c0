using TypedPooling.Model;

namespace TypedPooling.Binding;

/// <summary>Two factors that sort the rows into the same groups: of their sds of a term the data know the sum of squares only, so that not both may
/// have a flat prior.</summary>
/// <remarks>With proper priors the priors share it out, and the model is fitted. O(cells) a pair of factors.</remarks>
internal static class IdenticalFactors
{
    public static IEnumerable<Problem> Check(ColumnsByCell model)
    {
        var factors = model.Spec.Factors;
        for (var k = 0; k < factors.Length; k++)
        {
            for (var l = k + 1; l < factors.Length; l++)
            {
                var shared =
                    factors[k].Terms.Where(term => IsFlat(term) && factors[l].Terms.Any(other => other.Column == term.Column && IsFlat(other)))
                        .ToArray();
                if (shared.Length == 0 || !AreIdentical(model, k, l))
                    continue;
                foreach (var term in shared)
                {
                    yield return new(
                        ProblemCode.NotIdentified,
                        $"{factors[k].Name} and {factors[l].Name} divide the rows into the same groups: the data cannot tell "
                            + $"sd({factors[k].Name}: {term.Name}) from sd({factors[l].Name}: {term.Name}), and the priors of both are flat.",
                        "Leave one of the factors out, or give one of the sds a proper prior, such as HalfNormal or Exponential.")
                    { Term = factors[l].Name };
                }
            }
        }
    }

    private static bool IsFlat(VaryingTerm term) => term.Sd is { IsProper: false };

    private static bool AreIdentical(ColumnsByCell model, int first, int second)
    {
        if (model.Levels(first).Count != model.Levels(second).Count)
            return false;
        var there = new int[model.Levels(first).Count];
        var back = new int[there.Length];
        Array.Fill(there, -1);
        Array.Fill(back, -1);
        for (var cell = 0; cell < model.Count; cell++)
        {
            var (a, b) = (model.Level(first, cell), model.Level(second, cell));
            if ((there[a] >= 0 && there[a] != b) || (back[b] >= 0 && back[b] != a))
                return false;
            (there[a], back[b]) = (b, a);
        }

        return true;
    }
}

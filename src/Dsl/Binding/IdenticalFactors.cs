using TypedPooling.Data;
using TypedPooling.Model;

namespace TypedPooling.Binding;

/// <summary>Two factors that sort the rows into the same groups: of their sds of a term the data know the sum of squares only, so that not both may have a flat prior.</summary>
/// <remarks>With proper priors the priors share it out, and the model is fitted. O(cells) a pair of factors.</remarks>
internal static class IdenticalFactors
{
    public static IEnumerable<Problem> Check(NormalBoundModel model)
    {
        var factors = model.Spec.Factors;
        for (var k = 0; k < factors.Length; k++)
        {
            for (var l = k + 1; l < factors.Length; l++)
            {
                var shared = factors[k].Terms.Where(term => IsFlat(term) && factors[l].Terms.Any(other => other.Column == term.Column && IsFlat(other))).ToArray();
                if (shared.Length == 0 || !AreIdentical(model, k, l))
                    continue;
                foreach (var term in shared)
                {
                    yield return new(
                        ProblemCode.NotIdentified,
                        $"{factors[k].Name} and {factors[l].Name} sort the rows into the same groups: the data cannot tell sd({factors[k].Name}: {term.Name}) from sd({factors[l].Name}: {term.Name}), and the priors of both are flat.",
                        "Leave one of the factors out, or give one of the sds a proper prior, such as HalfNormal or Exponential.")
                    { Term = factors[l].Name };
                }
            }
        }
    }

    private static bool IsFlat(VaryingTerm term) => term.Sd is { IsProper: false };

    private static bool AreIdentical(NormalBoundModel model, int first, int second)
    {
        if (model.Levels[first].Count != model.Levels[second].Count)
            return false;
        var there = new int[model.Levels[first].Count];
        var back = new int[there.Length];
        Array.Fill(there, -1);
        Array.Fill(back, -1);
        var a = model.CellLevels(first);
        var b = model.CellLevels(second);
        for (var cell = 0; cell < a.Length; cell++)
        {
            if ((there[a[cell]] >= 0 && there[a[cell]] != b[cell]) || (back[b[cell]] >= 0 && back[b[cell]] != a[cell]))
                return false;
            (there[a[cell]], back[b[cell]]) = (b[cell], a[cell]);
        }

        return true;
    }
}

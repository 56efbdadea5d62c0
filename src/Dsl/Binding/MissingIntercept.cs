using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Model;

namespace TypedPooling.Binding;

/// <summary>Population slopes, or intercepts that vary, without a population intercept, which newcomers forget. A fixed intercept counts as one, and
/// so do columns whose span holds a constant, such as the indicators of all levels.</summary>
internal static class MissingIntercept
{
    public static IEnumerable<FitWarning> Check(ModelSpec spec, CellMoments total)
    {
        if (spec.Population.IsEmpty && spec.Factors.Any(factor => factor.Terms.Any(term => term.Column == ModelSpec.Ones)))
        {
            yield return new(
                FitWarningCode.NoIntercept,
                "The model has no population intercept: levels vary about 0, not about their mean. Add Intercept(), or Intercept(Fixed(0)) where "
                    + "this is meant.");
        }

        if (!spec.HasSlopesOnly)
            yield break;

        // The column of ones adds a dependence where the others already give it.
        int[] columns = [.. spec.Population.Select(term => term.Column)];
        if (Identification.Dependences([ModelSpec.Ones, .. columns], total).Length > Identification.Dependences([.. columns], total).Length)
            yield break;
        yield return new(
            FitWarningCode.NoIntercept,
            "The model has population slopes and no population intercept: the linear predictor of an average group is 0 where every column is 0. "
                + "Add Intercept(), or Intercept(Fixed(0)) if you mean this.");
    }
}

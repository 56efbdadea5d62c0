using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Model;

namespace TypedPooling.Binding;

/// <summary>Population effects that only their priors tell apart, since their columns are linearly dependent by the rule of
/// <see cref="Identification"/>. Where all their priors are flat the model is refused instead.</summary>
internal static class DependentColumns
{
    private const int MostNames = 8;

    public static IEnumerable<FitWarning> Check(ModelSpec spec, CellMoments total)
    {
        var estimated = spec.Population.Where(term => term.Prior?.FixedValue is null).ToArray();
        foreach (var dependence in Identification.Dependences([.. estimated.Select(term => term.Column)], total))
        {
            var names = dependence.Select(column => $"'{estimated.First(term => term.Column == column).Name}'").ToArray();
            var list = names.Length > MostNames
                ? $"{string.Join(", ", names.Take(MostNames))} and {names.Length - MostNames} more"
                : string.Join(", ", names);
            yield return new(
                FitWarningCode.DependentColumns,
                names.Length == 1
                    ? $"The column of {list} is 0 in every row: the data say nothing about its coefficient, so its posterior equals its prior. "
                        + $"Leave it out."
                : names.Length == 2 && dependence[0] == ModelSpec.Ones
                    ? $"The column of {names[1]} is the same in every row, like that of the intercept: only priors tell the two coefficients "
                        + $"apart. Leave it out."
                : $"The columns of {list} are linearly dependent: only priors tell their coefficients apart, not the data. Leave one of them "
                    + $"out.");
        }
    }
}

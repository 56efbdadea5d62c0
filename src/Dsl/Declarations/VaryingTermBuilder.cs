using System.Linq.Expressions;
using TypedPooling.Declarations;
using TypedPooling.Model;
using TypedPooling.Selectors;

namespace TypedPooling;

/// <summary>A <see cref="VaryingBuilder{TRow}"/> that has just been given a term, so that the term can be predicted at the level of the
/// groups.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>Thread-safe: it is immutable, and any number of threads may use it at once.</remarks>
public sealed class VaryingTermBuilder<TRow> : VaryingBuilder<TRow>
{
    internal VaryingTermBuilder(FactorDeclaration factor)
        : base(factor)
    {
    }

    /// <summary>Predicts the varying effect just declared by a column that is constant in every group.</summary>
    /// <remarks>
    /// On the intercept it adds the population effect of the column u. On the slope of x it adds the population effects of u (with the default prior,
    /// unless the model has one) and of
    /// the product x * u, named <c>x:u</c>, whose prior this is. A population effect of the same column declared by <c>Slope</c> is used again, not
    /// added.
    /// </remarks>
    /// <typeparam name="TValue">A number or a bool.</typeparam>
    /// <param name="column">The group-level predictor as a lambda over a row; that it is constant in a group is checked when data are read.</param>
    /// <param name="prior">Prior of the coefficient; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="name">Name of the column; its own text where left out.</param>
    /// <returns>The builder with the predictor.</returns>
    /// <exception cref="ModelException">The term has this predictor already, or the type is not a number or bool.</exception>
    public VaryingTermBuilder<TRow> PredictedBy<TValue>(Expression<Func<TRow, TValue>> column, IRealPrior? prior = null, string? name = null)
        where TValue : struct => Add(new(ColumnSelector.Numeric(column, name), name is not null, prior));

    /// <summary>Predicts the varying effect just declared by a column that is constant in every group and may be missing.</summary>
    /// <typeparam name="TValue">A number or a bool.</typeparam>
    /// <param name="column">The group-level predictor as a lambda over a row; that it is constant in a group is checked when data are read.</param>
    /// <param name="prior">Prior of the coefficient; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="name">Name of the column; its own text where left out.</param>
    /// <returns>The builder with the predictor.</returns>
    /// <exception cref="ModelException">The term has this predictor already, or the type is not a number or bool.</exception>
    public VaryingTermBuilder<TRow> PredictedBy<TValue>(Expression<Func<TRow, TValue?>> column, IRealPrior? prior = null, string? name = null)
        where TValue : struct => Add(new(ColumnSelector.NumericOrMissing(column, name), name is not null, prior));

    private VaryingTermBuilder<TRow> Add(PredictorDeclaration predictor)
    {
        var term = Factor.Terms[^1];
        if (term.Predictors.Exists(other => other.Column.Key == predictor.Column.Key))
        {
            throw new ModelException(new Problem(
                ProblemCode.DuplicateTerm,
                $"The varying effect '{term.Column?.Name ?? ModelSpec.InterceptName}' of {Factor.Key.Name} is predicted by "
                    + $"'{predictor.Column.Name}' twice.",
                "Declare it once.")
            { Term = predictor.Column.Name });
        }

        return new(Factor with { Terms = Factor.Terms.SetItem(Factor.Terms.Count - 1, term with { Predictors = term.Predictors.Add(predictor) }) });
    }
}

using System.Collections.Immutable;

namespace TypedPooling;

/// <summary>A model as a formula of an R package. Immutable.</summary>
/// <remarks>Thread-safe. Columns have the names of the variables of <c>ToStanData</c>; a categorical predictor is a factor in R.</remarks>
/// <param name="Dialect">The package.</param>
/// <param name="Formula">The formula.</param>
/// <param name="Family">The <c>family</c> argument; empty where the call has none.</param>
/// <param name="Priors">A call of <c>set_prior</c> for each prior of a brms model; empty for lme4.</param>
/// <param name="Preparation">Statements that make what the formula needs of the data frame <c>data</c>; often none.</param>
/// <param name="Call">The whole code: the preparation, then the call that fits the model to the data frame <c>data</c>.</param>
public sealed record ModelFormula(
    FormulaDialect Dialect, string Formula, string Family, ImmutableArray<string> Priors, ImmutableArray<string> Preparation, string Call)
{
    /// <summary>The code that fits the model.</summary>
    public override string ToString() => Call;
}

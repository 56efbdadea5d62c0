using TypedPooling.Binding;
using TypedPooling.Export;

namespace TypedPooling;

/// <content>The model in the languages of other tools.</content>
public abstract partial class FittedModel<TRow, TSelf, TFit, TLikelihoodFit>
{
    /// <summary>The model as a complete Stan program with the same priors.</summary>
    /// <param name="options">Centred or not, and the syntax of arrays; null for the defaults.</param>
    /// <returns>The program. Population effects are <c>b_</c>, sds <c>sd_</c>, correlations <c>cor_</c> and effects <c>u_</c> followed by names of
    /// the
    /// model; levels are numbered in the order of a fit.</returns>
    /// <exception cref="ModelException">A prior of correlations or of a covariance that no program states.</exception>
    /// <remarks>Constants of densities are left out: the posterior is the same, the log density differs by a constant. Names are made of letters,
    /// digits and underscores; comments give those of the model. Data come from <see cref="ToStanData"/>.</remarks>
    public string ToStan(StanOptions? options = null)
    {
        var chosen = options ?? new StanOptions();
        if (!Enum.IsDefined(chosen.Effects) || !Enum.IsDefined(chosen.Arrays))
        {
            throw new ModelException(new Problem(
                ProblemCode.OptionOutOfRange, "The options of a Stan program hold a value that is not named.", "Use a value of the enum."));
        }

        return StanProgram.Write(ProgramLayout.Of(Lowered), chosen);
    }

    /// <summary>The data of the program that <see cref="ToStan"/> writes, as JSON.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <returns>JSON as CmdStan reads it: columns, levels from 1, and the parameters of default priors, scaled by these rows.</returns>
    /// <exception cref="ModelException">As <see cref="Bind(IEnumerable{TRow})"/>.</exception>
    /// <remarks>O(rows columns) time and memory.</remarks>
    public string ToStanData(IEnumerable<TRow> rows)
    {
        var layout = ProgramLayout.Of(Lowered);
        return ProgramData.Json(layout, ValuesOf(rows));
    }

    /// <summary>The model as a complete JAGS program with the same priors and the names of the Stan program.</summary>
    /// <returns>The program, in the dialect of JAGS 4.</returns>
    /// <exception cref="ModelException">A prior that JAGS has not, such as <see cref="Prior.Flat"/>; every term is named.</exception>
    /// <remarks>Correlations with an LKJ prior are built from partial correlations with Beta priors. Data come from
    /// <see cref="ToJagsData"/>.</remarks>
    public string ToJags() => JagsProgram.Write(ProgramLayout.Of(Lowered));

    /// <summary>The data of the program that <see cref="ToJags"/> writes, as an R dump.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <returns>Assignments that JAGS and R's <c>source</c> read; a row with a count is there as often as it counts.</returns>
    /// <exception cref="ModelException">As <see cref="Bind(IEnumerable{TRow})"/>, rows count more than 20 million, or a category has one level
    /// only.</exception>
    /// <remarks>O(rows columns) time and memory.</remarks>
    public string ToJagsData(IEnumerable<TRow> rows)
    {
        var layout = ProgramLayout.Of(Lowered);
        return ProgramData.Dump(layout, ValuesOf(rows));
    }

    /// <summary>The model as a formula of an R package, where one exists.</summary>
    /// <param name="dialect">The package.</param>
    /// <returns>The formula, the family, and for brms the priors; its text is the code that fits the model to a data frame.</returns>
    /// <exception cref="ModelException">The package cannot state a part of the model, or the formula depends on data (default priors and categorical
    /// predictors in brms); every part is named.</exception>
    public ModelFormula ToFormula(FormulaDialect dialect) => FormulaWriter.Write(dialect, ProgramLayout.Of(Lowered), Spec);

    /// <summary>The model as a formula of an R package, where one exists, with default priors scaled by rows.</summary>
    /// <param name="dialect">The package.</param>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <returns>The formula, the family, and for brms the priors; its text is the code that fits the model to a data frame.</returns>
    /// <exception cref="ModelException">As <see cref="Bind(IEnumerable{TRow})"/>, or the package cannot state a part of the model; every part is
    /// named.</exception>
    public ModelFormula ToFormula(FormulaDialect dialect, IEnumerable<TRow> rows) =>
        FormulaWriter.Write(dialect, ProgramLayout.Of(Lowered), Bind(rows).Spec);

    private ProgramValues ValuesOf(IEnumerable<TRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var list = rows as IReadOnlyCollection<TRow> ?? [.. rows];
        var data = Read(list);
        return new(Bind(data), new RowLayout<TRow>(Lowered, data.Content).Read(list, RowPurpose.Program));
    }
}

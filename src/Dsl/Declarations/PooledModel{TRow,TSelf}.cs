using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using TypedPooling.Declarations;
using TypedPooling.Keys;
using TypedPooling.Selectors;

namespace TypedPooling;

/// <summary>The verbs that models of every response share. Each returns a new model of the same type.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <typeparam name="TSelf">The model's own type.</typeparam>
/// <remarks>Thread-safe: any number of threads may extend, print and fit one model at once, if its selectors may run at once.</remarks>
public abstract class PooledModel<TRow, TSelf> : PooledModel<TRow>
    where TSelf : PooledModel<TRow, TSelf>
{
    private protected PooledModel(ModelDeclaration declaration)
        : base(declaration)
    {
    }

    /// <summary>Adds the population intercept.</summary>
    /// <param name="prior">Prior of the intercept, in units of the linear predictor (of the response where it is Normal), where all columns are 0;
    /// left out, the default of <c>docs/priors.md</c>.</param>
    /// <returns>The model with the term.</returns>
    /// <exception cref="ModelException">The model has an intercept.</exception>
    public TSelf Intercept(IRealPrior? prior = null) => Add(new InterceptDeclaration(prior));

    /// <summary>Adds a population slope.</summary>
    /// <typeparam name="TValue">A number or a bool (true is 1, false is 0).</typeparam>
    /// <param name="column">The column as a lambda, products and powers included.</param>
    /// <param name="prior">Prior of the slope, in units of the linear predictor (of the response where it is Normal) per unit of the column; left
    /// out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="name">Name of the column; its own text where left out.</param>
    /// <returns>The model with the term.</returns>
    /// <exception cref="ModelException">The model has this slope, the type is not a number or bool, or a name is needed.</exception>
    public TSelf Slope<TValue>(Expression<Func<TRow, TValue>> column, IRealPrior? prior = null, string? name = null)
        where TValue : struct => Add(new SlopeDeclaration(ColumnSelector.Numeric(column, name), name is not null, prior));

    /// <summary>Adds a population slope of a column that may be missing.</summary>
    /// <typeparam name="TValue">A number or a bool (true is 1, false is 0).</typeparam>
    /// <param name="column">The column as a lambda, products and powers included.</param>
    /// <param name="prior">Prior of the slope, in units of the linear predictor (of the response where it is Normal) per unit of the column; left
    /// out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="name">Name of the column; its own text where left out.</param>
    /// <returns>The model with the term.</returns>
    /// <exception cref="ModelException">The model has this slope, the type is not a number or bool, or a name is needed.</exception>
    public TSelf Slope<TValue>(Expression<Func<TRow, TValue?>> column, IRealPrior? prior = null, string? name = null)
        where TValue : struct => Add(new SlopeDeclaration(ColumnSelector.NumericOrMissing(column, name), name is not null, prior));

    /// <summary>Does not compile: a text is no number. Say <c>Categorical</c>, which gives each level a coefficient, or compare the text: <c>Slope(r
    /// => r.Kind == "B")</c>.</summary>
    /// <typeparam name="TText">Text.</typeparam>
    /// <param name="column">A text column.</param>
    /// <returns>Nothing.</returns>
    [Obsolete(
        "A string is not a number. Use Categorical(r => r.Kind), which gives each level a coefficient, or compare it: Slope(r => r.Kind == \"B\").",
        error: true)]
    [EditorBrowsable(EditorBrowsableState.Never)]
    public TSelf Slope<TText>(Expression<Func<TRow, TText>> column)
        where TText : class, IEnumerable<char> => throw new NotSupportedException();

    /// <summary>Does not compile: F# reads a lambda without parentheses and what follows it as one pair.</summary>
    /// <typeparam name="TPair">Type of the pair.</typeparam>
    /// <param name="column">A lambda that returns a pair.</param>
    /// <param name="prior">Not read.</param>
    /// <returns>Nothing.</returns>
    [Obsolete("This lambda returns a pair. Put it in parentheses where a prior or a name follows: Slope((fun r -> r.X), Normal(0, 1)).", error: true)]
    [EditorBrowsable(EditorBrowsableState.Never)]
    public TSelf Slope<TPair>(Expression<Func<TRow, TPair>> column, IRealPrior? prior = null)
        where TPair : class, ITuple => throw new NotSupportedException();

    /// <summary>Adds a categorical predictor in treatment coding: a coefficient for every level in the data but the reference, against which they are
    /// measured.</summary>
    /// <param name="category">The category as a lambda; null is an error in the data.</param>
    /// <param name="prior">Prior of each coefficient; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="reference">The reference level; the first of the levels in the data, by UTF-16 code units, where left out.</param>
    /// <param name="name">Name of the predictor; its own text where left out.</param>
    /// <returns>The model with the predictor.</returns>
    /// <exception cref="ModelException">The model has this predictor, or a name is needed.</exception>
    public TSelf Categorical(Expression<Func<TRow, string?>> category, IRealPrior? prior = null, string? reference = null, string? name = null) =>
        Add(new TextCategory(KeySelector.Of(category, name), prior, reference));

    /// <summary>Adds an enum as a categorical predictor in treatment coding: a coefficient for every value in the data but the reference, against
    /// which they are measured.</summary>
    /// <typeparam name="TEnum">Type of the enum.</typeparam>
    /// <param name="category">The category as a lambda.</param>
    /// <param name="prior">Prior of each coefficient; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="reference">The reference value; the least of those in the data where left out.</param>
    /// <param name="name">Name of the predictor; its own text where left out.</param>
    /// <returns>The model with the predictor.</returns>
    /// <exception cref="ModelException">The model has this predictor, or a name is needed.</exception>
    public TSelf Categorical<TEnum>(Expression<Func<TRow, TEnum>> category, IRealPrior? prior = null, TEnum? reference = null, string? name = null)
        where TEnum : struct, Enum => Add(new EnumCategory<TEnum, TEnum>(KeySelector.Of(category, name), prior, reference));

    /// <summary>Adds an enum that may be missing as a categorical predictor in treatment coding.</summary>
    /// <typeparam name="TEnum">Type of the enum.</typeparam>
    /// <param name="category">The category as a lambda; null is an error in the data.</param>
    /// <param name="prior">Prior of each coefficient; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="reference">The reference value; the least of those in the data where left out.</param>
    /// <param name="name">Name of the predictor; its own text where left out.</param>
    /// <returns>The model with the predictor.</returns>
    /// <exception cref="ModelException">The model has this predictor, or a name is needed.</exception>
    public TSelf Categorical<TEnum>(Expression<Func<TRow, TEnum?>> category, IRealPrior? prior = null, TEnum? reference = null, string? name = null)
        where TEnum : struct, Enum => Add(new EnumCategory<TEnum?, TEnum>(KeySelector.Of(category, name), prior, reference));

    /// <summary>Adds a categorical predictor whose levels are listed, in treatment coding: a coefficient, in the order of the list, for every level
    /// in the data but the reference, against which they are measured.</summary>
    /// <typeparam name="TCategory">Type of the levels: text, or a class with value equality and a text of its own, such as a union of F#.</typeparam>
    /// <param name="category">The category as a lambda; null is an error in the data.</param>
    /// <param name="levels">The levels in their order. Those that no row has get no coefficient.</param>
    /// <param name="prior">Prior of each coefficient; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="reference">The reference level; the first of the list that the data have where left out.</param>
    /// <param name="name">Name of the predictor; its own text where left out.</param>
    /// <returns>The model with the predictor.</returns>
    /// <exception cref="ModelException">The model has this predictor, a name is needed, the list has a level twice or a null, or the reference is not
    /// in it. Data with a level that is not listed are refused when they are bound.</exception>
    public TSelf Categorical<[DynamicallyAccessedMembers(KeyMembers.Kept)] TCategory>(
        Expression<Func<TRow, TCategory>> category,
        IReadOnlyList<TCategory> levels,
        IRealPrior? prior = null,
        TCategory? reference = null,
        string? name = null)
        where TCategory : class? => Add(ListedCategory<TCategory>.Of(KeySelector.Of(category, name), levels, prior, reference));

    /// <summary>Adds a column to the linear predictor with coefficient 1: a part of it that is known, and not estimated.</summary>
    /// <typeparam name="TValue">A number or a bool (true is 1, false is 0).</typeparam>
    /// <param name="column">The column as a lambda, in units of the linear predictor.</param>
    /// <param name="name">Name of the column; its own text where left out.</param>
    /// <returns>The model with the offset. Offsets add up.</returns>
    /// <exception cref="ModelException">The model has this offset, the type is not a number or bool, or a name is needed.</exception>
    public TSelf Offset<TValue>(Expression<Func<TRow, TValue>> column, string? name = null)
        where TValue : struct => Add(ColumnSelector.Numeric(column, name));

    /// <summary>Adds a column that may be missing to the linear predictor with coefficient 1: a part of it that is known, and not
    /// estimated.</summary>
    /// <typeparam name="TValue">A number or a bool (true is 1, false is 0).</typeparam>
    /// <param name="column">The column as a lambda, in units of the linear predictor.</param>
    /// <param name="name">Name of the column; its own text where left out.</param>
    /// <returns>The model with the offset. Offsets add up.</returns>
    /// <exception cref="ModelException">The model has this offset, the type is not a number or bool, or a name is needed.</exception>
    public TSelf Offset<TValue>(Expression<Func<TRow, TValue?>> column, string? name = null)
        where TValue : struct => Add(ColumnSelector.NumericOrMissing(column, name));

    /// <summary>Lets each row stand for N rows that are alike (a frequency weight): the fit is that of the rows repeated.</summary>
    /// <remarks>A count says how many rows there were, not how precise one is; for that there is <c>PrecisionWeight</c>. Numbers of rows count
    /// replicates. Beside trials or exposures a row stands for N rows of that many trials, or that exposure, each.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="count">The count as a lambda; a positive whole number in every row.</param>
    /// <param name="name">Name of the count; its own text where left out.</param>
    /// <returns>The model with the count.</returns>
    /// <exception cref="ModelException">The model has a count, a precision weight or a known error already, or the count is not a number.</exception>
    public TSelf Count<TValue>(Expression<Func<TRow, TValue>> count, string? name = null)
        where TValue : struct => Repeat<TValue>(ColumnSelector.Numeric(count, name));

    /// <summary>Lets each row stand for N rows that are alike (a frequency weight), where N may be missing: the fit is that of the rows
    /// repeated.</summary>
    /// <inheritdoc cref="Count{TValue}(Expression{Func{TRow, TValue}}, string)"/>
    public TSelf Count<TValue>(Expression<Func<TRow, TValue?>> count, string? name = null)
        where TValue : struct => Repeat<TValue>(ColumnSelector.NumericOrMissing(count, name));

    /// <summary>Lets effects vary over the levels of a grouping factor. Effects that also have a population term vary about it, others about
    /// 0.</summary>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="group">The grouping factor.</param>
    /// <param name="terms">What varies: <c>g => g.Intercept().Slope(v => v.X)</c>.</param>
    /// <returns>The model with the varying effects.</returns>
    /// <exception cref="ModelException">The factor has varying effects already, or none is declared.</exception>
    public TSelf Varying<TKey>(Group<TRow, TKey> group, Func<VaryingBuilder<TRow>, VaryingBuilder<TRow>> terms)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(terms);
        var declaration = Lowered.Declaration;
        if (declaration.Factors.Exists(factor => factor.Key.Name == group.Name))
        {
            throw new ModelException(new Problem(
                ProblemCode.DuplicateTerm, $"The varying effects of {group.Name} are declared twice.", "Declare all of them in one call of Varying.")
            { Term = group.Name });
        }

        var built = terms(VaryingBuilder<TRow>.Of(group.Selector)) ?? throw new ModelException(new Problem(
            ProblemCode.EmptyModel,
            $"The varying effects of {group.Name} are null.",
            "Return the result of the last verb: g => g.Intercept().Slope(r => r.X).")
        { Term = group.Name });
        var factor = built.Factor;
        if (factor.Key.Key != group.Selector.Key)
        {
            throw new ModelException(new Problem(
                ProblemCode.EmptyModel,
                $"The varying effects of {group.Name} were declared by the builder of {factor.Key.Name}.",
                "Call the verbs of the builder that the lambda receives.")
            { Term = group.Name });
        }

        if (factor.Terms.IsEmpty)
        {
            throw new ModelException(new Problem(
                ProblemCode.EmptyModel, $"Nothing varies over the levels of {group.Name}.", "Add Intercept() or Slope(...), or leave the factor out.")
            { Term = group.Name });
        }

        return With(declaration with { Factors = declaration.Factors.Add(factor) });
    }

    /// <summary>Leaves out rows in which a column or a key of the model is null, instead of refusing the data.</summary>
    /// <returns>The model that drops such rows; how many were dropped is told by the fit.</returns>
    public TSelf DropRowsWithMissingValues() => With(Lowered.Declaration with { DropsMissing = true });

    /// <summary>Makes every prior one of the model on standardised columns, and on a standardised response where the family has a scale; the fit is
    /// made
    /// there and reported on the original scale.</summary>
    /// <remarks>
    /// <para>
    /// The response of a Normal, LogNormal or StudentT model becomes (y - mean) / sd, y being its log in a LogNormal model and less its offsets in
    /// every model. Other responses have no scale to be measured in and stay as they are: sd(y) below is 1 and mean(y) 0. Each column x becomes (x -
    /// mean) / sd, mean and sd (with n - 1)
    /// running over all rows used, each counting once and a row with a count N counting N times. A column is what has a coefficient: a product, a
    /// group-level predictor, a product with one
    /// and the indicator of each level of a category are columns of their own. A constant column stays as it is, and a constant response is divided
    /// by 1. With sd(x), sd(y) for these sds,
    /// a slope's prior is that of slope * sd(x) / sd(y), sigma's that of sigma / sd(y), the intercept's that of (intercept at the columns' means -
    /// mean(y)) / sd(y), and the priors of a factor
    /// are those of the sds and correlations of its effects on the standardised scale. Known errors are divided by sd(y), precision weights stay.
    /// Priors left out are the
    /// defaults of <c>docs/priors.md</c> on the standardised data, and a fixed value is fixed on the standardised scale.
    /// </para>
    /// <para>
    /// Only what an intercept can carry is centred. The response is centred if the population has an intercept. A column is centred if the population
    /// has an intercept (where the column has a
    /// population effect) and every factor that varies the column varies the intercept too. What is not centred is only divided by its sd.
    /// </para>
    /// <para>
    /// Effects that are uncorrelated on the standardised scale need not be so on the original one, where the intercept is measured elsewhere: a fit
    /// then reports the correlations of the
    /// intercept with the slopes of centred columns. The posterior on the standardised scale is <c>fit.Posterior.Standardized</c>.
    /// </para>
    /// </remarks>
    /// <returns>The model with priors on the standardised scale.</returns>
    public TSelf Standardized() => With(Lowered.Declaration with { IsStandardized = true });

    private protected abstract TSelf With(ModelDeclaration declaration);

    private protected TSelf Weigh<TValue>(RowWeight kind, ColumnSelector column)
    {
        NumericArguments.RefuseBool<TValue>(column, RowWeights.NameOf(kind), string.Empty);
        var declaration = Lowered.Declaration;
        var response = declaration.Response;
        if (response.Weight is not null || response.Count is not null)
            throw RowWeights.Conflict(response, kind, column);
        return With(declaration with { Response = response with { WeightKind = kind, Weight = column } });
    }

    private TSelf Repeat<TValue>(ColumnSelector column)
    {
        NumericArguments.RefuseBool<TValue>(column, RowWeights.CountName, string.Empty);
        var declaration = Lowered.Declaration;
        var response = declaration.Response;
        if (response.Count is not null || response.WeightKind is RowWeight.KnownSd or RowWeight.Precision)
            throw RowWeights.CountConflict(response, column);
        return With(declaration with { Response = response with { Count = column } });
    }

    private TSelf Add(ColumnSelector offset)
    {
        var declaration = Lowered.Declaration;
        if (declaration.Offsets.Exists(other => other.Key == offset.Key))
        {
            throw new ModelException(new Problem(
                ProblemCode.DuplicateTerm, $"The offset '{offset.Name}' is declared twice.", "Declare it once, or declare a multiple of it.")
            { Term = offset.Name });
        }

        return With(declaration with { Offsets = declaration.Offsets.Add(offset) });
    }

    private TSelf Add(PopulationDeclaration term) => With(Lowered.Declaration with { Population = Lowered.Declaration.Population.Add(term) });
}

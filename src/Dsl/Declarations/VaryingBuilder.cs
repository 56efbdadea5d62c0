using System.ComponentModel;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using TypedPooling.Declarations;
using TypedPooling.Model;
using TypedPooling.Selectors;

namespace TypedPooling;

/// <summary>Declares what varies over the levels of one grouping factor. Immutable: each verb returns a new builder.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>Thread-safe: it is immutable, and any number of threads may use it at once.</remarks>
public abstract class VaryingBuilder<TRow>
{
    private protected VaryingBuilder(FactorDeclaration factor) => Factor = factor;

    internal FactorDeclaration Factor { get; }

    /// <summary>Lets the intercept vary over the levels.</summary>
    /// <param name="sd">Prior of the sd of the intercepts, in units of the linear predictor (of the response where it is Normal); left out, the
    /// default of <c>docs/priors.md</c>.</param>
    /// <returns>The builder with the term.</returns>
    /// <exception cref="ModelException">The intercept varies already, or the prior does not fit an sd.</exception>
    public VaryingTermBuilder<TRow> Intercept(IScalePrior? sd = null) => Add(null, isNamed: false, sd);

    /// <summary>Lets the slope of a column vary over the levels.</summary>
    /// <typeparam name="TValue">A number or a bool.</typeparam>
    /// <param name="column">The column as a lambda.</param>
    /// <param name="sd">Prior of the sd of the slopes, in units of the linear predictor (of the response where it is Normal) per unit of the column;
    /// left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="name">Name of the column; its own text where left out.</param>
    /// <returns>The builder with the term.</returns>
    /// <exception cref="ModelException">The slope varies already, the type is not a number or bool, or the prior does not fit an sd.</exception>
    public VaryingTermBuilder<TRow> Slope<TValue>(Expression<Func<TRow, TValue>> column, IScalePrior? sd = null, string? name = null)
        where TValue : struct => Add(ColumnSelector.Numeric(column, name), name is not null, sd);

    /// <summary>Lets the slope of a column that may be missing vary over the levels.</summary>
    /// <typeparam name="TValue">A number or a bool.</typeparam>
    /// <param name="column">The column as a lambda.</param>
    /// <param name="sd">Prior of the sd of the slopes, in units of the linear predictor (of the response where it is Normal) per unit of the column;
    /// left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="name">Name of the column; its own text where left out.</param>
    /// <returns>The builder with the term.</returns>
    /// <exception cref="ModelException">The slope varies already, the type is not a number or bool, or the prior does not fit an sd.</exception>
    public VaryingTermBuilder<TRow> Slope<TValue>(Expression<Func<TRow, TValue?>> column, IScalePrior? sd = null, string? name = null)
        where TValue : struct => Add(ColumnSelector.NumericOrMissing(column, name), name is not null, sd);

    /// <summary>Does not compile: a text is no number. Let an indicator of a level vary: <c>Slope(r => r.Kind == "B")</c>.</summary>
    /// <typeparam name="TText">Text.</typeparam>
    /// <param name="column">A text column.</param>
    /// <returns>Nothing.</returns>
    [Obsolete("A string is not a number. Let an indicator of a level vary: Slope(r => r.Kind == \"B\").", error: true)]
    [EditorBrowsable(EditorBrowsableState.Never)]
    public VaryingTermBuilder<TRow> Slope<TText>(Expression<Func<TRow, TText>> column)
        where TText : class, IEnumerable<char> => throw new NotSupportedException();

    /// <summary>Does not compile: F# reads a lambda without parentheses and what follows it as one pair.</summary>
    /// <typeparam name="TPair">Type of the pair.</typeparam>
    /// <param name="column">A lambda that returns a pair.</param>
    /// <param name="sd">Not read.</param>
    /// <returns>Nothing.</returns>
    [Obsolete(
        "This lambda returns a pair. Put it in parentheses where a prior or a name follows: Slope((fun r -> r.X), Exponential 1).", error: true)]
    [EditorBrowsable(EditorBrowsableState.Never)]
    public VaryingTermBuilder<TRow> Slope<TPair>(Expression<Func<TRow, TPair>> column, IScalePrior? sd = null)
        where TPair : class, ITuple => throw new NotSupportedException();

    /// <summary>The varying effects are correlated; this is so by default, with Lkj(1).</summary>
    /// <param name="prior">Prior of the correlation matrix; Lkj(1), uniform, where left out.</param>
    /// <returns>The builder with the prior.</returns>
    /// <exception cref="ModelException">The correlations, or the whole covariance, were declared before.</exception>
    public VaryingBuilder<TRow> Correlated(ICorrelationPrior? prior = null)
    {
        if (Factor.Covariance is { } covariance)
            throw Contradiction(covariance, "correlations");
        if (Factor.Correlation is not null)
        {
            throw new ModelException(new Problem(
                ProblemCode.DuplicateTerm, $"The correlations of the effects of {Factor.Key.Name} are declared twice.", "Declare them once.")
            { Term = Factor.Key.Name });
        }

        return new VaryingBuilderWithoutTerm(Factor with { Correlation = prior ?? Prior.Lkj(1) });
    }

    /// <summary>The varying effects are not correlated.</summary>
    /// <returns>The builder with that.</returns>
    /// <exception cref="ModelException">The correlations, or the whole covariance, were declared before.</exception>
    public VaryingBuilder<TRow> Uncorrelated() => Correlated(Prior.Uncorrelated);

    /// <summary>Gives the whole covariance matrix of the varying effects a prior, in place of priors of their sds and correlations.</summary>
    /// <param name="prior">The prior, such as HuangWand(2, 5); its scales are in the order in which the effects are declared.</param>
    /// <returns>The builder with the prior.</returns>
    /// <exception cref="ModelException">The covariance, the correlations, or the prior of an sd was declared before.</exception>
    public VaryingBuilder<TRow> Covariance(ICovariancePrior prior)
    {
        ArgumentNullException.ThrowIfNull(prior);
        if (Factor.Covariance is not null)
        {
            throw new ModelException(new Problem(
                ProblemCode.DuplicateTerm, $"The covariance of the effects of {Factor.Key.Name} is declared twice.", "Declare it once.")
            { Term = Factor.Key.Name });
        }

        if (Factor.Correlation is not null)
            throw Contradiction(prior, "correlations");
        if (Factor.Terms.Exists(term => term.Sd is not null))
            throw Contradiction(prior, "an sd");
        return new VaryingBuilderWithoutTerm(Factor with { Covariance = prior });
    }

    internal static VaryingBuilder<TRow> Of(KeySelector key) => new VaryingBuilderWithoutTerm(new FactorDeclaration(key, [], null));

    private VaryingTermBuilder<TRow> Add(ColumnSelector? column, bool isNamed, IScalePrior? sd)
    {
        var name = column?.Name ?? ModelSpec.InterceptName;
        if (Factor.Terms.Exists(term => term.Column?.Key == column?.Key))
        {
            throw new ModelException(new Problem(
                ProblemCode.DuplicateTerm, $"The varying effect '{name}' of {Factor.Key.Name} is declared twice.", "Declare it once.")
            { Term = $"{Factor.Key.Name}: {name}" });
        }

        if (sd is not null && Factor.Covariance is { } covariance)
            throw Contradiction(covariance, "an sd");
        ScaleArguments.Check(sd, $"sd({Factor.Key.Name}: {name})", zeroIsAllowed: true);
        return new(Factor with { Terms = Factor.Terms.Add(new(column, isNamed, sd)) });
    }

    private ModelException Contradiction(ICovariancePrior covariance, string what) => new(new Problem(
        ProblemCode.DuplicateTerm,
        $"The effects of {Factor.Key.Name} have a prior on their whole covariance, {covariance.Text}, and another on {what}.",
        "Keep one of the two.")
    { Term = Factor.Key.Name });

    // No term has just been declared, so there is none to predict.
    private sealed class VaryingBuilderWithoutTerm(FactorDeclaration factor) : VaryingBuilder<TRow>(factor);
}

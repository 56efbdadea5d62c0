using System.Collections.Immutable;
using System.Linq.Expressions;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Model;
using TypedPooling.Selectors;

namespace TypedPooling;

/// <summary>A fit seen by one grouping factor: its levels, their coefficients, and the sds and correlations of what varies.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <typeparam name="TKey">Type of the factor's keys.</typeparam>
/// <remarks>Thread-safe: any number of threads may ask one fit at once, and all get the same answers.</remarks>
public class FactorFit<TRow, TKey> : FactorFit<TRow>
{
    private readonly LevelIndex<TKey> levels;
    private readonly RecentItems<int, LevelFit<TRow>> recent = new();
    private readonly Lazy<ShrinkageTable<TKey>> shrinkage;

    internal FactorFit(Fit<TRow> fit, int factor, LevelIndex<TKey> levels)
        : base(fit, factor, levels)
    {
        this.levels = levels;
        shrinkage = new(NewShrinkage);
    }

    /// <summary>The keys of the levels seen in the data, in order of first appearance.</summary>
    public IReadOnlyList<TKey> Keys => levels.Keys;

    /// <summary>The handle of the factor, as the model was declared with it.</summary>
    public Group<TRow, TKey> Group =>
        new((KeySelector<TKey>)Fit.Rows.Model.Declaration.Factors.First(declared => declared.Key.Name == Name).Key);

    /// <summary>The sd of the varying intercept over the levels. A constant where it is fixed.</summary>
    /// <exception cref="ModelException">The intercept does not vary by this factor.</exception>
    public Quantity InterceptSd => Sd(ModelSpec.InterceptName);

    /// <summary>One level.</summary>
    /// <param name="key">Key of a level seen in the data.</param>
    /// <returns>The level's coefficients.</returns>
    /// <exception cref="ModelException">No row had this key.</exception>
    public LevelFit<TRow> this[TKey key] => Level(key);

    /// <summary>One level.</summary>
    /// <param name="key">Key of a level seen in the data.</param>
    /// <returns>The level's coefficients. The draws of the levels asked for last are kept, so asking again costs nothing.</returns>
    /// <exception cref="ModelException">No row had this key.</exception>
    public LevelFit<TRow> Level(TKey key)
    {
        var level = Number(key);
        return recent.GetOrAdd(level, () => NewLevel(Fit, FactorIndex, level, levels.Text(level)));
    }

    /// <inheritdoc/>
    public override TResult Accept<TResult>(IFactorVisitor<TRow, TResult> visitor)
    {
        ArgumentNullException.ThrowIfNull(visitor);
        return visitor.Visit(this);
    }

    private int Number(TKey key)
    {
        var level = levels.Find(key);
        if (level < 0)
        {
            var text = key is null ? "null" : LevelIndex<TKey>.ToText(key);
            throw new ModelException(new Problem(
                ProblemCode.UnknownTerm,
                $"No row of the data had this key, so {Name} has no such level.",
                "Ask for a key in Keys. For a level without data, read the sds.")
            { Term = Name, Level = text, Suggestion = NearKeys.Question(text, levels) });
        }

        return level;
    }

    /// <summary>The sd over the levels of a varying slope.</summary>
    /// <typeparam name="TValue">Type of the column.</typeparam>
    /// <param name="slope">The slope's column, as in the model.</param>
    /// <returns>The sd, in units of the response per unit of the column.</returns>
    /// <exception cref="ModelException">No such slope varies by this factor.</exception>
    public Quantity Sd<TValue>(Expression<Func<TRow, TValue>> slope)
        where TValue : struct => Sd(TermLookup.NameOf(Fit.Spec, TermLookup.Selector(slope)));

    /// <summary>The sd over the levels of a varying slope of a nullable column.</summary>
    /// <typeparam name="TValue">Type of the column.</typeparam>
    /// <param name="slope">The slope's column, as in the model.</param>
    /// <returns>The sd, in units of the response per unit of the column.</returns>
    /// <exception cref="ModelException">No such slope varies by this factor.</exception>
    public Quantity Sd<TValue>(Expression<Func<TRow, TValue?>> slope)
        where TValue : struct => Sd(TermLookup.NameOf(Fit.Spec, TermLookup.SelectorOrMissing(slope)));

    /// <summary>The sd over the levels of a varying effect, by name.</summary>
    /// <param name="term">Name of the term; <c>Intercept</c> for the intercept.</param>
    /// <returns>The sd, in units of the effect.</returns>
    /// <exception cref="ModelException">No such effect varies by this factor.</exception>
    public Quantity Sd(string term)
    {
        TermLookup.Varying(Factor, term);
        return Fit.Scale(ParameterKind.VaryingSd, Name, term, null);
    }

    /// <summary>The correlation of the varying intercept with a varying slope.</summary>
    /// <typeparam name="TValue">Type of the column.</typeparam>
    /// <param name="slope">The slope's column, as in the model.</param>
    /// <returns>The correlation over the levels.</returns>
    /// <exception cref="ModelException">The correlation is not estimated.</exception>
    public Quantity Correlation<TValue>(Expression<Func<TRow, TValue>> slope)
        where TValue : struct => Correlation(ModelSpec.InterceptName, TermLookup.NameOf(Fit.Spec, TermLookup.Selector(slope)));

    /// <summary>The correlation of the varying intercept with a varying slope of a nullable column.</summary>
    /// <typeparam name="TValue">Type of the column.</typeparam>
    /// <param name="slope">The slope's column, as in the model.</param>
    /// <returns>The correlation over the levels.</returns>
    /// <exception cref="ModelException">The correlation is not estimated.</exception>
    public Quantity Correlation<TValue>(Expression<Func<TRow, TValue?>> slope)
        where TValue : struct => Correlation(ModelSpec.InterceptName, TermLookup.NameOf(Fit.Spec, TermLookup.SelectorOrMissing(slope)));

    /// <summary>The correlation of two varying effects over the levels, by name.</summary>
    /// <param name="term">Name of one term; <c>Intercept</c> for the intercept.</param>
    /// <param name="otherTerm">Name of the other.</param>
    /// <returns>The correlation.</returns>
    /// <exception cref="ModelException">No such effects vary by this factor, or their correlation is not estimated.</exception>
    public Quantity Correlation(string term, string otherTerm)
    {
        TermLookup.Varying(Factor, term);
        TermLookup.Varying(Factor, otherTerm);
        return Fit.Scale(ParameterKind.VaryingCorrelation, Name, term, otherTerm);
    }

    /// <summary>The coefficients of every level, population plus varying, with intervals.</summary>
    /// <param name="probability">Posterior probability of each interval, strictly between 0 and 1; null for
    /// <see cref="Engines.RunOptions.Probability"/> of the fit, 0.89 by default.</param>
    /// <returns>A row a level, in the order of <see cref="Keys"/>: mean, sd and interval of each varying term, in units of the response (of its log
    /// in a LogNormal model).</returns>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not strictly between 0 and 1.</exception>
    /// <remarks>Draws of one level are held at a time: O(levels draws (q^2 + q log draws)) time, O(draws q + levels q) memory. Exact where every
    /// scale is known.</remarks>
    public CoefficientTable<TKey> Coefficients(double? probability = null) => CoefficientsOf(Enumerable.Range(0, levels.Count), probability);

    /// <summary>The coefficients of some levels, population plus varying, with intervals.</summary>
    /// <param name="keys">Keys of levels seen in the data, in the order of the rows.</param>
    /// <param name="probability">Posterior probability of each interval, strictly between 0 and 1; null for
    /// <see cref="Engines.RunOptions.Probability"/> of the fit, 0.89 by default.</param>
    /// <returns>A row a key, as of all levels.</returns>
    /// <exception cref="ModelException">No row had one of the keys.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not strictly between 0 and 1.</exception>
    /// <remarks>O(keys draws (q^2 + q log draws)): where there are very many levels, some of them cost little.</remarks>
    public CoefficientTable<TKey> Coefficients(IEnumerable<TKey> keys, double? probability = null)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return CoefficientsOf(keys.Select(Number), probability);
    }

    private CoefficientTable<TKey> CoefficientsOf(IEnumerable<int> numbers, double? probability)
    {
        var share = IntervalProbability.Of(probability, Fit.Posterior);
        var rows = Fit.Bound.RowsByLevel(FactorIndex);
        var table = ImmutableArray.CreateBuilder<LevelCoefficients<TKey>>();
        foreach (var j in numbers)
        {
            // Not by Level(...), which keeps what it gives.
            var level = new LevelFit<TRow>(Fit, FactorIndex, j, levels.Text(j));
            table.Add(new(levels.Key(j), rows[j], [.. Factor.Terms.Select(term => Estimate(level.Coefficient(term.Name)))]));
        }

        return new(Name, share, [.. Factor.Terms.Select(term => term.Name)], table.ToImmutable());

        CoefficientEstimate Estimate(Quantity quantity) => new(quantity.Mean, quantity.Sd, quantity.Interval(share));
    }

    /// <summary>The draws of the varying effects of every level, as columns by name: <c>Cafe[Blue Door, Intercept]</c>.</summary>
    /// <returns>The columns, aligned with those of <see cref="Fit{TRow}.Draws"/>.</returns>
    public DrawColumns Draws() => new(
        Fit.Posterior, $"{Fit.Spec.Response.Family.Name} model of {Fit.Spec.Response.Name}, effects of {Name}", Fit.Posterior.Effects[FactorIndex]);

    /// <summary>No pooling, partial pooling and complete pooling side by side for every level, with the weight each level's own rows got.</summary>
    /// <returns>A row a level, in the order of <see cref="Keys"/>.</returns>
    /// <remarks>
    /// <para>Given the scales E[u_j] = W_j (b_j - beta) for a Normal response. Of several grouping factors W_j is given the effects of the others:
    /// how
    /// far the level's own rows pull its effects once everything else is known. Of other families the rows act through the curvature of their
    /// likelihood at the mode of the level's effects, given the draw; a level without a finite estimate of its own has no NoPooling.</para>
    /// <para>O(levels draws q^2), and O(draws cells) where the response is neither Normal nor LogNormal. Sources: [LindleySmith1972],
    /// [McCullaghNelder1989].</para>
    /// </remarks>
    public ShrinkageTable<TKey> Shrinkage() => shrinkage.Value;

    private protected virtual LevelFit<TRow> NewLevel(Fit<TRow> fit, int factor, int level, string text) => new(fit, factor, level, text);

    private ShrinkageTable<TKey> NewShrinkage() => ShrinkageTable<TKey>.Of(Fit, FactorIndex, levels, Level);
}

using System.Collections.Concurrent;
using System.Linq.Expressions;
using TypedPooling.Draws;
using TypedPooling.Keys;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>The coefficients of one level of a grouping factor.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>
/// A coefficient is the population effect (where the model has one) plus the level's varying effect, as <c>coef</c> of lme4 gives it; group-level
/// predictors are not added.
/// The varying effect alone is <see cref="Effect(string)"/>, as <c>ranef</c> gives it.
/// Thread-safe: any number of threads may ask one fit at once, and all get the same answers.
/// </remarks>
public class LevelFit<TRow>
{
    private readonly Fit<TRow> fit;
    private readonly int factor;
    private readonly int level;
    private readonly Lazy<double[]> joint;
    private readonly ConcurrentDictionary<(string Term, bool WithPopulation), Quantity> quantities = new();

    internal LevelFit(Fit<TRow> fit, int factor, int level, string text)
    {
        this.fit = fit;
        this.factor = factor;
        this.level = level;
        Text = text;
        joint = new(() =>
        {
            var block = fit.Posterior.Effects[factor];
            var draws = new double[block.TermCount * block.DrawCount];
            block.CopyLevel(level, draws);
            return draws;
        });
    }

    /// <summary>The level's key as text.</summary>
    public string Text { get; }

    /// <summary>The level's intercept: population intercept (where there is one) plus varying intercept.</summary>
    /// <exception cref="ModelException">The intercept does not vary by this factor.</exception>
    public Quantity Intercept => Coefficient(ModelSpec.InterceptName);

    private protected FactorSpec Factor => fit.Spec.Factors[factor];

    /// <summary>The level's slope: population slope (where there is one) plus varying slope.</summary>
    /// <typeparam name="TValue">Type of the column.</typeparam>
    /// <param name="selector">The slope's column, as in the model.</param>
    /// <returns>The slope, in units of the response per unit of the column.</returns>
    /// <exception cref="ModelException">No such slope varies by this factor.</exception>
    public Quantity Slope<TValue>(Expression<Func<TRow, TValue>> selector)
        where TValue : struct => Coefficient(TermLookup.NameOf(fit.Spec, TermLookup.Selector(selector)));

    /// <summary>The level's slope of a nullable column: population slope (where there is one) plus varying slope.</summary>
    /// <typeparam name="TValue">Type of the column.</typeparam>
    /// <param name="selector">The slope's column, as in the model.</param>
    /// <returns>The slope, in units of the response per unit of the column.</returns>
    /// <exception cref="ModelException">No such slope varies by this factor.</exception>
    public Quantity Slope<TValue>(Expression<Func<TRow, TValue?>> selector)
        where TValue : struct => Coefficient(TermLookup.NameOf(fit.Spec, TermLookup.SelectorOrMissing(selector)));

    /// <summary>The level's coefficient of a varying term, by name: population effect (where there is one) plus varying effect.</summary>
    /// <param name="term">Name of the term; <c>Intercept</c> for the intercept.</param>
    /// <returns>The coefficient.</returns>
    /// <exception cref="ModelException">No such term varies by this factor.</exception>
    public Quantity Coefficient(string term) => quantities.GetOrAdd((term, true), key => NewQuantity(key.Term, key.WithPopulation));

    /// <summary>The level's varying effect alone, its deviation from the population effect, by name.</summary>
    /// <param name="term">Name of the term; <c>Intercept</c> for the intercept.</param>
    /// <returns>The effect u.</returns>
    /// <exception cref="ModelException">No such term varies by this factor.</exception>
    public Quantity Effect(string term) => quantities.GetOrAdd((term, false), key => NewQuantity(key.Term, key.WithPopulation));

    /// <summary>The varying effect of a slope alone, its deviation from the population slope.</summary>
    /// <typeparam name="TValue">Type of the column.</typeparam>
    /// <param name="selector">The slope's column, as in the model.</param>
    /// <returns>The effect u, in units of the response per unit of the column.</returns>
    /// <exception cref="ModelException">No such slope varies by this factor.</exception>
    public Quantity Effect<TValue>(Expression<Func<TRow, TValue>> selector)
        where TValue : struct => Effect(TermLookup.NameOf(fit.Spec, TermLookup.Selector(selector)));

    /// <summary>Factor and level, and a line for each coefficient: name, mean, sd and interval.</summary>
    public override string ToString() => string.Join(
        Environment.NewLine, Factor.Terms.Select(term => Coefficient(term.Name).ToString()).Prepend(KeyText.Printed($"{Factor.Name}[{Text}]")));

    private Quantity NewQuantity(string term, bool withPopulation)
    {
        var a = TermLookup.Varying(Factor, term);
        var population = withPopulation ? TermLookup.FindPopulation(fit.Spec, term) : -1;
        var posterior = fit.Posterior;
        LinearForm? linear = null;
        if (posterior.Exact is not null || posterior.Point is not null)
        {
            var weights = new double[posterior.Population.ParameterCount];
            if (population >= 0)
                weights[population] = 1;
            var effects = new double[Factor.Terms.Length];
            effects[a] = 1;
            linear = new(weights, [new(factor, level, [.. effects])]);
        }

        var name = KeyText.Printed(withPopulation ? $"{Factor.Name}[{Text}]: {term}" : $"{Factor.Name}[{Text}, {term}]");
        return new Quantity(name, posterior, () =>
        {
            var draws = joint.Value.AsSpan(a * posterior.DrawCount, posterior.DrawCount).ToArray();
            if (population >= 0)
            {
                var beta = new double[draws.Length];
                posterior.Population.CopyDraws(population, beta);
                for (var s = 0; s < draws.Length; s++)
                    draws[s] += beta[s];
            }

            return draws;
        }, linear?.Moments(posterior))
        { Linear = linear };
    }
}

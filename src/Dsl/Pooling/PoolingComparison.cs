using System.Collections.Immutable;
using System.Globalization;
using System.Linq.Expressions;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Json;
using TypedPooling.Keys;
using TypedPooling.Model;
using TypedPooling.Pooling;

namespace TypedPooling;

/// <summary>One model fitted without pooling, with partial pooling and with complete pooling, side by side for every level of a grouping factor.
/// Immutable.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <typeparam name="TKey">Type of the factor's keys.</typeparam>
/// <remarks>
/// A level's coefficient is the whole of it: population effect, varying effect, and what group-level predictors add for the level, so that the three
/// compare. No pooling is least squares or maximum likelihood; partial and complete pooling use the model's priors. Where other grouping factors are
/// in the model, partial
/// pooling takes account of them, and the other two leave them out. Thread-safe: any number of threads may read it at once.
/// </remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed class PoolingComparison<TRow, TKey> : IJsonAnswer, ITabular
{
    private const int LeastWidth = 21;

    private readonly FactorSpec factor;

    private PoolingComparison(NoPoolingFit<TRow, TKey> none, Fit<TRow> partial, Fit<TRow> complete, int factorIndex)
    {
        (NoPooling, PartialPooling, CompletePooling) = (none, partial, complete);
        factor = partial.Spec.Factors[factorIndex];
        Terms = none.Terms;
        var shared = new Dictionary<(int Term, string Weights), MeanAndSd>();
        Levels = [.. none.Levels.Select((level, j) => new LevelPooling<TKey>(
            level.Key,
            level.Rows,
            level.Coefficients,
            Partial(partial, none.Predictors, factorIndex, j),
            [.. Terms.Select((_, a) => Complete(complete, none.Predictors, a, j, shared))]))];
    }

    /// <summary>Puts three fits side by side.</summary>
    internal static PoolingComparison<TRow, TKey> Of(NoPoolingFit<TRow, TKey> none, Fit<TRow> partial, Fit<TRow> complete, Group<TRow, TKey> group) =>
        new(none, partial, complete, partial.FactorOf(group));

    /// <summary>Least squares, or maximum likelihood, with coefficients of its own for every level.</summary>
    public NoPoolingFit<TRow, TKey> NoPooling { get; }

    /// <summary>The fit of the multilevel model itself.</summary>
    public Fit<TRow> PartialPooling { get; }

    /// <summary>The fit of the model without varying effects.</summary>
    public Fit<TRow> CompletePooling { get; }

    /// <summary>Names of the varying terms, the order of every list of coefficients here. Length q.</summary>
    public ImmutableArray<string> Terms { get; }

    /// <summary>The levels, in order of first appearance.</summary>
    public ImmutableArray<LevelPooling<TKey>> Levels { get; }

    /// <summary>The three as a table; levels with the fewest rows, which are pooled most, come first.</summary>
    public override string ToString() => Printed().ToString();

    /// <summary>The table as <see cref="ToString"/> shows it.</summary>
    /// <returns>One table.</returns>
    public ImmutableArray<PrintedTable> ToTables() => [Printed()];

    private PrintedTable Printed()
    {
        var table = new TableBuilder([factor.Name, "rows", .. Terms.SelectMany(t => new[] { t + " none", "se", "partial", "sd", "complete" })]);
        var decimals = Terms.Select((_, a) => Figures.Decimals(Levels.Min(l => l.PartialPooling[a].Sd))).ToArray();
        foreach (var level in ByRows())
        {
            table.Add(
            [
                LevelIndex<TKey>.ToText(level.Key),
                level.Rows.ToString(CultureInfo.InvariantCulture),
                .. Terms.SelectMany((_, a) => (string[])[
                    .. NoPoolingFit<TRow, TKey>.Texts(level.NoPooling[a], decimals[a]),
                    Figures.Fixed(level.PartialPooling[a].Mean, decimals[a]),
                    Figures.Fixed(level.PartialPooling[a].Sd, decimals[a]),
                    Figures.Fixed(level.CompletePooling[a].Mean, decimals[a])]),
            ]);
        }

        return table.Build();
    }

    /// <summary>A line a level on one axis: <c>o</c> no pooling, <c>*</c> partial pooling, <c>|</c> complete pooling; levels with the fewest rows
    /// come first.</summary>
    /// <param name="term">Name of the term; <c>Intercept</c> for the intercept.</param>
    /// <param name="width">Characters of the axis, at least 21.</param>
    /// <returns>Lines of ASCII text but for the levels' own; where signs fall on one place, <c>*</c> covers <c>o</c> covers <c>|</c>.</returns>
    /// <exception cref="ModelException">No such effect varies by the factor.</exception>
    public string Plot(string term = ModelSpec.InterceptName, int width = 61)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, LeastWidth);
        var a = TermLookup.Varying(factor, term);
        var values =
            Levels.SelectMany(l => new[] { l.NoPooling[a]?.Value ?? double.NaN, l.PartialPooling[a].Mean, l.CompletePooling[a].Mean }).Where(
                double.IsFinite).ToArray();
        var (low, high) = (values.Min(), values.Max());
        if (low == high)
            (low, high) = (low - 0.5, high + 0.5);
        var names = Math.Max(factor.Name.Length, Levels.Max(l => KeyText.Printed(LevelIndex<TKey>.ToText(l.Key)).Length));
        var counts = Math.Max("rows".Length, Levels.Max(l => l.Rows).ToString(CultureInfo.InvariantCulture).Length);
        var text = new StringBuilder();
        text.Append(factor.Name.PadRight(names)).Append("  ").Append("rows".PadLeft(counts)).Append("  ").Append(term).AppendLine(
            ": o none, * partial, | complete pooling");
        foreach (var level in ByRows())
        {
            var line = new string(' ', width).ToCharArray();
            Put(level.CompletePooling[a].Mean, '|');
            if (level.NoPooling[a] is { } own)
                Put(own.Value, 'o');
            Put(level.PartialPooling[a].Mean, '*');
            text.Append(KeyText.Printed(LevelIndex<TKey>.ToText(level.Key)).PadRight(names)).Append("  ").Append(
                level.Rows.ToString(CultureInfo.InvariantCulture).PadLeft(counts)).Append("  ");
            text.AppendLine(new string(line).TrimEnd());

            void Put(double value, char sign) =>
                line[(int)Math.Round((value - low) / (high - low) * (width - 1), MidpointRounding.AwayFromZero)] = sign;
        }

        var decimals = Figures.Decimals(high - low);
        var (left, right) = (Figures.Fixed(low, decimals), Figures.Fixed(high, decimals));
        text.Append(' ', names + counts + 4).Append(left).Append(' ', Math.Max(1, width - left.Length - right.Length)).AppendLine(right);
        return text.ToString();
    }

    /// <summary>A line a level on one axis: <c>o</c> no pooling, <c>*</c> partial pooling, <c>|</c> complete pooling; levels with the fewest rows
    /// come first.</summary>
    /// <typeparam name="TValue">Type of the column.</typeparam>
    /// <param name="slope">The slope's column, as in the model.</param>
    /// <param name="width">Characters of the axis, at least 21.</param>
    /// <returns>Lines of ASCII text but for the levels' own; where signs fall on one place, <c>*</c> covers <c>o</c> covers <c>|</c>.</returns>
    /// <exception cref="ModelException">No such slope varies by the factor.</exception>
    public string Plot<TValue>(Expression<Func<TRow, TValue>> slope, int width = 61)
        where TValue : struct => Plot(TermLookup.NameOf(PartialPooling.Spec, TermLookup.Selector(slope)), width);

    private IEnumerable<LevelPooling<TKey>> ByRows() => Levels.OrderBy(l => l.Rows);

    private static ImmutableArray<MeanAndSd> Partial(Fit<TRow> fit, LevelPredictors predictors, int factor, int level)
    {
        var posterior = fit.Posterior;
        var terms = fit.Spec.Factors[factor].Terms;
        var known = posterior.Exact ?? posterior.Point?.Moments;
        double[]? joint = null;
        if (known is null)
        {
            joint = new double[terms.Length * posterior.DrawCount];
            posterior.Effects[factor].CopyLevel(level, joint);
        }

        return [.. terms.Select((term, a) =>
        {
            var weights = predictors.Weights(fit.Spec, term.Name, a, level);
            if (known is { } moments)
            {
                var effects = new double[terms.Length];
                effects[a] = 1;
                var exact = moments.Of(weights, factor, level, effects);
                return new MeanAndSd(exact.Mean, exact.Sd);
            }

            var draws = Combine(posterior.Population, weights);
            for (var s = 0; s < draws.Length; s++)
                draws[s] += joint![a * draws.Length + s];
            return Summary(new Quantity(term.Name, posterior, () => draws));
        })];
    }

    // Levels with the same predictors, all of them where there are none, share the numbers.
    private MeanAndSd Complete(Fit<TRow> fit, LevelPredictors predictors, int a, int level, Dictionary<(int Term, string Weights), MeanAndSd> shared)
    {
        var weights = predictors.Weights(fit.Spec, Terms[a], a, level);
        var key = (a, string.Join(' ', weights.Select(w => w.ToString("R", CultureInfo.InvariantCulture))));
        if (shared.TryGetValue(key, out var known))
            return known;
        var posterior = fit.Posterior;
        NormalMoments? exact = (posterior.Exact ?? posterior.Point?.Moments)?.Of(weights, 0, 0, []);
        var weighted = posterior.Weighted;
        return shared[key] = Summary(new Quantity(
            Terms[a],
            posterior,
            () => Combine(posterior.Population, weights),
            exact,
            weighted is null ? null : () => Combine(weighted.Population, weights)));
    }

    private static MeanAndSd Summary(Quantity quantity) => new(quantity.Mean, quantity.Sd);

    private static double[] Combine(DrawBlock population, double[] weights)
    {
        var sum = new double[population.DrawCount];
        var draws = new double[sum.Length];
        for (var t = 0; t < weights.Length; t++)
        {
            if (weights[t] == 0)
                continue;
            population.CopyDraws(t, draws);
            for (var s = 0; s < sum.Length; s++)
                sum[s] += weights[t] * draws[s];
        }

        return sum;
    }

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("factor", factor.Name);
        writer.WriteTexts("terms", Terms);
        writer.WriteAnswers("levels", Levels);
        writer.WriteEndObject();
    }
}

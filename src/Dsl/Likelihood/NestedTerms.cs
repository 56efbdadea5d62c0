using TypedPooling.Declarations;
using TypedPooling.Model;
using TypedPooling.Selectors;

namespace TypedPooling.Likelihood;

/// <summary>The terms of a model by what their selectors compute, each with the value it is fixed at. Immutable.</summary>
/// <remarks>
/// A term that is estimated has the value NaN; one that a model does not have is fixed at 0. A model is nested in a larger one where every term that
/// the larger one fixes has the same value in both. A categorical predictor is one term, whatever its
/// reference level is.
/// </remarks>
internal sealed class NestedTerms
{
    private readonly Dictionary<string, (string Name, double Value)> population = [];
    private readonly Dictionary<string, (string Name, double Value)> scales = [];
    private readonly HashSet<string> sdsOfTerms = [];       // which scales are sds of varying effects

    private NestedTerms(List<string> response) => Response = response;

    /// <summary>The response, its weight and the offsets.</summary>
    public List<string> Response { get; }

    /// <summary>Number of estimated scales.</summary>
    public int FreeScales => scales.Values.Count(term => double.IsNaN(term.Value));

    /// <summary>Reads the terms of a fitted model.</summary>
    /// <param name="model">The model as it was declared, with its selectors.</param>
    /// <param name="spec">The model as it was fitted.</param>
    /// <param name="selectors">Numbers of selectors, shared by models that are compared.</param>
    public static NestedTerms Of(LoweredModel model, ModelSpec spec, SelectorNumbers selectors)
    {
        var response = model.Declaration.Response;
        var terms = new NestedTerms(
        [
            $"{Number(response.Column)}",
            response.Weight is { } weight ? $"{response.WeightKind} {Number(weight)}" : string.Empty,
            response.Count is { } count ? $"count {Number(count)}" : string.Empty,
            .. model.Declaration.Offsets.Select(offset => $"offset {Number(offset)}").Order(StringComparer.Ordinal),
        ]);
        foreach (var term in spec.Population)
            terms.population[ColumnOf(term.Column)] = (spec.Columns.ElementAtOrDefault(term.Column)?.Category ?? term.Name, ValueOf(term.Prior));
        for (var k = 0; k < spec.Factors.Length; k++)
        {
            var (factor, key) = (spec.Factors[k], model.Declaration.Factors[k].Key);
            var number = selectors.Of(key.Key, key.Body);
            foreach (var term in factor.Terms)
            {
                var id = $"{number} {ColumnOf(term.Column)}";
                terms.scales[id] = ($"sd({factor.Name}: {term.Name})", ValueOf(term.Sd));
                terms.sdsOfTerms.Add(id);
            }

            for (var a = 1; a < factor.Terms.Length && factor.HasCorrelations; a++)
            {
                for (var b = 0; b < a; b++)
                {
                    var pair = new[] { ColumnOf(factor.Terms[a].Column), ColumnOf(factor.Terms[b].Column) }.Order(StringComparer.Ordinal);
                    terms.scales[$"{number} {string.Join(" with ", pair)}"] = (
                        $"cor({factor.Name}: {factor.Terms[b].Name}, {factor.Terms[a].Name})", double.NaN);
                }
            }
        }

        if (spec.Response.HasSigma)
            terms.scales["sigma"] = ("sigma", ValueOf(spec.Response.Sigma));
        if (spec.Response.Family.Shape is { } shape)
            terms.scales["shape"] = (shape.Name, ValueOf(spec.Response.Shape));
        return terms;

        int Number(ColumnSelector column) => selectors.Of(column.Key, column.Body);

        string ColumnOf(int column)
        {
            if (column == ModelSpec.Ones)
                return "1";
            if (column < model.Columns.Length)
                return $"x{Number(model.Columns[column])}";
            var category = model.Categories.First(one => one.Selector.Name == spec.Columns[column].Category).Selector;
            return $"c{selectors.Of(category.Key, category.Body)}";
        }
    }

    /// <summary>Whether a larger model has exactly one sd more, beside its correlations, with what this one has at 0.</summary>
    public bool LacksOneSd(NestedTerms larger)
    {
        string[] more = [.. larger.scales.Keys.Where(id => double.IsNaN(larger.scales[id].Value) && !double.IsNaN(ValueOf(scales, id)))];
        string[] sds = [.. more.Where(id => sdsOfTerms.Contains(id) || larger.sdsOfTerms.Contains(id))];
        return sds.Length == 1 && ValueOf(scales, sds[0]) == 0;
    }

    /// <summary>Names of the terms that keep a smaller model from being nested in a larger one.</summary>
    public string[] Lacking(NestedTerms larger) => [.. Lacking(population, larger.population), .. Lacking(scales, larger.scales)];

    /// <summary>Names of the population effects that are estimated, or fixed at another value, in one model only.</summary>
    public string[] DifferentPopulation(NestedTerms other) =>
        [.. population.Keys.Union(other.population.Keys).Where(id => !ValueOf(population, id).Equals(ValueOf(other.population, id))).Select(
            id => (population.TryGetValue(id, out var own) ? own : other.population[id]).Name)];

    private static IEnumerable<string> Lacking(
        Dictionary<string, (string Name, double Value)> few, Dictionary<string, (string Name, double Value)> many) =>
        few.Keys.Union(many.Keys).Where(id => !double.IsNaN(ValueOf(many, id)) && ValueOf(many, id) != ValueOf(few, id)).Select(
            id => (few.TryGetValue(id, out var own) ? own : many[id]).Name);

    private static double ValueOf(Dictionary<string, (string Name, double Value)> terms, string id) =>
        terms.TryGetValue(id, out var term) ? term.Value : 0;

    private static double ValueOf(IUnivariatePrior? prior) => prior?.FixedValue ?? double.NaN;
}

using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>Models of the same observations by their expected log predictive densities, the best first. Immutable.</summary>
/// <remarks>
/// The difference of two models is summed over observations, and so is its standard error, sqrt(n var(elpd_i - elpd_i of the best)), which is far
/// smaller than those of the sums. A difference of a few units, or of less than some four standard errors, says little; below n = 100 the standard
/// error is itself too small. Source: [Vehtari2017]. Thread-safe: any number of threads may read it at once.
/// </remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed class ModelComparison : IJsonAnswer, ITabular
{
    // Responses that are equal were read alike, but for a log and back.
    private const double EqualResponses = 1e-9;

    private ModelComparison(ImmutableArray<ComparedModel> models) => Models = models;

    /// <summary>The models, the one of the largest elpd first.</summary>
    public ImmutableArray<ComparedModel> Models { get; }

    /// <summary>The model of the largest elpd.</summary>
    public ComparedModel Best => Models[0];

    /// <summary>Compares models.</summary>
    /// <param name="estimates">Estimates of one kind over the same observations, each with a name of its own or none.</param>
    /// <returns>The comparison.</returns>
    /// <exception cref="ModelException">Fewer than two are given, two have one name, or they are not of one kind, of the same number of observations,
    /// or of the same responses.</exception>
    public static ModelComparison Of(params ElpdEstimate[] estimates)
    {
        ArgumentNullException.ThrowIfNull(estimates);
        if (estimates.Length < 2)
            throw Refused("A comparison needs at least two models.", "Give the estimates of two or more fits of the same rows.");
        var names = estimates.Select((estimate, i) => estimate.Name ?? string.Create(CultureInfo.InvariantCulture, $"model {i + 1}")).ToArray();
        if (names.GroupBy(name => name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw Refused($"Two models are called '{twice.Key}'.", "Give each its own name: fit.Loo(rows, \"slopes vary\").");
        for (var i = 1; i < estimates.Length; i++)
            Check(estimates[0], estimates[i], names[0], names[i]);

        var best = estimates.MaxBy(estimate => estimate.Elpd)!;
        var weights = Stacking.WeightsOf(
            [.. estimates.Select(estimate => estimate.Pointwise.Select(part => part.Elpd).ToArray())],
            [.. best.Pointwise.Select(part => part.Count)]);
        return new([.. estimates
            .Select((estimate, i) => new ComparedModel(
                names[i], estimate, estimate.Elpd - best.Elpd, estimate == best ? 0 : estimate.DifferenceSe(best))
            {
                StackingWeight = weights[i],
            })
            .OrderByDescending(model => model.Difference)]);
    }

    /// <summary>A model by name.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Its row.</returns>
    /// <exception cref="ModelException">No model has the name.</exception>
    public ComparedModel Model(string name) => Models.FirstOrDefault(model => model.Name == name)
        ?? throw new ModelException(
            new Problem(
                ProblemCode.UnknownTerm,
                $"No model is called '{name}'.",
                TermLookup.AskFor(Models.Select(model => model.Name), string.Empty))
            { Term = name });

    /// <summary>The comparison as a table: elpd, differences from the best with their standard errors, stacking weights, effective
    /// parameters, observations that are not to be trusted.</summary>
    public override string ToString() => Printed().ToString();

    /// <summary>The table as <see cref="ToString"/> shows it, with the warnings below.</summary>
    /// <returns>One table.</returns>
    public ImmutableArray<PrintedTable> ToTables() => [Printed()];

    private PrintedTable Printed()
    {
        var criterion = Best.Estimate.Criterion;
        var table = new TableBuilder(
            criterion.ToString() switch { "LeaveOneOut" => "PSIS-LOO", "Waic" => "WAIC", "KFold" => "K-fold", _ => "leave-one-group-out" },
            "elpd",
            "se",
            "difference",
            "se",
            "weight",
            "p",
            criterion == ElpdCriterion.Waic ? "p_i > 0.4" : "bad k");
        foreach (var model in Models)
        {
            var estimate = model.Estimate;
            var decimals = Figures.Decimals(Models[^1].DifferenceSe);
            table.Add(
                model.Name,
                Figures.Fixed(estimate.Elpd, decimals),
                Figures.Fixed(estimate.ElpdSe, decimals),
                Figures.Fixed(model.Difference, decimals),
                Figures.Fixed(model.DifferenceSe, decimals),
                Figures.Fixed(model.StackingWeight, 2),
                Figures.Fixed(estimate.EffectiveParameters, decimals),
                estimate.BadCount.ToString(CultureInfo.InvariantCulture));
        }

        return table.Build(notes: Models.SelectMany(model => model.Estimate.Warnings.Select(warning => $"Warning: {model.Name}: {warning}")));
    }

    private static void Check(ElpdEstimate a, ElpdEstimate b, string nameA, string nameB)
    {
        if (a.Criterion != b.Criterion)
            throw Refused($"'{nameA}' and '{nameB}' use different criteria, {a.Criterion} and {b.Criterion}.", "Use one criterion for all models.");
        if (a.ObservationCount != b.ObservationCount || a.Pointwise.Length != b.Pointwise.Length)
        {
            throw Refused(
                string.Create(
                    CultureInfo.InvariantCulture, $"'{nameA}' has {a.ObservationCount:N0} observations and '{nameB}' has {b.ObservationCount:N0}."),
                "Fit all models to the same rows: leave out rows in which any model has a missing value.");
        }

        if (!(a.Subsample?.Sampled ?? []).AsSpan().SequenceEqual(b.Subsample?.Sampled))
        {
            throw Refused(
                $"'{nameA}' and '{nameB}' left out other samples of the rows.",
                "Give every model the same rows in the same order, the same size of the sample and the same seed.");
        }

        for (var i = 0; i < a.Pointwise.Length; i++)
        {
            if (a.Pointwise[i].Count != b.Pointwise[i].Count || a.Pointwise[i].Level != b.Pointwise[i].Level
                || !(Math.Abs(a.Responses[i] - b.Responses[i]) <= EqualResponses * Math.Abs(a.Responses[i])))
            {
                var level = a.Pointwise[i].Level;
                throw new ModelException(new Problem(
                    ProblemCode.NotComparable,
                    level is not null
                        ? $"The observations of '{nameA}' and '{nameB}' differ."
                        : string.Create(
                            CultureInfo.InvariantCulture, $"The responses of '{nameA}' and '{nameB}' differ, first in observation {i + 1}."),
                    "Densities of different responses cannot be compared: give the same rows in the same order, with the response in one unit; for "
                        + "the log of a response use LogNormal.")
                { Level = level, IsLevelOfData = level is not null });
            }
        }
    }

    private static ModelException Refused(string sentence, string remedy) => new(new Problem(ProblemCode.NotComparable, sentence, remedy));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteAnswers("models", Models);
        writer.WriteEndObject();
    }
}

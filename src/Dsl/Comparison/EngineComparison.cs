using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Draws;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>One model fitted by several engines, each set against the first of them that fits it. Immutable.</summary>
/// <remarks>Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed record EngineComparison : IJsonAnswer<EngineComparison>, ITabular
{
    internal EngineComparison(string model, ImmutableArray<EngineRun> engines)
    {
        Model = model;
        Engines = engines;
    }

    /// <summary>The model and its data in a line.</summary>
    public string Model { get; }

    /// <summary>The engines, in the order they were named.</summary>
    public ImmutableArray<EngineRun> Engines { get; }

    /// <summary>The engine the others are set against: the first that fits the model.</summary>
    public EngineRun Reference => Engines.First(run => run.Refusals.IsEmpty);

    /// <summary>Two tables: time, effective draws and evidence of every engine; and for each class of parameters the worst difference from the
    /// reference. Then warnings and refusals.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(Model).AppendLine().AppendJoin(Environment.NewLine, ToTables());
        foreach (var note in Remarks())
            text.AppendLine().Append(note);
        return text.ToString().TrimEnd();
    }

    /// <summary>The tables of <see cref="ToString"/>: time and effective draws of every engine, and where there are several the differences from the
    /// reference.</summary>
    /// <returns>One table or two.</returns>
    public ImmutableArray<PrintedTable> ToTables() => Engines.Any(run => !run.Differences.IsEmpty) ? [Runs(), Differences()] : [Runs()];

    private PrintedTable Runs()
    {
        var table = new TableBuilder("engine", "draws are", "time", "worst ess", "ess/s", "log evidence", "warnings");
        foreach (var run in Engines.Where(run => run.Refusals.IsEmpty))
        {
            table.Add(
                run.Engine,
                run.Exactness switch { Exactness.Exact => "exact", Exactness.Approximate => "approximate", _ => "of a point" },
                Figures.Seconds(run.Time),
                Counted(run.WorstEss),
                Counted(run.EssPerSecond),
                run.LogEvidence is { } evidence
                    ? Figures.Fixed(evidence.Value, 2)
                    : run.EvidenceBound is { } bound ? $">= {Figures.Fixed(bound, 2)}" : "-",
                Counted(run.Warnings.Length));
        }

        return table.Build();
    }

    private IEnumerable<string> Remarks()
    {
        foreach (var run in Engines)
        {
            foreach (var warning in run.Warnings)
                yield return $"{run.Engine}: {warning.Message}";
            foreach (var problem in run.Refusals)
                yield return $"{run.Engine} does not fit this model: {problem}";
        }
    }

    private PrintedTable Differences()
    {
        var title = $"Against {Reference.Engine}, in its posterior sds: the largest difference of each class, and its parameter";
        var differences = new TableBuilder("engine", "parameters", "number", "mean", "sd ratio", "distance", "farthest");
        foreach (var run in Engines)
        {
            foreach (var kind in run.Differences.GroupBy(difference => difference.Parameter.Kind))
            {
                var farthest = kind.MaxBy(difference => difference.Distance)!;
                var ratio = kind.MaxBy(difference => Math.Abs(Math.Log(difference.SdRatio)))!.SdRatio;
                differences.Add(
                    run.Engine,
                    NameOf(kind.Key),
                    Counted(kind.Count()),
                    Figures.Fixed(kind.MaxBy(difference => Math.Abs(difference.MeanDifference))!.MeanDifference, 3),
                    Figures.Fixed(ratio, 3),
                    Figures.Fixed(farthest.Distance, 3),
                    farthest.Parameter.Name);
            }
        }

        return differences.Build(title);
    }

    private static string Counted(double value) => double.IsNaN(value) ? "-" : value.ToString("N0", CultureInfo.InvariantCulture);

    private static string NameOf(ParameterKind kind) => kind switch
    {
        ParameterKind.PopulationEffect => "population effects",
        ParameterKind.VaryingSd => "sds",
        ParameterKind.VaryingCorrelation => "correlations",
        ParameterKind.VaryingEffect => "varying effects",
        ParameterKind.Sigma => "sigma",
        ParameterKind.Shape => "shape",
        ParameterKind.DegreesOfFreedom => "degrees of freedom",
        ParameterKind.Precision => "precision",
        _ => throw new UnreachableException(),
    };

    static EngineComparison IJsonAnswer<EngineComparison>.ReadFrom(JsonElement json) => new(
        json.Text("model"),
        json.Answers<EngineRun>("engines"));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("model", Model);
        writer.WriteAnswers("engines", Engines);
        writer.WriteEndObject();
    }
}

using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Draws;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>A quantity in a few numbers, without the fit behind it: what a quantity is as JSON, and what such JSON is read back as.</summary>
/// <param name="Name">The quantity's name, as tables show it.</param>
/// <param name="Mean">Posterior mean; of a point fit the quantity at the estimates.</param>
/// <param name="Sd">Posterior standard deviation; the standard error of a point estimate.</param>
/// <param name="Median">Posterior median.</param>
/// <param name="Interval">Central interval.</param>
/// <param name="EssBulk">Bulk effective sample size; NaN for a point estimate.</param>
/// <param name="EssTail">Tail effective sample size; NaN for a point estimate.</param>
/// <param name="RHat">R-hat; NaN where draws are independent, and for a point estimate.</param>
/// <param name="McseMean">Monte-Carlo standard error of the mean; 0 where the mean is exact.</param>
/// <remarks>Two summaries are equal where all their numbers are, draws included. Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed record QuantitySummary(
    string Name, double Mean, double Sd, double Median, Interval Interval, double EssBulk, double EssTail, double RHat, double McseMean)
    : IJsonAnswer<QuantitySummary>
{
    /// <summary>What a reader of the quantity must know; empty where nothing is wrong.</summary>
    public ImmutableArray<FitWarning> Warnings { get; init; } = [];

    /// <summary>The draws, chain after chain; empty where they were not asked for.</summary>
    public ImmutableArray<double> Draws { get; init; } = [];

    /// <summary>Whether every number, every draw and every warning is the same; NaN is equal to NaN.</summary>
    /// <param name="other">Another summary.</param>
    public bool Equals(QuantitySummary? other) => other is not null
        && (Name, Interval) == (other.Name, other.Interval)
        && Numbers.SequenceEqual(other.Numbers)
        && Warnings.SequenceEqual(other.Warnings)
        && Draws.SequenceEqual(other.Draws);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Mean, Sd, Interval, Draws.Length);

    /// <summary>Name, mean, sd and interval; where the posterior mean need not exist, name, posterior median and interval.</summary>
    public override string ToString()
    {
        var isUnsure = Warnings.Any(warning => warning.Code == FitWarningCode.MeanMayNotExist);
        return Figures.Summary(
            Name, isUnsure, isUnsure ? Median : Mean, isUnsure ? double.NaN : Sd, Interval.Lower, Interval.Upper, Interval.Probability);
    }

    private double[] Numbers => [Mean, Sd, Median, EssBulk, EssTail, RHat, McseMean];

    static QuantitySummary IJsonAnswer<QuantitySummary>.ReadFrom(JsonElement json) => new(
        json.Text("name"),
        json.Real("mean"),
        json.Real("sd"),
        json.Real("median"),
        json.Answer<Interval>("interval"),
        json.Real("essBulk"),
        json.Real("essTail"),
        json.Real("rHat"),
        json.Real("mcseMean"))
    {
        Warnings = json.Answers<FitWarning>("warnings"),
        Draws = json.Find("draws") is null ? [] : json.Reals("draws"),
    };

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name", Name);
        writer.WriteReal("mean", Mean);
        writer.WriteReal("sd", Sd);
        writer.WriteReal("median", Median);
        writer.WriteAnswer("interval", Interval);
        writer.WriteReal("essBulk", EssBulk);
        writer.WriteReal("essTail", EssTail);
        writer.WriteReal("rHat", RHat);
        writer.WriteReal("mcseMean", McseMean);
        writer.WriteAnswers("warnings", Warnings);
        if (!Draws.IsDefaultOrEmpty)
            writer.WriteReals("draws", Draws);
        writer.WriteEndObject();
    }
}

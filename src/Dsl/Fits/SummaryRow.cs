using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Draws;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>A row of the parameter table.</summary>
/// <param name="Parameter">What the parameter is.</param>
/// <param name="Mean">Posterior mean; the estimate, where the engine gives a point.</param>
/// <param name="Sd">Posterior standard deviation; the standard error of a point estimate, NaN for a scale.</param>
/// <param name="Lower">Lower end of the interval: the 5.5 % quantile at the default level.</param>
/// <param name="Upper">Upper end of the interval: the 94.5 % quantile at the default level.</param>
/// <param name="EssBulk">Bulk effective sample size; NaN for a point estimate.</param>
/// <param name="EssTail">Tail effective sample size; NaN for a point estimate.</param>
/// <param name="RHat">R-hat; NaN where draws are independent.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed record SummaryRow(Parameter Parameter, double Mean, double Sd, double Lower, double Upper, double EssBulk, double EssTail, double RHat)
    : IJsonAnswer<SummaryRow>
{
    /// <summary>Posterior probability of the interval from <see cref="Lower"/> to <see cref="Upper"/>.</summary>
    public double Probability { get; init; } = Posterior.DefaultProbability;

    /// <summary>Posterior median; the estimate, where the engine gives a point.</summary>
    public double Median { get; init; }

    /// <summary>True where the mean need not exist: the table then shows the median in its place, and no sd.</summary>
    public bool HasUnsureMean { get; init; }

    /// <summary>The row as one line, rounded as the table rounds it; without the diagnostics that it does not have.</summary>
    public override string ToString()
    {
        var text = Figures.Summary(Parameter.Name, HasUnsureMean, HasUnsureMean ? Median : Mean, Sd, Lower, Upper, Probability);
        if (double.IsFinite(EssBulk))
            text += $", ess_bulk {Figures.Count(EssBulk)}, ess_tail {Figures.Count(EssTail)}";
        return double.IsFinite(RHat) ? $"{text}, rhat {Figures.Fixed(RHat, 3)}" : text;
    }

    static SummaryRow IJsonAnswer<SummaryRow>.ReadFrom(JsonElement json)
    {
        var interval = json.Answer<Interval>("interval");
        return new(
            json.Answer<Parameter>("parameter"),
            json.Real("mean"),
            json.Real("sd"),
            interval.Lower,
            interval.Upper,
            json.Real("essBulk"),
            json.Real("essTail"),
            json.Real("rHat"))
        {
            Probability = interval.Probability,
            Median = json.Real("median"),
            HasUnsureMean = json.Flag("hasUnsureMean"),
        };
    }

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteAnswer("parameter", Parameter);
        writer.WriteReal("mean", Mean);
        writer.WriteReal("sd", Sd);
        writer.WriteReal("median", Median);
        writer.WriteAnswer("interval", new Interval(Lower, Upper, Probability));
        writer.WriteReal("essBulk", EssBulk);
        writer.WriteReal("essTail", EssTail);
        writer.WriteReal("rHat", RHat);
        writer.WriteBoolean("hasUnsureMean", HasUnsureMean);
        writer.WriteEndObject();
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using MathNet.Numerics.Distributions;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>The residuals of one response.</summary>
/// <param name="Row">Number of the row among those given, from 1.</param>
/// <param name="Observed">The response.</param>
/// <param name="Mean">Its predictive mean (of a StudentT response its centre).</param>
/// <param name="Sd">Its predictive standard deviation: the root of the mean of the family's variance and the variance of the mean over draws.
/// Infinite where the response has no variance in a draw.</param>
/// <param name="Probability">The predictive probability of a response below this one, and of a share of that of an equal one, the share drawn at
/// random: the probability integral transform (PIT), between 0 and 1.</param>
/// <param name="ProbabilityOfZero">The predictive probability of a response of 0; 0 where the response is continuous.</param>
/// <param name="ParetoK">Pareto k of the weights that leave the response out; NaN where nothing is left out, and where the model was fitted
/// again.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed record Residual(
    long Row, double Observed, double Mean, double Sd, double Probability, double ProbabilityOfZero, double ParetoK) : IJsonAnswer<Residual>
{
    // A normal number of 8.2: as far as probabilities near 1 can be told from 1.
    private const double Least = 1e-16;

    /// <summary>True where the model was fitted again without the response.</summary>
    public bool IsRefitted { get; init; }

    /// <summary>The response residual: observed less mean, in units of the response.</summary>
    public double Response => Observed - Mean;

    /// <summary>The Pearson residual: the response residual over <see cref="Sd"/>.</summary>
    public double Pearson => Response / Sd;

    /// <summary>The quantile residual: the standard normal number that has <see cref="Probability"/> below it, from -8.2 to 8.2. Source:
    /// [DunnSmyth1996].</summary>
    public double Quantile => Normal.InvCDF(0, 1, Math.Clamp(Probability, Least, 1 - Least));

    /// <summary>The row with its response, mean, sd and quantile residual: <c>row 1: 9, mean 7.13, sd 2.76, quantile residual 0.33</c>.</summary>
    public override string ToString()
    {
        var decimals = Figures.Decimals(Sd);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"row {Row}: {Observed}, mean {Figures.Fixed(Mean, decimals)}, sd {Figures.Fixed(Sd, decimals)}, "
                + $"quantile residual {Figures.Fixed(Quantile, 2)}");
    }

    static Residual IJsonAnswer<Residual>.ReadFrom(JsonElement json) => new(
        json.Whole("row"),
        json.Real("observed"),
        json.Real("mean"),
        json.Real("sd"),
        json.Real("probability"),
        json.Real("probabilityOfZero"),
        json.Real("paretoK"))
    { IsRefitted = json.Flag("isRefitted") };

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("row", Row);
        writer.WriteReal("observed", Observed);
        writer.WriteReal("mean", Mean);
        writer.WriteReal("sd", Sd);
        writer.WriteReal("response", Response);
        writer.WriteReal("pearson", Pearson);
        writer.WriteReal("quantile", Quantile);
        writer.WriteReal("probability", Probability);
        writer.WriteReal("probabilityOfZero", ProbabilityOfZero);
        writer.WriteReal("paretoK", ParetoK);
        writer.WriteBoolean("isRefitted", IsRefitted);
        writer.WriteEndObject();
    }
}

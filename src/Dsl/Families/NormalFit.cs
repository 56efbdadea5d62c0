using System.Text.Json.Serialization;
using TypedPooling.Draws;
using TypedPooling.Predictions;

namespace TypedPooling;

/// <summary>A fitted model whose response is Normal.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
/// <remarks>Thread-safe: any number of threads may ask one fit at once, and all get the same answers.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public class NormalFit<TRow> : Fit<TRow>
{
    internal NormalFit(FitParts<TRow> parts)
        : base(parts)
    {
    }

    /// <summary>The residual standard deviation of a row of weight 1, in units of the response. A constant where it is fixed.</summary>
    /// <exception cref="ModelException">The model has no sigma: the error of each row is known.</exception>
    public Quantity Sigma => Scale(ParameterKind.Sigma, null, string.Empty, null);

    private protected override PredictedOutcomes Outcomes => PredictedOutcomes.OfNormal;

    /// <inheritdoc/>
    public override NormalFit<TRow> Thin(int draws) => (NormalFit<TRow>)base.Thin(draws);
}

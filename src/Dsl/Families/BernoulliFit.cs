using System.Text.Json.Serialization;

namespace TypedPooling;

/// <summary>A fitted model whose response is yes or no.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
/// <remarks>Thread-safe: any number of threads may ask one fit at once, and all get the same answers.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public class BernoulliFit<TRow> : Fit<TRow>
{
    internal BernoulliFit(FitParts<TRow> parts)
        : base(parts)
    {
    }

    /// <inheritdoc/>
    public override BernoulliFit<TRow> Thin(int draws) => (BernoulliFit<TRow>)base.Thin(draws);
}

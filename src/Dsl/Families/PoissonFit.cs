using System.Text.Json.Serialization;

namespace TypedPooling;

/// <summary>A fitted model whose response is a count of events.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
/// <remarks>Thread-safe: any number of threads may ask one fit at once, and all get the same answers.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public class PoissonFit<TRow> : Fit<TRow>
{
    internal PoissonFit(FitParts<TRow> parts)
        : base(parts)
    {
    }

    /// <inheritdoc/>
    public override PoissonFit<TRow> Thin(int draws) => (PoissonFit<TRow>)base.Thin(draws);
}

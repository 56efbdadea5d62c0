using System.Text.Json.Serialization;
using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>A fitted model whose response has Student's t distribution about its linear predictor.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
/// <remarks>Thread-safe: any number of threads may ask one fit at once, and all get the same answers.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public class StudentTFit<TRow> : Fit<TRow>
{
    internal StudentTFit(FitParts<TRow> parts)
        : base(parts)
    {
    }

    /// <summary>The scale of the residuals, in units of the response. Their sd is sigma sqrt(nu / (nu - 2)) where nu is above 2, and there is none
    /// otherwise.</summary>
    public Quantity Sigma => Scale(ParameterKind.Sigma, null, string.Empty, null);

    /// <summary>nu: the fewer, the heavier the tails; 1 is Cauchy, from 30 or so on the response is all but Normal.</summary>
    public Quantity DegreesOfFreedom => Scale(ParameterKind.DegreesOfFreedom, null, string.Empty, null);

    /// <inheritdoc/>
    public override StudentTFit<TRow> Thin(int draws) => (StudentTFit<TRow>)base.Thin(draws);
}

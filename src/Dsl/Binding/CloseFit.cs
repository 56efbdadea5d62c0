using System.Globalization;
using TypedPooling.Data;
using TypedPooling.Model;
using TypedPooling.Responses;

namespace TypedPooling.Binding;

/// <summary>Gamma and StudentT responses that the model fits so closely that the posterior piles up at an infinite shape, or at sigma = 0, and cannot be normalised.</summary>
/// <remarks>
/// A Gamma response that is the same in N rows has a marginal likelihood that grows as alpha^((N - 1) / 2): too fast for a prior with a tail of powers. Where s of N rows of a StudentT response are alike in all that the model sees, the
/// likelihood integrated over eta grows as sigma^((N - s) nu - (s - 1)) falls to 0, and the posterior is improper where nu may be below (s - 2) / (N - s): rounding is enough where nu may come near 0. Other close fits are not looked for
/// (<c>docs/limitations.md</c>). Source: [FernandezSteel1999].
/// </remarks>
internal static class CloseFit
{
    // Of the mean: what rounding of logs and offsets leaves of a constant response.
    private const double RelativeTolerance = 1e-13;

    public static IEnumerable<Problem> Check(CellBoundModel model)
    {
        var (response, cells) = (model.Spec.Response, model.Cells);
        var isConstant = cells.RowCount > 1 && cells.ResponseSd <= RelativeTolerance * Math.Abs(cells.ResponseMean);
        if (response.Family == Family.Gamma && isConstant && double.IsFinite(response.Shape!.TailIndex))
        {
            yield return new(
                ProblemCode.ImproperPosterior,
                $"'{response.Name}' is the same in every row and the prior of the shape, {response.Shape!.Text}, does not keep the shape from growing without end: the posterior is improper.",
                "Fix the shape at a value, or give it a prior with a light tail, such as Gamma(2, 0.1).")
            { Term = response.Name };
        }

        if (response.Family != Family.StudentT || response.Sigma?.FixedValue is not null || response.Sigma!.HasFloor)
            yield break;
        var alike = isConstant ? cells.RowCount : cells.Rows.ToArray().Max();
        var others = cells.RowCount - alike;
        if (alike < 2 || (others > 0 && !(response.Shape!.Lower < (alike - 2.0) / others)))
            yield break;
        yield return new(
            ProblemCode.ImproperPosterior,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{alike} of {cells.RowCount} rows have the same '{response.Name}' and are alike to the model, and the priors of sigma, {response.Sigma.Text}, and of the degrees of freedom, {response.Shape!.Text}, leave room for a fit of just these: the posterior is improper."),
            others > 0 && (alike - 2.0) / others < 1
                ? "Keep the degrees of freedom from 0, as by Gamma(2, 0.1).Above(1), or sigma, as by InverseGammaOnVariance."
                : "Fix sigma at a value, or give it a prior with a floor (InverseGammaOnVariance, or Uniform with a positive lower bound).")
        { Term = response.Name };
    }
}

using System.Collections.Immutable;
using System.Globalization;

namespace TypedPooling.Inference.Sampling.Importance;

/// <summary>What is asked of a final round before its draws are used, and what it answered.</summary>
/// <param name="ParetoK">Shape of the tail of the weights.</param>
/// <param name="HalvesDifference">Greatest difference of two half-samples, in combined standard errors.</param>
/// <param name="Refusals">The checks that failed.</param>
internal sealed record ImportanceChecks(double ParetoK, double HalvesDifference, ImmutableArray<ImportanceRefusal> Refusals)
{
    public static ImportanceChecks Of(ProposalRound round, int dimension, int draws, ImportanceSettings settings)
    {
        var shape = ParetoTail.ShapeOf(round.LogRatios);
        var difference = HalfSamples.GreatestDifference(round, dimension);
        var refusals = ImmutableArray.CreateBuilder<ImportanceRefusal>();
        if (!(shape < settings.MaximumParetoK))
            Refuse(
                ImportanceRefusalCode.ParetoK,
                $"Pareto k-hat is {shape:F2} and must be below {settings.MaximumParetoK:F2}: the weights' tail is too heavy.");
        if (!(round.Ess >= draws))
            Refuse(
                ImportanceRefusalCode.LowEss,
                $"The ESS of the weights of {round.Count} proposals is {round.Ess:F0}, below the {draws} draws asked for.");
        if (!(difference <= settings.AgreementErrors))
            Refuse(
                ImportanceRefusalCode.HalvesDisagree,
                $"Two half-samples differ by {difference:F1} combined standard errors; {settings.AgreementErrors:F1} are allowed.");
        return new(shape, difference, refusals.ToImmutable());

        void Refuse(ImportanceRefusalCode code, FormattableString reason) => refusals.Add(new(code, reason.ToString(CultureInfo.InvariantCulture)));
    }
}

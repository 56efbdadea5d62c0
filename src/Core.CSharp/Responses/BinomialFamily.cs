using TypedPooling.Programs;

namespace TypedPooling.Responses;

/// <summary>y successes of n trials, each with probability pi; the link of pi is eta.</summary>
internal sealed class BinomialFamily : ProportionFamily
{
    /// <summary>Takes a link.</summary>
    /// <param name="link">Logit, Probit or ComplementaryLogLog.</param>
    /// <param name="response">Name of the response, for a refusal.</param>
    /// <exception cref="ModelException">The link is another one.</exception>
    public BinomialFamily(Link link, string? response = null)
        : base(link, response)
    {
    }

    /// <inheritdoc/>
    public override string Name => "Binomial";

    /// <inheritdoc/>
    public override bool HasGaps => true;

    /// <inheritdoc/>
    internal override bool TakesAnyNumber => false;

    /// <inheritdoc/>
    internal override FamilyForm Form => new()
    {
        IsInteger = true,
        Bounds = "<lower=0>",
        Stan = Link == Link.Logit ? "binomial_logit" : "binomial",
        StanArguments = "{size}, " + (Link == Link.Logit ? "{eta}" : Texts.Stan),
        Jags = $"dbin({Texts.Jags}, {{size}})",
        Lme4 = ("glmer", $"binomial(link = \"{Texts.R}\")"),
        Lme4Response = "cbind({y}, {size} - {y})",
        Brms = $"binomial(link = \"{Texts.R}\")",
        BrmsShape = null,
    };

    /// <inheritdoc/>
    internal override ResponseFault FaultOf(double response, double size) =>
        WholeNumbers.IsCount(response) ? response > size ? ResponseFault.MoreThanTrials : ResponseFault.None : ResponseFault.NotACount;

    /// <inheritdoc/>
    public override double LogConstant(double response, double size) =>
        GammaRatio.LogFactorial(size) - GammaRatio.LogFactorial(response) - GammaRatio.LogFactorial(size - response);

    /// <inheritdoc/>
    /// <remarks>pi = y / n. y log y - y, of the order of 1e10 for 1e9 successes, cancels on paper.</remarks>
    public override double Saturated(double response, double size) =>
        GammaRatio.FactorialRest(size) - GammaRatio.FactorialRest(response) - GammaRatio.FactorialRest(size - response);

    /// <inheritdoc/>
    public override double AnchoredConstant(in CellView cells) => cells.SaturatedLogLikelihood - cells.EventsGap - cells.FailuresGap;
}

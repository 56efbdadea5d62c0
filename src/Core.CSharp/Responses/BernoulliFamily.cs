using TypedPooling.Programs;

namespace TypedPooling.Responses;

/// <summary>y is 1 with probability pi, else 0; the link of pi is eta.</summary>
internal sealed class BernoulliFamily : ProportionFamily
{
    /// <summary>Takes a link.</summary>
    /// <param name="link">Logit, Probit or ComplementaryLogLog.</param>
    /// <param name="response">Name of the response, for a refusal.</param>
    /// <exception cref="ModelException">The link is another one.</exception>
    public BernoulliFamily(Link link, string? response = null)
        : base(link, response)
    {
    }

    /// <inheritdoc/>
    public override string Name => "Bernoulli";

    /// <inheritdoc/>
    public override bool HasGaps => false;

    /// <inheritdoc/>
    internal override bool TakesAnyNumber => false;

    /// <inheritdoc/>
    internal override FamilyForm Form => new()
    {
        IsInteger = true,
        Bounds = "<lower=0, upper=1>",
        Stan = Link == Link.Logit ? "bernoulli_logit" : "bernoulli",
        StanArguments = Link == Link.Logit ? "{eta}" : Texts.Stan,
        Jags = $"dbern({Texts.Jags})",
        Lme4 = ("glmer", $"binomial(link = \"{Texts.R}\")"),
        Lme4Response = "{y}",
        Brms = $"bernoulli(link = \"{Texts.R}\")",
        BrmsShape = null,
    };

    /// <inheritdoc/>
    internal override ResponseFault FaultOf(double response, double size) => response is 0 or 1 ? ResponseFault.None : ResponseFault.NotBinary;

    /// <inheritdoc/>
    public override double LogConstant(double response, double size) => 0;

    /// <inheritdoc/>
    public override double Saturated(double response, double size) => 0;

    /// <inheritdoc/>
    public override double AnchoredConstant(in CellView cells)
    {
        // a log pi + (n - a) log(1 - pi) at pi = a / n
        var sum = new CompensatedSum(0);
        for (var i = 0; i < cells.Responses.Length; i++)
        {
            var (a, n) = (cells.Responses[i], cells.Sizes[i]);
            if (a > 0 && a < n)
                sum.Add(a * Math.Log(a / n) + (n - a) * GammaRatio.LogOnePlus(-a / n));
        }

        return sum.Value;
    }
}

using System.Collections.Immutable;

namespace TypedPooling.Model;

/// <summary>A multilevel model with nothing of a row type in it: response, columns, population effects and grouping factors.</summary>
/// <remarks>
/// y_i ~ family(eta_i) with eta_i = offsets_i + x_i'beta + sum over factors k of z_ik'u_k[level of i], u_k[level] ~ MVN(0, Sigma_k), Sigma_k =
/// diag(sd) R diag(sd). x_i and z_ik pick from <see cref="Columns"/> and the column of ones (<see cref="Ones"/>). Source: [GelmanHill2007], ch.
/// 12-13.
/// </remarks>
/// <param name="Response">The response and its family.</param>
/// <param name="Columns">The numeric columns of the data, each once. Length m.</param>
/// <param name="Population">The population effects, in the order of beta. Length p, possibly 0.</param>
/// <param name="Factors">The grouping factors. Possibly none.</param>
public sealed record ModelSpec(
    ResponseSpec Response,
    ImmutableArray<ColumnSpec> Columns,
    ImmutableArray<PopulationTerm> Population,
    ImmutableArray<FactorSpec> Factors)
{
    /// <summary>The column index that stands for the column of ones, that is for an intercept.</summary>
    public const int Ones = -1;

    /// <summary>The name of intercepts.</summary>
    public const string InterceptName = "Intercept";

    /// <summary>Columns that are added to eta with coefficient 1. Possibly none.</summary>
    /// <remarks>They are not among <see cref="Columns"/>: the sums of a response that is Normal, or whose log is, hold it less its offsets.</remarks>
    public ImmutableArray<ColumnSpec> Offsets { get; init; } = [];

    /// <summary>True where priors (fixed values among them) are those of the model on standardised columns and a standardised response, see
    /// <see cref="Data.Standardization"/>.</summary>
    public bool IsStandardized { get; init; }

    /// <summary>What a standardised model standardises, for a sentence.</summary>
    internal string StandardizedText => Response.Family.IsLocationScale ? "columns and response" : "columns";

    /// <summary>True where every prior is decided and proper, so that the marginal likelihood of data is defined.</summary>
    public bool HasProperPriors =>
        Population.All(term => term.Prior is { IsProper: true })
        && (!Response.HasSigma || Response.Sigma is { IsProper: true })
        && (!Response.HasShape || Response.Shape is { IsProper: true })
        && Factors.All(
            factor => factor.Covariance?.IsProper ?? (factor.Correlation.IsProper && factor.Terms.All(term => term.Sd is { IsProper: true })));

    /// <summary>True where there are population effects and none is an intercept, not even a fixed one.</summary>
    public bool HasSlopesOnly => !Population.IsEmpty && Population.All(term => term.Column != Ones);

    /// <summary>The model of the likelihood alone: every prior but a fixed value becomes Flat, and what varies together stays so.</summary>
    /// <returns>A model of the same columns, terms and factors.</returns>
    public ModelSpec WithoutPriors() => this with
    {
        Response = Response with
        {
            Sigma = Response.HasSigma ? FlatUnlessFixed(Response.Sigma) : null,
            HasDefaultPrior = false,
            Shape = Response.HasShape ? FlatUnlessFixed(Response.Shape) : null,
            HasDefaultShape = false,
        },
        Population = [.. Population.Select(
            term => term with { Prior = term.Prior?.FixedValue is not null ? term.Prior : new FlatPrior(), HasDefaultPrior = false })],
        Factors = [.. Factors.Select(factor => factor with
        {
            Terms = [.. factor.Terms.Select(term => term with { Sd = FlatUnlessFixed(term.Sd), HasDefaultPrior = false })],
            Correlation = factor.HasCorrelations ? new LkjPrior(1) : new UncorrelatedPrior(),
            Covariance = null,
            HasDefaultPrior = false,
            Origin = [],
            IsStatedAtOrigin = false,
        })],
    };

    /// <summary>True where a factor is sampled about its origin and its priors are stated at 0.</summary>
    public bool HasMovedPriors => Factors.Any(factor => !factor.Origin.IsEmpty && !factor.IsStatedAtOrigin);

    /// <summary>The same model with every factor sampled where its priors are stated.</summary>
    /// <returns>A model of the same columns, terms and factors.</returns>
    public ModelSpec WithoutMovedPriors() =>
        this with { Factors = [.. Factors.Select(factor => factor.IsStatedAtOrigin ? factor : factor with { Origin = [] })] };

    /// <summary>The same model for those who read sds, correlations and effects of the columns as they are: no factor has an origin of its
    /// own.</summary>
    /// <returns>A model of the same columns, terms and factors.</returns>
    public ModelSpec WithoutOrigins() => this with { Factors = [.. Factors.Select(factor => factor with { Origin = [], IsStatedAtOrigin = false })] };

    private static IScalePrior FlatUnlessFixed(IScalePrior? prior) => prior?.FixedValue is not null ? prior : new FlatPrior();

    /// <summary>What the mathematics of the model do not say, as sentences: no population intercept, priors on the standardised scale. Often
    /// none.</summary>
    public ImmutableArray<string> Remarks => ModelMathematics.Of(this).Sentences;

    /// <summary>The model as mathematics in MathML, for web pages and documents: the lines of <see cref="ToString"/>, Greek letters and subscripts
    /// set as such.</summary>
    /// <returns>One element <c>math</c> of presentation MathML Core. Names are text in it, with markup escaped. The sentences below the lines are
    /// <see cref="Remarks"/>.</returns>
    /// <remarks>Source: [MathMLCore].</remarks>
    public string ToMathML() => Markup.Of(ModelMathematics.Of(this));

    /// <summary>The model as mathematics, see <see cref="ModelMathematics"/>.</summary>
    public override string ToString() => ModelPrinter.Print(this);
}

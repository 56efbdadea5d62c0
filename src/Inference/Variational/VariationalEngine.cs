using System.Diagnostics;
using System.Globalization;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Model;

namespace TypedPooling.Inference.Variational;

/// <summary>Variational inference for normal hierarchies with any number of grouping factors: closed-form coordinate ascent from sums, all
/// coefficients in one normal distribution, each factor's scales and sigma in one each.</summary>
/// <remarks>
/// <para>
/// q(beta, u) q(sigma^2) prod_k q(Sigma_k): the coefficients are not taken apart, so their means and correlations are those of the exact conditional
/// at the scales' expected precisions; what is lost is how they depend on the scales, so that sds of scales come out too small. A single sd may have
/// any proper prior: its distribution is in one dimension. The covariance of correlated effects needs a prior with a closed form. Sources:
/// [WandOrmerod2011], [Blei2017].
/// </para>
/// <para>
/// An iteration is one derivative of the marginal density at sigma_e = (E 1 / sigma^2)^-1/2 and Sigma_e = (E Sigma^-1)^-1, L_e its Cholesky factor:
/// by Fisher's identity it holds the expected squares, E|e|^2 = sigma_e^2 (N + sigma_e d/dsigma) and sum_j E u_j u_j' = L_e (J I + L_e' d/dLambda)
/// L_e', and its value holds the bound, log p(y | sigma_e, Sigma_e) - N / 2 (E log sigma^2 - log sigma_e^2) - sum_k J_k / 2 (E log |Sigma_k| - log
/// |Sigma_e,k|) less the divergences of q from the priors. No iteration lowers it.
/// </para>
/// </remarks>
public sealed class VariationalEngine : INormalEngine
{
    internal const string EngineName = "Variational";

    // Progress counts iterations and draws together in an int.
    private const int MostIterations = 1_000_000_000;

    /// <summary>Iterations stop where no scale changes by more than this, relative to itself. Between 0 and 1.</summary>
    public double Tolerance { get; init; } = 1e-8;

    /// <summary>Greatest number of iterations, from 1 to 1,000,000,000; a fit that reaches it carries a warning.</summary>
    public int MaximumIterations { get; init; } = 10_000;

    /// <summary>What to do with a prior that has no closed-form update: of correlated effects, and of heavy-tailed coefficients. A replacement that
    /// moves the answer is refused, see <see cref="ReplacedPriors.Check"/>.</summary>
    public PriorReplacement Replacing { get; init; } = PriorReplacement.Never;

    /// <inheritdoc/>
    public string Name => EngineName;

    /// <inheritdoc/>
    public Support Supports(ModelSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return VariationalSupport.Of(Replace(spec).Spec);
    }

    /// <inheritdoc/>
    /// <remarks><see cref="RunOptions.Progress"/> is told of iterations, as chain 0; a run that is cancelled before it has converged gives no
    /// posterior.</remarks>
    public Posterior RunNormal(NormalBoundModel model, RunOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Validated(model.Spec);
        Validate();
        var (spec, replaced) = Replace(model.Spec);
        VariationalSupport.Of(spec).Require();
        options.Cancellation.ThrowIfCancellationRequested();

        var clock = Stopwatch.StartNew();
        var approximation = new MeanField(replaced.IsEmpty ? model : model.With(spec));
        var setup = clock.Elapsed;
        var hasConverged = approximation.Run(Tolerance, MaximumIterations, options);
        var fitted = clock.Elapsed;
        var posterior = VariationalPosterior.Of(approximation, hasConverged, options);
        ReplacedPriors.Check(model.Spec, posterior);
        return posterior with
        {
            Timings = new Timings(setup, fitted - setup, clock.Elapsed - fitted),
            Warnings = [.. replaced.Select(prior => new FitWarning(FitWarningCode.PriorReplaced, prior.ToString())), .. posterior.Warnings],
        };
    }

    /// <inheritdoc/>
    public void Validate()
    {
        var problems = new List<Problem>();
        if (!(Tolerance is > 0 and < 1))
            problems.Add(OutOfRange(nameof(Tolerance), Tolerance, "Use a value between 0 and 1."));
        if (MaximumIterations is < 1 or > MostIterations)
            problems.Add(OutOfRange(nameof(MaximumIterations), MaximumIterations, "Use a value from 1 to 1,000,000,000."));
        if (!Enum.IsDefined(Replacing))
            problems.Add(OutOfRange(nameof(Replacing), (int)Replacing, "Use Never or NearestConjugate."));
        if (problems.Count > 0)
            throw new ModelException(problems);

        static Problem OutOfRange(string option, double value, string remedy) =>
            new(ProblemCode.OptionOutOfRange, string.Create(CultureInfo.InvariantCulture, $"{option} is {value}."), remedy) { Term = option };
    }

    private ConjugateModel Replace(ModelSpec spec) =>
        Replacing == PriorReplacement.NearestConjugate ? ConjugatePriors.Replace(spec, CovarianceFamily.HuangWand) : new ConjugateModel(spec, []);
}

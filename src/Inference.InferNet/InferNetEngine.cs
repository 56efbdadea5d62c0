using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Model;

namespace TypedPooling.Inference.InferNet;

/// <summary>Infer.NET as an engine: approximates the posterior of a hierarchy with a Normal, LogNormal, Bernoulli or Binomial response by message
/// passing on a factor graph made from sums or cells.</summary>
/// <remarks>
/// <para>
/// Draws are independent draws of the approximation, in which the noise, each factor's covariance and each block of population effects are
/// independent. Varying effects are drawn from their conditional given these: exactly for a Normal response, for cells with the Gaussian of each
/// cell's message for its likelihood. Means are near the exact ones. Sds are those of the approximation: by variational message passing never larger
/// than the exact ones where scales are known, and often much smaller. Use an exact engine for intervals.
/// </para>
/// <para>
/// Priors: Normal, Flat and Fixed for population effects; InverseGammaOnVariance and Fixed for sds and sigma; InverseWishart for the covariance of
/// correlated effects. Others are refused with every reason, or replaced where <see cref="Replacing"/> says so. Bernoulli and Binomial responses have
/// a logit or probit link; other links and families are refused.
/// </para>
/// <para>
/// The graph has at most one node a cell and varying column, whatever the number of rows, and one a cell of successes, whatever the number of trials.
/// The first fit of a structure (which factors and terms, which scales are known, whether rows are sums or cells) compiles an algorithm, some
/// seconds; later fits of it, with other data, sizes or priors, do not. An engine may be used by several threads. Sources: [InferNET],
/// [WinnBishop2005], [Minka2001], [KnowlesMinka2011].
/// </para>
/// </remarks>
public sealed class InferNetEngine : IEngine
{
    /// <summary>The message-passing algorithm.</summary>
    public InferNetAlgorithm Algorithm { get; init; } = InferNetAlgorithm.VariationalMessagePassing;

    /// <summary>What is done with priors that are not conjugate.</summary>
    public PriorReplacement Replacing { get; init; } = PriorReplacement.Never;

    /// <summary>Iteration ends when no posterior mean moves by more than this many of its sds, and no variance by more than this part of it;
    /// positive.</summary>
    public double Tolerance { get; init; } = 1e-9;

    /// <summary>Greatest number of iterations, at least 1; a fit that needs more carries a warning.</summary>
    public int MaximumIterations { get; init; } = 2000;

    /// <inheritdoc/>
    public string Name => Algorithm == InferNetAlgorithm.VariationalMessagePassing ? "InferNet (VMP)" : "InferNet (EP)";

    /// <summary>How many algorithms have been compiled in this process, one for each structure.</summary>
    internal static int CompilationCount => CompiledGraphs.Count;

    /// <inheritdoc/>
    public Support Supports(ModelSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return InferNetSupport.Of(spec, Replacing);
    }

    /// <inheritdoc/>
    public Posterior RunNormal(NormalBoundModel model, RunOptions options) => Run(model, options);

    /// <inheritdoc/>
    public Posterior Run(BoundModel model, RunOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Validated(model.Spec);
        Validate();
        InferNetSupport.Of(model.Spec, Replacing).Require();
        options.Cancellation.ThrowIfCancellationRequested();
        if (model.Spec.Response is { HasSigma: true, Sigma.FixedValue: <= 0 })
        {
            throw new ModelException(new Problem(
                ProblemCode.ImproperPosterior,
                "Sigma is fixed at a value that is not positive, so the likelihood cannot be evaluated.",
                "Give sigma a positive value."));
        }

        var clock = Stopwatch.StartNew();
        var (spec, replaced) = InferNetSupport.Conjugate(model.Spec, Replacing);
        var graph = FactorGraph.Of(model, spec);
        if (Algorithm == InferNetAlgorithm.ExpectationPropagation)
            CovarianceRank.Require(graph);
        LevelConditionals.Require(graph);
        var run = NewRun(graph);
        var setup = clock.Elapsed;
        var marginals = run.Iterate(Tolerance, MaximumIterations, options);
        var iterated = clock.Elapsed;
        var (population, scales, effects) = GraphDraws.Of(graph, marginals, options);
        var posterior = new Posterior
        {
            Spec = spec,
            Engine = Name,
            Exactness = Exactness.Approximate,
            DrawKind = DrawKind.Independent,
            ChainCount = options.Chains,
            DrawsPerChain = options.Draws,
            Seed = options.Seed,
            Population = population,
            Scales = scales,
            Effects = effects,
            SamplingReason = Reason(marginals),
            Timings = new Timings(setup, iterated - setup, clock.Elapsed - iterated),
            Warnings = Warnings(graph, marginals, replaced),
        };
        ReplacedPriors.Check(model.Spec, posterior);
        return posterior;
    }

    internal GraphRun NewRun(FactorGraph graph) =>
        new(graph, CompiledGraphs.NewInstance(GraphShape.Of(graph, Algorithm)), Algorithm == InferNetAlgorithm.ExpectationPropagation);

    private string Reason(Marginals marginals)
    {
        var method = Algorithm == InferNetAlgorithm.VariationalMessagePassing
            ? "variational message passing, whose sds are too small where parts of the model depend on each other"
            : "expectation propagation";
        return string.Create(
            CultureInfo.InvariantCulture, $"Independent draws from an approximation by {method} ({marginals.Iterations} iterations).");
    }

    private ImmutableArray<FitWarning> Warnings(FactorGraph graph, Marginals marginals, ImmutableArray<ReplacedPrior> replaced)
    {
        var warnings = ImmutableArray.CreateBuilder<FitWarning>();
        foreach (var replacement in replaced)
            warnings.Add(new FitWarning(FitWarningCode.PriorReplaced, replacement.ToString()));
        if (!marginals.HasConverged)
        {
            warnings.Add(new FitWarning(FitWarningCode.NotConverged, string.Create(
                CultureInfo.InvariantCulture, $"Message passing had not converged to {Tolerance} after {MaximumIterations} iterations. Raise "
                    + $"MaximumIterations, or use an exact engine.")));
        }

        if (Algorithm == InferNetAlgorithm.ExpectationPropagation
            && graph.Blocks.FirstOrDefault(block => block.Kind == PrecisionKind.Wishart) is { } wishart)
        {
            warnings.Add(new FitWarning(
                FitWarningCode.Approximation,
                $"Expectation propagation through {wishart.ScaleName(graph.Spec)} uses an operator that Infer.NET marks as a preview. Compare the "
                    + $"fit with an exact engine before you rely on it."));
        }

        return warnings.ToImmutable();
    }

    /// <inheritdoc/>
    public void Validate()
    {
        var problems = new List<Problem>();
        if (!(Tolerance > 0 && double.IsFinite(Tolerance)))
            problems.Add(
                new Problem(
                    ProblemCode.OptionOutOfRange,
                    string.Create(CultureInfo.InvariantCulture, $"Tolerance is {Tolerance}."),
                    "Use a positive number.")
                { Term = nameof(Tolerance) });
        if (MaximumIterations < 1)
            problems.Add(
                new Problem(
                    ProblemCode.OptionOutOfRange,
                    string.Create(CultureInfo.InvariantCulture, $"MaximumIterations is {MaximumIterations}."),
                    "Use a value of at least 1.")
                { Term = nameof(MaximumIterations) });
        if (problems.Count > 0)
            throw new ModelException(problems);
    }
}

using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Likelihood;
using TypedPooling.Model;
using TypedPooling.Predictions;

namespace TypedPooling;

/// <summary>A fitted model whose response, or a known function of it, is Normal.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
/// <remarks>Thread-safe: any number of threads may ask one fit at once, and all get the same answers.</remarks>
public abstract partial class SumsFit<TRow> : Fit<TRow>
{
    private const int MostReplicates = 1_000_000;

    private readonly Lazy<RowPredictions<TRow>> predictions;

    private protected SumsFit(NormalBoundModel model, RowLayout<TRow> rows, Posterior posterior, string engineChoice)
        : base(model, rows, posterior, engineChoice)
    {
        Model = model;
        predictions = new(() => new RowPredictions<TRow>(this));
    }

    /// <summary>The residual standard deviation of a row of weight 1, in units of the response; of its log in a LogNormal model. A constant where it is fixed.</summary>
    /// <exception cref="ModelException">The model has no sigma: the error of each row is known.</exception>
    public Quantity Sigma => Scale(ParameterKind.Sigma, null, string.Empty, null);

    /// <summary>The profile-likelihood interval of an sd, of sigma or of a population effect: the values that a likelihood-ratio test does not reject, all other parameters at their best for each.</summary>
    /// <param name="quantity">A scale or a population effect of this fit, for example <c>fit.For(zip).InterceptSd</c>.</param>
    /// <param name="probability">Coverage, strictly between 0 and 1; 0.95 by default, as <c>confint</c> in R.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <returns>The interval. An sd's begins at exactly 0 where 0 is not rejected; it ends at infinity where no value is rejected.</returns>
    /// <exception cref="ModelException">The fit is by an engine of draws, or the quantity is fixed, a correlation, or none of this fit.</exception>
    /// <remarks>The criterion is the one of the fit, ML or REML (lme4 turns to ML). Some 10 to 20 fits. Source: [Bates2015].</remarks>
    public Interval ProfileInterval(Quantity quantity, double probability = 0.95, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(quantity);
        IntervalProbability.Checked(probability);
        return new LikelihoodProfile(Model, Likelihood.Point, ParameterOf(quantity), cancellation).Interval(probability);
    }

    /// <summary>The parametric bootstrap: data are simulated from the fit many times and fitted again.</summary>
    /// <param name="replicates">Number of replicates, from 4 to 1,000,000.</param>
    /// <param name="options">Seed, threads, progress (told of replicates) and cancellation; null for the defaults.</param>
    /// <returns>The estimates of every replicate.</returns>
    /// <exception cref="ModelException">The fit is by an engine of draws.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <remarks>Sums of simulated rows are drawn in place of the rows, with the same distribution, so the time does not depend on their number. A replicate is a pure function of the seed and its number. Source: [GelmanHill2007].</remarks>
    public BootstrapSample<TRow> Bootstrap(int replicates = 1000, RunOptions? options = null)
    {
        if (replicates is < 4 or > MostReplicates)
            throw new ArgumentOutOfRangeException(nameof(replicates), replicates, "A bootstrap has 4 to 1,000,000 replicates.");
        return new BootstrapSample<TRow>(this, LikelihoodBootstrap.Run(Model, Likelihood.Point, replicates, (options ?? RunOptions.Default).Validated()));
    }

    internal NormalBoundModel Model { get; }

    private protected RowPredictions<TRow> Predictions => predictions.Value;
}

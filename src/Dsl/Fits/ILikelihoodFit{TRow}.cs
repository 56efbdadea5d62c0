using TypedPooling.Engines;

namespace TypedPooling;

/// <summary>A fit by maximum likelihood over rows of a type.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
public interface ILikelihoodFit<TRow> : ILikelihoodFit
{
    /// <summary>What a grouping factor's levels share and how they differ, conditional variances included.</summary>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="group">The factor's handle; any handle of the same name and types will do.</param>
    /// <returns>The fit seen by this factor.</returns>
    /// <exception cref="ModelException">The model has no such factor.</exception>
    LikelihoodFactorFit<TRow, TKey> For<TKey>(Group<TRow, TKey> group);

    /// <summary>The parametric bootstrap: data are simulated from the fit many times and fitted again.</summary>
    /// <param name="replicates">Number of replicates, from 4 to 1,000,000.</param>
    /// <param name="options">Seed, threads, level of intervals, progress (told of replicates) and cancellation; null for the defaults.</param>
    /// <returns>The estimates of every replicate.</returns>
    /// <exception cref="ModelException">Fewer than four replicates have estimates.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <remarks>
    /// For Normal, Bernoulli, Binomial and Poisson responses sums of simulated rows are drawn in place of the rows, with the same distribution, so
    /// the time does not depend on their number; for others every row is drawn. New effects are drawn for every level. A replicate is a pure
    /// function of the seed and its number, whatever the number of threads. Replicates without a maximum are left out and counted:
    /// <see cref="BootstrapSample{TRow}.FailedCount"/>. Source: [GelmanHill2007].
    /// </remarks>
    BootstrapSample<TRow> Bootstrap(int replicates = 1000, RunOptions? options = null);
}

using System.Text.Json.Serialization;
using TypedPooling.Engines;
using TypedPooling.Likelihood;

namespace TypedPooling;

/// <summary>A fit by maximum likelihood of a model whose response is Normal.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
/// <remarks>Thread-safe: any number of threads may ask one fit at once, and all get the same answers.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed class NormalLikelihoodFit<TRow> : NormalFit<TRow>, ILikelihoodFit<TRow>
{
    internal NormalLikelihoodFit(FitParts<TRow> parts)
        : base(parts)
    {
    }

    /// <inheritdoc/>
    public LikelihoodSummary Likelihood => LikelihoodAnswers.Summary(this);

    /// <inheritdoc/>
    public new LikelihoodFactorFit<TRow, TKey> For<TKey>(Group<TRow, TKey> group) => (LikelihoodFactorFit<TRow, TKey>)base.For(group);

    /// <inheritdoc/>
    public Interval ProfileInterval(Quantity quantity, double? probability = null, CancellationToken cancellation = default) =>
        LikelihoodAnswers.Profile(this, quantity, probability, cancellation);

    /// <inheritdoc/>
    public BootstrapSample<TRow> Bootstrap(int replicates = 1000, RunOptions? options = null) =>
        LikelihoodAnswers.Bootstrap(this, replicates, options);

    /// <inheritdoc/>
    public override NormalLikelihoodFit<TRow> Thin(int draws) => (NormalLikelihoodFit<TRow>)base.Thin(draws);
}

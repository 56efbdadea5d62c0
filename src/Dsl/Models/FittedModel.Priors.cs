using TypedPooling.Binding;
using TypedPooling.PriorDraws;

namespace TypedPooling;

/// <content>Draws from the prior.</content>
public abstract partial class FittedModel<TRow, TSelf, TFit, TLikelihoodFit>
{
    /// <summary>Draws the parameters from their prior, without data.</summary>
    /// <param name="draws">Number of draws, at least 4.</param>
    /// <param name="seed">Seed of the random numbers.</param>
    /// <returns>Independent draws of population effects, sds, correlations, sigma, and the shape, precision or degrees of freedom of the
    /// response.</returns>
    /// <exception cref="ModelException">A prior is left to a default that data scale, the model is standardised, a categorical predictor has its
    /// levels from data, or a prior is improper; all are named.</exception>
    public PriorSample<TRow> SamplePrior(int draws = 4000, ulong seed = 1)
    {
        var spec = DefaultPriors.WithShape(Spec);
        OpenPriors.RefuseAny(spec);
        return new(new PriorSampler(spec, null), draws, seed);
    }

    /// <summary>Draws the parameters from their prior, defaults scaled by rows; where the model is standardised, on the original scale of the
    /// rows.</summary>
    /// <param name="rows">The rows that scale the defaults, or standardise; enumerated once, not kept. Nothing is fitted to them.</param>
    /// <param name="draws">Number of draws, at least 4.</param>
    /// <param name="seed">Seed of the random numbers.</param>
    /// <returns>Independent draws of population effects, sds, correlations, sigma, and the shape, precision or degrees of freedom of the
    /// response.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or a prior is improper.</exception>
    public PriorSample<TRow> SamplePrior(IEnumerable<TRow> rows, int draws = 4000, ulong seed = 1) => new(Decide(rows), draws, seed);

    /// <summary>Simulates responses of rows from the model, parameters drawn from their prior: the prior predictive distribution.</summary>
    /// <param name="rows">The rows to simulate for: their columns, weights, offsets and keys. Responses are looked at only where a prior is left to a
    /// default or the model is standardised. Not kept.</param>
    /// <param name="draws">Number of draws, at least 4.</param>
    /// <param name="seed">Seed of the random numbers.</param>
    /// <returns>For each draw a response for every row, and the parameters behind it.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used (missing ones are not dropped here), or a prior is
    /// improper.</exception>
    /// <remarks>Memory O(rows columns + draws parameters).</remarks>
    public PriorSimulation<TRow> SimulatePrior(IEnumerable<TRow> rows, int draws = 1000, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var list = rows as IReadOnlyCollection<TRow> ?? [.. rows];
        var design = PriorDesign.Read(Lowered, list);
        var own = DefaultPriors.WithShape(design.Columns.Spec);
        var sampler = OpenPriors.HasAny(own) || own.IsStandardized ? Decide(list) : new PriorSampler(own, null);
        if (!sampler.Spec.Columns.SequenceEqual(design.Columns.Spec.Columns))
        {
            throw new ModelException(new Problem(
                ProblemCode.DataNeeded,
                "A level of a categorical predictor occurs only in rows whose response is missing, so "
                    + (Spec.IsStandardized ? "its column has no sd." : "its default prior has no data."),
                Spec.IsStandardized ? "Leave such rows out." : "Name the priors of categorical predictors."));
        }

        return new(sampler, design, draws, seed);
    }

    private PriorSampler Decide(IEnumerable<TRow> rows)
    {
        var (spec, standardization) = Decide(Read(rows).Content);
        return new(spec, standardization);
    }
}

using TypedPooling.Draws;
using TypedPooling.Model;
using TypedPooling.Randomness;

namespace TypedPooling.Predictions;

/// <summary>Predictions of a row whose response is not Normal.</summary>
internal sealed class CellPrediction(LinearPredictor predictor, Posterior posterior)
{
    private readonly ModelSpec spec = posterior.Spec;
    private readonly Link link = posterior.Spec.Response.Family.Link;

    public Quantity Of(CellOutcome kind, PredictedRow row, string name)
    {
        // Of a point fit eta is normal; what is predicted grows with it.
        var moments = kind == CellOutcome.New ? null : predictor.Moments(row, withNoise: false);
        Func<double, double>? transform = null;
        if (moments is not null && kind != CellOutcome.Link)
        {
            var variance = kind == CellOutcome.MeanOverGroups ? predictor.VarianceOverGroupsOfMoments(row) : 0;
            transform = eta => InverseLink.Mean(link, eta, variance);
        }

        return new(name, posterior, () => Draws(kind, row), moments)
        {
            Transform = transform,
            HasUnsureMean = kind != CellOutcome.Link && posterior.Point is null && link == Link.Log && HasUnboundedGroups(row),
        };
    }

    private double[] Draws(CellOutcome kind, PredictedRow row)
    {
        var draws = predictor.Draws(row);
        switch (kind)
        {
            case CellOutcome.Mean:
                for (var s = 0; s < draws.Length; s++)
                    draws[s] = InverseLink.Of(link, draws[s]);
                break;
            case CellOutcome.MeanOverGroups:
                for (var s = 0; s < draws.Length; s++)
                    draws[s] = InverseLink.Mean(link, draws[s], predictor.VarianceOverGroups(row, s));
                break;
            case CellOutcome.New:
                // A key of their own keeps these numbers apart from all others of the fit's seed.
                var key = posterior.Seed ^ row.NoiseHash();
                for (var s = 0; s < draws.Length; s++)
                    draws[s] = Observe(InverseLink.Of(link, draws[s]), row.Weight ?? 1, new PhiloxStream(key, (ulong)s));
                break;
        }

        return draws;
    }

    private double Observe(double mean, double size, PhiloxStream stream) =>
        link == Link.Log ? stream.NextPoisson(mean * size)
        : size == 1 ? (stream.NextDouble() < mean ? 1 : 0)
        : stream.NextBinomial(size, mean);

    // exp(v / 2) over a posterior of v that has no bound need not have a mean.
    private bool HasUnboundedGroups(PredictedRow row)
    {
        for (var k = 0; k < row.Levels.Length; k++)
        {
            var factor = spec.Factors[k];
            if (row.Levels[k].Kind is LevelKind.New or LevelKind.Any && (factor.Covariance is not null || factor.Terms.Any(term => double.IsPositiveInfinity(term.Sd!.Upper))))
                return true;
        }

        return false;
    }
}

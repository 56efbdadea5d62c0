using TypedPooling.Declarations;
using TypedPooling.Draws;
using TypedPooling.Model;
using TypedPooling.Randomness;
using TypedPooling.Responses;

namespace TypedPooling.Predictions;

/// <summary>Predictions of a row whose response is not Normal.</summary>
internal sealed class CellPrediction(LinearPredictor predictor, Posterior posterior)
{
    private readonly ModelSpec spec = posterior.Spec;
    private readonly CellsFamily family = (CellsFamily)posterior.Spec.Response.Family;
    private readonly Link link = posterior.Spec.Response.Family.Link;
    private readonly ResponseScaleDraws scales = new(posterior);

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

        var whyNoMean = kind == CellOutcome.New ? family.WhyNewHasNoMean(spec.Response.Shape) : null;
        return new(name, posterior, () => Draws(kind, row), moments)
        {
            Transform = transform,
            Estimate = posterior.Point is null ? null : AtEstimates(kind, row),
            HasUnsureMean = posterior.Point is null
                && (whyNoMean is not null || (kind != CellOutcome.Link && link == Link.Log && HasUnboundedGroups(row))),
            UnsureBecause = whyNoMean ?? "a scale on the log scale is estimated",
        };
    }

    /// <summary>Puts new observations in the place of linear predictors, draw by draw.</summary>
    public void Observe(PredictedRow row, double[] eta)
    {
        var (noise, stream) = (row.NoiseHash(), RandomAddresses.Observations());
        for (var s = 0; s < eta.Length; s++)
        {
            RandomAddresses.NewObservation(stream, posterior.Seed, noise, (int)posterior.NumberOf(s));
            eta[s] = family.Draw(InverseLink.Of(link, eta[s]), SizeOf(row), scales.At(s), stream);
        }
    }

    // The mean over all that stays random at the estimates: new groups make eta normal about its estimate, and a new observation has the mean of its
    // row.
    private AtEstimates AtEstimates(CellOutcome kind, PredictedRow row)
    {
        var eta = predictor.Moments(row, withNoise: false)!.Value.Mean;
        var newGroups = predictor.NewGroupVarianceOfMoments(row);
        var mean = kind switch
        {
            CellOutcome.Link => eta,
            CellOutcome.MeanOverGroups => InverseLink.Mean(link, eta, predictor.VarianceOverGroupsOfMoments(row)),
            CellOutcome.New => InverseLink.Mean(link, eta, newGroups) * SizeOf(row),
            _ => InverseLink.Mean(link, eta, newGroups),
        };
        return newGroups > 0 || kind == CellOutcome.New ? new(mean, Values) : new(mean);

        double[] Values()
        {
            var values = predictor.ValuesAtEstimates(row);
            var own = scales.AtEstimates();
            var (noise, stream) = (row.NoiseHash(), RandomAddresses.Observations());
            for (var s = 0; kind != CellOutcome.Link && s < values.Length; s++)
            {
                values[s] = InverseLink.Of(link, values[s]);
                if (kind != CellOutcome.New)
                    continue;
                RandomAddresses.NewObservation(stream, posterior.Seed, noise, (int)posterior.NumberOf(s));
                values[s] = family.Draw(values[s], SizeOf(row), own, stream);
            }

            return values;
        }
    }

    private static double SizeOf(PredictedRow row) => row.Weight ?? 1;

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
                Observe(row, draws);
                break;
        }

        return draws;
    }

    // exp(v / 2) over a posterior of v that has no bound need not have a mean.
    private bool HasUnboundedGroups(PredictedRow row)
    {
        for (var k = 0; k < row.Levels.Length; k++)
        {
            var factor = spec.Factors[k];
            if (row.Levels[k].Kind is LevelKind.New or LevelKind.Any
                && (factor.Covariance is not null || factor.Terms.Any(term => double.IsPositiveInfinity(term.Sd!.Upper))))
                return true;
        }

        return false;
    }
}

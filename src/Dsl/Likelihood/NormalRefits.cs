using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Model;
using TypedPooling.Randomness;

namespace TypedPooling.Likelihood;

/// <summary>Refits of a model of sums: simulated sums have the distribution of the sums of simulated rows.</summary>
internal sealed class NormalRefits(NormalBoundModel model, PointEstimate point) : LikelihoodRefits(model, point)
{
    private readonly MaximumLikelihoodEngine engine = new() { Criterion = point.Criterion };

    public override Refit Held(ModelSpec spec, Refit? near, CancellationToken cancellation) => Fit(model.With(spec), cancellation);

    public override Refit Simulated(PhiloxStream stream, CancellationToken cancellation) => Fit(model.With(Simulate(stream)), cancellation);

    private Refit Fit(NormalBoundModel of, CancellationToken cancellation)
    {
        var own = engine.RunNormal(of, RunOptions.Default with { Threads = 1, Cancellation = cancellation }).Point!;
        return new(own.LogLikelihood, own.IsConverged, !own.Boundary.IsEmpty, [.. own.Population], [.. own.Scales]);
    }

    private CellMoments Simulate(PhiloxStream stream)
    {
        var spec = model.Spec;
        var m = spec.Columns.Length;
        var coefficients = new double[model.Cells.CellCount * (m + 1)];
        for (var cell = 0; cell < model.Cells.CellCount; cell++)
        {
            for (var t = 0; t < spec.Population.Length; t++)
                coefficients[cell * (m + 1) + 1 + spec.Population[t].Column] += Point.Population[t];
        }

        for (var k = 0; k < spec.Factors.Length; k++)
        {
            var terms = spec.Factors[k].Terms;
            var effects = DrawEffects(k, stream);
            var levels = model.CellLevels(k);
            for (var cell = 0; cell < levels.Length; cell++)
            {
                for (var a = 0; a < terms.Length; a++)
                    coefficients[cell * (m + 1) + 1 + terms[a].Column] += effects[levels[cell] * terms.Length + a];
            }
        }

        return model.Cells.SimulateResponses(coefficients, Sigma, stream);
    }
}

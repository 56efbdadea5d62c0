using MathNet.Numerics.Distributions;
using MathNet.Numerics.RootFinding;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Model;

namespace TypedPooling.Likelihood;

/// <summary>The greatest log criterion as a function of one parameter, all others at their best.</summary>
internal sealed class LikelihoodProfile
{
    private readonly NormalBoundModel model;
    private readonly PointEstimate point;
    private readonly Parameter parameter;
    private readonly RunOptions options;
    private readonly double estimate;
    private readonly double step;

    public LikelihoodProfile(NormalBoundModel model, PointEstimate point, Parameter parameter, CancellationToken cancellation)
    {
        this.model = model;
        this.point = point;
        this.parameter = parameter;
        options = RunOptions.Default with { Cancellation = cancellation };
        if (parameter.Kind == ParameterKind.VaryingCorrelation)
            throw Refusal("is a correlation", "Ask for an sd, sigma or a population effect; for correlations use the bootstrap.");
        if (parameter.Kind == ParameterKind.PopulationEffect)
        {
            var at = TermLookup.Population(model.Spec, parameter.Term);
            estimate = point.Population[at];
            step = Math.Sqrt(point.PopulationCovariance[at * model.Spec.Population.Length + at]);
            if (model.Spec.Population[at].Prior?.FixedValue is not null)
                throw Fixed();
            return;
        }

        var parameters = Scales(model.Spec).ToList();
        estimate = point.Scales[parameters.IndexOf((parameter.Factor, parameter.Term))];
        step = estimate > 0 ? 0.3 * estimate : 0.1 * point.Scales.Where(scale => scale > 0).DefaultIfEmpty(1).Min();
        if ((parameter.Kind == ParameterKind.Sigma
            ? model.Spec.Response.Sigma
            : model.Spec.Factors.First(f => f.Name == parameter.Factor).Terms.First(t => t.Name == parameter.Term).Sd)?.FixedValue is not null)
            throw Fixed();
    }

    private bool IsScale => parameter.Kind != ParameterKind.PopulationEffect;

    public Interval Interval(double probability)
    {
        var limit = 0.5 * ChiSquared.InvCDF(1, probability);
        return new Interval(End(-1, limit), End(1, limit), probability);
    }

    // Where the criterion has fallen by the limit, going one way from the estimate; 0 or infinity where it never does.
    private double End(int direction, double limit)
    {
        double Excess(double value) => point.LogLikelihood - Height(value) - limit;
        var (inside, length) = (estimate, step);
        for (var doubling = 0; doubling < 60; doubling++, length *= 2)
        {
            var outside = inside + direction * length;
            if (IsScale && outside <= 0)
            {
                if (parameter.Kind == ParameterKind.VaryingSd && Excess(0) <= 0)
                    return 0;
                outside = parameter.Kind == ParameterKind.VaryingSd ? 0 : 0.1 * inside;
            }

            if (Excess(outside) > 0)
            {
                // In steps from the estimate: the accuracy is one of place and of height alike.
                var (low, high) = direction > 0 ? (inside, outside) : (outside, inside);
                return estimate
                    + step * Brent.FindRoot(place => Excess(estimate + step * place), (low - estimate) / step, (high - estimate) / step, 1e-8, 100);
            }

            inside = outside;
        }

        return direction * double.PositiveInfinity;
    }

    private double Height(double value)
    {
        var spec = model.Spec;
        var known = Prior.Fixed(value);
        spec = parameter.Kind switch
        {
            ParameterKind.Sigma => spec with { Response = spec.Response with { Sigma = known } },
            ParameterKind.PopulationEffect =>
                spec with { Population = [.. spec.Population.Select(term => term.Name == parameter.Term ? term with { Prior = known } : term)] },
            _ => spec with
            {
                Factors = [.. spec.Factors.Select(factor => factor.Name == parameter.Factor
                    ? factor with { Terms = [.. factor.Terms.Select(term => term.Name == parameter.Term ? term with { Sd = known } : term)] }
                    : factor)],
            },
        };
        var height = new MaximumLikelihoodEngine { Criterion = point.Criterion }.RunNormal(model.With(spec), options).Point!;
        return height.IsConverged
            ? height.LogLikelihood
            : throw Refusal(
                "was held at a value where the search for all other parameters did not converge", "Centre the columns of the effects that vary.");
    }

    private static IEnumerable<(string? Factor, string Term)> Scales(ModelSpec spec)
    {
        if (spec.Response.KnownSd is null)
            yield return (null, string.Empty);
        foreach (var factor in spec.Factors)
        {
            foreach (var term in factor.Terms)
                yield return (factor.Name, term.Name);
            for (var pair = 0; factor.HasCorrelations && pair < factor.Terms.Length * (factor.Terms.Length - 1) / 2; pair++)
                yield return (factor.Name, "\0");
        }
    }

    private ModelException Fixed() => Refusal("is fixed", "Ask for a parameter that is estimated.");

    private ModelException Refusal(string sentence, string remedy) =>
        new(
            new Problem(
                ProblemCode.EngineRefuses, $"'{parameter.Name}' {sentence}, so it has no profile interval.", remedy)
            { Term = parameter.Name });
}

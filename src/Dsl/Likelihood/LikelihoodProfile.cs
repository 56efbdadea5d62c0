using System.Globalization;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.RootFinding;
using TypedPooling.Draws;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling.Likelihood;

/// <summary>The greatest log criterion as a function of one parameter, all others at their best.</summary>
/// <remarks>
/// Each search begins where the last one ended. The interval holds the values v with 2 (l(estimate) - l(v)) at most the quantile of chi^2 with one
/// degree of freedom. Its ends are found by
/// doubling a step and Brent's method, in units x of v: x = v for effects, sds and sigma, log v for a shape. An sd's interval begins at exactly 0
/// where 0 is inside; a shape's ends at infinity where its greatest value is inside, at which the family is the one it goes to.
/// </remarks>
internal sealed class LikelihoodProfile
{
    // What a search may leave of the height: see Convergence.
    private const double SearchError = 1e-6;

    private const int MostDoublings = 60;

    private readonly LikelihoodRefits refits;
    private readonly ModelSpec spec;
    private readonly PointEstimate point;
    private readonly Parameter parameter;
    private readonly CancellationToken cancellation;
    private readonly bool isShape;
    private readonly double estimate;       // x
    private readonly double step;
    private Refit? last;

    public LikelihoodProfile(LikelihoodRefits refits, Parameter parameter, CancellationToken cancellation)
    {
        this.refits = refits;
        this.parameter = parameter;
        this.cancellation = cancellation;
        (spec, point) = (refits.Model.Spec, refits.Point);
        isShape = Parameter.IsShape(parameter.Kind);
        if (parameter.Kind == ParameterKind.VaryingCorrelation)
            throw Refusal(
                "is a correlation, which the search for a maximum cannot hold at a value",
                "Ask for an sd, sigma, a shape or a population effect; for correlations use the bootstrap.");
        if (parameter.Kind == ParameterKind.PopulationEffect)
        {
            var at = TermLookup.Population(spec, parameter.Term);
            estimate = point.Population[at];
            step = Math.Sqrt(point.PopulationCovariance[at * spec.Population.Length + at]);
            if (spec.Population[at].Prior?.FixedValue is not null)
                throw Fixed();
            return;
        }

        var parameters = new ScaleCoordinates(spec).Parameters;
        var value = point.Scales[parameters.IndexOf(parameter)];
        var sizes = parameters.Zip(point.Scales).Where(pair => !pair.First.IsResponseShape && pair.Second > 0).Select(pair => pair.Second);
        step = isShape ? 0.5 : value > 0 ? 0.3 * value : 0.1 * sizes.DefaultIfEmpty(1).Min();
        estimate = isShape ? Math.Log(value) : value;
        var prior = parameter.Kind == ParameterKind.Sigma ? spec.Response.Sigma
            : isShape ? spec.Response.Shape
            : spec.Factors.First(f => f.Name == parameter.Factor).Terms.First(t => t.Name == parameter.Term).Sd;
        if (prior?.FixedValue is not null)
            throw Fixed();
    }

    private bool IsPositive => parameter.Kind is ParameterKind.VaryingSd or ParameterKind.Sigma;

    public Interval Interval(double probability)
    {
        var limit = 0.5 * ChiSquared.InvCDF(1, probability);
        var lower = End(-1, limit);
        last = null;
        return new Interval(lower, End(1, limit), probability);
    }

    // Where the criterion has fallen by the limit, going one way from the estimate; the end of the parameter's range where it never does.
    private double End(int direction, double limit)
    {
        double Excess(double x) => point.LogLikelihood - Height(x) - limit;
        var (inside, length, greatest) = (estimate, step, Math.Log(LikelihoodCoordinates.GreatestShape));
        if (isShape && direction > 0 && estimate >= greatest)
            return double.PositiveInfinity;
        for (var doubling = 0; doubling < MostDoublings; doubling++, length *= 2)
        {
            var outside = inside + direction * length;
            if (IsPositive && outside <= 0)
            {
                if (parameter.Kind == ParameterKind.VaryingSd && Excess(0) <= 0)
                    return 0;
                outside = parameter.Kind == ParameterKind.VaryingSd ? 0 : 0.1 * inside;
            }

            if (isShape && direction > 0 && outside >= greatest)
            {
                if (Excess(greatest) <= 0)
                    return double.PositiveInfinity;
                outside = greatest;
            }

            if (Excess(outside) > 0)
            {
                // In steps from the estimate: the accuracy is one of place and of height alike.
                var (low, high) = direction > 0 ? (inside, outside) : (outside, inside);
                return ValueOf(estimate
                    + step * Brent.FindRoot(place => Excess(estimate + step * place), (low - estimate) / step, (high - estimate) / step, 1e-8, 100));
            }

            inside = outside;
        }

        return ValueOf(direction * double.PositiveInfinity);
    }

    private double ValueOf(double x) => isShape ? Math.Exp(x) : x;

    private double Height(double x)
    {
        var value = ValueOf(IsPositive ? Math.Max(0, x) : x);
        var refit = refits.Held(With(value), last, cancellation);
        if (!refit.IsConverged)
        {
            throw Refusal(
                Text("was held at {0}, where the search for all other parameters did not converge", value), "Centre the columns of the effects that "
                    + "vary.");
        }

        if (refit.LogLikelihood > point.LogLikelihood + SearchError * (1 + 1e-8 * Math.Abs(point.LogLikelihood)))
        {
            throw Refusal(
                Text("was held at {0}, where the likelihood is higher than at the estimates: the fit missed its maximum", value),
                "Centre and scale the columns, and look at the warnings of the fit.");
        }

        last = refit;
        return refit.LogLikelihood;
    }

    private ModelSpec With(double value)
    {
        var known = Prior.Fixed(value);
        return parameter.Kind switch
        {
            ParameterKind.Sigma => spec with { Response = spec.Response with { Sigma = known } },
            ParameterKind.PopulationEffect =>
                spec with { Population = [.. spec.Population.Select(term => term.Name == parameter.Term ? term with { Prior = known } : term)] },
            ParameterKind.VaryingSd => spec with
            {
                Factors = [.. spec.Factors.Select(factor => factor.Name == parameter.Factor
                    ? factor with { Terms = [.. factor.Terms.Select(term => term.Name == parameter.Term ? term with { Sd = known } : term)] }
                    : factor)],
            },
            _ => spec with { Response = spec.Response with { Shape = known } },
        };
    }

    private static string Text(string format, double value) =>
        string.Format(CultureInfo.InvariantCulture, format, value.ToString("G4", CultureInfo.InvariantCulture));

    private ModelException Fixed() => Refusal("is fixed", "Ask for a parameter that is estimated.");

    private ModelException Refusal(string sentence, string remedy) =>
        new(
            new Problem(
                ProblemCode.EngineRefuses, $"'{parameter.Name}' {sentence}, so it has no profile interval.", remedy)
            { Term = parameter.Name });
}

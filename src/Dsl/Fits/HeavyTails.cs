using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>Whether the mean of a parameter need not exist.</summary>
/// <remarks>
/// A density that falls as x^-(1 + a) has a mean where a > 1. The prior gives a first a, its <see cref="IUnivariatePrior.TailIndex"/>. For an sd of a
/// Normal model the likelihood falls as x^-J for J levels, and as x^-(J - 1) where the population effect of the term is flat. For the shape of counts
/// and the degrees of freedom of Student's t it does not fall at all: the response becomes Poisson or Normal.
/// </remarks>
internal static class HeavyTails
{
    /// <summary>Why the prior mean of a parameter need not exist; null where it does.</summary>
    public static string? OfPrior(ModelSpec spec, Parameter parameter) => Exists(Index(spec, parameter)) ? null : "its prior has a heavy tail";

    /// <summary>Why the posterior mean of a parameter need not exist; null where nothing speaks against it.</summary>
    public static string? OfPosterior(BoundModel model, ModelSpec spec, Parameter parameter)
    {
        var index = Index(spec, parameter);
        switch (parameter.Kind)
        {
            case var kind when Parameter.IsShape(kind) && spec.Response.Family.Shape!.WhyUnbounded is { } why:
                return Exists(index) ? null : $"its prior has a heavy tail, and {why}";
            case ParameterKind.VaryingSd when spec.Response.Family.IsNormal:
                var factor = spec.Factors.Select((known, k) => (known, k)).First(pair => pair.known.Name == parameter.Factor).k;
                var column = spec.Factors[factor].Terms.First(term => term.Name == parameter.Term).Column;
                var isFlat = spec.Population.Any(term => term.Column == column && term.Prior is { IsProper: false });
                return Exists(index + model.Levels[factor].Count - (isFlat ? 1 : 0))
                    ? null
                    : "its prior has a heavy tail, and so few levels do not bound it";
            default:
                return null;
        }
    }

    private static bool Exists(double index) => index > 1;

    private static double Index(ModelSpec spec, Parameter parameter)
    {
        IUnivariatePrior? prior = parameter.Kind switch
        {
            ParameterKind.PopulationEffect => spec.Population.First(term => term.Name == parameter.Term).Prior,
            ParameterKind.Sigma => spec.Response.Sigma,
            var kind when Parameter.IsShape(kind) => spec.Response.Shape,
            ParameterKind.VaryingSd => OfSd(spec.Factors.First(factor => factor.Name == parameter.Factor), parameter.Term!),
            _ => null,
        };
        return prior?.TailIndex ?? double.PositiveInfinity;
    }

    private static IScalePrior? OfSd(FactorSpec factor, string term)
    {
        var a = factor.Terms.IndexOf(factor.Terms.First(known => known.Name == term));
        return factor.Covariance is { } covariance ? covariance.SdPrior(a, factor.Terms.Length) : factor.Terms[a].Sd;
    }
}

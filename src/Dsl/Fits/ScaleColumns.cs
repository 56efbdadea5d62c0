using TypedPooling.Draws;
using TypedPooling.Model;
using TypedPooling.Responses;

namespace TypedPooling;

/// <summary>Draws of the scales of a model as columns: covariances of varying effects, sigma and the shape. Immutable.</summary>
internal sealed class ScaleColumns
{
    private readonly double[]?[][] sds;           // by factor and term
    private readonly double[]?[][] correlations;  // by factor and a * q + b; null where 0 for want of a parameter
    private readonly double[]? shape;

    private ScaleColumns(double[]?[][] sds, double[]?[][] correlations, double[]? sigma, double[]? shape) =>
        (this.sds, this.correlations, Sigma, this.shape) = (sds, correlations, sigma, shape);

    /// <summary>Sigma by draw; null where the model has none.</summary>
    public double[]? Sigma { get; }

    /// <summary>Reads a block of scales.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="scales">As the posterior reports them.</param>
    /// <param name="count">Number of draws.</param>
    public static ScaleColumns Of(ModelSpec spec, DrawBlock scales, int count)
    {
        double[]?[][] sds = [.. spec.Factors.Select(factor => new double[]?[factor.Terms.Length])];
        double[]?[][] correlations = [.. spec.Factors.Select(factor => new double[]?[factor.Terms.Length * factor.Terms.Length])];
        double[]? sigma = null, shape = null;
        for (var i = 0; i < scales.ParameterCount; i++)
        {
            var parameter = scales.Parameter(i);
            var draws = new double[count];
            scales.CopyDraws(i, draws);
            if (parameter.Kind == ParameterKind.Sigma)
                sigma = draws;
            else if (parameter.IsResponseShape)
                shape = draws;
            else
                Place(parameter, draws);
        }

        return new(sds, correlations, sigma, shape);

        void Place(Parameter parameter, double[] draws)
        {
            var k = spec.Factors.ToList().FindIndex(factor => factor.Name == parameter.Factor);
            var terms = spec.Factors[k].Terms.ToList();
            var a = terms.FindIndex(term => term.Name == parameter.Term);
            if (parameter.Kind == ParameterKind.VaryingSd)
            {
                sds[k][a] = draws;
                return;
            }

            // Where an sd is 0 its correlations are NaN in some fits.
            for (var s = 0; s < count; s++)
                draws[s] = double.IsNaN(draws[s]) ? 0 : draws[s];
            var b = terms.FindIndex(term => term.Name == parameter.OtherTerm);
            correlations[k][a * terms.Count + b] = correlations[k][b * terms.Count + a] = draws;
        }
    }

    /// <summary>Covariance of two varying effects of a factor in a draw.</summary>
    public double Covariance(int factor, int a, int b, int draw)
    {
        var own = sds[factor];
        var product = own[a]![draw] * own[b]![draw];
        return a == b ? product : correlations[factor][a * own.Length + b] is { } correlation ? product * correlation[draw] : 0;
    }

    /// <summary>Sigma and the shape of a draw; 1 where the model has none.</summary>
    public ResponseScales OfResponse(int draw) => new(Sigma?[draw] ?? 1, shape?[draw] ?? 1);
}

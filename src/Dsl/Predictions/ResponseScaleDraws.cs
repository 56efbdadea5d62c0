using TypedPooling.Draws;
using TypedPooling.Responses;

namespace TypedPooling.Predictions;

/// <summary>Sigma and the shape of the response in every draw of a posterior. Immutable; read when they are first needed.</summary>
internal sealed class ResponseScaleDraws(Posterior posterior)
{
    private readonly Lazy<double[]?> sigma = new(() => DrawsOf(posterior, kind => kind == ParameterKind.Sigma));
    private readonly Lazy<double[]?> shape = new(() => DrawsOf(posterior, Parameter.IsShape));

    /// <summary>Those of a draw; NaN where the response has none, or where each row has an error of its own.</summary>
    public ResponseScales At(int draw) => new(sigma.Value?[draw] ?? double.NaN, shape.Value?[draw] ?? double.NaN);

    /// <summary>Those at the estimates of a point fit.</summary>
    public ResponseScales AtEstimates() => new(PointOf(kind => kind == ParameterKind.Sigma), PointOf(Parameter.IsShape));

    private static double[]? DrawsOf(Posterior posterior, Func<ParameterKind, bool> isMeant)
    {
        for (var i = 0; i < posterior.Scales.ParameterCount; i++)
        {
            if (!isMeant(posterior.Scales.Parameter(i).Kind))
                continue;
            var draws = new double[posterior.DrawCount];
            posterior.Scales.CopyDraws(i, draws);
            return draws;
        }

        return null;
    }

    private double PointOf(Func<ParameterKind, bool> isMeant)
    {
        for (var i = 0; i < posterior.Scales.ParameterCount; i++)
        {
            if (isMeant(posterior.Scales.Parameter(i).Kind))
                return posterior.Point!.Scales[i];
        }

        return double.NaN;
    }
}

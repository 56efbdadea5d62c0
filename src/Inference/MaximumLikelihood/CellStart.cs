using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>Estimates from which a search in a like model begins: population effects, shape and the roots of the effects' covariances, all of the
/// columns as they are. Immutable.</summary>
/// <param name="Population">Every population effect of the model, fixed ones included.</param>
/// <param name="Shape">The shape; without meaning where there is none.</param>
/// <param name="Roots">Lambda of each factor, lower triangular, q x q by rows.</param>
internal sealed record CellStart(double[] Population, double Shape, double[][] Roots)
{
    // Where 1 is typical: at an sd of exactly 0, and at a shape that is infinite, the derivative is 0 whatever the data say.
    private const double Lifted = 0.1;

    /// <summary>The estimates of a fit.</summary>
    /// <param name="spec">The fitted model.</param>
    /// <param name="point">Its estimates.</param>
    public static CellStart Of(ModelSpec spec, PointEstimate point) => new(
        [.. point.Population],
        spec.Response.HasShape ? point.Scales[spec.Response.HasSigma ? 1 : 0] : 1,
        ThetaLayout.Roots(spec, point.Theta.AsSpan()));

    /// <summary>Where a search ended.</summary>
    /// <param name="maximum">The search.</param>
    /// <param name="population">Every population effect, of which the fixed ones are kept.</param>
    public static CellStart Of(CellMaximum maximum, double[] population)
    {
        var (effects, system) = ((double[])population.Clone(), maximum.System);
        var p = system.PopulationCount;
        for (var a = 0; a < p; a++)
        {
            effects[system.EstimatedTerms[a]] = system.Centre[a];
            for (var e = 0; e < p; e++)
                effects[system.EstimatedTerms[a]] += system.Map[a * p + e] * maximum.Best[e];
        }

        var point = maximum.Function.Reported();
        return new(effects, point.Shape, [.. point.Factors.Select(factor => factor.Lambda)]);
    }

    /// <summary>The effects that a system estimates.</summary>
    public double[] Effects(CellSystem system) => [.. system.EstimatedTerms.Select(term => Population[term])];

    /// <summary>The coordinates of the scales, population effects at 0; what would be on the boundary is lifted off it.</summary>
    /// <param name="system">The cells.</param>
    /// <param name="coordinates">The coordinates.</param>
    /// <returns>New. Length <see cref="LikelihoodCoordinates.Dimension"/>.</returns>
    public double[] Coordinates(CellSystem system, LikelihoodCoordinates coordinates)
    {
        var point = coordinates.NewPoint();
        point.Shape = Shape;
        for (var k = 0; k < Roots.Length; k++)
        {
            var (q, lambda) = (system.TermCounts[k], point.Factors[k].Lambda);
            Roots[k].CopyTo(lambda, 0);
            if (system.Bases[k].IsPlain || !system.IsFree[k])
                continue;

            // A free covariance matrix is searched for the centred columns: T Lambda.
            TurnedFactors.Multiply(system.Bases[k].Onto, Roots[k], lambda, q);
            TriangularTurn.Turn(lambda, q, new double[q * q]);
        }

        var x = coordinates.Of(1, point);
        if (coordinates.HasShape && x[coordinates.ShapeAt] == 0)
            x[coordinates.ShapeAt] = Lifted;
        for (var i = 0; i < coordinates.Elements.Length; i++)
        {
            if (coordinates.Elements[i].Row == coordinates.Elements[i].Column && x[i + coordinates.Shift] == 0)
                x[i + coordinates.Shift] = Lifted;
        }

        return x;
    }
}

using System.Numerics;

namespace TypedPooling.Responses;

/// <summary>The log likelihood of a cell as a function of its linear predictor eta: the one place where a family's curve is written. Cells are in
/// lanes; a scalar call is one lane.</summary>
/// <remarks>
/// <para>
/// a and n are a cell's element of <c>ResponseCells.Responses</c> and <c>Sizes</c>. What knows neither eta nor a shape is left out; what knows the
/// shape alone is the family's <see cref="ScaleTerm"/>. A curve is given twice: at eta, as samplers need it, and by its distance from an anchor, as a
/// search for a maximum needs it. A cell of 1e9 events has a log likelihood of the order of 1e10, whose rounding, 1e-6, would drown what a search has
/// to see. Measured from the predictor at which the cell expects just what it is, it is minus half the deviance, and its rounding that of events
/// times distance.
/// </para>
/// <para>Source: [McCullaghNelder1989].</para>
/// </remarks>
internal interface ICurve
{
    /// <summary>True where the weight is 0 or more everywhere.</summary>
    static abstract bool IsConcave { get; }

    /// <summary>The value and its derivatives.</summary>
    /// <typeparam name="TWanted">What is wanted; the rest may be left 0.</typeparam>
    /// <param name="eta">Linear predictors.</param>
    /// <param name="a">Responses.</param>
    /// <param name="n">Sizes.</param>
    /// <param name="scales">Sigma and the shape.</param>
    /// <param name="slope">First derivative.</param>
    /// <param name="weight">Minus the second derivative.</param>
    /// <param name="weightSlope">Derivative of the weight.</param>
    /// <param name="onSigma">Derivative of the value for sigma; 0 where the curve does not know it.</param>
    /// <param name="onShape">Derivative of the value for the shape; 0 where the curve does not know it.</param>
    /// <returns>The value; infinite or NaN where it overflows.</returns>
    static abstract Vector<double> At<TWanted>(
        Vector<double> eta,
        Vector<double> a,
        Vector<double> n,
        in LaneScales scales,
        out Vector<double> slope,
        out Vector<double> weight,
        out Vector<double> weightSlope,
        out Vector<double> onSigma,
        out Vector<double> onShape)
        where TWanted : struct, IWanted;

    /// <summary>The linear predictor that a cell's values are measured from: where it expects just what it is; 0 where no finite predictor does that
    /// (no events, or no failures).</summary>
    static abstract Vector<double> Anchor(Vector<double> a, Vector<double> n);

    /// <summary>The value at a distance from the anchor less the value there, with three derivatives for eta; no difference of large numbers is
    /// taken. The value itself where the anchor is 0 for want of a better.</summary>
    static abstract Vector<double> FromAnchor(
        Vector<double> anchor,
        Vector<double> distance,
        Vector<double> a,
        Vector<double> n,
        in LaneScales scales,
        out Vector<double> slope,
        out Vector<double> weight,
        out Vector<double> weightSlope);

    /// <summary>Derivatives for the shape of value, slope and weight of <see cref="FromAnchor"/>; 0 where the curve does not know it.</summary>
    static abstract Vector<double> OnShapeFromAnchor(
        Vector<double> anchor,
        Vector<double> distance,
        Vector<double> a,
        Vector<double> n,
        in LaneScales scales,
        out Vector<double> onSlope,
        out Vector<double> onWeight);

    /// <summary>A weight that is positive: minus the second derivative, or its expectation where the curve is not concave.</summary>
    static abstract Vector<double> Information(Vector<double> eta, Vector<double> a, Vector<double> n, in LaneScales scales);

    /// <summary>Squared residuals of the rows, weighted so that their mean is what sigma^2 is next (a step of EM); 0 where the curve knows no
    /// sigma.</summary>
    static abstract Vector<double> ResidualSquares(Vector<double> eta, Vector<double> a, Vector<double> n, in LaneScales scales);
}

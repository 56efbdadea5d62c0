namespace TypedPooling.Responses;

/// <summary>The curves of many cells (<see cref="ICurve"/>), in lanes. Immutable; shared by threads.</summary>
/// <remarks>A cell's value does not depend on its place among the cells, nor on how many there are.</remarks>
internal abstract class ResponseCurve
{
    /// <summary>True where the weight is 0 or more everywhere, so that the log posterior of effects given scales has one mode and Newton's steps
    /// ascend.</summary>
    public abstract bool IsConcave { get; }

    /// <summary>Sums the values and writes the slopes.</summary>
    /// <param name="eta">Linear predictors. Length C.</param>
    /// <param name="responses">As <c>ResponseCells.Responses</c>. Length C.</param>
    /// <param name="sizes">As <c>ResponseCells.Sizes</c>. Length C.</param>
    /// <param name="scales">Sigma and the shape; without meaning where the family has none.</param>
    /// <param name="slopes">Overwritten with the derivative for each predictor. Length C.</param>
    /// <param name="onScales">Derivatives of the sum for sigma and the shape.</param>
    /// <returns>The sum of the values; NaN or infinite where one overflows.</returns>
    public abstract double Sum(
        ReadOnlySpan<double> eta,
        ReadOnlySpan<double> responses,
        ReadOnlySpan<double> sizes,
        in ResponseScales scales,
        Span<double> slopes,
        out ResponseScales onScales);

    /// <summary>Adds the values of one cell at several predictors.</summary>
    /// <param name="eta">Linear predictors. Length n.</param>
    /// <param name="response">As an element of <c>ResponseCells.Responses</c>.</param>
    /// <param name="size">As an element of <c>ResponseCells.Sizes</c>.</param>
    /// <param name="scales">Sigma and the shape.</param>
    /// <param name="values">Added to. Length n.</param>
    /// <param name="slopes">Overwritten with the derivative for each predictor. Length n.</param>
    /// <param name="onShapes">Overwritten with the derivative for the shape at each predictor; empty, or of length n.</param>
    public abstract void Add(
        ReadOnlySpan<double> eta,
        double response,
        double size,
        in ResponseScales scales,
        Span<double> values,
        Span<double> slopes,
        Span<double> onShapes);

    /// <summary>Adds the values of several cells along a line through one varying effect, at several points of it.</summary>
    /// <param name="known">Predictors where the effect is 0, by cell. Length c.</param>
    /// <param name="spherical">What a unit of the effect adds, by cell. Length c.</param>
    /// <param name="responses">As <c>ResponseCells.Responses</c>. Length c.</param>
    /// <param name="sizes">As <c>ResponseCells.Sizes</c>. Length c.</param>
    /// <param name="scales">Sigma and the shape.</param>
    /// <param name="points">The effect's values. Length n, whole lanes.</param>
    /// <param name="values">Added to. Length n.</param>
    public abstract void AddAlong(
        ReadOnlySpan<double> known,
        ReadOnlySpan<double> spherical,
        ReadOnlySpan<double> responses,
        ReadOnlySpan<double> sizes,
        in ResponseScales scales,
        ReadOnlySpan<double> points,
        Span<double> values);

    /// <summary>Writes the derivatives for eta.</summary>
    /// <param name="eta">Linear predictors. Length C.</param>
    /// <param name="responses">As <c>ResponseCells.Responses</c>. Length C.</param>
    /// <param name="sizes">As <c>ResponseCells.Sizes</c>. Length C.</param>
    /// <param name="scales">Sigma and the shape.</param>
    /// <param name="slopes">Overwritten with the first derivatives. Length C.</param>
    /// <param name="weights">Overwritten with minus the second derivatives. Length C.</param>
    /// <param name="weightSlopes">Overwritten with the derivatives of the weights. Length C.</param>
    public abstract void Curvatures(
        ReadOnlySpan<double> eta,
        ReadOnlySpan<double> responses,
        ReadOnlySpan<double> sizes,
        in ResponseScales scales,
        Span<double> slopes,
        Span<double> weights,
        Span<double> weightSlopes);

    /// <summary>Writes the derivatives for eta, and sums the values.</summary>
    /// <inheritdoc cref="Curvatures"/>
    /// <returns>The sum of the values; NaN or infinite where one overflows.</returns>
    public abstract double SumWithCurvatures(
        ReadOnlySpan<double> eta,
        ReadOnlySpan<double> responses,
        ReadOnlySpan<double> sizes,
        in ResponseScales scales,
        Span<double> slopes,
        Span<double> weights,
        Span<double> weightSlopes);

    /// <summary>The predictors that values of cells are measured from: see <see cref="ICurve.Anchor"/>.</summary>
    /// <param name="responses">As <c>ResponseCells.Responses</c>. Length C.</param>
    /// <param name="sizes">As <c>ResponseCells.Sizes</c>. Length C.</param>
    /// <param name="anchors">Overwritten. Length C.</param>
    public abstract void Anchors(ReadOnlySpan<double> responses, ReadOnlySpan<double> sizes, Span<double> anchors);

    /// <summary>Sums the values from the anchors (<see cref="ICurve.FromAnchor"/>), and writes the derivatives for eta.</summary>
    /// <param name="anchors">The anchors. Length C.</param>
    /// <param name="distances">Linear predictors less the anchors. Length C.</param>
    /// <param name="responses">As <c>ResponseCells.Responses</c>. Length C.</param>
    /// <param name="sizes">As <c>ResponseCells.Sizes</c>. Length C.</param>
    /// <param name="scales">Sigma and the shape.</param>
    /// <param name="slopes">Overwritten with the first derivatives. Length C.</param>
    /// <param name="weights">Overwritten with minus the second derivatives. Length C.</param>
    /// <param name="weightSlopes">Overwritten with the derivatives of the weights. Length C.</param>
    /// <returns>The sum of the values; NaN or infinite where one overflows.</returns>
    public abstract double SumFromAnchors(
        ReadOnlySpan<double> anchors,
        ReadOnlySpan<double> distances,
        ReadOnlySpan<double> responses,
        ReadOnlySpan<double> sizes,
        in ResponseScales scales,
        Span<double> slopes,
        Span<double> weights,
        Span<double> weightSlopes);

    /// <summary>Adds the values of one cell from its anchor in many draws, each with a predictor, a sigma and a shape of its own.</summary>
    /// <param name="anchor">The anchor.</param>
    /// <param name="distances">Linear predictors less the anchor, by draw. Length S.</param>
    /// <param name="response">As an element of <c>ResponseCells.Responses</c>.</param>
    /// <param name="size">As an element of <c>ResponseCells.Sizes</c>.</param>
    /// <param name="sigma">Sigma by draw; empty where the family has none. Length S.</param>
    /// <param name="shape">The shape by draw; empty where the family has none. Length S.</param>
    /// <param name="values">Added to. Length S.</param>
    /// <param name="slopes">Overwritten with the first derivatives; empty where they are not wanted. Length S.</param>
    /// <param name="weights">Overwritten with minus the second derivatives; empty where <paramref name="slopes"/> is. Length S.</param>
    public abstract void AddByDraw(
        double anchor,
        ReadOnlySpan<double> distances,
        double response,
        double size,
        ReadOnlySpan<double> sigma,
        ReadOnlySpan<double> shape,
        Span<double> values,
        Span<double> slopes,
        Span<double> weights);

    /// <summary>Logs of the means of one cell's likelihood, from its anchor, over a normal part of its predictor, in many draws.</summary>
    /// <remarks>
    /// With v ~ N(0, 1) and f(v) the value at eta + unit v less v^2 / 2: by Gauss-Hermite quadrature about the mode c of f, at c + x / sqrt(H) with H
    /// = 1 + w unit^2 there. Newton's steps from v = 0, halved where f would fall.
    /// </remarks>
    /// <param name="anchor">The anchor.</param>
    /// <param name="distances">Expectations of the predictors less the anchor, by draw. Length S.</param>
    /// <param name="units">Their sds. Length S.</param>
    /// <param name="response">As an element of <c>ResponseCells.Responses</c>.</param>
    /// <param name="size">As an element of <c>ResponseCells.Sizes</c>.</param>
    /// <param name="sigma">Sigma by draw; empty where the family has none. Length S.</param>
    /// <param name="shape">The shape by draw; empty where the family has none. Length S.</param>
    /// <param name="nodes">The rule's nodes x.</param>
    /// <param name="logWeights">Their log weights + x^2 / 2.</param>
    /// <param name="logs">Overwritten. Length S.</param>
    public abstract void MeanByDraw(
        double anchor,
        ReadOnlySpan<double> distances,
        ReadOnlySpan<double> units,
        double response,
        double size,
        ReadOnlySpan<double> sigma,
        ReadOnlySpan<double> shape,
        ReadOnlySpan<double> nodes,
        ReadOnlySpan<double> logWeights,
        Span<double> logs);

    /// <summary>Derivatives for the shape of what <see cref="SumFromAnchors"/> sums and writes.</summary>
    /// <param name="anchors">The anchors. Length C.</param>
    /// <param name="distances">Linear predictors less the anchors. Length C.</param>
    /// <param name="responses">As <c>ResponseCells.Responses</c>. Length C.</param>
    /// <param name="sizes">As <c>ResponseCells.Sizes</c>. Length C.</param>
    /// <param name="scales">Sigma and the shape.</param>
    /// <param name="values">Overwritten with the derivatives of the values. Length C.</param>
    /// <param name="slopes">Overwritten with the derivatives of the slopes. Length C.</param>
    /// <param name="weights">Overwritten with the derivatives of the weights. Length C.</param>
    public abstract void OnShapeFromAnchors(
        ReadOnlySpan<double> anchors,
        ReadOnlySpan<double> distances,
        ReadOnlySpan<double> responses,
        ReadOnlySpan<double> sizes,
        in ResponseScales scales,
        Span<double> values,
        Span<double> slopes,
        Span<double> weights);

    /// <summary>Positive weights of cells: see <see cref="ICurve.Information"/>.</summary>
    /// <param name="eta">Linear predictors. Length C.</param>
    /// <param name="responses">As <c>ResponseCells.Responses</c>. Length C.</param>
    /// <param name="sizes">As <c>ResponseCells.Sizes</c>. Length C.</param>
    /// <param name="scales">Sigma and the shape.</param>
    /// <param name="weights">Overwritten. Length C.</param>
    public abstract void Information(
        ReadOnlySpan<double> eta, ReadOnlySpan<double> responses, ReadOnlySpan<double> sizes, in ResponseScales scales, Span<double> weights);

    /// <summary>Sum of <see cref="ICurve.ResidualSquares"/>.</summary>
    /// <param name="eta">Linear predictors. Length C.</param>
    /// <param name="responses">As <c>ResponseCells.Responses</c>. Length C.</param>
    /// <param name="sizes">As <c>ResponseCells.Sizes</c>. Length C.</param>
    /// <param name="scales">Sigma and the shape.</param>
    public abstract double ResidualSquares(
        ReadOnlySpan<double> eta, ReadOnlySpan<double> responses, ReadOnlySpan<double> sizes, in ResponseScales scales);

    /// <summary>The value of one cell with three derivatives for eta.</summary>
    /// <param name="eta">Linear predictor.</param>
    /// <param name="a">Response.</param>
    /// <param name="n">Size.</param>
    /// <param name="scales">Sigma and the shape.</param>
    /// <param name="slope">First derivative.</param>
    /// <param name="weight">Minus the second derivative.</param>
    /// <param name="weightSlope">Derivative of the weight.</param>
    /// <returns>The value; infinite or NaN where it overflows.</returns>
    public double At(double eta, double a, double n, in ResponseScales scales, out double slope, out double weight, out double weightSlope)
    {
        slope = weight = weightSlope = 0;
        return SumWithCurvatures(
            [eta], [a], [n], scales, new Span<double>(ref slope), new Span<double>(ref weight), new Span<double>(ref weightSlope));
    }

    /// <summary>The anchor of one cell.</summary>
    /// <param name="a">Response.</param>
    /// <param name="n">Size.</param>
    public double Anchor(double a, double n)
    {
        var anchor = 0.0;
        Anchors([a], [n], new Span<double>(ref anchor));
        return anchor;
    }

    /// <summary>The value of one cell from its anchor, with three derivatives for eta.</summary>
    /// <param name="anchor">The anchor.</param>
    /// <param name="distance">The linear predictor less the anchor.</param>
    /// <param name="a">Response.</param>
    /// <param name="n">Size.</param>
    /// <param name="scales">Sigma and the shape.</param>
    /// <param name="slope">First derivative.</param>
    /// <param name="weight">Minus the second derivative.</param>
    /// <param name="weightSlope">Derivative of the weight.</param>
    /// <returns>The value; infinite or NaN where it overflows.</returns>
    public double FromAnchor(
        double anchor, double distance, double a, double n, in ResponseScales scales, out double slope, out double weight, out double weightSlope)
    {
        slope = weight = weightSlope = 0;
        return SumFromAnchors(
            [anchor], [distance], [a], [n], scales, new Span<double>(ref slope), new Span<double>(ref weight), new Span<double>(ref weightSlope));
    }
}

namespace TypedPooling.Responses;

/// <summary>What the log likelihood of all rows holds of sigma and the shape alone, whatever the linear predictors. Immutable. What knows no
/// parameter is <see cref="CellView.LogConstant"/>.</summary>
internal abstract class ScaleTerm
{
    /// <summary>The term of a family without sigma and shape: 0.</summary>
    public static ScaleTerm None { get; } = new Nothing();

    /// <summary>The term and its derivatives.</summary>
    /// <param name="scales">Sigma and the shape.</param>
    /// <param name="onScales">Derivative for each; 0 where the family has no such parameter.</param>
    /// <returns>The value.</returns>
    public abstract double At(in ResponseScales scales, out ResponseScales onScales);

    /// <summary>The term with the values of all cells at their anchors, less the part of them that knows no shape, which is in
    /// <see cref="CellsFamily.AnchoredConstant"/>: what is left once the curves are measured from there. Its large parts cancel on paper.</summary>
    /// <param name="scales">Sigma and the shape.</param>
    /// <param name="onScales">Derivative for each.</param>
    /// <returns>The value.</returns>
    public abstract double Anchored(in ResponseScales scales, out ResponseScales onScales);

    private sealed class Nothing : ScaleTerm
    {
        public override double At(in ResponseScales scales, out ResponseScales onScales)
        {
            onScales = default;
            return 0;
        }

        public override double Anchored(in ResponseScales scales, out ResponseScales onScales) => At(scales, out onScales);
    }
}

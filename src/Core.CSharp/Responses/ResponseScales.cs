namespace TypedPooling.Responses;

/// <summary>The parameters of a response beside its linear predictor, or a derivative for each.</summary>
/// <param name="Sigma">Residual sd or scale; without meaning where the family has none.</param>
/// <param name="Shape">Shape or degrees of freedom; without meaning where the family has neither.</param>
internal readonly record struct ResponseScales(double Sigma, double Shape)
{
    /// <summary>Sums, element by element.</summary>
    public static ResponseScales operator +(ResponseScales a, ResponseScales b) => new(a.Sigma + b.Sigma, a.Shape + b.Shape);
}

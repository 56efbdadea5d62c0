namespace TypedPooling.Inference.Gibbs;

/// <summary>The log density of one coordinate, everything else given.</summary>
internal interface IUnivariateDensity
{
    /// <summary>Evaluates at a point; the last point evaluated is the one the owner holds.</summary>
    /// <param name="value">The coordinate.</param>
    /// <returns>The log density up to a constant; negative infinity or NaN where it is 0.</returns>
    double LogDensity(double value);
}

namespace TypedPooling;

/// <summary>A coefficient by least squares.</summary>
/// <param name="Value">The estimate.</param>
/// <param name="StandardError">Its standard error, in the same units; NaN where the rows leave no degrees of freedom to estimate the residual
/// sd.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
public readonly record struct LeastSquaresEstimate(double Value, double StandardError)
{
    /// <summary>The estimate and its standard error, rounded to three significant digits of the latter.</summary>
    public override string ToString()
    {
        var decimals = Figures.Decimals(StandardError);
        return $"{Figures.Fixed(Value, decimals)} (se {Figures.Fixed(StandardError, decimals)})";
    }
}

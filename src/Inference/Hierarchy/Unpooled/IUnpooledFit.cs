namespace TypedPooling.Inference.Hierarchy.Unpooled;

/// <summary>A model fitted without pooling: coefficients of its own for every level of one grouping factor, shared ones for the other columns, no
/// prior but fixed values.</summary>
internal interface IUnpooledFit
{
    /// <summary>Residual sd or scale, in units of the response; NaN where the model has none, its errors are known, or it is not
    /// determined.</summary>
    double Sigma { get; }

    /// <summary>The second parameter of the response; NaN where the family has none, infinite where the likelihood rises without bound in
    /// it.</summary>
    double Shape { get; }

    /// <summary>Sum of squared residuals, weighted by the precision weights or over the squares of known errors; NaN where the response is not
    /// normal.</summary>
    double SumOfSquares { get; }

    /// <summary>Log likelihood of the rows at the estimates, all constants included; where coefficients run to infinity its limit.</summary>
    double LogLikelihood { get; }

    /// <summary>Number of rows less that of the coefficients which they determine.</summary>
    long DegreesOfFreedom { get; }

    /// <summary>Number of shared coefficients p: the population effects of the model that are not fixed.</summary>
    int SharedCount { get; }

    /// <summary>Coefficients and standard errors of one level, then of the columns that levels share.</summary>
    /// <param name="level">Number of the level, from 0.</param>
    /// <returns>On the original scale: q own coefficients, then p shared ones in the order of the population effects that are not fixed; NaN where
    /// the rows do not determine one.</returns>
    (double[] Estimates, double[] StandardErrors) Solve(int level);
}

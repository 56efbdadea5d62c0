namespace TypedPooling.Inference.Scales;

/// <summary>The map from an unconstrained coordinate z to a standard deviation inside the support of its prior.</summary>
/// <remarks>
/// Support (0, inf): sd = exp(z), d sd/dz = sd. Support (a, b): sd = a + (b - a) s with s = 1 / (1 + exp(-z)), d sd/dz = (b - a) s (1 - s): a bounded
/// prior has no hard edge in z. A fixed scale has no coordinate. Source: [StanReference], ch. constraint transforms.
/// </remarks>
internal sealed class ScaleTransform
{
    private readonly double lower;
    private readonly double width;
    private readonly double logWidth;
    private readonly IScalePrior prior;

    /// <summary>Chooses the transform that fits a prior's support.</summary>
    /// <param name="prior">Prior of the standard deviation.</param>
    public ScaleTransform(IScalePrior prior)
    {
        ArgumentNullException.ThrowIfNull(prior);
        this.prior = prior;
        IsFixed = prior.Lower == prior.Upper;
        lower = prior.Lower;
        width = prior.Upper - prior.Lower;
        logWidth = Math.Log(width);
    }

    /// <summary>True where the scale is known and has no coordinate.</summary>
    public bool IsFixed { get; }

    /// <summary>Value of a fixed scale; the lower end of the support otherwise.</summary>
    public double FixedValue => lower;

    /// <summary>True where the support is (0, inf): z = log sd.</summary>
    public bool IsPositiveHalfLine => lower == 0 && !IsBounded;

    private bool IsBounded => !double.IsPositiveInfinity(width);

    /// <summary>The standard deviation at an unconstrained coordinate.</summary>
    /// <param name="z">Unconstrained coordinate.</param>
    /// <returns>The standard deviation, in units of the response.</returns>
    public double Constrain(double z) => IsBounded ? lower + width * Logistic(z) : lower + Math.Exp(z);

    /// <summary>The unconstrained coordinate of a standard deviation.</summary>
    /// <param name="sd">Standard deviation strictly inside the support.</param>
    /// <returns>z; infinite or NaN at or outside the bounds.</returns>
    public double Unconstrain(double sd) => IsBounded ? Math.Log((sd - lower) / (lower + width - sd)) : Math.Log(sd - lower);

    /// <summary>Derivative of the standard deviation with respect to the coordinate.</summary>
    /// <param name="z">Unconstrained coordinate.</param>
    /// <param name="sd">The standard deviation there.</param>
    /// <returns>d sd / dz, positive.</returns>
    public double Slope(double z, double sd)
    {
        if (!IsBounded)
            return sd - lower;
        var s = Logistic(z);
        return width * s * Logistic(-z);
    }

    /// <summary>Log prior density of the coordinate, the Jacobian of the transform included.</summary>
    /// <param name="z">Unconstrained coordinate.</param>
    /// <param name="sd">The standard deviation there.</param>
    /// <returns>log p(sd) + log d sd/dz, all constants included.</returns>
    public double LogDensity(double z, double sd)
    {
        var log = prior.LogScaleDensity(sd);
        if (!IsBounded)
            return log + z;

        // log s(z) + log s(-z), from one exponential
        var a = Math.Abs(z);
        return log + logWidth - a - 2 * Math.Log(1 + Math.Exp(-a));
    }

    /// <summary>Derivative of <see cref="LogDensity"/> with respect to the coordinate.</summary>
    /// <param name="z">Unconstrained coordinate.</param>
    /// <param name="sd">The standard deviation there.</param>
    /// <returns>The derivative.</returns>
    public double LogDensityDerivative(double z, double sd) => Backward(z, sd, 0);

    /// <summary>Derivative, with respect to the coordinate, of a function of the standard deviation + <see cref="LogDensity"/>.</summary>
    /// <param name="z">Unconstrained coordinate.</param>
    /// <param name="sd">The standard deviation there.</param>
    /// <param name="onSd">Derivative of the function with respect to the standard deviation.</param>
    /// <returns>The derivative.</returns>
    public double Backward(double z, double sd, double onSd)
    {
        var onScale = onSd + prior.LogScaleDensityDerivative(sd);
        if (!IsBounded)
            return onScale * (sd - lower) + 1;
        var s = Logistic(z);
        return onScale * width * s * Logistic(-z) + 1 - 2 * s;
    }

    private static double Logistic(double z) => 1 / (1 + Math.Exp(-z));
}

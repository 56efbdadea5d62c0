using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using TypedPooling.Draws;
using TypedPooling.Model;

namespace TypedPooling.Inference.Scales;

/// <summary>The scale parameters of a normal hierarchy on unconstrained space: theta, its prior, and its parts sigma, the shape of the response and
/// Lambda_k.</summary>
/// <remarks>
/// theta holds, in this order, sigma (where it is estimated), the shape or the degrees of freedom of the response (where there are such and they are
/// estimated), and for each factor its sds (those that are not fixed) and the coordinates of its correlation matrix (where correlations are
/// estimated). Lambda_k = diag(sd) L is the Cholesky factor of Sigma_k, so that u = Lambda v with v ~ N(0, I). Immutable. A prior of a whole
/// covariance matrix keeps the same coordinates, log sds and those of the correlations: with |dSigma / d(sd, R)| = 2^q prod sd^q its log density is
/// log p(Sigma) + q log 2 + (q + 1) sum log sd + log |dR/dz|.
/// <para>
/// Coordinates and Lambda are those of the effects about the factor's origin (<see cref="FactorSpec.Origin"/>), Sigma = T Sigma_0 T', also where its
/// priors speak of the effects about 0. |dSigma / dSigma_0| is 1, so with |dSigma / d(sd, R)| = 2^q prod sd^q their density moves by p(sd, R) =
/// p_0(sd_0, R_0) prod (sd / sd_0)^q, where only the intercept's sd differs; and LKJ(eta)'s |R_0|^(eta - 1) is |R|^(eta - 1) (sd / sd_0)^(2 (eta -
/// 1)), since |Sigma| stays. In all, the intercept's sd has log p_0(sd_0) + (q + 2 eta - 2) (log sd - log sd_0) in place of log p_0(sd), with sd_0
/// the length of the row Lambda_0 - sum_a origin_a Lambda_a; everything else is as it is.
/// </para>
/// </remarks>
internal sealed class ScaleCoordinates
{
    private readonly ScaleTransform? sigma;
    private readonly ScaleTransform? shape;
    private readonly int shapeAt;                // index into theta, where the shape is estimated
    private readonly FactorScales[] factors;

    /// <summary>Lays out the coordinates of a model.</summary>
    /// <param name="spec">The model; every prior decided.</param>
    public ScaleCoordinates(ModelSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var at = 0;
        sigma = spec.Response.HasSigma ? new ScaleTransform(spec.Response.Sigma!) : null;
        if (sigma is { IsFixed: false })
            at++;
        shape = spec.Response.HasShape ? new ScaleTransform(spec.Response.Shape!) : null;
        shapeAt = at;
        if (shape is { IsFixed: false })
            at++;

        factors = new FactorScales[spec.Factors.Length];
        for (var k = 0; k < factors.Length; k++)
        {
            factors[k] = new FactorScales(spec.Factors[k], at);
            at += factors[k].Dimension;
        }

        Dimension = at;
        Parameters = ListParameters(spec);
    }

    /// <summary>Length D of theta.</summary>
    public int Dimension { get; }

    /// <summary>True where sigma is estimated.</summary>
    public bool HasSigma => sigma is { IsFixed: false };

    /// <summary>True where a shape or degrees of freedom are estimated.</summary>
    public bool HasShape => shape is { IsFixed: false };

    /// <summary>The reported parameters: sigma (none where errors are known by row), the shape or the degrees of freedom, then for each factor sds
    /// and correlations, lower triangle by rows. Fixed scales are reported, as constants.</summary>
    public ImmutableArray<Parameter> Parameters { get; }

    /// <summary>Indices into theta of the log sds of varying effects that may be 0: those whose support is (0, inf).</summary>
    public ImmutableArray<int> LogSds => [.. factors.SelectMany(factor => factor.LogSds)];

    /// <summary>Number of varying terms q of a factor.</summary>
    /// <param name="factor">Index of the factor.</param>
    /// <returns>q.</returns>
    public int TermCount(int factor) => factors[factor].TermCount;

    /// <summary>Evaluates sigma, the shape, every Lambda and the prior at a point.</summary>
    /// <param name="theta">Unconstrained scales. Length D.</param>
    /// <param name="point">Overwritten with the parts.</param>
    /// <returns>Log prior density of theta, Jacobians and all constants of proper priors included; NaN or infinite where a scale overflows.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Constrain(ReadOnlySpan<double> theta, ScalePoint point)
    {
        var log = 0.0;
        if (sigma is null)
        {
            point.Sigma = 1;
        }
        else if (sigma.IsFixed)
        {
            point.Sigma = sigma.FixedValue;
        }
        else
        {
            point.Sigma = sigma.Constrain(theta[0]);
            log += sigma.LogDensity(theta[0], point.Sigma);
        }

        if (shape is not null)
        {
            point.Shape = shape.IsFixed ? shape.FixedValue : shape.Constrain(theta[shapeAt]);
            log += shape.IsFixed ? 0 : shape.LogDensity(theta[shapeAt], point.Shape);
        }

        for (var k = 0; k < factors.Length; k++)
            log += factors[k].Constrain(theta, point.Factors[k]);
        return log;
    }

    /// <summary>Carries the derivatives of a function of (sigma, shape, Lambda) back to theta and adds those of the log prior.</summary>
    /// <param name="theta">Unconstrained scales. Length D.</param>
    /// <param name="point">The parts at theta; for each factor <see cref="FactorPoint.LambdaGradient"/> holds the derivative for Lambda (lower
    /// triangle).</param>
    /// <param name="sigmaGradient">Derivative of the function with respect to sigma.</param>
    /// <param name="gradient">Overwritten. Length D.</param>
    /// <param name="shapeGradient">Derivative of the function with respect to the shape or the degrees of freedom.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Backward(ReadOnlySpan<double> theta, ScalePoint point, double sigmaGradient, Span<double> gradient, double shapeGradient = 0)
    {
        if (sigma is { IsFixed: false })
            gradient[0] = sigma.Backward(theta[0], point.Sigma, sigmaGradient);
        if (shape is { IsFixed: false })
            gradient[shapeAt] = shape.Backward(theta[shapeAt], point.Shape, shapeGradient);
        for (var k = 0; k < factors.Length; k++)
            factors[k].Backward(theta, point.Factors[k], gradient);
    }

    /// <summary>Scratch for one chain.</summary>
    /// <returns>A point of the right shape.</returns>
    public ScalePoint NewPoint() => new([.. factors.Select(scales => scales.TermCount)]);

    /// <summary>Writes the reported parameters of a point, in the order of <see cref="Parameters"/>.</summary>
    /// <param name="point">The parts.</param>
    /// <param name="values">Overwritten. Length: number of parameters.</param>
    public void Report(ScalePoint point, Span<double> values)
    {
        var at = 0;
        if (sigma is not null)
            values[at++] = point.Sigma;
        if (shape is not null)
            values[at++] = point.Shape;
        for (var k = 0; k < factors.Length; k++)
            at += factors[k].Report(point.Factors[k], values[at..]);
    }

    /// <summary>The coordinates of given scales with no correlation, each moved inside its prior's support where needed.</summary>
    /// <param name="sigmaValue">Residual sd; ignored where sigma is not estimated.</param>
    /// <param name="sds">Sds of all terms of all factors, in order.</param>
    /// <param name="theta">Overwritten; correlations at 0. Length D.</param>
    /// <param name="shapeValue">Shape or degrees of freedom; ignored where none is estimated.</param>
    public void Unconstrain(double sigmaValue, ReadOnlySpan<double> sds, Span<double> theta, double shapeValue = 1)
    {
        theta.Clear();
        if (sigma is { IsFixed: false })
            theta[0] = UnconstrainInside(sigma, sigmaValue);
        if (shape is { IsFixed: false })
            theta[shapeAt] = UnconstrainInside(shape, shapeValue);
        foreach (var factor in factors)
        {
            factor.Unconstrain(sds, theta);
            sds = sds[factor.TermCount..];
        }
    }

    /// <summary>Moves a start to where a prior stated at 0 rules, of a factor that is sampled elsewhere: slopes so small that the effect at 0 is as
    /// large as that at the factor's origin.</summary>
    /// <remarks>Such a posterior may have two modes: in one the data tell the slopes and the effect at 0 is what they make of it, in the other the
    /// prior of the effect at 0 forbids the slopes.</remarks>
    /// <param name="theta">A start; changed. Length D.</param>
    public void Narrow(Span<double> theta)
    {
        foreach (var factor in factors)
            factor.Narrow(theta);
    }

    private static double UnconstrainInside(ScaleTransform transform, double sd)
    {
        var z = transform.Unconstrain(sd);
        return double.IsFinite(z) ? Math.Clamp(z, -50, 50) : 0;
    }

    private static ImmutableArray<Parameter> ListParameters(ModelSpec spec)
    {
        var parameters = ImmutableArray.CreateBuilder<Parameter>();
        if (spec.Response.HasSigma)
            parameters.Add(new Parameter(ParameterKind.Sigma, string.Empty));
        if (spec.Response.HasShape)
            parameters.Add(Parameter.OfShape(spec.Response.Family.Shape!));
        foreach (var factor in spec.Factors)
        {
            foreach (var term in factor.Terms)
                parameters.Add(new Parameter(ParameterKind.VaryingSd, term.Name) { Factor = factor.Name });
            if (!factor.HasCorrelations)
                continue;
            for (var a = 1; a < factor.Terms.Length; a++)
            {
                for (var b = 0; b < a; b++)
                    parameters.Add(
                        new Parameter(
                            ParameterKind.VaryingCorrelation, factor.Terms[b].Name)
                        { Factor = factor.Name, OtherTerm = factor.Terms[a].Name });
            }
        }

        return parameters.ToImmutable();
    }

    private sealed class FactorScales
    {
        private readonly ScaleTransform[] sds;
        private readonly int[] sdAt;             // index into theta, -1 where fixed
        private readonly CorrelationTransform? correlation;
        private readonly int correlationAt;
        private readonly ICovariancePrior? covariance;
        private readonly MovedIntercept? moved;          // where the priors speak of the effects about 0 and the coordinates do not
        private readonly double covarianceConstant;      // q log 2, and what turns LKJ(1) into its Jacobian

        public FactorScales(FactorSpec spec, int start)
        {
            var at = start;
            covariance = spec.Covariance;
            moved = MovedIntercept.Of(spec);
            sds = new ScaleTransform[spec.Terms.Length];
            sdAt = new int[sds.Length];
            for (var a = 0; a < sds.Length; a++)
            {
                sds[a] = new ScaleTransform(covariance is null && a != moved?.Term ? spec.Terms[a].Sd! : new FlatPrior());
                sdAt[a] = sds[a].IsFixed ? -1 : at++;
            }

            correlationAt = at;
            if (spec.HasCorrelations && (covariance is not null || spec.Correlation.Concentration is not null))
            {
                correlation = new CorrelationTransform(sds.Length, covariance is null ? spec.Correlation.Concentration!.Value : 1);
                at += correlation.Dimension;
            }

            covarianceConstant = sds.Length * Math.Log(2) - (correlation?.LogConstant ?? 0);

            Dimension = at - start;
        }

        public int Dimension { get; }

        public int TermCount => sds.Length;

        public IEnumerable<int> LogSds => sdAt.Where((at, a) => at >= 0 && sds[a].IsPositiveHalfLine);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public double Constrain(ReadOnlySpan<double> theta, FactorPoint point)
        {
            var q = sds.Length;
            var sd = point.Sd;
            var log = 0.0;
            for (var a = 0; a < q; a++)
            {
                var transform = sds[a];
                var at = sdAt[a];
                if (at < 0)
                {
                    sd[a] = transform.FixedValue;
                    continue;
                }

                sd[a] = transform.Constrain(theta[at]);
                log += transform.LogDensity(theta[at], sd[a]);
            }

            var cholesky = point.CorrelationCholesky.AsSpan();
            if (correlation is not null)
                log += correlation.Constrain(theta.Slice(correlationAt, correlation.Dimension), cholesky, point.Partials);
            var lambda = point.Lambda.AsSpan();
            for (var a = 0; a < q; a++)
            {
                for (var b = 0; b <= a; b++)
                    lambda[a * q + b] = sd[a] * cholesky[a * q + b];
            }

            if (moved is not null)
                log += moved.LogDensity(lambda, sd[moved.Term], point.PriorGradient);
            if (covariance is null)
                return log;
            log += covarianceConstant + covariance.LogDensity(lambda, point.PriorGradient);
            for (var a = 0; a < q; a++)
                log += q * Math.Log(sd[a]);
            return log;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Backward(ReadOnlySpan<double> theta, FactorPoint point, Span<double> gradient)
        {
            var q = sds.Length;
            var onLambda = point.LambdaGradient.AsSpan();
            var onFactor = point.FactorGradient.AsSpan();
            var cholesky = point.CorrelationCholesky.AsSpan();
            if (covariance is not null || moved is not null)
            {
                for (var t = 0; t < onLambda.Length; t++)
                    onLambda[t] += point.PriorGradient[t];
            }

            for (var a = 0; a < q; a++)
            {
                var sd = point.Sd[a];
                var onSd = covariance is not null ? q / sd : a == moved?.Term ? moved.Power / sd : 0.0;
                for (var t = a * q; t <= a * q + a; t++)
                {
                    onSd += onLambda[t] * cholesky[t];
                    onFactor[t] = sd * onLambda[t];
                }

                var at = sdAt[a];
                if (at >= 0)
                    gradient[at] = sds[a].Backward(theta[at], sd, onSd);
            }

            correlation?.Backward(point.Partials, onFactor, gradient.Slice(correlationAt, correlation.Dimension));
        }

        public int Report(FactorPoint point, Span<double> values)
        {
            var q = sds.Length;
            point.Sd.AsSpan().CopyTo(values);
            var at = q;
            if (correlation is null)
                return at;
            var cholesky = point.CorrelationCholesky;
            for (var a = 1; a < q; a++)
            {
                for (var b = 0; b < a; b++)
                {
                    var sum = 0.0;
                    for (var c = 0; c <= b; c++)
                        sum += cholesky[a * q + c] * cholesky[b * q + c];
                    values[at++] = sum;
                }
            }

            return at;
        }

        public void Narrow(Span<double> theta)
        {
            if (moved is null)
                return;
            var sd = sds[moved.Term].Constrain(theta[sdAt[moved.Term]]);
            for (var a = 0; a < sds.Length; a++)
            {
                if (a == moved.Term || sdAt[a] < 0)
                    continue;
                var slope = sds[a].Constrain(theta[sdAt[a]]);
                theta[sdAt[a]] = UnconstrainInside(sds[a], slope / (1 + Math.Abs(moved.OriginOf(a)) * slope / sd));
            }
        }

        public void Unconstrain(ReadOnlySpan<double> values, Span<double> theta)
        {
            for (var a = 0; a < sds.Length; a++)
            {
                if (sdAt[a] >= 0)
                    theta[sdAt[a]] = UnconstrainInside(sds[a], values[a]);
            }
        }
    }
}

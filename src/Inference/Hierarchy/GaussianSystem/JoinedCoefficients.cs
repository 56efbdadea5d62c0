using TypedPooling.Inference.Hierarchy.GaussianSystem.Kernels;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Model;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem;

/// <summary>The coordinates of the population effects that are joined to theta because their prior is not Gaussian. Immutable.</summary>
/// <remarks>
/// <para>
/// A coordinate is t, one a joined effect. It is scaled, z = centre + unit t, with the centre and the unit a rough mean and sd of the posterior, so
/// that every coordinate is of the size of 1 whatever the units of a column. A prior without bounds has z = b, the coefficient, but for an intercept:
/// its z is the pivoted b~_0 = b_0 + sum_e x*_e b_e - y*, the sum over the other joined effects, which are nearly independent of it. A bounded prior
/// has b = lower + width / (1 + exp(-z)), intercept or not: no hard edge. det db/dz is 1 or that of the logit.
/// </para>
/// <para>The centre and unit come from one weighted least squares at typical scales, the priors entering as precisions 1 / scale^2. Source:
/// [StanReference], ch. constraint transforms.</para>
/// </remarks>
internal sealed class JoinedCoefficients
{
    private readonly IRealPrior[] priors;
    private readonly double[] origin;        // x* of each joined column
    private readonly double responseOrigin;
    private readonly int intercept;          // among the joined effects, -1 where it is not one
    private readonly double[] centre;
    private readonly double[] unit;
    private readonly double logUnits;

    private JoinedCoefficients(IRealPrior[] priors, double[] origin, double responseOrigin, int intercept, double[] centre, double[] unit)
    {
        this.priors = priors;
        this.origin = origin;
        this.responseOrigin = responseOrigin;
        this.intercept = intercept;
        this.centre = centre;
        this.unit = unit;
        logUnits = unit.Sum(Math.Log);
    }

    /// <summary>Number of joined effects.</summary>
    public int Count => priors.Length;

    private bool HasPivotedIntercept => intercept >= 0 && !IsBounded(priors[intercept]);

    /// <summary>No joined effects.</summary>
    public static JoinedCoefficients None { get; } = new([], [], 0, -1, [], []);

    /// <summary>Lays out the coordinates of a system.</summary>
    /// <param name="system">The system, complete but for this.</param>
    /// <returns>The coordinates; none where all population effects are integrated.</returns>
    public static JoinedCoefficients Of(NormalSystem system) => Of(system.Model.Spec, system.Population, roughly => Moments(system, roughly));

    /// <summary>Lays out the coordinates of a system.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="population">Its population effects.</param>
    /// <param name="momentsOf">Means and variances of all p estimated effects at typical scales, given the joined ones' precision and its product
    /// with their mean; null where nothing determines them. Lengths p.</param>
    /// <returns>The coordinates; none where all population effects are integrated.</returns>
    public static JoinedCoefficients Of(
        ModelSpec spec, PopulationSystem population, Func<(double Precision, double Target)[], (double[] Mean, double[] Variance)?> momentsOf)
    {
        var (integrated, count) = (population.IntegratedCount, population.JoinedCount);
        if (count == 0)
            return None;
        var priors = Enumerable.Range(integrated, count).Select(a => spec.Population[population.TermOf(a)].Prior!).ToArray();
        var origin = population.Origin[integrated..].ToArray();
        var intercept = Math.Max(-1, population.Intercept - integrated);
        var centre = new double[count];
        var unit = new double[count];
        var roughly = priors.Select((prior, a) =>
        {
            var (location, scale) = PopulationSystem.Rough(prior);
            var precision = 1 / (scale * scale);
            return (precision, precision * (location - (a == intercept ? population.Pivot.Response : 0)));
        }).ToArray();
        Locate(population, priors, origin, intercept, momentsOf(roughly), centre, unit);
        return new JoinedCoefficients(priors, origin, population.Pivot.Response, intercept, centre, unit);
    }

    /// <summary>Evaluates the joined coefficients and their prior.</summary>
    /// <param name="coordinates">t. Length <see cref="Count"/>, as all here.</param>
    /// <param name="coefficients">Overwritten with b, in the units of the model.</param>
    /// <param name="pivoted">Overwritten with the same in pivoted coordinates.</param>
    /// <returns>Log prior density of t, Jacobians and all constants included.</returns>
    public double Constrain(ReadOnlySpan<double> coordinates, Span<double> coefficients, Span<double> pivoted)
    {
        var log = logUnits;
        for (var e = 0; e < priors.Length; e++)
        {
            var z = centre[e] + unit[e] * coordinates[e];
            coefficients[e] = z;
            if (!IsBounded(priors[e]))
                continue;
            var width = priors[e].Upper - priors[e].Lower;
            var a = Math.Abs(z);
            coefficients[e] = priors[e].Lower + width * Logistic(z);
            log += Math.Log(width) - a - 2 * Math.Log(1 + Math.Exp(-a));
        }

        if (intercept >= 0)
        {
            var moved = -responseOrigin;
            for (var e = 0; e < priors.Length; e++)
                moved += e == intercept ? 0 : origin[e] * coefficients[e];
            if (HasPivotedIntercept)
                coefficients[intercept] -= moved;
            coefficients.CopyTo(pivoted);
            pivoted[intercept] += moved;
        }
        else
        {
            coefficients.CopyTo(pivoted);
        }

        for (var e = 0; e < priors.Length; e++)
            log += priors[e].LogDensity(coefficients[e]);
        return log;
    }

    /// <summary>Carries the derivatives of a function of the pivoted coefficients back to t and adds those of the log prior.</summary>
    /// <param name="coordinates">t. Length <see cref="Count"/>, as all here.</param>
    /// <param name="coefficients">b at t.</param>
    /// <param name="onPivoted">Derivative of the function for each pivoted coefficient.</param>
    /// <param name="gradient">Overwritten.</param>
    public void Backward(ReadOnlySpan<double> coordinates, ReadOnlySpan<double> coefficients, ReadOnlySpan<double> onPivoted, Span<double> gradient)
    {
        // A pivoted intercept is its own coordinate: there other coefficients move b_0 and its prior, else b~_0 and the function.
        var onIntercept = intercept < 0
            ? 0
            : HasPivotedIntercept ? -priors[intercept].LogDensityDerivative(coefficients[intercept]) : onPivoted[intercept];
        for (var e = 0; e < priors.Length; e++)
        {
            var on = onPivoted[e] + priors[e].LogDensityDerivative(coefficients[e]) + (e == intercept ? 0 : origin[e] * onIntercept);
            if (IsBounded(priors[e]))
            {
                var s = Logistic(centre[e] + unit[e] * coordinates[e]);
                on = on * (priors[e].Upper - priors[e].Lower) * s * (1 - s) + 1 - 2 * s;
            }

            gradient[e] = on * unit[e];
        }
    }

    private static bool IsBounded(IRealPrior prior) => !double.IsInfinity(prior.Upper - prior.Lower);

    private static double Logistic(double z) => 1 / (1 + Math.Exp(-z));

    // Mean and variance of all coefficients under (X, Xb)'V^-1(X, Xb) + prior precisions at typical scales.
    private static (double[] Mean, double[] Variance)? Moments(NormalSystem system, (double Precision, double Target)[] roughly)
    {
        var population = system.Population;
        var (p, integrated) = (population.Count, population.IntegratedCount);
        var (sigma, sds) = TypicalScales.Of(system);
        var q = sds.Length;
        var lambda = new double[q * q];
        for (var a = 0; a < q; a++)
            lambda[a * q + a] = sds[a] / sigma;
        var relative = new double[q * q];
        system.Pivot.PivotLambda(lambda, relative);

        var square = new double[p * p];
        var target = new double[p];
        var (root, w) = (system.Pooled.Root, system.Pooled.Target);
        for (var a = 0; a < p; a++)
        {
            for (var c = 0; c <= a; c++)
            {
                for (var r = 0; r <= c; r++)
                    square[a * p + c] += root[r * p + a] * root[r * p + c];
                target[a] += root[c * p + a] * w[c];
            }
        }

        ClassKernel.For(system.Lanes).Reduce(relative, square, target);
        var precision = 1 / (sigma * sigma);
        for (var a = 0; a < p; a++)
        {
            target[a] *= precision;
            for (var c = 0; c <= a; c++)
                square[a * p + c] = square[a * p + c] * precision + (a < integrated ? population.Precision[a * integrated + c] : 0);
            for (var c = 0; a < integrated && c < integrated; c++)
                target[a] += population.Precision[a * integrated + c] * population.PriorMean[c];
        }

        for (var e = 0; e < roughly.Length; e++)
        {
            square[(integrated + e) * p + integrated + e] += roughly[e].Precision;
            target[integrated + e] += roughly[e].Target;
        }

        var mean = new double[p];
        var variance = new double[p];
        return Invert(square, target, mean, variance) ? (mean, variance) : null;
    }

    // Centres and units from those moments; a coefficient nothing tells of is left where its prior is.
    private static void Locate(
        PopulationSystem population,
        IRealPrior[] priors,
        double[] origin,
        int intercept,
        (double[] Mean, double[] Variance)? moments,
        double[] centre,
        double[] unit)
    {
        var integrated = population.IntegratedCount;
        var (mean, variance) = moments ?? (new double[population.Count], new double[population.Count]);
        for (var e = 0; e < priors.Length; e++)
        {
            var (location, scale) = PopulationSystem.Rough(priors[e]);
            var (z, sd) = double.IsFinite(mean[integrated + e]) && variance[integrated + e] > 0 && double.IsFinite(variance[integrated + e])
                ? (mean[integrated + e], Math.Sqrt(variance[integrated + e]))
                : (location, double.IsFinite(scale) ? scale : 1);
            if (!IsBounded(priors[e]))
            {
                (centre[e], unit[e]) = (z, sd);
                continue;
            }

            // Well inside the bounds, and no wider than the logit of a uniform, whose sd is pi / sqrt(3).
            if (e == intercept)
                z += population.Pivot.Response - Enumerable.Range(0, priors.Length).Sum(j => j == e ? 0 : origin[j] * mean[integrated + j]);
            var width = priors[e].Upper - priors[e].Lower;
            var share = Math.Clamp((z - priors[e].Lower) / width, 0.02, 0.98);
            if (double.IsNaN(share))
                share = 0.5;
            centre[e] = Math.Log(share / (1 - share));
            unit[e] = Math.Min(Math.PI / Math.Sqrt(3), sd / (width * share * (1 - share)));
        }
    }

    // Solution and diagonal of the inverse of a symmetric positive definite system given by its lower triangle; false where it is not.
    private static bool Invert(double[] square, double[] target, double[] mean, double[] variance)
    {
        var p = target.Length;
        var matrix = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.Dense(p, p, (a, b) => square[Math.Max(a, b) * p + Math.Min(a, b)]);
        try
        {
            var cholesky = matrix.Cholesky();
            cholesky.Solve(MathNet.Numerics.LinearAlgebra.Vector<double>.Build.Dense(target)).AsArray().CopyTo(mean, 0);
            cholesky.Solve(MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.DenseIdentity(p)).Diagonal().AsArray().CopyTo(variance, 0);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}

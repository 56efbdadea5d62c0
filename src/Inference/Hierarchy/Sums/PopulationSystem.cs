using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Model;

namespace TypedPooling.Inference.Hierarchy.Sums;

/// <summary>The estimated population effects of a normal hierarchy, with the prior of those that are integrated. Immutable.</summary>
/// <remarks>
/// <para>
/// Effects with a Normal or a Flat prior are integrated; those with any other prior are joined to theta. The p estimated effects are ordered
/// so that the integrated ones come first, and all arrays over effects follow that order.
/// </para>
/// <para>
/// With an integrated intercept every column is centred, so that joined coefficients b move the prior mean of beta~_0 by sum x*_e b_e. A joined
/// intercept lets only the response and the joined columns be centred: what its prior says of beta_0 would else depend on the integrated effects.
/// </para>
/// </remarks>
internal sealed class PopulationSystem : PopulationColumns
{
    private PopulationSystem(ModelSpec spec, int[] integrated, int[] joined, double[] means, double response)
        : base(spec, [.. integrated, .. joined], means, response, FirstCentred(spec, integrated, joined), centresBounded: true)
    {
        IntegratedCount = integrated.Length;
        Precision = new double[IntegratedCount * IntegratedCount];
        PriorMean = new double[IntegratedCount];

        // Prior in the model's coordinates: independent, precision 1 / sd^2, 0 where flat.
        var precision = new double[IntegratedCount];
        for (var e = 0; e < IntegratedCount; e++)
        {
            if (Priors[e] is { IsProper: true, Mixture: { } normal })
            {
                PriorMean[e] = normal.Location;
                precision[e] = normal.Precision;
                LogPriorConstant -= Math.Log(normal.Scale);
            }
            else
            {
                FlatCount++;
            }
        }

        if (Intercept >= 0 && Intercept < IntegratedCount)
        {
            PriorMean[Intercept] -= Response;
            for (var e = 0; e < IntegratedCount; e++)
                PriorMean[Intercept] += e == Intercept ? 0 : Origin[e] * PriorMean[e];
        }

        PivotPrecision(precision, IntegratedCount, Precision);
    }

    /// <summary>Number of integrated effects, the first ones.</summary>
    public int IntegratedCount { get; }

    /// <summary>Number of joined effects, the last ones.</summary>
    public int JoinedCount => Count - IntegratedCount;

    /// <summary>Prior precision of the integrated beta~; zero rows for flat priors. By rows.</summary>
    public double[] Precision { get; }

    /// <summary>Prior mean of the integrated beta~ where the joined coefficients are 0.</summary>
    public double[] PriorMean { get; }

    /// <summary>Half the log determinant of the proper part of the prior precision.</summary>
    public double LogPriorConstant { get; }

    /// <summary>Number of effects with a flat prior.</summary>
    public int FlatCount { get; }

    /// <summary>Lays out the population effects of a model.</summary>
    /// <param name="spec">The model; every prior decided.</param>
    /// <param name="means">Grand means by column, then that of the response.</param>
    /// <param name="integratesAll">True to integrate effects whose prior is a mixture of normals too, at precisions given by
    /// <see cref="PopulationColumns.PivotPrecision"/>; <see cref="Precision"/> then holds those of the mixtures' scales.</param>
    /// <returns>The system.</returns>
    public static PopulationSystem Of(ModelSpec spec, double[] means, bool integratesAll = false)
    {
        int[] estimated = [.. Enumerable.Range(0, spec.Population.Length).Where(t => spec.Population[t].Prior?.FixedValue is null)];
        int[] integrated = [.. estimated.Where(t => integratesAll || IsIntegrated(spec.Population[t].Prior))];
        return new PopulationSystem(spec, integrated, [.. estimated.Except(integrated)], means, means[^1]);
    }

    /// <summary>Whether the coefficient of a prior is integrated out (Normal, Flat); else it is joined to theta, unless it is fixed.</summary>
    /// <param name="prior">The prior.</param>
    /// <returns>True for Normal and Flat.</returns>
    public static bool IsIntegrated(IRealPrior? prior) => prior?.Mixture is { IsMixed: false };

    private static int FirstCentred(ModelSpec spec, int[] integrated, int[] joined) =>
        joined.Any(t => spec.Population[t].Column == ModelSpec.Ones) ? integrated.Length : 0;
}

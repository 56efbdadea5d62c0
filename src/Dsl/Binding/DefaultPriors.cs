using System.Collections.Immutable;
using TypedPooling.Data;
using TypedPooling.Model;

namespace TypedPooling.Binding;

/// <summary>The weak priors that stand in for those left out, scaled by the data. See <c>docs/priors.md</c>. Source: [Goodrich2024].</summary>
internal static class DefaultPriors
{
    // rstanarm's choice: weak, for the data may well be 2.5 of its own sds from where one looked first.
    private const double Width = 2.5;

    /// <summary>Stands for a default prior of a coefficient where data do not scale it yet: what matters is its kind.</summary>
    public static IRealPrior OpenCoefficient { get; } = new NormalPrior(0, 1);

    /// <summary>Stands for a default prior of an sd where data do not scale it yet: what matters is its kind.</summary>
    public static IScalePrior OpenScale { get; } = new ExponentialPrior(1);

    // Sds of a column between its mean and 0, from which on the effects about 0 are nearly one combination of the others.
    private const double Far = 3;

    /// <summary>Decides every open prior.</summary>
    /// <param name="spec">The model, its columns those of the moments.</param>
    /// <param name="total">Unweighted moments of all rows and their response, as one cell.</param>
    public static ModelSpec Decide(ModelSpec spec, CellMoments total) =>
        Decide(spec, total, total.Means(0)[total.ColumnCount], Sd(total, total.ColumnCount));

    /// <summary>Decides every open prior.</summary>
    /// <param name="spec">The model, its columns those of the moments.</param>
    /// <param name="total">Unweighted moments of all rows, as one cell; those of the response are not looked at.</param>
    /// <param name="meanY">Mean of the response, or of what lies about the linear predictor; 0 where the response does not scale priors.</param>
    /// <param name="sdY">Its sd; 1 where the response does not scale priors, or is constant.</param>
    public static ModelSpec Decide(ModelSpec spec, CellMoments total, double meanY, double sdY)
    {
        double SdX(int column) => column == ModelSpec.Ones ? 1 : Sd(total, column);

        // The effect of an intercept where columns are 0 is wider than where they have their means by what slopes add that are not correlated with
        // it; correlated ones are stated at the means.
        double Rate(FactorSpec factor, int column)
        {
            var square = 1.0;
            foreach (var slope in factor.Terms.Where(term => column == ModelSpec.Ones && term.Column != ModelSpec.Ones && !factor.HasCorrelations))
                square += Math.Pow(total.Means(0)[slope.Column] / SdX(slope.Column), 2);
            return SdX(column) / (sdY * Math.Sqrt(square));
        }

        // Normal(mean(y), 2.5 sd(y)) where all columns have their mean is, where they are 0, wider by what the slopes add.
        var interceptVariance = Math.Pow(Width * sdY, 2);
        foreach (var term in spec.Population.Where(term => term.Prior is null && term.Column != ModelSpec.Ones))
            interceptVariance += Math.Pow(Width * sdY * total.Means(0)[term.Column] / SdX(term.Column), 2);

        var population = spec.Population.Select(term => term with
        {
            Prior = term.Prior
                ?? (term.Column == ModelSpec.Ones
                    ? new NormalPrior(meanY, Math.Sqrt(interceptVariance))
                    : new NormalPrior(0, Width * sdY / SdX(term.Column))),
        });
        var factors = spec.Factors.Select(factor => factor.Covariance is not null ? factor : WithOrigin(spec, factor, total) with
        {
            Terms = [.. factor.Terms.Select(term => term with { Sd = term.Sd ?? new ExponentialPrior(Rate(factor, term.Column)) })],
        });
        var response = spec.Response.HasSigma && spec.Response.Sigma is null
            ? spec.Response with { Sigma = new ExponentialPrior(1 / sdY) }
            : spec.Response;
        return WithShape(spec with { Response = response, Population = [.. population], Factors = [.. factors] });
    }

    /// <summary>Decides the prior of the shape of the response, which no data scale.</summary>
    public static ModelSpec WithShape(ModelSpec spec) => spec.Response is { Shape: null, Family.Shape: { } shape } response
        ? spec with { Response = response with { Shape = shape.Default } }
        : spec;

    /// <summary>Where a factor is sampled, and where its priors are stated: at the means of its columns by default, where they are correlated with an
    /// intercept that takes up the shift.</summary>
    /// <remarks>
    /// A prior that a user names for the sd of the intercept speaks of the effect where columns are 0, and the others with it. It is carried to the
    /// means of the columns where 0 is far from them; nearer, both
    /// coordinates mix alike. It must be one of a density on all of (0, inf), as the sd about the means has no bounds. On the standardised scale
    /// columns are centred already.
    /// </remarks>
    private static FactorSpec WithOrigin(ModelSpec spec, FactorSpec factor, CellMoments total)
    {
        if (spec.IsStandardized || !factor.HasCorrelations || factor.Terms.FirstOrDefault(term => term.Column == ModelSpec.Ones) is not { } intercept)
            return factor;
        var isDefault = intercept.Sd is null;
        if (!isDefault && (intercept.Sd is not { Lower: 0, Upper: double.PositiveInfinity } || factor.Correlation.Concentration is null))
            return factor;
        var origin = factor.Terms.Select(term => HasSpread(total, term.Column) ? total.Means(0)[term.Column] : 0).ToImmutableArray();
        var isFar = factor.Terms.Where((term, a) => origin[a] != 0).Any(term => Math.Abs(total.Means(0)[term.Column]) > Far * Sd(total, term.Column));
        return origin.All(value => value == 0) || !(isDefault || isFar) ? factor : factor with { Origin = origin, IsStatedAtOrigin = isDefault };
    }

    private static bool HasSpread(CellMoments total, int column) =>
        column != ModelSpec.Ones && total.RowCount > 1 && total.CrossProducts(0)[column * (column + 1) / 2 + column] > 0;

    // With n - 1; 1 where there is no spread to scale by.
    private static double Sd(CellMoments total, int column)
    {
        if (total.RowCount < 2)
            return 1;
        var sd = Math.Sqrt(total.CrossProducts(0)[column * (column + 1) / 2 + column] / (total.RowCount - 1));
        return sd > 0 ? sd : 1;
    }
}

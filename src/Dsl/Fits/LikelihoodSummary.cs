using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Draws;
using TypedPooling.Json;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>What a maximum of the likelihood says of the model as a whole: the numbers of <c>logLik</c>, <c>AIC</c>, <c>BIC</c> and <c>vcov</c> in R,
/// and of <c>display</c> in arm. Immutable.</summary>
/// <remarks>Source: [Bates2015]; DIC as arm's <c>display</c> computes it, [GelmanHill2007]. Thread-safe: any number of threads may read it at
/// once.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed class LikelihoodSummary : IJsonAnswer, ITabular
{
    private readonly PointEstimate point;
    private readonly ModelSpec spec;
    private readonly long rowCount;
    private readonly Func<ParameterCovariance>? covariance;

    internal LikelihoodSummary(PointEstimate point, ModelSpec spec, long rowCount, Func<ParameterCovariance>? covariance = null)
    {
        this.covariance = covariance;
        this.point = point;
        this.spec = spec;
        this.rowCount = rowCount;
    }

    /// <summary>What was maximised.</summary>
    public LikelihoodCriterion Criterion => point.Criterion;

    /// <summary>Natural log of the likelihood at its maximum; of the restricted likelihood where that was maximised. All constants included but log
    /// |X'X|, as in lme4.</summary>
    public double LogLikelihood => point.LogLikelihood;

    /// <summary>-2 log likelihood at the estimates; never of the restricted one. For responses that are not Normal the deviance of the rows given the
    /// varying effects at their modes, as <c>deviance</c> of a <c>glmer</c> fit; of <c>glm</c> without them.</summary>
    public double Deviance => point.Deviance;

    /// <summary>-2 log of the restricted likelihood; null where the ordinary one was maximised.</summary>
    public double? RemlCriterion => Criterion == LikelihoodCriterion.RestrictedMaximumLikelihood ? -2 * LogLikelihood : null;

    /// <summary>Number of estimated parameters: population effects, sds, correlations and sigma.</summary>
    public int ParameterCount => point.ParameterCount;

    /// <summary>-2 <see cref="LogLikelihood"/> + 2 <see cref="ParameterCount"/>.</summary>
    public double Aic => -2 * LogLikelihood + 2 * ParameterCount;

    /// <summary>-2 <see cref="LogLikelihood"/> + log(rows) <see cref="ParameterCount"/>.</summary>
    public double Bic => -2 * LogLikelihood + Math.Log(rowCount) * ParameterCount;

    /// <summary>2 D + 2 <see cref="LogLikelihood"/>, as arm's <c>display</c> prints it, D being <see cref="Deviance"/> with the constants that
    /// <see cref="LogLikelihood"/> has (none where each row is 0 or 1).</summary>
    public double Dic => 2 * (Deviance - 2 * point.SaturatedLogLikelihood) + 2 * LogLikelihood;

    /// <summary>True where an estimate lies on the boundary: an sd of 0, or a covariance matrix of the varying effects without full rank. lme4 calls
    /// such a fit singular.</summary>
    public bool IsSingular => !point.Boundary.IsEmpty;

    /// <summary>Whether the search reached the maximum: a further step would add at most 5e-9 (1e-4 standard errors) to the log likelihood, rounding
    /// apart. Where it is false the fit carries the warning <see cref="FitWarningCode.NotConverged"/>, which says what to do.</summary>
    public bool IsConverged => point.IsConverged;

    internal PointEstimate Point => point;

    /// <summary>The covariance of two population effects' estimates.</summary>
    /// <param name="term">Name of one term; <c>Intercept</c> for the intercept.</param>
    /// <param name="otherTerm">Name of the other; the same one for a variance.</param>
    /// <returns>The covariance at the estimated scales, in units of both.</returns>
    /// <exception cref="ModelException">The model has no such effect.</exception>
    public double Covariance(string term, string otherTerm) =>
        point.PopulationCovariance[TermLookup.Population(spec, term) * spec.Population.Length + TermLookup.Population(spec, otherTerm)];

    /// <summary>The covariance matrix of all estimates: population effects, sigma, shape, sds and correlations, on the scale they are reported
    /// on.</summary>
    /// <returns>The inverse of the observed information, by the delta method. Its part of the population effects has what not knowing the scales
    /// adds. For Normal responses <see cref="Covariance"/> is given the scales, as <c>vcov</c> of <c>lmer</c>, and differs a little. Estimates on
    /// the boundary are held and have NaN.</returns>
    /// <exception cref="ModelException">NotIdentified: the likelihood is flat in some direction at the estimates, or the engine is not one of
    /// this library.</exception>
    /// <remarks>Some 4 evaluations of the gradient a parameter; computed anew at each call. What <c>vcov(fit, full = TRUE)</c> of glmmTMB gives,
    /// which has the logs of scales. Source: [PinheiroChao2006].</remarks>
    public ParameterCovariance FullCovariance() => covariance!();

    /// <summary>A row a number: log likelihood, REML criterion, AIC, BIC, DIC, deviance, parameters.</summary>
    /// <returns>One table.</returns>
    public ImmutableArray<PrintedTable> ToTables()
    {
        var table = new TableBuilder("criterion", "value");
        table.Add("log likelihood", Figures.Fixed(LogLikelihood, 2));
        if (RemlCriterion is { } reml)
            table.Add("REML criterion", Figures.Fixed(reml, 2));
        table.Add("AIC", Figures.Fixed(Aic, 1));
        table.Add("BIC", Figures.Fixed(Bic, 1));
        table.Add("DIC", Figures.Fixed(Dic, 1));
        table.Add("deviance", Figures.Fixed(Deviance, 1));
        table.Add("parameters", ParameterCount.ToString(CultureInfo.InvariantCulture));
        return [table.Build()];
    }

    /// <summary>One or two lines: criterion, AIC, BIC, DIC, deviance.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"log likelihood {LogLikelihood:F2} ({ParameterCount} parameters)");
        if (RemlCriterion is { } reml)
            text.Append(CultureInfo.InvariantCulture, $", REML criterion {reml:F2}");
        text.Append(CultureInfo.InvariantCulture, $"\nAIC {Aic:F1}, BIC {Bic:F1}, DIC {Dic:F1}, deviance {Deviance:F1}");
        return text.ToString();
    }

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("criterion", Criterion.ToString());
        writer.WriteReal("logLikelihood", LogLikelihood);
        writer.WriteReal("deviance", Deviance);
        writer.WriteOptional("remlCriterion", RemlCriterion);
        writer.WriteNumber("parameterCount", ParameterCount);
        writer.WriteReal("aic", Aic);
        writer.WriteReal("bic", Bic);
        writer.WriteReal("dic", Dic);
        writer.WriteBoolean("isSingular", IsSingular);
        writer.WriteBoolean("isConverged", IsConverged);
        writer.WriteEndObject();
    }
}

using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>Expected log predictive density (elpd) of a fit for observations it has not seen: the sum over observations, how sure it is, and every
/// observation's part. Immutable.</summary>
/// <remarks>
/// elpd = sum log p(y_i | all others), larger is better; compare fits of the same observations by <see cref="ModelComparison"/>. Its standard error,
/// sqrt(n var(elpd_i)), is that of the sum over observations like these, and far above that of a difference of two fits. Sources: [Vehtari2017],
/// [Vehtari2024], [Watanabe2010]. Thread-safe: any number of threads may read it at once.
/// </remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed class ElpdEstimate : IJsonAnswer, ITabular
{
    // Above this variance of a row's log likelihood WAIC is not to be trusted. Source: [Vehtari2017].
    private const double LargestWaicVariance = 0.4;

    internal ElpdEstimate(
        string? name,
        ElpdCriterion criterion,
        IEnumerable<PointwiseElpd> pointwise,
        double[] responses,
        int drawCount,
        bool isApproximate,
        SubsampledElpd? subsample = null)
    {
        Name = name;
        Criterion = criterion;
        Pointwise = [.. pointwise];
        Responses = responses;
        DrawCount = drawCount;
        IsApproximate = isApproximate;
        ParetoKThreshold = ThresholdOf(drawCount);
        foreach (var part in Pointwise)
        {
            ObservationCount += part.Count;
            Elpd += part.Count * part.Elpd;
            EffectiveParameters += part.Count * part.EffectiveParameters;
            Mcse += part.Count * part.Mcse * part.Mcse;
            if (IsBad(part))
                BadCount += part.Count;
        }

        Mcse = criterion != ElpdCriterion.Waic && BadCount > 0 ? double.NaN : Math.Sqrt(Mcse);
        Subsample = subsample;
        if (subsample is not null)
        {
            // Sums of the sample say it of all rows.
            ObservationCount = subsample.ObservationCount;
            Mcse *= subsample.Expansion;
            EffectiveParameters *= subsample.Expansion;
            (Elpd, SubsampleSe, var ofRows) = subsample.Estimate([.. Pointwise.Select(part => part.Elpd)]);
            ElpdSe = Math.Sqrt(ofRows * ofRows + SubsampleSe * SubsampleSe);
        }
        else
        {
            ElpdSe = StandardError(Pointwise.Select(part => part.Elpd));
        }

        EffectiveParametersSe = StandardError(Pointwise.Select(part => part.EffectiveParameters));
    }

    /// <summary>The name that was given to tell models apart; null where none was.</summary>
    public string? Name { get; }

    /// <summary>How the density was estimated.</summary>
    public ElpdCriterion Criterion { get; }

    /// <summary>Every observation's part, in the order of the rows, or of the levels; of a sample of rows those of the sample.</summary>
    public ImmutableArray<PointwiseElpd> Pointwise { get; }

    /// <summary>Number of observations n; a row that stands for N rows counts as N.</summary>
    public long ObservationCount { get; }

    /// <summary>Number of draws of the posterior S.</summary>
    public int DrawCount { get; }

    /// <summary>The expected log predictive density of all observations, in natural log units.</summary>
    public double Elpd { get; }

    /// <summary>Standard error of <see cref="Elpd"/> as an estimate for other observations like these: sqrt(n var(elpd_i)). NaN for one
    /// observation. Of a sample of rows it has the sampling part <see cref="SubsampleSe"/> too.</summary>
    public double ElpdSe { get; }

    /// <summary>Standard error of <see cref="Elpd"/> from having left out a sample of the observations only; 0 where all were.</summary>
    public double SubsampleSe { get; }

    /// <summary>Effective number of parameters: how much the density of the observations owes to the fit having seen them.</summary>
    public double EffectiveParameters { get; }

    /// <summary>Standard error of <see cref="EffectiveParameters"/>.</summary>
    public double EffectiveParametersSe { get; }

    /// <summary>-2 <see cref="Elpd"/>: the scale of deviance and of AIC (LOOIC, WAIC).</summary>
    public double InformationCriterion => -2 * Elpd;

    /// <summary>Monte-Carlo standard error of <see cref="Elpd"/>; NaN for WAIC, and where an observation's k-hat is above the threshold.</summary>
    public double Mcse { get; }

    /// <summary>Where k-hat is above this, min(1 - 1 / log10 S, 0.7), the draws cannot tell what leaving the observation out would do. Source:
    /// [Vehtari2024].</summary>
    public double ParetoKThreshold { get; }

    /// <summary>Number of observations whose part is not to be trusted: k-hat above <see cref="ParetoKThreshold"/>; for WAIC, a variance of the log
    /// likelihood above 0.4.</summary>
    public long BadCount { get; }

    /// <summary>Largest k-hat; NaN for WAIC.</summary>
    public double LargestParetoK => Pointwise.Select(part => part.ParetoK).Where(k => !double.IsNaN(k)).DefaultIfEmpty(double.NaN).Max();

    /// <summary>What a reader must know, as sentences; empty where nothing is wrong.</summary>
    public ImmutableArray<string> Warnings => [.. FindWarnings()];

    internal double[] Responses { get; }

    internal SubsampledElpd? Subsample { get; }

    private bool IsApproximate { get; }

    /// <summary>Whether an observation's part is not to be trusted.</summary>
    /// <param name="part">A part of <see cref="Pointwise"/>.</param>
    /// <returns>True where its k-hat, or for WAIC its variance, is too large.</returns>
    public bool IsBad(PointwiseElpd part)
    {
        ArgumentNullException.ThrowIfNull(part);
        return Criterion == ElpdCriterion.Waic ? part.EffectiveParameters > LargestWaicVariance : part.ParetoK > ParetoKThreshold;
    }

    /// <summary>The estimates with standard errors, the counts of large k-hats, and warnings.</summary>
    public override string ToString() => Printed().ToString();

    /// <summary>The table as <see cref="ToString"/> shows it, with the Monte-Carlo error and the warnings below.</summary>
    /// <returns>One table.</returns>
    public ImmutableArray<PrintedTable> ToTables() => [Printed()];

    private PrintedTable Printed()
    {
        var (short1, short2, method) = Criterion switch
        {
            ElpdCriterion.LeaveOneOut => ("loo", "looic", "Leave-one-out (PSIS)"),
            ElpdCriterion.Waic => ("waic", "waic", "WAIC"),
            ElpdCriterion.KFold => ("kfold", "-2 elpd", "K-fold cross-validation"),
            _ => ("logo", "-2 elpd", "Leave-one-group-out"),
        };
        var things = Figures.Counted(ObservationCount, Criterion == ElpdCriterion.LeaveGroupOut ? "level" : "row");
        var title = string.Create(
            CultureInfo.InvariantCulture, $"{method}{(Name is null ? string.Empty : $" of {Name}")}: {things}, {DrawCount:N0} draws");
        var decimals = Figures.Decimals(ElpdSe);
        var table = new TableBuilder(string.Empty, "estimate", "se");
        table.Add("elpd_" + short1, Figures.Fixed(Elpd, decimals), Figures.Fixed(ElpdSe, decimals));
        table.Add("p_" + short1, Figures.Fixed(EffectiveParameters, decimals), Figures.Fixed(EffectiveParametersSe, decimals));
        table.Add(short2, Figures.Fixed(InformationCriterion, decimals), Figures.Fixed(2 * ElpdSe, decimals));
        return table.Build(title, [.. Errors(decimals), .. Warnings.Select(warning => $"Warning: {warning}")]);
    }

    // What leaving out a sample of rows, and draws, add to the error of the sum.
    private IEnumerable<string> Errors(int decimals)
    {
        if (Subsample is not null)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{Pointwise.Length:N0} of {Subsample.PlugIns.Length:N0} rows left out: sampling error of elpd "
                    + $"{Figures.Fixed(SubsampleSe, decimals)}, part of its se");
        }

        if (Criterion == ElpdCriterion.Waic)
            yield break;
        List<string> parts = [$"Monte-Carlo error of elpd {Figures.Fixed(Mcse, 3)}"];
        if (Criterion != ElpdCriterion.KFold)
        {
            var refitted = Pointwise.Count(part => part.IsRefitted);
            if (refitted < Pointwise.Length)
            {
                parts.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"largest Pareto k {Figures.Fixed(LargestParetoK, 2)}, {BadCount:N0} above {Figures.Fixed(ParetoKThreshold, 2)}"));
            }

            if (refitted > 0)
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{refitted:N0} fitted again"));
        }

        yield return string.Join("; ", parts);
    }

    internal static double ThresholdOf(int drawCount) => Math.Min(1 - 1 / Math.Log10(drawCount), 0.7);

    // Above 1/2 the importance ratios have no variance, and k between 1/2 and the threshold does not prove that the draws reach far enough: whoever
    // asks for fits without the observation gets them from there on.
    internal static double RefitAbove(int drawCount) => Math.Min(ThresholdOf(drawCount), 0.5);

    // Of the sum over observations, each row as often as it counts.
    internal double StandardError(IEnumerable<double> parts)
    {
        var values = parts.ToArray();
        double sum = 0, squares = 0, count = 0;
        for (var i = 0; i < values.Length; i++)
        {
            sum += Pointwise[i].Count * values[i];
            count += Pointwise[i].Count;
        }

        var mean = sum / count;
        for (var i = 0; i < values.Length; i++)
            squares += Pointwise[i].Count * (values[i] - mean) * (values[i] - mean);
        return Math.Sqrt(squares / (count - 1) * ObservationCount);
    }

    // Of the difference in elpd from another model of the same observations.
    internal double DifferenceSe(ElpdEstimate other)
    {
        double[] differences = [.. Pointwise.Zip(other.Pointwise, (a, b) => a.Elpd - b.Elpd)];
        if (Subsample is null)
            return StandardError(differences);
        var (_, sampling, ofRows) = Subsample.Estimate(differences, other.Subsample!);
        return Math.Sqrt(sampling * sampling + ofRows * ofRows);
    }

    private IEnumerable<string> FindWarnings()
    {
        if (IsApproximate)
            yield return "The draws come from an approximation of the posterior, so this estimate is approximate too. Fit with an exact engine to "
                + "compare models.";
        if (BadCount == 0)
            yield break;
        var things = Figures.Counted(BadCount, Criterion == ElpdCriterion.LeaveGroupOut ? "level" : "row");
        yield return Criterion switch
        {
            ElpdCriterion.Waic =>
                $"{things} of {ObservationCount.ToString("N0", CultureInfo.InvariantCulture)} have a variance of the log likelihood above 0.4, so "
                    + $"WAIC is not reliable. Use Loo(rows), which reports where it fails.",
            ElpdCriterion.LeaveOneOut =>
                $"{things} of {ObservationCount.ToString("N0", CultureInfo.InvariantCulture)} {(BadCount == 1 ? "has" : "have")} a Pareto k "
                    + $"above {Figures.Fixed(ParetoKThreshold, 2)}: the draws cannot show the fit without them, and elpd is likely too high. "
                + "Set refit: true, which fits the model again without each of them.",
            _ =>
                $"{things} of {ObservationCount.ToString("N0", CultureInfo.InvariantCulture)} {(BadCount == 1 ? "has" : "have")} a Pareto k "
                    + $"above {Figures.Fixed(ParetoKThreshold, 2)}: the draws cannot show the fit without them. Set refit: true, "
                    + $"which fits the model again without each of them.",
        };
    }

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteOptional("name", Name);
        writer.WriteString("criterion", Criterion.ToString());
        writer.WriteNumber("observationCount", ObservationCount);
        writer.WriteNumber("drawCount", DrawCount);
        writer.WriteReal("elpd", Elpd);
        writer.WriteReal("elpdSe", ElpdSe);
        writer.WriteReal("subsampleSe", SubsampleSe);
        writer.WriteReal("effectiveParameters", EffectiveParameters);
        writer.WriteReal("effectiveParametersSe", EffectiveParametersSe);
        writer.WriteReal("informationCriterion", InformationCriterion);
        writer.WriteReal("mcse", Mcse);
        writer.WriteReal("paretoKThreshold", ParetoKThreshold);
        writer.WriteReal("largestParetoK", LargestParetoK);
        writer.WriteNumber("badCount", BadCount);
        writer.WriteTexts("warnings", Warnings);
        writer.WriteAnswers("pointwise", Pointwise);
        writer.WriteEndObject();
    }
}

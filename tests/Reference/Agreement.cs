using System.Globalization;
using TypedPooling.Draws;

namespace TypedPooling.Tests.Reference;

/// <summary>Compares quantities of a fit with numbers of a long run of another program: every difference in combined Monte-Carlo standard
/// errors.</summary>
/// <remarks>Rule of the house: a difference above <see cref="Limit"/> errors fails. A few thousand comparisons at 5 errors give a false alarm with a
/// probability near 0.001.</remarks>
internal sealed class Agreement
{
    public const double Limit = 5;

    private static readonly (string Column, double Probability)[] Quantiles = [
        ("q5.5", 0.055), ("q25", 0.25), ("q50", 0.5), ("q75", 0.75), ("q94.5", 0.945)];

    private readonly List<string> problems = [];

    /// <summary>What is too far off, or rests on too few draws; empty where all is well.</summary>
    public IReadOnlyList<string> Problems => problems;

    /// <summary>Number of comparisons made.</summary>
    public int Count { get; private set; }

    /// <summary>The greatest difference met, in combined standard errors, and what it was.</summary>
    public (double Errors, string What) Worst { get; private set; } = (0, string.Empty);

    /// <summary>Compares a quantity with a row of a Stan summary: mean, sd, and the share of draws at or below each of the quantiles.</summary>
    /// <param name="row">Columns mean, sd, q5.5 ... q94.5, ess_bulk, mcse_mean, mcse_sd.</param>
    /// <param name="ours">The same quantity of a fit.</param>
    public void Compare(ReferenceFile.Row row, Quantity ours)
    {
        var name = row.Text("variable");
        Compare($"{name} mean", ours.Mean, ours.McseMean, row.Number("mean"), row.Number("mcse_mean"));
        Compare($"{name} sd", ours.Sd, ours.McseSd, row.Number("sd"), row.Number("mcse_sd"));

        // Where chains are antithetic, ess_bulk counts more draws than a quantile profits from. Spread tells better: mcse_sd = sd / sqrt(2 ESS) for
        // normal draws.
        var ess = Math.Min(row.Number("ess_bulk"), 0.5 * Math.Pow(row.Number("sd") / row.Number("mcse_sd"), 2));
        foreach (var (column, p) in Quantiles)
            CompareShare($"{name} share below {column}", ours, row.Number(column), p, ess);
    }

    /// <summary>Compares a quantile by the share of our draws at or below its value, which needs no density.</summary>
    /// <param name="what">What is compared, for messages.</param>
    /// <param name="ours">The quantity of a fit.</param>
    /// <param name="value">Their quantile.</param>
    /// <param name="p">Its probability.</param>
    /// <param name="theirEss">Effective sample size of their run.</param>
    public void CompareShare(string what, Quantity ours, double value, double p, double theirEss)
    {
        var binomial = Math.Sqrt(p * (1 - p));
        Compare(what, ours.Probability(x => x <= value), binomial / Math.Sqrt(ours.EssQuantile(p)), p, binomial / Math.Sqrt(theirEss));
    }

    /// <summary>Compares two estimates.</summary>
    /// <param name="what">What is compared, for messages.</param>
    /// <param name="ours">Our estimate.</param>
    /// <param name="ourError">Its standard error.</param>
    /// <param name="theirs">Their estimate.</param>
    /// <param name="theirError">Its standard error.</param>
    /// <param name="rounding">How much their number may be off because it was rounded for print.</param>
    public void Compare(string what, double ours, double ourError, double theirs, double theirError, double rounding = 0)
    {
        Count++;
        var difference = Math.Max(0, Math.Abs(ours - theirs) - rounding);
        var errors = difference / Math.Sqrt(ourError * ourError + theirError * theirError);
        if (errors > Worst.Errors)
            Worst = (errors, what);

        // A standard error that is NaN fails, too.
        if (!(errors <= Limit))
            problems.Add(
                string.Create(CultureInfo.InvariantCulture, $"{what}: {ours:G6} and {theirs:G6} are {errors:F1} combined standard errors apart."));
    }

    /// <summary>Requires effective sample sizes of the bulk and the tails, and of chains an R-hat below 1.01.</summary>
    public void Require(Quantity ours, double leastEss)
    {
        var ess = Math.Min(ours.EssBulk, ours.EssTail);
        if (!(ess >= leastEss))
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"{ours.Name}: an ESS of {ess:F0} is below {leastEss:F0}."));
        if (ours.Posterior.DrawKind == DrawKind.MarkovChains && !(ours.RHat < 1.01))
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"{ours.Name}: R-hat is {ours.RHat:F3}."));
    }
}

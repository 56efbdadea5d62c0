using System.Diagnostics;
using System.Globalization;

namespace TypedPooling.Bench;

/// <summary>Sets fits beside the answers of lme4 that bench/lme4_speed.R wrote: times, and differences in units of their own precision.</summary>
/// <remarks>The deviance may differ by 1e-7 of itself; estimates by 1e-4 of a standard error; standard errors and conditional sds by 1e-4 of
/// themselves; modes by 1e-4 of a conditional sd. The ratio is lme4's processor time over this library's, which a busy machine disturbs less than
/// wall time.</remarks>
internal static class Lme4Comparison
{
    private const double OfDeviance = 1e-7;
    private const double OfStandardError = 1e-4;

    // Fits that take less are repeated, and the median is told.
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(10);
    private const int Repetitions = 3;

    /// <summary>Compares every model of the file whose data are there, and prints a line for each.</summary>
    /// <param name="path">The file of lme4_speed.R.</param>
    /// <returns>0 where all agree, 1 where one does not or was refused, 2 where none could be compared.</returns>
    public static int Run(string path)
    {
        var answers = File.ReadLines(path).Where(line => !line.StartsWith('#')).Skip(1).Select(line => line.Split(','))
            .Select(fields => new Answer(fields[0], fields[1], fields[2], fields[3], double.Parse(fields[4], CultureInfo.InvariantCulture)))
            .ToLookup(answer => answer.Model);
        var (compared, problems) = (0, 0);
        Console.WriteLine($"{"",-26}  {"lme4",16}  {"TypedPooling",16}  {"CPU",6}  difference of");
        Console.WriteLine(
            $"{"model",-26}  {"wall s",8}{"CPU s",8}  {"wall s",8}{"CPU s",8}  {"ratio",6}"
                + $"  {"deviance",9}{"estimate",10}{"std error",10}{"sd",10}{"mode",10}{"cond. sd",10}");
        foreach (var model in answers)
        {
            if (Lme4Models.All.FirstOrDefault(c => c.Name == model.Key) is not { } wanted)
                continue;
            if (Lme4Models.Missing(wanted) is { } sentence)
            {
                Console.WriteLine($"{model.Key,-26}  skipped: {sentence}.");
                continue;
            }

            compared++;
            try
            {
                problems += Compare(wanted, [.. model]) ? 0 : 1;
            }
            catch (ModelException refused)
            {
                problems++;
                Console.WriteLine($"{model.Key,-26}  refused: {refused.Message}");
            }
        }

        return compared == 0 ? 2 : problems == 0 ? 0 : 1;
    }

    private static bool Compare(Lme4Case wanted, Answer[] answers)
    {
        var work = Lme4Models.Prepare(wanted);
        var times = new List<(double Wall, double Processor)> { Timed(work, out var fit) };
        if (times[0].Wall < Short.TotalSeconds)
        {
            // The first one compiled methods.
            times.Clear();
            while (times.Count < Repetitions)
                times.Add(Timed(work, out fit));
        }

        var (wall, processor) = (Median(times.Select(t => t.Wall)), Median(times.Select(t => t.Processor)));
        var lme4 = (Wall: Number("seconds"), Processor: Number("cpu_seconds"));
        var deviance = Math.Abs(fit.Deviance / Number("deviance") - 1);
        var estimate = Worst("fixef", "se", a => fit.Coefficient(Named(a.Term)).Mean);
        var error = Worst("se", "se", a => fit.Coefficient(Named(a.Term)).Sd);
        var sd = Worst("sd", "sd_se", a => fit.Sd(a.Group));
        if (!double.IsNaN(fit.Sigma))
            sd = Math.Max(sd, Math.Abs(fit.Sigma / Number("sigma") - 1));
        var mode = Worst("ranef", "ranef_sd", a => Level(a).Mode);
        var conditional = Worst("ranef_sd", "ranef_sd", a => Level(a).Sd);

        // A comparison with NaN is false.
        var agree = deviance <= OfDeviance && new[] { estimate, error, sd, mode, conditional }.All(d => d <= OfStandardError) && fit.IsConverged;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{wanted.Name,-26}  {lme4.Wall,8:F2}{lme4.Processor,8:F2}  {wall,8:F2}{processor,8:F2}  {lme4.Processor / processor,6:G3}"
                + $"  {deviance,9:0.0E-00}{estimate,10:0.0E-00}{error,10:0.0E-00}{sd,10:0.0E-00}{mode,10:0.0E-00}{conditional,10:0.0E-00}"
                + $"  {(agree ? "agrees" : "DIFFERS")}"));
        return agree;

        double Number(string quantity) => answers.Single(a => a.Quantity == quantity).Value;

        double Worst(string quantity, string unit, Func<Answer, double> ours) => answers.Where(a => a.Quantity == quantity).Max(a =>
            Math.Abs(ours(a) - a.Value) / answers.Single(u => u.Quantity == unit && u.Term == a.Term && u.Group == a.Group).Value);

        (double Mode, double Sd) Level(Answer a)
        {
            var parts = a.Group.Split('=', 2);
            return fit.Level(parts[0], parts[1]);
        }
    }

    private static (double Wall, double Processor) Timed(Func<Lme4Fit> work, out Lme4Fit fit)
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        fit = work();
        var wall = clock.Elapsed.TotalSeconds;
        process.Refresh();
        return (wall, (process.TotalProcessorTime - before).TotalSeconds);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    // R's names of treatment contrasts, GenderM, are Gender[M] here.
    private static string Named(string term)
    {
        if (term == "(Intercept)")
            return "Intercept";
        foreach (var category in new[] { "Gender", "btype", "situ", "YEAR" })
        {
            if (term.StartsWith(category, StringComparison.Ordinal))
                return $"{category}[{term[category.Length..]}]";
        }

        return term;
    }

    private sealed record Answer(string Model, string Quantity, string Term, string Group, double Value);
}

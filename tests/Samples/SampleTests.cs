using System.Globalization;
using System.Text.RegularExpressions;
using TypedPooling.Tests.Conventions;
using Xunit;

namespace TypedPooling.Tests.Samples;

/// <summary>The programs of samples/: each runs, and prints the numbers it is there to print.</summary>
public sealed class SampleTests
{
    // The effective sample size that the samples have at least, and that we grant a lecture that prints no Monte-Carlo error.
    private const double Ess = 1000;

    public static TheoryData<string> Names => [.. SampleRun.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_sample_runs_without_error(string name)
    {
        var run = SampleRun.Of(name);

        Assert.Equal(string.Empty, run.Errors);
        Assert.Equal(0, run.ExitCode);
        Assert.True(run.Lines.Count > 5);
        Assert.DoesNotContain(
            run.Lines, line => line.Contains("NaN", StringComparison.Ordinal) || line.StartsWith("Warning", StringComparison.Ordinal));
    }

    [Fact]
    public void Cafe_writes_a_report_where_it_is_asked_for_one()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "cafe-report.html");
        File.Delete(path);
        var run = SampleRun.With("Cafe", "--report", path);

        Assert.Equal((0, string.Empty), (run.ExitCode, run.Errors));
        Assert.Contains($"The report is in {path}.", run.Lines);
        var page = File.ReadAllText(path);
        Assert.Contains("<h1>Waiting times of 20 cafés</h1>", page, StringComparison.Ordinal);
        Assert.Contains(">Fig &amp; Fox</th>", page, StringComparison.Ordinal);
        Assert.True(Regex.Count(page, "<svg ") >= 8);
    }

    [Theory]
    [InlineData("Gapminder")]
    [InlineData("GapminderFSharp")]
    public void Gapminder_prints_the_table_of_the_lecture_and_agrees_with_it(string name)
    {
        var run = SampleRun.Of(name);

        Agrees(run, "sd of intercepts", "lecture", [1.1816, 0.0709, 1.0709, 1.2984]);
        Agrees(run, "sd of slopes", "lecture", [0.0648, 0.0046, 0.0579, 0.0726]);

        // Slopes win. K-fold cross-validation of 1,704 folds gives -744.9 with a standard error of 48.4 (4,000 draws, seed 2; -745.2 and 48.6 with 400,
        // seed 1). It is low where one row is far out, since the log of a mean of few draws is: row 1464 has -23.9 by 400 draws without it, -22.7 by
        // 4,000, -22.5 by 100,000, and -22.06 by leave-one-out; rows 888 and 1293 have -15.27 and -37.34 by 100,000, and -15.32 and -37.39. The R
        // package loo, by importance weights alone, gives -751.3 with a standard error of 47.6.
        var numbers = run.Numbers(name == "Gapminder" ? "row, intercepts only" : "intercepts only")[(name == "Gapminder" ? 2 : 0)..];
        Assert.InRange(numbers[0], -750.2, -748.2);
        Assert.InRange(numbers[1], 47.1, 48.1);
    }

    [Theory]
    [InlineData("EightSchools")]
    [InlineData("EightSchoolsFSharp")]
    public void EightSchools_prints_the_numbers_of_quadrature_and_agrees_with_them(string name)
    {
        var run = SampleRun.Of(name);

        Agrees(run, "mu", "integrated", [4.3968, 3.3177]);
        Agrees(run, "tau", "integrated", [3.5977, 3.2200]);
        Agrees(run, "theta_A", "integrated", [6.2119, 5.5931]);
        Agrees(run, "theta_H", "integrated", [4.8543, 5.2908]);

        // No pooling is the data, complete pooling the mean weighted by 1 / se^2 and the root of 1 / sum 1 / se^2.
        Assert.Equal([28.0, 15.0], run.Numbers("A ")[..2]);
        Assert.All(new[] { "A ", "D ", "H " }, school => Assert.Equal([7.7, 4.1], run.Numbers(school)[4..6]));

        // Sums over a grid of tau, mu and theta_A of the product of the other schools' normal distribution functions: 0.190.
        const double Best = 0.190;
        Assert.Equal(Best, run.Numbers("P(A is the best of the eight)")[0], 5 * Math.Sqrt(Best * (1 - Best) / Ess));
    }

    [Fact]
    public void SeattleHousing_prints_the_numbers_of_the_lecture_beside_its_own_and_they_agree()
    {
        var run = SampleRun.Of("SeattleHousing");

        // lmer1 and lmer2 to 2e-7, about the last printed digit of lmer's default run; the third model's print is up to 2e-5 off its maximum.
        var pairs = run.Lines.Select(line => Regex.Match(line, @"printed +(-?[\d.]+) +here +(-?[\d.]+)")).Where(match => match.Success)
            .Select(match => (
                Printed: double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture),
                Here: double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))).ToArray();
        Assert.Equal(24, pairs.Length);
        Assert.All(pairs[..15], pair => Assert.Equal(pair.Printed, pair.Here, 2e-7 * pair.Printed));
        Assert.All(pairs[15..], pair => Assert.Equal(pair.Printed, pair.Here, 2e-4 * pair.Printed));

        // coef, ranef and its interval of every zip code, to the last printed digit.
        var zips =
            run.Lines.Select(line => Regex.Match(line, @"^98\d{3} +(\S+) +(\S+) +(\S+) +(\S+)   (\S+ to \S+) +(\S+ to \S+)$")).Where(
                match => match.Success).ToArray();
        Assert.Equal(9, zips.Length);
        Assert.All(
            zips,
            zip => Assert.Equal(
                (zip.Groups[2].Value, zip.Groups[4].Value, zip.Groups[6].Value), (zip.Groups[1].Value, zip.Groups[3].Value, zip.Groups[5].Value)));

        // Posteriors under two sets of weak priors: means within 0.2 sds, sds within 12 %.
        foreach (var name in new[] { "intercept ", "sigma ", "effect of 98039", "effect of 98148" })
        {
            var numbers =
                run.Lines.Last(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Split(
                    ' ', StringSplitOptions.RemoveEmptyEntries).Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(numbers[1], numbers[0], 0.2 * numbers[3]);
            Assert.Equal(1, numbers[2] / numbers[3], 0.12);
        }
    }

    [Fact]
    public void HierarchicalLogit_prints_the_numbers_of_the_lecture_beside_its_own_and_they_agree()
    {
        var run = SampleRun.Of("HierarchicalLogit");

        // glm to the last printed digit; prints of glmer are plain lme4, up to 1e-3 off the optimum.
        var pairs = run.Lines.Select(line => Regex.Match(line, @"printed +(-?[\d.]+) +here +(-?[\d.]+)")).Where(match => match.Success)
            .Select(match => (
                Printed: double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture),
                Here: double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))).ToArray();
        Assert.Equal(13, pairs.Length);
        Assert.All(pairs[..4], pair => Assert.Equal(pair.Printed, pair.Here, 2e-6 * Math.Abs(pair.Printed)));
        Assert.All(pairs[4..], pair => Assert.Equal(pair.Printed, pair.Here, 1e-3 * Math.Abs(pair.Printed)));
    }

    [Fact]
    public void Gallery_writes_the_pictures_of_the_docs()
    {
        var run = SampleRun.Of("Gallery");
        var written = Path.Combine(
            Repository.Root, "samples", "Gallery", Path.GetRelativePath(Path.Combine(Repository.Root, "tests"), AppContext.BaseDirectory), "gallery");
        var committed = Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs", "images"), "*.svg").Order(StringComparer.Ordinal).ToArray();

        Assert.True(run.Lines.Count(line => line.EndsWith(" KB", StringComparison.Ordinal)) >= 20);
        Assert.True(committed.Length >= 10);
        foreach (var file in committed)
        {
            // Pages show small pictures only, and those that the program writes today: the same words, as many marks.
            Assert.InRange(new FileInfo(file).Length, 1000, 30 * 1024);
            var (old, today) = (File.ReadAllText(file), File.ReadAllText(Path.Combine(written, Path.GetFileName(file))));
            Assert.Equal(Words(old), Words(today));
            Assert.Equal(Regex.Count(old, "<(?:ellipse|rect|path)"), Regex.Count(today, "<(?:ellipse|rect|path)"));
        }

        static string[] Words(string svg) => [.. Regex.Matches(svg, "<text[^>]*>([^<]*)").Select(match => match.Groups[1].Value)];
    }

    [Fact]
    public void Compare_sets_engines_against_each_other_and_exact_ones_agree()
    {
        var run = SampleRun.Of("Compare");

        // engine, class of parameters in words, number, then mean, sd ratio and distance.
        var rows = run.Lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 5 && fields[0] is "Gibbs" or "Variational"
                && fields[1] is "population" or "sigma" or "sds" or "correlations" or "varying")
            .Select(fields => (
                Engine: fields[0],
                Kind: fields[1],
                Numbers: fields.Skip(fields[1] is "population" or "varying" ? 4 : 3).Take(3).Select(
                    f => double.Parse(f, System.Globalization.CultureInfo.InvariantCulture)).ToArray()))
            .ToArray();
        Assert.Equal(2 * (5 + 4 + 3 + 3), rows.Length);

        // Gibbs: the worst of up to 60 parameters, errors of means some 1 / sqrt(ESS).
        Assert.All(rows.Where(row => row.Engine == "Gibbs"), row =>
        {
            Assert.InRange(row.Numbers[0], -5 / Math.Sqrt(Ess), 5 / Math.Sqrt(Ess));
            Assert.InRange(row.Numbers[1], 0.85, 1.15);
        });

        // Mean field: means are kept, scales are too sure of themselves.
        var field = rows.Where(row => row.Engine == "Variational").ToArray();
        Assert.All(field, row => Assert.InRange(row.Numbers[0], -0.3, 0.3));
        Assert.All(field.Where(row => row.Kind == "sds"), row => Assert.InRange(row.Numbers[1], 0.2, 0.9));
    }

    // Mean, sd and, of the lecture, 5.5 % and 94.5 % quantile, in rows "label, source" and "label, here"; errors in units of the sd, of a normal
    // sample.
    private static void Agrees(SampleRun run, string label, string source, double[] published)
    {
        const double RoundedBy = 1e-4;
        Assert.Equal(published, run.Numbers($"{label}, {source}"));
        var here = run.Numbers($"{label}, here");
        Assert.Equal(published.Length, here.Length);
        double[] errorsInSds = [1, Math.Sqrt(0.5), 2.05, 2.05]; // of a quantile: sqrt(p (1 - p)) over the normal density there
        for (var i = 0; i < here.Length; i++)
        {
            var error = published[1] * errorsInSds[i] * Math.Sqrt(2 / Ess);
            Assert.True(
                Math.Abs(here[i] - published[i]) <= 5 * error + RoundedBy,
                $"{label}, number {i}: {here[i]} where {published[i]} is due, standard error {error:F5}.");
        }
    }
}

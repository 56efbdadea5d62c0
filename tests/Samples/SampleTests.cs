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
        Assert.DoesNotContain(run.Lines, line => line.Contains("NaN", StringComparison.Ordinal) || line.StartsWith("Warning", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Gapminder")]
    public void Gapminder_prints_the_table_of_the_lecture_and_agrees_with_it(string name)
    {
        var run = SampleRun.Of(name);

        Agrees(run, "sd of intercepts", [1.1816, 0.0709, 1.0709, 1.2984]);
        Agrees(run, "sd of slopes", [0.0648, 0.0046, 0.0579, 0.0726]);
    }

    // Mean, sd, 5.5 % and 94.5 % quantile, in rows "label, lecture" and "label, here"; errors of a normal sample in units of its sd.
    private static void Agrees(SampleRun run, string label, double[] published)
    {
        const double RoundedBy = 1e-4;
        Assert.Equal(published, run.Numbers(label + ", lecture"));
        var here = run.Numbers(label + ", here");
        Assert.Equal(4, here.Length);
        double[] errorsInSds = [1, Math.Sqrt(0.5), 2.05, 2.05]; // of a quantile: sqrt(p (1 - p)) over the normal density there
        for (var i = 0; i < 4; i++)
        {
            var error = published[1] * errorsInSds[i] * Math.Sqrt(2 / Ess);
            Assert.True(Math.Abs(here[i] - published[i]) <= 5 * error + RoundedBy, $"{label}, number {i}: {here[i]} where {published[i]} is due, standard error {error:F5}.");
        }
    }
}

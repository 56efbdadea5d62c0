using System.Globalization;
using TypedPooling.Draws;
using Xunit;
using Xunit.Abstractions;

namespace TypedPooling.Tests.InferNet;

/// <summary>An approximation beside the draws of an exact engine, by mean and sd of every parameter.</summary>
internal static class CellComparison
{
    /// <summary>Requires means within a part of the exact sd, and sds within a range of multiples of it; fixed parameters equal.</summary>
    public static void Require(Posterior exact, Posterior approximate, (double Shift, double Least, double Greatest) bound, ITestOutputHelper output)
    {
        Assert.Equal(exact.Effects.Length, approximate.Effects.Length);
        Require(exact.Population, approximate.Population, bound, output);
        Require(exact.Scales, approximate.Scales, bound, output);
        for (var k = 0; k < exact.Effects.Length; k++)
            Require(exact.Effects[k], approximate.Effects[k], bound, output);
    }

    private static void Require(DrawBlock exact, DrawBlock approximate, (double Shift, double Least, double Greatest) bound, ITestOutputHelper output)
    {
        var met = new List<(double Shift, double Ratio, string What)>();
        Assert.Equal(exact.ParameterCount, approximate.ParameterCount);
        for (var i = 0; i < exact.ParameterCount; i++)
        {
            Assert.Equal(exact.Parameter(i), approximate.Parameter(i));
            var ((mean, sd), found) = (Approximation.Moments(exact, i), Approximation.Moments(approximate, i));
            if (sd <= 1e-12 * Math.Abs(mean))
                Assert.Equal((mean, sd), found);
            else
                met.Add(((found.Mean - mean) / sd, found.Sd / sd, exact.Parameter(i).Name));
        }

        foreach (var (shift, ratio, what) in met.Count <= 4
            ? met
            : [met.MaxBy(m => Math.Abs(m.Shift)), met.MinBy(m => m.Ratio), met.MaxBy(m => m.Ratio)])
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {what,-30} mean off by {shift,6:F3} sd, sd times {ratio:F3}"));
        Assert.All(
            met,
            m => Assert.True(
                Math.Abs(m.Shift) <= bound.Shift && m.Ratio >= bound.Least && m.Ratio <= bound.Greatest,
                $"{m.What}: {m.Shift:F3} sd, times {m.Ratio:F3}"));
    }
}

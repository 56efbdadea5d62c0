using System.Text.RegularExpressions;
using MathNet.Numerics.Distributions;
using TypedPooling.Declarations;
using TypedPooling.Export;
using TypedPooling.Model;
using TypedPooling.Tests.Reference;
using Xunit;
using Xunit.Abstractions;

namespace TypedPooling.Tests.Export;

/// <summary>The programs without their response, run by JAGS, draw from the priors: their quantiles are those of the model's priors.</summary>
public sealed class ProgramPriorTests(ITestOutputHelper output)
{
    private static readonly (string Column, double Probability)[] Quantiles = [
        ("q5.5", 0.055), ("q25", 0.25), ("q50", 0.5), ("q75", 0.75), ("q94.5", 0.945)];

    private static readonly Lazy<ILookup<string, ReferenceFile.Row>> Runs = new(
        () => ReferenceFile.Read("reference/export_prior.csv").Rows.ToLookup(row => row.Text("model")));

    public static TheoryData<string> Names => ProgramFileTests.NamesInJags;

    [Theory]
    [MemberData(nameof(Names))]
    public void Program_without_a_response_has_the_quantiles_of_the_priors(string name)
    {
        var @case = ExportCases.Of(name);
        var spec = @case.Bound();
        var layout = ProgramLayout.Of(@case.Model);
        var (compared, worst) = (0, 0.0);
        foreach (var row in Runs.Value[name])
        {
            if (QuantileOf(layout, spec, row.Text("variable")) is not { } quantile)
                continue;
            foreach (var (column, p) in Quantiles)
            {
                // Where their quantile lies in the prior, found by bisection of its quantiles; the error of a share needs no density.
                var errors = Math.Abs(Share(quantile, row.Number(column)) - p) / Math.Sqrt(p * (1 - p) / row.Number("ess_bulk"));
                Assert.True(errors < Agreement.Limit, $"{row.Text("variable")} {column}: {errors:F1} errors");
                worst = Math.Max(worst, errors);
                compared++;
            }
        }

        output.WriteLine($"{name}: {compared} comparisons, the worst is {worst:F2} errors.");
        Assert.True(compared >= Quantiles.Length * layout.Numbers.Count(number => number.FixedValue is null));
    }

    private static double Share(Func<double, double> quantile, double value)
    {
        var (low, high) = (0.0, 1.0);
        for (var step = 0; step < 50; step++)
        {
            var middle = 0.5 * (low + high);
            (low, high) = quantile(middle) < value ? (middle, high) : (low, middle);
        }

        return low;
    }

    // Null for what is computed of several parameters, whose prior has no closed form.
    private static Func<double, double>? QuantileOf(ProgramLayout layout, ModelSpec spec, string variable)
    {
        var name = Regex.Match(variable, @"^\w+").Value;
        var index = Regex.Match(variable, @"\[(\d+)").Groups[1] is { Success: true } group ? int.Parse(group.ValueSpan) - 1 : 0;
        for (var effect = 0; effect < layout.Population.Count; effect++)
        {
            if (layout.Population[effect].Sampled != name)
                continue;
            var term = layout.ColumnOf(effect) is { Count: not null } category
                ? spec.Columns.Where(column => column.Category == category.Title).ElementAt(index).Name
                : layout.Population[effect].Term;
            return spec.Population.Single(other => other.Name == term).Prior!.Quantile;
        }

        if (layout.Sigma?.Sampled == name)
            return spec.Response.Sigma!.Quantile;
        if (layout.Shape?.Sampled == name)
            return spec.Response.Shape!.Quantile;
        for (var k = 0; k < layout.Factors.Count; k++)
        {
            var factor = layout.Factors[k];
            var q = factor.Size;
            for (var a = 0; a < q; a++)
            {
                if (factor.Terms[a].Sd?.Sampled == name)
                    return (spec.Factors[k].Terms[a].Sd ?? spec.Factors[k].Covariance!.SdPrior(a, q))!.Quantile;
                if (factor.Terms[a].SdName == name && !factor.IsMoved && factor.Covariance is not null)
                    return spec.Factors[k].Covariance!.SdPrior(a, q)!.Quantile;
                for (var b = a + 1; b < q; b++)
                {
                    // (rho + 1) / 2 is Beta with both shapes eta - 1 + q / 2.
                    if (factor.Correlations[a, b] == name && !factor.IsMoved)
                    {
                        var shape = factor.Concentration is { } eta
                            ? eta - 1 + 0.5 * q
                            : spec.Factors[k].Covariance!.CorrelationExponent(q)!.Value + 1;
                        return p => 2 * Beta.InvCDF(shape, shape, p) - 1;
                    }
                }
            }
        }

        return null;
    }
}

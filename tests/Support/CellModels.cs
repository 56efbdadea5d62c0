using MathNet.Numerics;
using MathNet.Numerics.Distributions;
using TypedPooling.Data;
using TypedPooling.Model;
using TypedPooling.Randomness;
using TypedPooling.Responses;

namespace TypedPooling.Tests.Support;

/// <summary>Models whose response is not Normal, made by hand, with the rows they were made from.</summary>
internal static class CellModels
{
    /// <summary>A row: levels, columns, offset, successes (events) and trials (exposure).</summary>
    public sealed record Row(int[] Groups, double[] Columns, double Offset, double Response, double Size);

    public static CellBoundModel Bind(ModelSpec spec, IReadOnlyList<Row> rows)
    {
        var family = spec.Response.Family;
        var builder = new ResponseCellsBuilder(spec.Columns.Length, spec.Factors.Length, family);
        var levels = spec.Factors.Select(_ => new LevelIndex<int>()).ToArray();
        foreach (var row in rows)
        {
            int[] numbers = [.. levels.Select((index, k) => index.GetOrAdd(row.Groups[k]))];

            // Cells of NegativeBinomial rows take exposures as offsets.
            var offset = row.Offset + (family == TestFamilies.NegativeBinomial ? Math.Log(row.Size) : 0);
            builder.Add(
                row.Columns,
                offset,
                numbers,
                row.Response,
                family.HasShape ? 1 : row.Size,
                LogConstant(family, row),
                Saturated(family, row.Response, row.Size, LogConstant(family, row)));
        }

        return new CellBoundModel(spec, [.. levels.Cast<LevelTable>()], builder.Build(), 0);
    }

    /// <summary>The log likelihood of a Poisson or Binomial row that expects just what it is; 0 for other families.</summary>
    public static double Saturated(Family family, double a, double n, double constant) => family.Name switch
    {
        "Poisson" => constant + (a > 0 ? a * Math.Log(a / n) - a : 0),
        "Binomial" => constant + (a > 0 ? a * Math.Log(a / n) : 0) + (a < n ? (n - a) * Math.Log(1 - a / n) : 0),
        _ => 0,
    };

    public static ModelSpec Spec(Family family, int columns, PopulationTerm[] population, params FactorSpec[] factors) => new(
        new ResponseSpec(
            family,
            "y",
            "y",
            family.HasSigma && !family.IsNormal ? new ExponentialPrior(0.5) : null,
            null)
        { Shape = family.HasShape ? new GammaPrior(2, 0.1) : null },
            [.. Enumerable.Range(0, columns).Select(c => new ColumnSpec($"x{c}", $"x{c}"))],
            [.. population],
            [.. factors]);

    /// <summary>Rows of two crossed factors, of which a model may use none or one: two columns, 0/1 and far from 0; some cells hold several
    /// rows.</summary>
    public static List<Row> Rows(Family family, ulong seed, int first, int second, int count)
    {
        var stream = new PhiloxStream(seed, 9);
        var effects = Enumerable.Range(0, first + second).Select(_ => 0.7 * stream.NextNormal()).ToArray();
        var rows = new List<Row>();
        for (var i = 0; i < count; i++)
        {
            var (g, h) = (i < first ? i : (int)(first * stream.NextDouble()), i < second ? i : (int)(second * stream.NextDouble()));
            double[] x = [stream.NextDouble() < 0.5 ? 0 : 1, 5 + Math.Round(2 * stream.NextNormal())];
            var offset = family.Link is Link.Log or Link.Identity ? 0.25 * (i % 2) : 0;
            var eta = offset - 0.3 + effects[g] + effects[first + h] + 0.5 * x[0] + 0.2 * (x[1] - 5);
            var size = family.Name switch { "Bernoulli" => 1.0, "Binomial" => 1 + (int)(9 * stream.NextDouble()), _ => 0.5 + stream.NextDouble() };
            var response = 0.0;
            if (family.HasShape)
            {
                // Shape 4, scale 0.5; some rows alike.
                var factor = stream.NextGamma(4) / 4;
                response = family.Name switch
                {
                    "NegativeBinomial" => stream.NextPoisson(size * Math.Exp(eta) * factor),
                    "Gamma" => Math.Exp(eta) * factor,
                    _ => Math.Round(eta + 0.5 * stream.NextStudentT(4), 1),
                };
            }
            else if (family.Name == "Poisson")
            {
                // Inversion, one term after another.
                var (expected, u) = (size * Math.Exp(eta), stream.NextDouble());
                for (var p = Math.Exp(-expected); u > p; p *= expected / response)
                {
                    u -= p;
                    response++;
                }
            }
            else
            {
                for (var n = 0; n < size; n++)
                    response += stream.NextDouble() < Probability(family.Link, eta) ? 1 : 0;
            }

            rows.Add(new Row([g, h], x, offset, response, size));
        }

        return rows;
    }

    /// <summary>Log probability, or density, of a row's response.</summary>
    public static double LogLikelihood(Family family, Row row, double eta, double sigma = 1, double shape = 1)
    {
        switch (family.Name)
        {
            case "NegativeBinomial":
                return NegativeBinomial.PMFLn(shape, shape / (shape + row.Size * Math.Exp(eta)), (int)row.Response);
            case "Gamma":
                return Gamma.PDFLn(shape, shape / Math.Exp(eta), row.Response);
            case "StudentT":
                return StudentT.PDFLn(eta, sigma, shape, row.Response);
        }

        if (family.Name == "Poisson")
            return row.Response * Math.Log(row.Size * Math.Exp(eta)) - row.Size * Math.Exp(eta) - SpecialFunctions.FactorialLn((int)row.Response);
        var rest = row.Size - row.Response;
        return SpecialFunctions.BinomialLn((int)row.Size, (int)row.Response)
            + (row.Response > 0 ? row.Response * Math.Log(Probability(family.Link, eta)) : 0) + (rest > 0 ? rest * LogFailure(family.Link, eta) : 0);
    }

    private static double Probability(Link link, double eta) => link switch
    {
        Link.Logit => 1 / (1 + Math.Exp(-eta)),
        Link.Probit => 0.5 * SpecialFunctions.Erfc(-eta / Math.Sqrt(2)),
        _ => 1 - Math.Exp(-Math.Exp(eta)),
    };

    // log(1 - p), where p is near 1 too
    private static double LogFailure(Link link, double eta) => link switch
    {
        Link.Logit => -Math.Log(1 + Math.Exp(eta)),
        Link.Probit => Math.Log(0.5 * SpecialFunctions.Erfc(eta / Math.Sqrt(2))),
        _ => -Math.Exp(eta),
    };

    private static double LogConstant(Family family, Row row) => family.Name switch
    {
        "Poisson" => row.Response * Math.Log(row.Size) - SpecialFunctions.FactorialLn((int)row.Response),
        "NegativeBinomial" => -SpecialFunctions.FactorialLn((int)row.Response),
        "Gamma" => -Math.Log(row.Response),
        "StudentT" => 0,
        _ => SpecialFunctions.BinomialLn((int)row.Size, (int)row.Response),
    };
}

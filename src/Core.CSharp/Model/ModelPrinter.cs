using System.Diagnostics;
using System.Globalization;
using System.Text;
using TypedPooling.Keys;

namespace TypedPooling.Model;

/// <summary>Prints a model as mathematics: one line a distribution or definition, aligned.</summary>
/// <remarks>
/// <c>i</c> is a row and <c>Cafe[i]</c> its level. Population effects are beta, subscript 0 for the intercept; varying effects of a factor are u,
/// with sds s and correlation matrix R, or with a prior of their own on the covariance matrix Σ; sigma is the residual sd; p is the probability of a
/// success, lambda the rate of events, mu an expectation, phi and alpha shapes, nu degrees of freedom. A prior that is still open prints as
/// <c>default</c>, one filled in from the data is followed by <c>(default)</c>. Where there are population slopes and no population intercept, or
/// priors are on the standardised scale, a sentence after an empty line says so.
/// </remarks>
internal static class ModelPrinter
{
    private const int WrapAt = 96;

    private const string OnStandardizedScale =
        "divided by their sds, and centred at their means where an intercept takes up the shift.";

    private const string WithoutIntercept = "The model has no population intercept: the population part of the linear predictor is 0 where every "
        + "column is 0.";

    /// <summary>The model as mathematics.</summary>
    /// <param name="spec">The model, with or without data.</param>
    /// <returns>Lines separated by a line feed, without one at the end.</returns>
    public static string Print(ModelSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var lines = new List<Line>();
        var response = spec.Response;
        if (response.Family.IsNormal)
            Normal(lines, spec);
        else
            Discrete(lines, spec);
        Define(lines, response.Name, response.Formula);
        foreach (var column in spec.Columns.Concat(spec.Offsets).DistinctBy(column => (column.Name, column.Formula)))
        {
            if (column.Category is null)
                Define(lines, column.Name, column.Formula);
        }

        foreach (var factor in spec.Factors)
            Distributions(lines, factor);
        Coefficients(lines, spec);
        foreach (var factor in spec.Factors)
            Scales(lines, factor);
        if (response.HasShape)
            lines.Add(Prior(response.Family.Shape!.Symbol, response.Shape, response.HasDefaultShape));
        if (response.HasSigma)
            lines.Add(Prior("σ", response.Sigma, response.HasDefaultPrior));
        var text = Align(lines);
        if (spec.HasSlopesOnly)
            text += $"\n\n{WithoutIntercept}";
        if (spec.IsStandardized)
            text += $"\n\nPriors are on standardised {spec.StandardizedText}: {OnStandardizedScale}";
        foreach (var factor in spec.Factors.Where(factor => factor.IsStatedAtOrigin))
            text += $"\n\n{StatedAt(spec, factor)}";
        return text;
    }

    // Where the sds and correlations of a factor are those of effects away from 0.
    private static string StatedAt(ModelSpec spec, FactorSpec factor)
    {
        var columns = factor.Terms.Select((term, a) => (term.Column, Value: factor.Origin[a])).Where(term => term.Column != ModelSpec.Ones);
        var point = columns.Select(term => string.Create(CultureInfo.InvariantCulture, $"{spec.Columns[term.Column].Name} = {term.Value:G6}"));
        return $"The priors of s_{Subscript(factor.Name)} and R_{Subscript(factor.Name)} apply to effects at the means of the "
            + $"columns: {string.Join(", ", point)}.";
    }

    private static void Normal(List<Line> lines, ModelSpec spec)
    {
        var response = spec.Response;
        var error = response.KnownSd is not null ? InRow(response.KnownSd, response.KnownSd)
            : response.PrecisionWeight is { } weight ? $"σ / sqrt({InRow(weight, weight)})"
            : "σ";
        var times = Times(response);
        lines.Add(new(InRow(response.Name, response.Formula), "~", $"{response.Family.Name}(μ_i, {error}){times}"));
        lines.Add(new("μ_i", "=", Predictor(spec)));
    }

    private static string Times(ResponseSpec response) => response.Count is { } count ? $", {InRow(count, count)} times" : string.Empty;

    private static void Discrete(List<Line> lines, ModelSpec spec)
    {
        var response = spec.Response;
        var parameter = response.Family.LocationSymbol;
        var link = response.Family.Link switch
        {
            Link.Identity => string.Empty,
            Link.Log => "log",
            Link.Probit => "probit",
            Link.ComplementaryLogLog => "cloglog",
            Link.Logit => "logit",
            _ => throw new UnreachableException(),
        };
        var times = Times(response);
        var arguments = response.Trials is { } trials ? $"{InRow(trials, trials)}, {parameter}"
            : response.Exposure is { } exposure ? $"{InRow(exposure, exposure)} {parameter}"
            : parameter;
        if (response.Family.Shape is { } shape)
            arguments = response.HasSigma ? $"{shape.Symbol}, {arguments}, σ" : $"{arguments}, {shape.Symbol}";
        lines.Add(new(InRow(response.Name, response.Formula), "~", $"{response.Family.Name}({arguments}){times}"));
        lines.Add(new(link.Length == 0 ? parameter : $"{link}({parameter})", "=", Predictor(spec)));
    }

    private static string Predictor(ModelSpec spec)
    {
        // A column may have a population effect, varying effects, or both: its coefficient is their sum.
        var order = new List<int>();
        var coefficients = new Dictionary<int, List<string>>();
        void Add(int column, string symbol)
        {
            if (!coefficients.TryGetValue(column, out var symbols))
            {
                coefficients.Add(column, symbols = []);
                order.Add(column);
            }

            symbols.Add(symbol);
        }

        var sums = new List<string>();
        var categories = new HashSet<string>();
        foreach (var term in spec.Population)
        {
            if (term.Column != ModelSpec.Ones && spec.Columns[term.Column].Category is { } category)
            {
                if (categories.Add(category))
                    Add(-2 - term.Column, $"β_{Subscript(category)}[{InRow(category, category)}]");
            }
            else
            {
                Add(term.Column, Beta(term));
            }
        }

        foreach (var factor in spec.Factors)
        {
            foreach (var term in factor.Terms)
                Add(term.Column, $"u_{Subscript(factor.Name)}[i],{Subscript(term)}");
        }

        foreach (var offset in spec.Offsets)
            sums.Add(InRow(offset.Name, offset.Formula));
        foreach (var column in order)
        {
            var sum = string.Join(" + ", coefficients[column]);
            if (column < 0)
                sums.Add(sum);
            else
                sums.Add((coefficients[column].Count > 1 ? $"({sum})" : sum) + " " + InRow(spec.Columns[column].Name, spec.Columns[column].Formula));
        }

        return sums.Count == 0 ? "0" : string.Join(" + ", sums);
    }

    private static void Define(List<Line> lines, string name, string formula)
    {
        if (IsSymbol(name) && formula != name)
            lines.Add(new(name, "=", formula));
    }

    private static void Distributions(List<Line> lines, FactorSpec factor)
    {
        var name = Subscript(factor.Name);
        if (factor.Covariance is not null)
        {
            lines.Add(new($"u_{name}", "~", $"MVN(0, Σ_{name})"));
            return;
        }

        if (factor.HasCorrelations)
        {
            lines.Add(new($"u_{name}", "~", $"MVN(0, diag(s_{name}) R_{name} diag(s_{name}))"));
            return;
        }

        foreach (var term in factor.Terms)
            lines.Add(new($"u_{name},{Subscript(term)}", "~", $"Normal(0, s_{name},{Subscript(term)})"));
    }

    private static void Coefficients(List<Line> lines, ModelSpec spec)
    {
        var categories = new HashSet<string>();
        foreach (var term in spec.Population)
        {
            var column = term.Column == ModelSpec.Ones ? null : spec.Columns[term.Column];
            if (column is { Category: { } category, ReferenceLevel: { } reference } && categories.Add(category))
                lines.Add(new($"β_{Subscript(category)}[{reference}]", "=", "0"));
            lines.Add(
                Prior(
                    column?.Category is null ? Beta(term) : $"β_{Subscript(column.Category)}[{column.CategoryLevel ?? "level"}]",
                    term.Prior,
                    term.HasDefaultPrior));
        }
    }

    private static void Scales(List<Line> lines, FactorSpec factor)
    {
        var name = Subscript(factor.Name);
        if (factor.Covariance is not null)
        {
            lines.Add(Prior($"Σ_{name}", factor.Covariance, false));
            return;
        }

        foreach (var term in factor.Terms)
            lines.Add(Prior($"s_{name},{Subscript(term)}", term.Sd, term.HasDefaultPrior));
        if (factor.HasCorrelations)
            lines.Add(Prior($"R_{name}", factor.Correlation, factor.HasDefaultPrior));
    }

    private static Line Prior(string symbol, IPrior? prior, bool isDefault) => prior switch
    {
        null => new(symbol, "~", "default"),
        IUnivariatePrior { FixedValue: { } known } => new(symbol, "=", known.ToString("G6", CultureInfo.InvariantCulture)),
        _ => new(symbol, "~", isDefault ? prior.Text + "  (default)" : prior.Text),
    };

    private static string Beta(PopulationTerm term) => term.Column == ModelSpec.Ones ? "β_0" : $"β_{Subscript(term.Name)}";

    private static string Subscript(VaryingTerm term) => term.Column == ModelSpec.Ones ? "0" : Subscript(term.Name);

    private static string Subscript(string name) => IsSubscript(name) ? name : $"{{{name}}}";

    private static string InRow(string name, string formula) => IsSymbol(name) ? $"{name}_i" : $"({formula})_i";

    private static bool IsSymbol(string name) => name.Length > 0 && name.All(c => char.IsLetterOrDigit(c) || c is '_' or '.');

    private static bool IsSubscript(string name) => name.Length > 0 && name.All(c => char.IsLetterOrDigit(c) || c is '_' or '.' or ':' or '/');

    private static string Align(List<Line> lines)
    {
        lines = lines.ConvertAll(line => line with { Left = KeyText.Printed(line.Left), Right = KeyText.Printed(line.Right) });
        var width = lines.Max(line => line.Left.Length);
        var text = new StringBuilder();
        foreach (var line in lines)
        {
            if (text.Length > 0)
                text.Append('\n');
            text.Append(line.Left.PadRight(width)).Append(' ').Append(line.Relation).Append(' ');
            Wrap(text, line.Right, width + 3);
        }

        return text.ToString();
    }

    // A long sum goes on below, each continuation beginning with its plus sign.
    private static void Wrap(StringBuilder text, string right, int indent)
    {
        while (right.Length > WrapAt && right.LastIndexOf(" + ", WrapAt, StringComparison.Ordinal) is > 0 and var at)
        {
            text.Append(right, 0, at).Append('\n').Append(' ', indent - 2);
            right = right[(at + 1)..];
        }

        text.Append(right);
    }

    private readonly record struct Line(string Left, string Relation, string Right);
}

using TypedPooling.Declarations;

namespace TypedPooling.Export;

/// <summary>Writes a model as a JAGS program, in the dialect of JAGS 4.</summary>
/// <remarks>Numbers are sampled where their priors are stated, under the names of the Stan program. A row with a count stands in the data as often as
/// it counts, since JAGS has no weights.</remarks>
internal sealed class JagsProgram
{
    private readonly ProgramLayout layout;
    private readonly ProgramText text = new("#");
    private readonly JagsFactor[] factors;

    private JagsProgram(ProgramLayout layout)
    {
        this.layout = layout;
        factors = [.. layout.Factors.Select(factor => new JagsFactor(factor, text, layout.Spec.IsStandardized))];
    }

    /// <exception cref="ModelException">NotExportable: JAGS has not the prior of a term; all are named.</exception>
    public static string Write(ProgramLayout layout)
    {
        List<Problem> problems =
        [
            .. layout.Numbers.Where(number => number.Prior.Form.Jags is null).Select(number => new Problem(
                ProblemCode.NotExportable,
                $"JAGS has proper priors only, and that of {number.Term} is {number.Prior.Text}.",
                "Name a proper prior, wide if need be, or use ToStan().")
            { Term = number.Term }),
            .. layout.Factors.Where(factor => factor.Concentration is not null && factor.HasVanishing).Select(factor => new Problem(
                ProblemCode.NotExportable,
                $"Effects of {factor.Title} are correlated, and one of their sds is fixed at 0: in JAGS their joint density is degenerate.",
                "Leave that effect out, or use ToStan().")
            { Term = factor.Title }),
        ];
        return problems.Count > 0 ? throw new ModelException(problems) : new JagsProgram(layout).Write();
    }

    private string Write()
    {
        text.Comment($"A multilevel model of {layout.Spec.Response.Name}, written by TypedPooling.");
        foreach (var item in layout.Data.Where(item => item.Name != layout.Count))
            text.Comment($"data {item.Name}: {item.Comment}");
        if (layout.Spec.IsStandardized)
            text.Block("data", Standardize);
        text.Block("model", Model);
        return text.ToString();
    }

    private void Standardize() => text.Block("for (i in 1:N)", () =>
    {
        var response = layout.Spec.Response.Family.TakesLog ? $"log({layout.Response}[i])" : $"{layout.Response}[i]";
        var offsets = layout.HasOffsets ? " - offsets[i]" : string.Empty;
        text.Line($"{layout.UsedResponse}[i] <- ({response}{offsets} - origin_y) / scale_y");
        foreach (var column in layout.Columns)
        {
            if (column.Count is null)
                text.Line($"{column.Used}[i] <- ({column.Name}[i] - {column.Origin}) / {column.Scale}");
            else
                text.Block($"for (k in 1:{column.Count})", () => text.Line(
                    $"{column.Used}[i, k] <- ({column.Name}[i, k] - {column.Origin}[k]) / {column.Scale}[k]"));
        }
    });

    private void Model()
    {
        text.Block("for (i in 1:N)", () =>
        {
            text.Sum("eta[i] <- ", Eta(), string.Empty);
            text.Line($"{layout.UsedResponse}[i] ~ {Distribution()}");
        });
        foreach (var number in layout.Numbers)
        {
            var lines = number.JagsLines(number.Prior.Form.Jags!);
            if (number.Count is null)
                WriteAll(lines);
            else
                text.Block($"for (k in 1:{number.Count})", () => WriteAll(lines));
        }

        foreach (var factor in factors)
            factor.Write();
        if (layout.Spec.IsStandardized)
            Restore();
    }

    private void WriteAll(IEnumerable<string> lines)
    {
        foreach (var line in lines)
            text.Line(line);
    }

    private string Distribution()
    {
        var sigma = layout.WeightKind switch
        {
            RowWeight.KnownSd => layout.Spec.IsStandardized ? $"{layout.Weight}[i] / scale_y" : $"{layout.Weight}[i]",
            RowWeight.Precision => $"{layout.Sigma!.Sampled} / sqrt({layout.Weight}[i])",
            _ => layout.Sigma?.Sampled ?? string.Empty,
        };
        return (layout.Spec.IsStandardized ? "dnorm({eta}, pow({sigma}, -2))" : layout.Form.Jags)
            .Replace("{eta}", "eta[i]", StringComparison.Ordinal)
            .Replace("{sigma}", sigma, StringComparison.Ordinal)
            .Replace("{shape}", layout.Shape?.Sampled, StringComparison.Ordinal)
            .Replace("{size}", $"{layout.Weight}[i]", StringComparison.Ordinal);
    }

    private List<string> Eta()
    {
        var terms = new List<string>();
        for (var effect = 0; effect < layout.Population.Count; effect++)
        {
            var name = layout.Population[effect].Sampled;
            if (layout.ColumnOf(effect) is not { } column)
                terms.Insert(0, name);
            else
                terms.Add(column.Count is null
                    ? $"{name} * {column.Used}[i]"
                    : $"inprod({column.Used}[i, 1:{column.Count}], {name}[1:{column.Count}])");
        }

        foreach (var factor in factors)
            terms.AddRange(factor.Eta());
        if (layout.HasOffsets && !layout.Spec.IsStandardized)
            terms.Add("offsets[i]");
        if (layout.WeightKind == RowWeight.Exposure)
            terms.Add($"log({layout.Weight}[i])");
        return terms.Count > 0 ? terms : ["0"];
    }

    // Population effects and sigma on the scale of the rows.
    private void Restore()
    {
        var moved = new List<string>();
        for (var effect = 0; effect < layout.Population.Count; effect++)
        {
            var number = layout.Population[effect];
            if (layout.ColumnOf(effect) is not { } column)
                continue;
            if (column.Count is null)
                text.Line($"{number.Name} <- {number.Sampled} * scale_y / {column.Scale}");
            else
                text.Block($"for (k in 1:{column.Count})", () => text.Line(
                    $"{number.Name}[k] <- {number.Sampled}[k] * scale_y / {column.Scale}[k]"));
            moved.Add(column.Count is null ? $" - {number.Name} * {column.Origin}" : $" - inprod({number.Name}, {column.Origin})");
        }

        for (var effect = 0; effect < layout.Population.Count; effect++)
        {
            var number = layout.Population[effect];
            if (layout.ColumnOf(effect) is null)
                text.Line($"{number.Name} <- origin_y + scale_y * {number.Sampled}{string.Concat(moved)}");
        }

        if (layout.Sigma is { } sigma)
            text.Line($"{sigma.Name} <- {sigma.Sampled} * scale_y");
    }
}

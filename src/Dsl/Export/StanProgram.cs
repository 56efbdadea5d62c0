using TypedPooling.Declarations;

namespace TypedPooling.Export;

/// <summary>Writes a model as a Stan program.</summary>
/// <remarks>Numbers are sampled where their priors are stated. Where that is on another scale than the rows', the generated quantities give what
/// a fit
/// of this library reports.</remarks>
internal sealed class StanProgram
{
    private readonly ProgramLayout layout;
    private readonly StanOptions options;
    private readonly ProgramText text = new("//");
    private readonly StanFactor[] factors;

    private StanProgram(ProgramLayout layout, StanOptions options)
    {
        this.layout = layout;
        this.options = options;
        factors = [.. layout.Factors.Select(factor => new StanFactor(factor, text, options, layout.Spec.IsStandardized))];
    }

    public static string Write(ProgramLayout layout, StanOptions options) => new StanProgram(layout, options).Write();

    private string Write()
    {
        text.Comment($"A multilevel model of {layout.Spec.Response.Name}, written by TypedPooling.");
        text.Block("data", Data);
        text.BlockUnlessEmpty("transformed data", TransformedData);
        text.Block("parameters", Parameters);
        text.BlockUnlessEmpty("transformed parameters", TransformedParameters);
        text.Block("model", Model);
        text.BlockUnlessEmpty("generated quantities", GeneratedQuantities);
        return text.ToString();
    }

    private void Data()
    {
        foreach (var item in layout.Data)
            text.Line(item.Type.Declare(item.Name, options.Arrays), item.Comment);
    }

    private void TransformedData()
    {
        foreach (var number in layout.Numbers.Where(number => number.FixedValue is not null))
        {
            var value = ProgramNumber.Literal(number.FixedValue!.Value);
            text.Line(
                number.Count is null
                    ? $"real {number.Sampled} = {value};"
                    : $"vector[{number.Count}] {number.Sampled} = rep_vector({value}, {number.Count});",
                $"{number.Term}, known");
        }

        if (layout.Spec.IsStandardized)
        {
            var response = layout.Spec.Response.Family.TakesLog ? $"log({layout.Response})" : layout.Response;
            var offsets = layout.HasOffsets ? " - offsets" : string.Empty;
            text.Line($"vector[N] {layout.UsedResponse} = ({response}{offsets} - origin_y) / scale_y;");
            foreach (var column in layout.Columns)
            {
                text.Line(
                    column.Count is null
                        ? $"vector[N] {column.Used} = ({column.Name} - {column.Origin}) / {column.Scale};"
                        : $"matrix[N, {column.Count}] {column.Used} = ({column.Name} - rep_matrix({column.Origin}', N)) ./ "
                            + $"rep_matrix({column.Scale}', N);");
            }
        }

        foreach (var factor in factors)
            factor.TransformedData();
    }

    private void Parameters()
    {
        foreach (var number in layout.Numbers.Where(number => number.FixedValue is null))
            text.Line(StanText.Declare(number), number.Term);
        foreach (var factor in factors)
            factor.Parameters();
    }

    private void TransformedParameters()
    {
        foreach (var factor in factors)
            factor.TransformedParameters();
    }

    private void Model()
    {
        text.Sum("vector[N] eta = ", Eta(), ";");
        foreach (var number in layout.Numbers.Where(number => number.FixedValue is null))
        {
            if (number.StanStatement() is { Length: > 0 } statement)
                text.Line(statement);
            else
                text.Comment($"{number.Sampled} has a flat prior");
        }

        foreach (var factor in factors)
            factor.Model();
        Likelihood();
    }

    private void Likelihood()
    {
        var form = layout.Form;
        var (distribution, arguments) = layout.Spec.IsStandardized ? ("normal", "{eta}, {sigma}") : (form.Stan, form.StanArguments);
        var sigma = layout.WeightKind switch
        {
            RowWeight.KnownSd => layout.Spec.IsStandardized ? $"{layout.Weight} / scale_y" : layout.Weight!,
            RowWeight.Precision => $"{layout.Sigma!.Sampled} * inv_sqrt({layout.Weight})",
            _ => layout.Sigma?.Sampled ?? string.Empty,
        };
        if (layout.Count is not null)
        {
            var density = form.IsInteger ? "lpmf" : "lpdf";
            var row = Filled(arguments, "eta[i]", sigma, layout.Weight + "[i]");
            text.Block("for (i in 1:N)", () => text.Line(
                $"target += {layout.Count}[i] * {distribution}_{density}({layout.UsedResponse}[i] | {row});"));
            return;
        }

        text.Line($"{layout.UsedResponse} ~ {distribution}({Filled(arguments, "eta", sigma, layout.Weight)});");
    }

    private string Filled(string arguments, string eta, string sigma, string? size) => arguments
        .Replace("{eta}", eta, StringComparison.Ordinal)
        .Replace("{sigma}", sigma, StringComparison.Ordinal)
        .Replace("{shape}", layout.Shape?.Sampled, StringComparison.Ordinal)
        .Replace("{size}", size, StringComparison.Ordinal);

    // At least one of the terms is a vector of the rows.
    private List<string> Eta()
    {
        var terms = new List<string>();
        string? constant = null;
        for (var effect = 0; effect < layout.Population.Count; effect++)
        {
            var name = layout.Population[effect].Sampled;
            if (layout.ColumnOf(effect) is not { } column)
                constant = name;
            else
                terms.Add(column.Count is null ? $"{name} * {column.Used}" : $"{column.Used} * {name}");
        }

        foreach (var factor in factors)
            terms.AddRange(factor.Eta());
        if (layout.HasOffsets && !layout.Spec.IsStandardized)
            terms.Add("offsets");
        if (layout.WeightKind == RowWeight.Exposure)
            terms.Add($"log({layout.Weight})");
        if (constant is not null || terms.Count == 0)
            terms.Insert(0, terms.Count == 0 ? $"rep_vector({constant ?? "0"}, N)" : constant!);
        return terms;
    }

    private void GeneratedQuantities()
    {
        if (layout.Spec.IsStandardized)
        {
            var moved = new List<string>();
            for (var effect = 0; effect < layout.Population.Count; effect++)
            {
                var number = layout.Population[effect];
                if (layout.ColumnOf(effect) is not { } column)
                    continue;
                text.Line(
                    column.Count is null
                        ? $"real {number.Name} = {number.Sampled} * scale_y / {column.Scale};"
                        : $"vector[{column.Count}] {number.Name} = {number.Sampled} * scale_y ./ {column.Scale};");
                moved.Add(column.Count is null ? $" - {number.Name} * {column.Origin}" : $" - dot_product({number.Name}, {column.Origin})");
            }

            for (var effect = 0; effect < layout.Population.Count; effect++)
            {
                if (layout.ColumnOf(effect) is null)
                {
                    var (name, sampled) = (layout.Population[effect].Name, layout.Population[effect].Sampled);
                    text.Line($"real {name} = origin_y + scale_y * {sampled}{string.Concat(moved)};");
                }
            }

            if (layout.Sigma is { } sigma)
                text.Line($"real {sigma.Name} = {sigma.Sampled} * scale_y;");
        }

        foreach (var factor in factors)
            factor.GeneratedQuantities();
        foreach (var factor in factors)
            factor.GeneratedStatements();
    }
}

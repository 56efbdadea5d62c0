using System.Text.RegularExpressions;

namespace TypedPooling.Tests.Reference;

/// <summary>The Normal models of lme4_models.csv, read from their formulas and declared as a user would.</summary>
internal static class LmerModels
{
    private static readonly Lazy<ReferenceFile> Models = new(() => ReferenceFile.Read("reference/lme4_models.csv"));

    /// <summary>Names of the models fitted by lmer, as "data set/model".</summary>
    public static IEnumerable<string> Names => Models.Value.Rows
        .Where(row => row.Text("family") == "gaussian" && row.Text("dataset") != "eight_schools")
        .Select(row => $"{row.Text("dataset")}/{row.Text("model")}");

    /// <summary>Fits a model.</summary>
    public static LmerFit Fit(string name)
    {
        var at = name.Split('/');
        var record = Models.Value.Rows.Single(row => row.Text("dataset") == at[0] && row.Text("model") == at[1]);
        return Fit(
            record.Text("file"),
            record.Text("formula"),
            record.Text("method") == "REML" ? Engine.RestrictedMaximumLikelihood : Engine.MaximumLikelihood);
    }

    /// <summary>Fits a formula of lme4 to a data file, with the columns its models derive; or to some of its rows, numbered from 0.</summary>
    public static LmerFit Fit(string file, string formula, Engines.ILikelihoodEngine engine, Func<int, bool>? isMeant = null)
    {
        var parts = formula.Split('~');
        var bars = Regex.Matches(parts[1], @"\(([^|()]+)(\|\|?)([^()]+)\)");
        var population = Terms(Regex.Replace(parts[1], @"\([^()]*\)", "1"));
        var texts = bars.SelectMany(bar => bar.Groups[3].Value.Split('/')).Select(text => text.Trim()).Distinct().ToArray();
        var columns = population.Concat(bars.SelectMany(bar => Terms(bar.Groups[1].Value))).Where(term => term != "1").Distinct().ToArray();
        Row[] rows = [.. Rows(file, parts[0].Trim(), columns, texts).Where((_, i) => isMeant?.Invoke(i) != false)];

        var model = PooledModel.Of<Row>().Normal(row => row.Response).Intercept();
        foreach (var term in population.Where(term => term != "1"))
        {
            var column = Array.IndexOf(columns, term);
            model = model.Slope(row => row.X[column], name: term);
        }

        var groups = new Dictionary<string, Group<Row, string>>();
        foreach (Match bar in bars)
        {
            var varying = Terms(bar.Groups[1].Value);
            var path = bar.Groups[3].Value.Split('/').Select(text => text.Trim()).ToArray();
            for (var depth = 0; depth < path.Length; depth++)
            {
                // A nested factor is named from the inside out: cask:batch.
                var levels = path[..(depth + 1)].Reverse().Select(text => Array.IndexOf(texts, text)).ToArray();
                var group = Group.By((Row row) => Key(row, levels), name: string.Join(':', path[..(depth + 1)].Reverse()));
                groups.Add(group.Name, group);
                model = model.Varying(group, g =>
                {
                    g = g.Intercept();
                    foreach (var term in varying.Where(term => term != "1"))
                    {
                        var column = Array.IndexOf(columns, term);
                        g = g.Slope(row => row.X[column], name: term);
                    }

                    return bar.Groups[2].Value == "||" ? g.Uncorrelated() : g;
                });
            }
        }

        return new LmerFit(model.Fit(rows, engine), groups);
    }

    /// <summary>A row: response, columns of the model, keys.</summary>
    internal sealed record Row(double Response, double[] X, string[] Keys);

    private static string Key(Row row, int[] levels) => string.Join(':', levels.Select(level => row.Keys[level]));

    private static string[] Terms(string sum)
    {
        var terms = new List<string>();
        foreach (var text in sum.Split('+').Select(text => text.Trim()))
        {
            var product = text.Split('*').Select(part => part.Trim()).ToArray();
            terms.AddRange(product.Length == 2 ? [product[0], product[1], $"{product[0]}:{product[1]}"] : product);
        }

        return [.. terms.Distinct()];
    }

    private static Row[] Rows(string file, string response, string[] columns, string[] keys)
    {
        var records = ReferenceFile.Read($"data/{file}").Rows;
        Func<ReferenceFile.Row, double> scaledSquareFeet = _ => 0;
        if (file == "seattle_housing.csv")
        {
            var feet = records.Select(row => row.Number("sqft_living")).ToArray();
            var mean = feet.Average();
            var sd = Math.Sqrt(feet.Sum(foot => (foot - mean) * (foot - mean)) / (feet.Length - 1));
            scaledSquareFeet = row => (row.Number("sqft_living") - mean) / sd;
        }

        // As the column "preparation" says.
        double Value(ReferenceFile.Row row, string name) => name switch
        {
            "day_c" => row.Number("day") - 22,
            "decade" => (row.Number("year") - 1952) / 10,
            "lgdp_c" => Math.Log10(row.Number("gdpPercap")) - 3.5,
            "scale_sqft" => scaledSquareFeet(row),
            "log_radon_gh" => Math.Log(row.Number("radon_pcil") == 0 ? 0.1 : row.Number("radon_pcil")),
            _ when name.Contains(':') => name.Split(':').Aggregate(1.0, (product, part) => product * Value(row, part)),
            _ => row.Number(name),
        };

        return [.. records
            .Select(row => new Row(Value(row, response), [.. columns.Select(column => Value(row, column))], [.. keys.Select(key => row.Text(key))]))
            .Where(row => row.X.All(double.IsFinite))];
    }
}

/// <summary>A fit with its handles by lme4's names of factors.</summary>
internal sealed record LmerFit(NormalLikelihoodFit<LmerModels.Row> Fit, IReadOnlyDictionary<string, Group<LmerModels.Row, string>> Groups);

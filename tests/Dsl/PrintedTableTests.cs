using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Tables as text, Markdown and LaTeX.</summary>
public sealed class PrintedTableTests
{
    private const string Markup = "<script>alert(1)</script>&\"'";

    private static readonly Group<Visit, string> Cafe = Group.By((Visit v) => v.Cafe);

    // Two cafés with exact answers: n = 2: 3 + 2/3 (2 - 3) with sd sqrt(1/3); n = 1: 3 + 1/2 (5 - 3) with sd sqrt(1/2).
    private static NormalFit<Visit> Exact(string first) => PooledModel.Of<Visit>()
        .Normal(v => v.Wait, sigma: Fixed(1)).Intercept(Fixed(3)).Varying(Cafe, g => g.Intercept(Fixed(1)))
        .Fit([new(first, false, 1), new(first, false, 3), new("c", false, 5)]);

    private static PrintedTable Table(string title, string[] header, string[][] rows, params string[] notes) =>
        new(title, header, rows, header.Select((_, c) => c == 0 ? ColumnAlignment.Left : ColumnAlignment.Right), notes);

    [Fact]
    public void Coefficients_are_a_table_in_Markdown() => Assert.Equal(
        "| Cafe | rows | Intercept | sd | 5.5% | 94.5% |\n"
        + "| --- | ---: | ---: | ---: | ---: | ---: |\n"
        + "| a\\|b\\_ | 2 | 2.333 | 0.577 | 1.411 | 3.256 |\n"
        + "| c | 1 | 4.000 | 0.707 | 2.870 | 5.130 |\n",
        Exact("a|b_").For(Cafe).Coefficients().ToMarkdown());

    [Fact]
    public void Coefficients_are_a_table_in_LaTeX() => Assert.Equal(
        "\\begin{tabular}{lrrrrr}\n"
        + "\\hline\n"
        + "Cafe & rows & Intercept & sd & 5.5\\% & 94.5\\% \\\\\n"
        + "\\hline\n"
        + "a \\& b\\_1 & 2 & 2.333 & 0.577 & 1.411 & 3.256 \\\\\n"
        + "c & 1 & 4.000 & 0.707 & 2.870 & 5.130 \\\\\n"
        + "\\hline\n"
        + "\\end{tabular}\n",
        Exact("a & b_1").For(Cafe).Coefficients().ToLatex());

    [Fact]
    public void Markup_is_escaped_in_Markdown()
    {
        var table = Table("1. *t*", [Markup, "x"], [["a|b\\c`d`_e_[f](g)", "~~1~~ $x$ #2!"]], "- not a list");

        Assert.Equal(
            "1\\. \\*t\\*\n\n"
            + "| &lt;script&gt;alert(1)&lt;/script&gt;&amp;\"' | x |\n"
            + "| --- | ---: |\n"
            + "| a\\|b\\\\c\\`d\\`\\_e\\_\\[f\\](g) | \\~\\~1\\~\\~ \\$x\\$ \\#2\\! |\n"
            + "\n\\- not a list\n",
            table.ToMarkdown());
    }

    [Fact]
    public void Signs_of_LaTeX_are_escaped()
    {
        var table = Table("50 %", ["& % $ # _ { }", "~ ^ \\"], [["[x]* <|>", "-1.5"], ["a--b 'c''d'", "-"]], "#1");

        Assert.Equal(
            "50 \\%\n\n\\begin{tabular}{lr}\n\\hline\n"
            + "\\& \\% \\$ \\# \\_ \\{ \\} & \\textasciitilde{} \\textasciicircum{} \\textbackslash{} \\\\\n\\hline\n"
            + "{[}x{]}{*} $<$$|$$>$ & $-$1.5 \\\\\n"
            + "a-{}-b 'c'{}'d' & - \\\\\n"
            + "\\hline\n\\end{tabular}\n\n\\#1\n",
            table.ToLatex());
    }

    [Fact]
    public void Line_breaks_in_keys_do_not_break_a_row()
    {
        var table = Exact("a\nb").For(Cafe).Coefficients();

        Assert.Contains("| a\\\\nb |", table.ToMarkdown(), StringComparison.Ordinal);
        Assert.Contains("a\\textbackslash{}nb &", table.ToLatex(), StringComparison.Ordinal);
        Assert.Equal(4, table.ToMarkdown().Count(sign => sign == '\n'));
    }

    [Fact]
    public void Text_has_title_columns_and_notes() => Assert.Equal(
        "title\nname     x\na     1.00\nbcd      2\nnote\n",
        Table("title", ["name", "x"], [["a", "1.00"], ["bcd", "2"]], "note").ToString().ReplaceLineEndings("\n"));

    [Fact]
    public void Every_answer_that_is_a_table_is_one_in_Markdown_and_LaTeX()
    {
        var types = typeof(ITabular).Assembly.GetExportedTypes().Where(type => !type.IsInterface && typeof(ITabular).IsAssignableFrom(type));

        Assert.Equal(
            [
                "BootstrapSample`1", "CoefficientTable`1", "ElpdEstimate", "EngineComparison", "Histogram", "LikelihoodRatio", "LikelihoodSummary",
                "ModelComparison", "NoPoolingFit`2", "ParameterCovariance", "PoolingComparison`2", "PredictiveCheck", "PrintedTable", "PriorSample`1",
                "QuantityTable", "ResidualTable", "ShrinkageTable`1", "SummaryTable",
            ],
            types.Select(type => type.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Answers_of_a_fit_have_as_many_rows_as_they_show()
    {
        var fit = PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept().Slope(v => v.Afternoon).Varying(Cafe, g => g.Intercept())
            .Fit(Rows.Cafe, new() { Chains = 1, Draws = 400 });
        var cafes = Rows.Cafe.Select(v => v.Cafe).Distinct().Count();

        Assert.Equal(fit.Table.Rows.Length, fit.Table.ToTables()[0].Rows.Length);
        Assert.Equal(cafes + 2, fit.For(Cafe).Shrinkage().ToTables()[0].Rows.Length);
        Assert.Equal(["R^2 (marginal)", "R^2 (conditional)", "ICC(Cafe)"], fit.VarianceShares().ToTables()[0].Rows.Select(row => row[0]));
        Assert.Equal(["elpd_loo", "p_loo", "looic"], fit.Loo(Rows.Cafe).ToTables()[0].Rows.Select(row => row[0]));
        Assert.Equal(10, fit.Coefficient(v => v.Afternoon).Histogram(10).ToTables()[0].Rows.Length);
        Assert.Equal(2, fit.For(Cafe).Coefficients([Rows.Cafe[^1].Cafe, Rows.Cafe[0].Cafe]).Levels.Length);
        Assert.Equal(Rows.Cafe[^1].Cafe, fit.For(Cafe).Coefficients([Rows.Cafe[^1].Cafe, Rows.Cafe[0].Cafe]).Levels[0].Key);
    }

    [Fact]
    public void The_factors_of_a_fit_are_found_without_their_keys()
    {
        var fit = Exact("a");
        var factor = Assert.Single(fit.Factors);

        Assert.Equal(("Cafe", 2), (factor.Name, factor.LevelCount));
        Assert.Equal(["Intercept"], factor.Terms.AsEnumerable());
        Assert.Equal(fit.Icc(Cafe).Mean, factor.Icc.Mean);
        Assert.Same(fit.For(Cafe), factor);
        Assert.Equal("String: a, c", factor.Accept(new KeysOf()));
        Assert.Equal(Cafe, fit.For(Cafe).Group);
    }

    [Theory]
    [InlineData(new[] { "x", "y" }, new[] { "1" })]
    [InlineData(new string[0], new string[0])]
    public void Refuses_a_table_that_is_not_one(string[] header, string[] row) =>
        Assert.Throws<ArgumentException>(() => Table(string.Empty, header, [row]));

    private sealed class KeysOf : IFactorVisitor<Visit, string>
    {
        public string Visit<TKey>(FactorFit<Visit, TKey> factor) => $"{typeof(TKey).Name}: {string.Join(", ", factor.Keys)}";
    }
}

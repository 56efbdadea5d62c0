using TypedPooling.Draws;
using TypedPooling.Tests.Reference;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Export;

/// <summary>Models as formulas of lme4 and brms: the code that was run, what it said, and what cannot be written so.</summary>
public sealed class ModelFormulaTests
{
    private static readonly Group<Row, string> ByShop = Group.By((Row r) => r.Shop);

    private static readonly Lazy<ILookup<string, ReferenceFile.Row>> Runs = new(
        () => ReferenceFile.Read("reference/export_lme4.csv").Rows.ToLookup(row => row.Text("model")));

    public static TheoryData<string> NamesInLme4 => [.. Files("*.lme4")];

    public static TheoryData<string> NamesInBrms => [.. Files("*.brms")];

    [Theory]
    [MemberData(nameof(NamesInLme4))]
    public void Code_for_lme4_is_the_one_that_was_run(string name) =>
        Assert.Equal(Read($"{name}.lme4"), ExportCases.Of(name).Formula(FormulaDialect.Lme4) + "\n");

    [Theory]
    [MemberData(nameof(NamesInBrms))]
    public void Code_for_brms_is_the_one_in_the_file(string name) =>
        Assert.Equal(Read($"{name}.brms"), ExportCases.Of(name).Formula(FormulaDialect.Brms) + "\n");

    [Theory]
    [MemberData(nameof(NamesInLme4))]
    public void Likelihood_fit_agrees_with_lme4(string name)
    {
        var fit = ExportCases.Of(name).Likelihood();
        Assert.NotEmpty(Runs.Value[name]);
        foreach (var row in Runs.Value[name])
        {
            var variable = row.Text("variable");
            var index = variable.Contains('[') ? int.Parse(variable.Split('[', ']')[1]) - 1 : 0;
            var ours = variable switch
            {
                "log likelihood" => ((ILikelihoodFit<ExportCases.Row>)fit).Likelihood.LogLikelihood - LogJacobian(fit),
                "sigma" => fit.Scale(ParameterKind.Sigma, null, string.Empty, null).Mean,
                _ when variable.StartsWith("b[", StringComparison.Ordinal) => fit.Coefficient(fit.Spec.Population[index].Name).Mean,
                _ => Sd(fit, variable[3..variable.IndexOf('[')], index),
            };
            var theirs = row.Number("value");
            Assert.True(Math.Abs(ours - theirs) <= 1e-5 * Math.Max(1, Math.Abs(theirs)), $"{variable}: {ours:R} and {theirs:R}");
        }
    }

    [Fact]
    public void Lme4_names_what_it_cannot_have()
    {
        var normal = PooledModel.Of<Row>().Normal(r => r.Y, sigma: Fixed(2)).Intercept(Fixed(1)).Slope(r => r.X, Fixed(0)).Varying(
            ByShop, g => g.Intercept(Fixed(3)).Slope(r => r.X, Fixed(0)));
        Assert.Equal(["sigma", "Intercept", "sd of Intercept by Shop"], Terms(() => normal.ToFormula(FormulaDialect.Lme4)));
        Assert.Equal(
            ["Y"],
            Terms(() => PooledModel.Of<Row>().StudentT(r => r.Y).Intercept().Varying(ByShop, g => g.Intercept())
                .ToFormula(FormulaDialect.Lme4)));
        Assert.Equal(["Y"], Terms(() => PooledModel.Of<Row>().Poisson(r => r.Y).Intercept().ToFormula(FormulaDialect.Lme4)));
        Assert.Equal(
            ["X"],
            Terms(() => PooledModel.Of<Row>().Normal(r => r.Y, knownSd: r => r.X).Intercept().Varying(ByShop, g => g.Intercept())
                .ToFormula(FormulaDialect.Lme4)));
    }

    [Fact]
    public void Effects_known_to_be_0_are_left_out()
    {
        var model = PooledModel.Of<Row>().Normal(r => r.Y, sigma: Exponential(1)).Intercept(Fixed(0)).Slope(r => r.X, Normal(0, 1)).Varying(
            ByShop, g => g.Intercept(Exponential(1)).Slope(r => r.X, Fixed(0)).Uncorrelated());
        Assert.Equal("Y ~ 0 + X + (1 | Shop)", model.ToFormula(FormulaDialect.Lme4).Formula);
        Assert.Equal("Y ~ 0 + X + (1 | Shop)", model.ToFormula(FormulaDialect.Brms).Formula);
    }

    [Fact]
    public void Brms_asks_for_rows_where_it_needs_them()
    {
        var model = PooledModel.Of<Row>().Normal(r => r.Y).Intercept().Categorical(r => r.Shop).Varying(ByShop, g => g.Intercept());
        var problems = Assert.Throws<ModelException>(() => model.ToFormula(FormulaDialect.Brms)).Problems;
        Assert.Equal(["Intercept", "Shop", "sd of Intercept by Shop", "sigma"], problems.Select(problem => problem.Term));
        Assert.All(problems, problem => Assert.Contains("ToFormula(FormulaDialect.Brms, rows)", problem.Remedy));
    }

    [Fact]
    public void Brms_names_what_it_cannot_have()
    {
        var model = PooledModel.Of<Row>().Normal(r => r.Y, sigma: Flat).Intercept(Uniform(0, 1)).Slope(r => r.X, Fixed(2)).Varying(
            ByShop, g => g.Intercept().Slope(r => r.X).Covariance(HuangWand(2, 1)));
        Assert.Equal(["Intercept", "Shop", "sigma"], Terms(() => model.ToFormula(FormulaDialect.Brms)));
        Assert.Equal(
            ["Y", "Intercept", "sigma"],
            Terms(() => PooledModel.Of<Row>().Normal(r => r.Y).Intercept().Standardized().ToFormula(FormulaDialect.Brms)));
    }

    [Fact]
    public void A_level_that_brms_would_rename_is_refused()
    {
        var model = PooledModel.Of<Row>().Normal(r => r.Y, sigma: Exponential(1)).Intercept(Normal(0, 1)).Categorical(r => r.Shop, Normal(0, 1));
        Row[] rows = [new("a", 1, 1), new("b \"c\"", 2, 3), new("a", 2, 2)];
        Assert.Contains("'b \"c\"'", Assert.Throws<ModelException>(() => model.ToFormula(FormulaDialect.Brms, rows)).Message);
        Row[] plain = [new("a", 1, 1), new("b", 2, 3), new("a", 2, 2)];
        Assert.Contains("coef = \"Shopb\"", model.ToFormula(FormulaDialect.Brms, plain).Call);
    }

    // The likelihood of a LogNormal model is that of the response, lme4 has that of its log.
    private static double LogJacobian(Fit<ExportCases.Row> fit) => fit.Spec.Response.Family.TakesLog ? fit.Model.LogJacobian : 0;

    private static IEnumerable<string?> Terms(Func<ModelFormula> formula) =>
        Assert.Throws<ModelException>(formula).Problems.Select(problem => problem.Term);

    private static double Sd(Fit<ExportCases.Row> fit, string group, int index)
    {
        var factor = fit.Spec.Factors.Single(factor => new TypedPooling.Export.ProgramNames().Take(factor.Name) == group);
        return fit.Scale(ParameterKind.VaryingSd, factor.Name, factor.Terms[index].Name, null).Mean;
    }

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "reference", "export");

    private static string Read(string file) => File.ReadAllText(Path.Combine(Folder, file));

    private static IEnumerable<string> Files(string pattern) =>
        Directory.GetFiles(Folder, pattern).Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal);

    private sealed record Row(string Shop, double X, double Y);
}

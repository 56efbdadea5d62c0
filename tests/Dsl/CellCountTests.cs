using TypedPooling.Data;
using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>A row that stands for N rows is N rows, whatever the family.</summary>
public sealed class CellCountTests
{
    private static readonly SurveyRow[] Rows = SurveyRow.Rows();

    public static TheoryData<string, Func<SurveyRow[], ResponseCells>, Func<SurveyRow[], ResponseCells>> Families => new()
    {
        {
            "Bernoulli",
            rows => Shaped(Model.Bernoulli(s => s.Won)).Count(s => s.N).Bind(rows).Cells,
            rows => Shaped(Model.Bernoulli(s => s.Won)).Bind(rows).Cells
        },
        {
            "Binomial",
            rows => Shaped(Model.Binomial(s => s.Wins, s => s.Trials)).Count(s => s.N).Bind(rows).Cells,
            rows => Shaped(Model.Binomial(s => s.Wins, s => s.Trials)).Bind(rows).Cells
        },
        {
            "Poisson",
            rows => Shaped(Model.Poisson(s => s.Events, s => s.Exposure)).Count(s => s.N).Bind(rows).Cells,
            rows => Shaped(Model.Poisson(s => s.Events, s => s.Exposure)).Bind(rows).Cells
        },
        {
            "NegativeBinomial",
            rows => Shaped(Model.NegativeBinomial(s => s.Events, s => s.Exposure)).Count(s => s.N).Bind(rows).Cells,
            rows => Shaped(Model.NegativeBinomial(s => s.Events, s => s.Exposure)).Bind(rows).Cells
        },
        {
            "Gamma",
            rows => Shaped(Model.Gamma(s => s.Size)).Count(s => s.N).Bind(rows).Cells,
            rows => Shaped(Model.Gamma(s => s.Size)).Bind(rows).Cells
        },
        {
            "Beta",
            rows => Shaped(Model.Beta(s => s.Share)).Count(s => s.N).Bind(rows).Cells,
            rows => Shaped(Model.Beta(s => s.Share)).Bind(rows).Cells
        },
        {
            "StudentT",
            rows => Shaped(Model.StudentT(s => s.Level)).Count(s => s.N).Bind(rows).Cells,
            rows => Shaped(Model.StudentT(s => s.Level)).Bind(rows).Cells
        },
    };

    private static ModelBuilder<SurveyRow> Model => PooledModel.Of<SurveyRow>();

    private static TSelf Shaped<TSelf>(PooledModel<SurveyRow, TSelf> model)
        where TSelf : PooledModel<SurveyRow, TSelf> => model.Intercept().Slope(s => s.Z).Varying(SurveyRow.BySite, g => g.Intercept());

    private static void Near(double expected, double actual) => Assert.Equal(expected, actual, 1e-12 * (1 + Math.Abs(expected)));

    [Theory]
    [MemberData(nameof(Families))]
    public void Cells_of_counted_rows_are_those_of_the_rows_one_by_one(
        string family, Func<SurveyRow[], ResponseCells> counted, Func<SurveyRow[], ResponseCells> single)
    {
        var (own, expected) = (counted(Rows), single(SurveyRow.Repeated(Rows)));

        Assert.True(expected.Count < expected.RowCount, family);
        Assert.Equal(expected.Columns.ToArray(), own.Columns.ToArray());
        Assert.Equal(expected.Levels.ToArray(), own.Levels.ToArray());
        Assert.Equal(expected.Rows.ToArray(), own.Rows.ToArray());
        for (var i = 0; i < own.Count; i++)
        {
            Near(expected.Responses[i], own.Responses[i]);
            Near(expected.Sizes[i], own.Sizes[i]);
        }

        Near(expected.LogConstant, own.LogConstant);
        Near(expected.SaturatedLogLikelihood, own.SaturatedLogLikelihood);
        Near(expected.EventsGap, own.EventsGap);
        if (family == "Binomial")
            Near(expected.FailuresGap, own.FailuresGap);
        Near(expected.LogResponseSum, own.LogResponseSum);
        Near(expected.ResponseMean, own.ResponseMean);
        Near(expected.ResponseSd, own.ResponseSd);
    }

    [Fact]
    public void Likelihood_priors_and_numbers_of_rows_are_those_of_the_rows_one_by_one()
    {
        var model = Shaped(Model.Poisson(s => s.Events, s => s.Exposure));
        var counted = model.Count(s => s.N).Fit(Rows, Engine.MaximumLikelihood);
        var single = model.Fit(SurveyRow.Repeated(Rows), Engine.MaximumLikelihood);

        Assert.Equal(single.RowCount, counted.RowCount);
        Near(single.Likelihood.LogLikelihood, counted.Likelihood.LogLikelihood);
        Assert.Equal(single.Intercept.Mean, counted.Intercept.Mean, 1e-9);
        Assert.Equal(single.Likelihood.Deviance, counted.Likelihood.Deviance, 1e-9);
        Assert.Equal(
            model.Bind(SurveyRow.Repeated(Rows)).Spec.Population.Select(term => term.Prior!.Text),
            model.Count(s => s.N).Bind(Rows).Spec.Population.Select(term => term.Prior!.Text));
    }

    [Fact]
    public void Counted_data_merge_and_come_back_from_files()
    {
        var model = Shaped(Model.Binomial(s => s.Wins, s => s.Trials)).Count(s => s.N);
        using var file = new MemoryStream();
        model.Read(Rows[..40]).Save(file);
        file.Position = 0;
        var parts = model.LoadData(file).Add(Rows[40..]);

        Assert.Equal(model.Bind(Rows).Cells.LogConstant, model.Bind(parts).Cells.LogConstant);
        Assert.Equal(Rows.Sum(s => (long)s.N), parts.RowCount);
        file.Position = 0;
        Assert.Equal(
            ProblemCode.FileOfAnotherModel,
            Assert.Throws<ModelException>(() => Shaped(Model.Binomial(s => s.Wins, s => s.Trials)).LoadData(file)).Code);
    }

    [Fact]
    public void The_model_says_how_often_a_row_counts() =>
        Assert.Contains(
            "Binomial(Trials_i, p_i), N_i times",
            Shaped(Model.Binomial(s => s.Wins, s => s.Trials)).Count(s => s.N).ToString(),
            StringComparison.Ordinal);

    [Fact]
    public void Counts_are_positive_whole_numbers_and_stand_once_in_a_model()
    {
        var model = Shaped(Model.Poisson(s => s.Events, s => s.Exposure)).Count(s => s.N);
        var bad = Assert.Throws<ModelException>(() => model.Fit([.. Rows, Rows[0] with { N = 0 }]));

        Assert.Equal((ProblemCode.NotACount, 91L), (bad.Code, bad.Problems[0].Row));
        Assert.Contains("The count 'N' is not a positive whole number in 1 of 91 rows; the first is 0.", bad.Message, StringComparison.Ordinal);
        Assert.Equal(ProblemCode.DuplicateTerm, Assert.Throws<ModelException>(() => model.Count(s => s.Trials)).Code);
    }
}

using TypedPooling.Inference.Marginal;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

public sealed class OffsetTests
{
    private static readonly double[] Theta = [-0.3, 0.4];

    private static NormalModel<Parcel> Model =>
        PooledModel.Of<Parcel>().Normal(p => p.Y, sigma: HalfNormal(2)).Intercept(Normal(1, 2)).Slope(p => p.X, Normal(0.2, 0.7))
        .Varying(Parcel.ByDepot, g => g.Intercept(Exponential(1)));

    private static double LogLikelihood(NormalModel<Parcel> model) => MarginalDensity.Of(model.Bind(Parcel.Rows())).LogLikelihood(Theta);

    [Fact]
    public void An_offset_is_a_slope_of_exactly_one()
    {
        var expected = LogLikelihood(Model.Slope(p => p.Known, Fixed(1)));
        Assert.Equal(expected, LogLikelihood(Model.Offset(p => p.Known)), 1e-11 * Math.Abs(expected));
    }

    [Fact]
    public void Offsets_add_up()
    {
        var expected = LogLikelihood(Model.Slope(p => p.Known + 2 * p.W, Fixed(1)));
        Assert.Equal(expected, LogLikelihood(Model.Offset(p => p.Known).Offset(p => 2 * p.W)), 1e-11 * Math.Abs(expected));
    }

    [Fact]
    public void An_offset_may_be_a_column_of_the_model_too()
    {
        var fit = PooledModel.Of<Parcel>().Normal(p => p.Y, sigma: Fixed(1)).Intercept(Flat).Slope(p => p.X, Flat);
        var rows = Parcel.Rows();
        Assert.Equal(fit.Fit(rows).Coefficient(p => p.X).Mean - 1, fit.Offset(p => p.X).Fit(rows).Coefficient(p => p.X).Mean, 1e-11);
    }

    [Fact]
    public void Shows_in_print_and_not_in_the_table()
    {
        var model = Model.Offset(p => p.Known).Offset(p => Math.Log(p.W), name: "logW");
        Assert.Equal(
            """
            Y_i       ~ Normal(μ_i, σ)
            μ_i       = Known_i + logW_i + β_0 + u_Depot[i],0 + β_X X_i
            logW      = log(W)
            """.ReplaceLineEndings("\n"),
            string.Join('\n', model.ToString().Split('\n')[..3]));
        var fit = model.Fit(Parcel.Rows(), new() { Chains = 1, Warmup = 20, Draws = 4 });
        Assert.Equal(["Intercept", "X", "sigma", "sd(Depot: Intercept)"], fit.Table.Rows.Select(row => row.Parameter.Name));
        Assert.Equal(["Known", "logW"], fit.Spec.Offsets.Select(offset => offset.Name));
    }

    [Fact]
    public void Defaults_are_those_of_the_response_less_its_offset()
    {
        var open = PooledModel.Of<Parcel>();
        var expected = open.Normal(p => p.Y - p.Known).Intercept().Slope(p => p.X).Bind(Parcel.Rows()).Spec;
        var actual = open.Normal(p => p.Y).Intercept().Slope(p => p.X).Offset(p => p.Known).Bind(Parcel.Rows()).Spec;
        Assert.Equal([.. expected.Population.Select(term => term.Prior!.Text)], actual.Population.Select(term => term.Prior!.Text));
    }

    [Fact]
    public void Refuses_the_same_offset_twice_and_values_that_are_not_finite()
    {
        Assert.Equal(
            "[DuplicateTerm] Known: The offset 'Known' is declared twice. Declare it once, or declare a multiple of it.",
            Assert.Throws<ModelException>(() => Model.Offset(p => p.Known).Offset(q => q.Known)).Message);
        var rows = Parcel.Rows();
        rows[4] = rows[4] with { Known = double.NaN };
        Assert.Equal(
            "[NotFinite] Known, row 5: 'Known' is not a finite number in 1 of 40 rows; the first is NaN. Correct the values or leave such rows out.",
            Assert.Throws<ModelException>(() => Model.Offset(p => p.Known).Read(rows)).Message);
    }

    [Fact]
    public void Rows_without_a_value_of_the_offset_are_dropped_on_request()
    {
        var readings = Rows.Readings();
        readings[3] = readings[3] with { Gap = null };
        var model = PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Offset(r => r.Gap);
        Assert.Equal(ProblemCode.MissingValues, Assert.Throws<ModelException>(() => model.Read(readings)).Code);
        Assert.Equal(1, model.DropRowsWithMissingValues().Read(readings).DroppedRowCount);
    }
}

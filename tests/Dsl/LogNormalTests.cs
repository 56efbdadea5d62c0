using TypedPooling.Inference.Marginal;
using TypedPooling.Tests.Dsl.Support;
using TypedPooling.Tests.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

public sealed class LogNormalTests
{
    private static readonly double[] Theta = [-0.3, 0.4];

    private static LogNormalModel<Parcel> Model =>
        PooledModel.Of<Parcel>().LogNormal(p => p.Y, sigma: HalfNormal(2)).Intercept(Normal(1, 2)).Slope(p => p.X, Normal(0.2, 0.7))
        .Varying(Parcel.ByDepot, g => g.Intercept(Exponential(1)));

    private static double LogLikelihood(LogNormalModel<Parcel> model, IEnumerable<Parcel> rows) =>
        MarginalDensity.Of(model.Bind(rows)).LogLikelihood(Theta);

    // The density of y itself: that of its log, and 1 / y a row.
    private static double Dense(Parcel[] rows, Func<Parcel, double> weight, Func<Parcel, double> offset)
    {
        var (variance, between) = (Math.Exp(2 * Theta[0]), Math.Exp(2 * Theta[1]));
        return DenseNormal.LogDensity(
            [.. rows.Select(row => Math.Log(row.Y))],
            i => 1 + 0.2 * rows[i].X + offset(rows[i]),
            (i, j) => 4 + 0.49 * rows[i].X * rows[j].X + (rows[i].Depot == rows[j].Depot ? between : 0) + (i == j ? variance / weight(rows[i]) : 0))
            - rows.Sum(row => Math.Log(row.Y));
    }

    [Fact]
    public void The_density_is_that_of_the_log_and_the_Jacobian()
    {
        var rows = Parcel.Rows();
        var expected = Dense(rows, _ => 1, _ => 0);
        Assert.Equal(expected, LogLikelihood(Model, rows), 1e-10 * Math.Abs(expected));
        Assert.Equal(-rows.Sum(row => Math.Log(row.Y)), Model.Bind(rows).LogJacobian, 1e-12);
        Assert.Equal(0, PooledModel.Of<Parcel>().Normal(p => p.Y).Intercept().Bind(rows).LogJacobian);
    }

    [Fact]
    public void A_weight_is_on_the_log_and_leaves_the_Jacobian_alone()
    {
        var rows = Parcel.Rows();
        var expected = Dense(rows, row => row.W, _ => 0);
        Assert.Equal(expected, LogLikelihood(Model.PrecisionWeight(p => p.W), rows), 1e-10 * Math.Abs(expected));
    }

    [Fact]
    public void A_count_repeats_the_Jacobian_too()
    {
        var rows = Parcel.Rows();
        var expected = Dense(Parcel.Repeated(rows), _ => 1, _ => 0);
        Assert.Equal(expected, LogLikelihood(Model.Count(p => p.N), rows), 1e-10 * Math.Abs(expected));
    }

    [Fact]
    public void An_offset_is_on_the_log_and_leaves_the_Jacobian_alone()
    {
        var rows = Parcel.Rows();
        var expected = Dense(rows, _ => 1, row => row.Known);
        Assert.Equal(expected, LogLikelihood(Model.Offset(p => p.Known), rows), 1e-10 * Math.Abs(expected));
    }

    [Fact]
    public void Parts_merge_with_their_Jacobians()
    {
        var rows = Parcel.Rows();
        var merged = Model.Read(rows[..11]).Merge(Model.Read(rows[11..20])).Add(rows[20..]);
        Assert.Equal(LogLikelihood(Model, rows), MarginalDensity.Of(Model.Bind(merged)).LogLikelihood(Theta), 1e-11);
    }

    [Fact]
    public void Fits_what_a_Normal_model_of_the_log_fits()
    {
        var rows = Parcel.Rows();
        LogNormalFit<Parcel> fit = PooledModel.Of<Parcel>().LogNormal(p => p.Y, sigma: Fixed(0.7)).Intercept(Flat).Slope(p => p.X, Flat)
            .Varying(Parcel.ByDepot, g => g.Intercept(Fixed(0.4))).Fit(rows);
        var log = PooledModel.Of<Parcel>().Normal(p => Math.Log(p.Y), sigma: Fixed(0.7)).Intercept(Flat).Slope(p => p.X, Flat)
            .Varying(Parcel.ByDepot, g => g.Intercept(Fixed(0.4))).Fit(rows);

        Assert.Equal(log.Coefficient(p => p.X).Mean, fit.Coefficient(p => p.X).Mean, 1e-12);
        Assert.Equal(log.For(Parcel.ByDepot).Level("depot 2").Intercept.Sd, fit.For(Parcel.ByDepot).Level("depot 2").Intercept.Sd, 1e-12);
        Assert.Equal(log.For(Parcel.ByDepot).Shrinkage().ToString(), fit.For(Parcel.ByDepot).Shrinkage().ToString());
        Assert.StartsWith("LogNormal model of Y: 40 rows", fit.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_sigma_and_prints()
    {
        var fit = Model.Fit(Parcel.Rows(), new() { Chains = 1, Warmup = 100, Draws = 100 });
        Assert.InRange(fit.Sigma.Mean, 0.4, 1.1);
        Assert.Equal(TestFamilies.LogNormal, fit.Spec.Response.Family);
        Assert.StartsWith("Y_i       ~ LogNormal(μ_i, σ)\n", Model.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("Y_i       ~ LogNormal(μ_i, σ / sqrt(W_i))\n", Model.PrecisionWeight(p => p.W).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_are_scaled_by_the_log()
    {
        var rows = Parcel.Rows();
        var log = PooledModel.Of<Parcel>().Normal(p => Math.Log(p.Y)).Intercept().Slope(p => p.X).Bind(rows).Spec;
        var spec = PooledModel.Of<Parcel>().LogNormal(p => p.Y).Intercept().Slope(p => p.X).Bind(rows).Spec;
        Assert.Equal(log.Response.Sigma!.Text, spec.Response.Sigma!.Text);
        Assert.Equal([.. log.Population.Select(term => term.Prior!.Text)], spec.Population.Select(term => term.Prior!.Text));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(-3, "-3")]
    public void Refuses_a_response_that_is_not_positive(double y, string text)
    {
        var rows = Parcel.Rows();
        rows[2] = rows[2] with { Y = y };
        Assert.Equal(
            $"[NotPositive] Y, row 3: The response 'Y' of a LogNormal model is not positive in 1 of 40 rows; the first is {text}. Correct the values "
                + $"or leave such rows out.",
            Assert.Throws<ModelException>(() => Model.Fit(rows)).Message);
    }

    [Fact]
    public void Refuses_sums_of_the_response_itself()
    {
        var sums = PooledModel.Of<Parcel>().Normal(p => p.Y).Intercept().Read(Parcel.Rows());
        Assert.Equal(
            ProblemCode.SumsOfAnotherModel,
            Assert.Throws<ModelException>(() => PooledModel.Of<Parcel>().LogNormal(p => p.Y).Intercept().Bind(sums)).Code);
    }
}

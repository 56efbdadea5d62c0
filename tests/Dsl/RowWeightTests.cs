using TypedPooling.Inference.Marginal;
using TypedPooling.Tests.Dsl.Support;
using TypedPooling.Tests.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

public sealed class RowWeightTests
{
    private static readonly double[] Theta = [-0.3, 0.4, -0.9, 0.6];

    private static NormalModel<Parcel> Model =>
        PooledModel.Of<Parcel>().Normal(p => p.Y, sigma: HalfNormal(2)).Intercept(Normal(1, 2)).Slope(p => p.X, Normal(0.2, 0.7))
        .Varying(Parcel.ByDepot, g => g.Intercept(Exponential(1)).Slope(p => p.X, Exponential(2)).Correlated(Lkj(2)));

    private static double LogLikelihood<TSelf, TFit, TLikelihoodFit>(SumsModel<Parcel, TSelf, TFit, TLikelihoodFit> model, IEnumerable<Parcel> rows)
        where TSelf : SumsModel<Parcel, TSelf, TFit, TLikelihoodFit>
        where TFit : Fit<Parcel>
        where TLikelihoodFit : TFit, ILikelihoodFit<Parcel> => MarginalDensity.Of(model.Bind(rows)).LogLikelihood(Theta);

    private static string Refusal(Func<object> make) => Assert.Throws<ModelException>(make).Message;

    // Covariance of two rows under the model at Theta but for the residual.
    private static double Shared(Parcel a, Parcel b)
    {
        var (sd0, sd1, rho) = (Math.Exp(Theta[1]), Math.Exp(Theta[2]), Math.Tanh(Theta[3]));
        var population = 4 + 0.49 * a.X * b.X;
        return a.Depot != b.Depot ? population : population + sd0 * sd0 + rho * sd0 * sd1 * (a.X + b.X) + sd1 * sd1 * a.X * b.X;
    }

    [Fact]
    public void A_precision_weight_divides_the_residual_variance()
    {
        var rows = Parcel.Rows();
        var variance = Math.Exp(2 * Theta[0]);

        var expected = DenseNormal.LogDensity(
            [.. rows.Select(row => row.Y)], i => 1 + 0.2 * rows[i].X, (i, j) => Shared(rows[i], rows[j]) + (i == j ? variance / rows[i].W : 0));

        Assert.Equal(expected, LogLikelihood(Model.PrecisionWeight(p => p.W), rows), 1e-10 * Math.Abs(expected));
    }

    [Fact]
    public void A_count_repeats_the_row()
    {
        var rows = Parcel.Rows();
        var repeated = Parcel.Repeated(rows);
        var counted = Model.Count(p => p.N);

        var expected = LogLikelihood(Model, repeated);

        Assert.Equal(expected, LogLikelihood(counted, rows), 1e-12 * Math.Abs(expected));
        Assert.Equal(repeated.Length, counted.Read(rows).RowCount);
    }

    [Fact]
    public void A_count_of_a_million_is_read_as_one_row_and_blocks_of_a_cell_hold_counts()
    {
        Parcel[] rows = [.. Parcel.Rows(count: 700).Select(row => row with { Depot = "one", N = 1_000_000 })];
        var cells = Model.Count(p => p.N).Bind(rows).Cells;
        var single = Model.Bind(rows).Cells;

        Assert.Equal(700_000_000, cells.Rows(0));
        Assert.Equal(single.Means(0)[1], cells.Means(0)[1], 1e-13);
        Assert.Equal(single.CrossProducts(0)[2] * 1e6, cells.CrossProducts(0)[2], 1e-12 * cells.CrossProducts(0)[2]);
        Assert.Equal(0, cells.LogWeightSum);
    }

    [Fact]
    public void Parts_of_weighted_and_of_counted_sums_merge_into_the_whole()
    {
        var rows = Parcel.Rows();
        var weighted = Model.PrecisionWeight(p => p.W);
        var counted = Model.Count(p => p.N);

        Assert.Equal(
            LogLikelihood(weighted, rows),
            MarginalDensity.Of(weighted.Bind(weighted.Read(rows[..15]).Merge(weighted.Read(rows[15..])))).LogLikelihood(Theta),
            1e-11);
        Assert.Equal(
            LogLikelihood(counted, rows),
            MarginalDensity.Of(counted.Bind(counted.Read(rows[..15]).Merge(counted.Read(rows[15..])))).LogLikelihood(Theta),
            1e-11);
    }

    [Fact]
    public void Defaults_are_scaled_by_rows_without_precision_weights_and_with_counts()
    {
        var rows = Parcel.Rows();
        var open = PooledModel.Of<Parcel>().Normal(p => p.Y).Intercept().Slope(p => p.X).Varying(Parcel.ByDepot, g => g.Intercept());

        Assert.Equal(open.Bind(rows).Spec.Response.Sigma!.Text, open.PrecisionWeight(p => p.W).Bind(rows).Spec.Response.Sigma!.Text);
        var repeated = open.Bind(Parcel.Repeated(rows)).Spec;
        var counted = open.Count(p => p.N).Bind(rows).Spec;
        Assert.Equal([.. repeated.Population.Select(term => term.Prior!.Text)], counted.Population.Select(term => term.Prior!.Text));
        Assert.Equal(repeated.Response.Sigma!.Text, counted.Response.Sigma!.Text);
    }

    [Fact]
    public void Prints_weights_and_counts()
    {
        var model = PooledModel.Of<Parcel>().Normal(p => p.Y).Intercept();
        Assert.StartsWith("Y_i ~ Normal(μ_i, σ / sqrt(W_i))\n", model.PrecisionWeight(p => p.W).ToString(), StringComparison.Ordinal);
        Assert.StartsWith("Y_i ~ Normal(μ_i, σ / sqrt((1 / W)_i))\n", model.PrecisionWeight(p => 1 / p.W).ToString(), StringComparison.Ordinal);
        Assert.StartsWith("Y_i ~ Normal(μ_i, σ), N_i times\n", model.Count(p => p.N).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "NotPositive", "The precision weight 'W' is not a positive number in 1 of 40 rows; the first is 0.")]
    [InlineData(-2, "NotPositive", "The precision weight 'W' is not a positive number in 1 of 40 rows; the first is -2.")]
    [InlineData(double.NaN, "NotFinite", "'W' is not a finite number in 1 of 40 rows; the first is NaN.")]
    [InlineData(double.PositiveInfinity, "NotFinite", "'W' is not a finite number in 1 of 40 rows; the first is Infinity.")]
    public void Refuses_a_precision_weight_that_is_not_positive_and_finite(double weight, string code, string sentence)
    {
        var rows = Parcel.Rows();
        rows[6] = rows[6] with { W = weight };
        Assert.Equal(
            $"[{code}] W, row 7: {sentence} Correct the values or leave such rows out.", Refusal(() => Model.PrecisionWeight(p => p.W).Read(rows)));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(-1, "-1")]
    [InlineData(2.5, "2.5")]
    [InlineData(1e300, "1E+300")]
    public void Refuses_a_count_that_is_not_a_positive_whole_number(double count, string text)
    {
        var rows = Parcel.Rows();
        rows[6] = rows[6] with { W = count };
        Assert.Equal(
            $"[NotACount] W, row 7: The count 'W' is not a positive whole number in 1 of 40 rows; the first is {text}. Correct the values or leave "
                + $"such rows out.",
            Refusal(
                () => Model.Count(p => p.W).Read(
                    Parcel.Rows()[..6].Select(row => row with { W = 3 }).Append(rows[6]).Concat(rows[7..].Select(row => row with { W = 1 })))));
    }

    [Fact]
    public void Refuses_two_kinds_of_weight_with_the_remedy()
    {
        var known = PooledModel.Of<Parcel>().Normal(p => p.Y, knownSd: p => p.W).Intercept();
        Assert.Equal(
            "[ConflictingWeights] N: Rows have both a known standard error, 'W', and a precision weight, 'N'. If errors are known up to a "
                + "common factor, leave knownSd out and give "
                + "1 / sd^2 as the precision weight. If they are known fully, leave the weight out.",
            Refusal(() => known.PrecisionWeight(p => p.N)));
        Assert.StartsWith(
            "[ConflictingWeights] N: Rows have both a known standard error, 'W', and a count, 'N'.",
            Refusal(() => known.Count(p => p.N)),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "[ConflictingWeights] N: Rows have both a precision weight, 'W', and a count, 'N'.",
            Refusal(() => Model.PrecisionWeight(p => p.W).Count(p => p.N)),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "[ConflictingWeights] W: Rows have both a count, 'N'",
            Refusal(() => Model.Count(p => p.N).PrecisionWeight(p => p.W)),
            StringComparison.Ordinal);
        Assert.Equal(
            "[DuplicateTerm] N: The count of rows is declared twice, as 'N' and 'N'. Declare it "
                + "once.", Refusal(() => Model.Count(p => p.N).Count(p => p.N)));
        Assert.StartsWith(
            "[UnsupportedType] X > 0: The count 'X > 0' is true or false, not a number.",
            Refusal(() => Model.Count(p => p.X > 0)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Sums_of_other_weights_do_not_fit()
    {
        var rows = Parcel.Rows();
        Assert.Equal(
            ProblemCode.SumsOfAnotherModel,
            Assert.Throws<ModelException>(() => Model.PrecisionWeight(p => p.N).Bind(Model.Count(p => p.N).Read(rows))).Code);
    }

    [Fact]
    public void A_perfect_fit_of_light_rows_is_recognised()
    {
        Parcel[] rows = [.. Parcel.Rows().Select(row => row with { Y = 3, W = 1e-9 * row.W })];
        var model = PooledModel.Of<Parcel>().Normal(p => p.Y, sigma: Exponential(1)).Intercept(Normal(0, 1)).PrecisionWeight(p => p.W);
        Assert.Equal(ProblemCode.ImproperPosterior, Assert.Throws<ModelException>(() => model.Bind(rows)).Code);
        Assert.NotNull(model.Bind(Parcel.Rows().Select(row => row with { W = 1e-30 * row.W })));
    }

    [Fact]
    public void A_weighted_mean_is_fitted_where_scales_are_known()
    {
        var rows = Parcel.Rows();
        var fit = PooledModel.Of<Parcel>().Normal(p => p.Y, sigma: Fixed(2)).Intercept(Flat).PrecisionWeight(p => p.W).Fit(rows);
        Assert.Equal(rows.Sum(row => row.W * row.Y) / rows.Sum(row => row.W), fit.Intercept.Mean, 1e-12);
        Assert.Equal(2 / Math.Sqrt(rows.Sum(row => row.W)), fit.Intercept.Sd, 1e-12);
    }
}

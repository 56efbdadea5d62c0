using TypedPooling.Tests.Dsl.Support;
using TypedPooling.Tests.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>No pooling against least squares written out over the rows.</summary>
public sealed class NoPoolingTests
{
    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);

    // Level, own columns and shared columns of a row: what lm would be given.
    private static void Agrees(
        NoPoolingFit<Reading, string?> fit,
        IReadOnlyList<Reading> rows,
        Func<Reading, double[]> own,
        Func<Reading, double[]> shared,
        Func<Reading, double> response,
        Func<Reading, double> weight,
        bool isKnown = false)
    {
        var levels = rows.Select(r => r.Site).Distinct().ToArray();
        var q = fit.Terms.Length;
        var design = rows.Select(r => levels.SelectMany(level => own(r).Select(v => r.Site == level ? v : 0)).Concat(shared(r)).ToArray()).ToArray();
        var dense = DenseLeastSquares.Of(design, [.. rows.Select(response)], [.. rows.Select(weight)]);
        var sigma = isKnown ? 1 : Math.Sqrt(dense.SumOfSquares / dense.DegreesOfFreedom);

        Assert.Equal(dense.DegreesOfFreedom, fit.DegreesOfFreedom);
        Assert.Equal(dense.SumOfSquares, fit.SumOfSquares, 1e-9 * (1 + dense.SumOfSquares));
        Assert.Equal(isKnown, fit.Sigma is null);
        if (!isKnown)
            Assert.Equal(sigma, fit.Sigma!.Value, 1e-10 * sigma);
        Assert.Equal(levels, fit.Levels.Select(l => l.Key));
        for (var j = 0; j < levels.Length; j++)
        {
            Assert.Equal(rows.Count(r => r.Site == levels[j]), fit.Levels[j].Rows);
            for (var a = 0; a < q; a++)
                Same(dense, j * q + a, fit.Levels[j].Coefficients[a], sigma);
        }

        for (var k = 0; k < fit.SharedCoefficients.Length; k++)
            Same(dense, levels.Length * q + k, fit.SharedCoefficients[k].Estimate, sigma);
    }

    private static void Same(DenseLeastSquares dense, int c, LeastSquaresEstimate? estimate, double sigma)
    {
        Assert.Equal(dense.Values[c] is null, estimate is null);
        if (estimate is not { } known)
            return;
        Assert.Equal(dense.Values[c]!.Value, known.Value, 1e-9 * (1 + Math.Abs(dense.Values[c]!.Value)));
        Assert.Equal(sigma * dense.Errors[c], known.StandardError, 1e-9 * (1 + sigma * dense.Errors[c]));
    }

    private static NormalModel<Reading> Normal() => PooledModel.Of<Reading>().Normal(r => r.Y);

    [Fact]
    public void Means_of_groups_are_means_of_groups()
    {
        var rows = Rows.Readings();
        var fit = Normal().Intercept().Varying(Site, g => g.Intercept()).NoPooling(rows, Site);

        Agrees(fit, rows, _ => [1], _ => [], r => r.Y, _ => 1);
        Assert.Equal(rows.Where(r => r.Site == "site 3").Average(r => r.Y), fit.Intercept("site 3")!.Value.Value, 1e-12);
        Assert.Empty(fit.SharedCoefficients);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Lines_of_their_own_share_the_slopes_that_do_not_vary(bool isStandardized)
    {
        var rows = Rows.Readings();
        var model = Normal().Intercept().Slope(r => r.X).Slope(r => r.Z).Categorical(r => r.Kind).Varying(Site, g => g.Intercept().Slope(r => r.X));
        var fit = (isStandardized ? model.Standardized() : model).NoPooling(rows, Site);

        Agrees(fit, rows, r => [1, r.X], r => [r.Z, r.Kind == "b" ? 1 : 0, r.Kind == "c" ? 1 : 0], r => r.Y, _ => 1);
        Assert.Equal(["Z", "Kind[b]", "Kind[c]"], fit.SharedCoefficients.Select(c => c.Term));
        Assert.Equal(fit.Levels[2].Coefficients[1], fit.Slope("site 2", r => r.X));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Slopes_of_their_own_go_through_one_intercept(bool isStandardized)
    {
        var rows = Rows.Readings();
        var model = Normal().Intercept().Slope(r => r.X).Slope(r => r.Z).Varying(Site, g => g.Slope(r => r.X));
        var fit = (isStandardized ? model.Standardized() : model).NoPooling(rows, Site);

        Agrees(fit, rows, r => [r.X], r => [1, r.Z], r => r.Y, _ => 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fixed_effects_stay_fixed(bool isStandardized)
    {
        var rows = Rows.Readings();
        var model = Normal().Intercept().Slope(r => r.X).Slope(r => r.Z, Fixed(0.25)).Varying(Site, g => g.Intercept().Slope(r => r.X));
        var fit = (isStandardized ? model.Standardized() : model).NoPooling(rows, Site);

        // Where the model is standardised so is the value: times sd(y) / sd(z).
        var scale = isStandardized
            ? TypedPooling.Draws.Diagnostics.Sd([.. rows.Select(r => r.Y)]) / TypedPooling.Draws.Diagnostics.Sd([.. rows.Select(r => r.Z)])
            : 1;
        Agrees(fit, rows, r => [1, r.X], _ => [], r => r.Y - 0.25 * scale * r.Z, _ => 1);
        Assert.Empty(fit.SharedCoefficients);
    }

    [Fact]
    public void Weights_counts_known_errors_and_offsets_are_honoured()
    {
        var rows = Rows.Readings();
        var lines = Normal().Intercept().Slope(r => r.X).Slope(r => r.Z).Varying(Site, g => g.Intercept().Slope(r => r.X));

        Agrees(lines.PrecisionWeight(r => r.W + 0.5, "w").NoPooling(rows, Site), rows, r => [1, r.X], r => [r.Z], r => r.Y, r => r.W + 0.5);
        Agrees(lines.Offset(r => r.Gap).NoPooling(rows, Site), rows, r => [1, r.X], r => [r.Z], r => r.Y - r.Gap!.Value, _ => 1);
        var known = PooledModel.Of<Reading>().Normal(r => r.Y, knownSd: r => r.Se).Intercept().Slope(r => r.Z).Varying(Site, g => g.Intercept());
        Agrees(known.NoPooling(rows, Site), rows, _ => [1], r => [r.Z], r => r.Y, r => 1 / (r.Se * r.Se), isKnown: true);
        Agrees(known.Standardized().NoPooling(rows, Site), rows, _ => [1], r => [r.Z], r => r.Y, r => 1 / (r.Se * r.Se), isKnown: true);

        var counted = lines.Count(r => r.Line + 1, "n").NoPooling(rows, Site);
        Reading[] repeated = [.. rows.SelectMany(r => Enumerable.Repeat(r, r.Line + 1))];
        Agrees(counted, repeated, r => [1, r.X], r => [r.Z], r => r.Y, _ => 1);

        var log = PooledModel.Of<Reading>().LogNormal(r => r.Y + 1).Intercept().Varying(Site, g => g.Intercept()).NoPooling(rows, Site);
        Agrees(log, rows, _ => [1], _ => [], r => Math.Log(r.Y + 1), _ => 1);
    }

    [Fact]
    public void Numbers_far_from_zero_keep_their_digits()
    {
        var rows = Rows.Readings().Select(r => r with { X = 2000 + r.X, Y = 1e6 + r.Y }).ToArray();
        var fit = Normal().Intercept().Slope(r => r.X).Varying(Site, g => g.Intercept().Slope(r => r.X)).NoPooling(rows, Site);
        var near = Normal().Intercept().Slope(r => r.X).Varying(Site, g => g.Intercept().Slope(r => r.X)).NoPooling(Rows.Readings(), Site);

        foreach (var (far, close) in fit.Levels.Zip(near.Levels))
        {
            Assert.Equal(close.Coefficients[1]!.Value.Value, far.Coefficients[1]!.Value.Value, 1e-9);
            Assert.Equal(close.Coefficients[1]!.Value.StandardError, far.Coefficients[1]!.Value.StandardError, 1e-9);
            Assert.Equal(
                1e6 + close.Coefficients[0]!.Value.Value - 2000 * close.Coefficients[1]!.Value.Value, far.Coefficients[0]!.Value.Value, 1e-6);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_the_rows_of_a_level_do_not_determine_is_null(bool isStandardized)
    {
        // b has one row; c no spread in x; d none either, but at x = 0, where its intercept is seen.
        (string Site, double X, double Y)[] small = [
            ("a", 0, 1), ("a", 1, 2), ("a", 2, 6), ("b", 3, 4), ("c", 2, 5), ("c", 2, 6), ("d", 0, 3), ("d", 0, 4)];
        Reading[] rows = [.. small.Select((r, i) => new Reading { Site = r.Site, X = r.X, Y = r.Y, Z = i * i % 5 })];
        var model = Normal().Intercept().Slope(r => r.X).Varying(Site, g => g.Intercept().Slope(r => r.X));
        var fit = (isStandardized ? model.Standardized() : model).NoPooling(rows, Site);

        Agrees(fit, rows, r => [1, r.X], _ => [], r => r.Y, _ => 1);
        Assert.Equal(
            ["True True", "False False", "False False", "True False"],
            fit.Levels.Select(l => string.Join(' ', l.Coefficients.Select(c => c is not null))));
        Assert.Matches(@"(?m)^c +2 +- +- +- +-\r?$", fit.ToString());

        // With a shared slope of z the row of b and the two of d have their say.
        Agrees(model.Slope(r => r.Z).NoPooling(rows, Site), rows, r => [1, r.X], r => [r.Z], r => r.Y, _ => 1);
    }

    [Fact]
    public void Shared_coefficients_that_only_levels_tell_apart_are_null_and_what_depends_on_them_too()
    {
        // z is a multiple of x in every level: the slopes of x take it in, and neither is determined.
        var rows = Rows.Readings().Select(r => r with { Z = r.X * (1 + r.Site![^1] - '0') }).ToArray();
        var fit = Normal().Intercept().Slope(r => r.X).Slope(r => r.Z).Varying(Site, g => g.Intercept().Slope(r => r.X)).NoPooling(rows, Site);

        Agrees(fit, rows, r => [1, r.X], r => [r.Z], r => r.Y, _ => 1);
        Assert.Null(fit.SharedCoefficients.Single().Estimate);
        Assert.All(fit.Levels, level => Assert.True(level.Coefficients[0] is not null && level.Coefficients[1] is null));
    }

    [Fact]
    public void Group_level_predictors_are_in_the_levels_own_coefficients()
    {
        var rows = Rows.Readings().Select(r => r with { W = r.Site![^1] - '0' }).ToArray();
        var fit = Normal().Intercept().Slope(r => r.X).Slope(r => r.Z)
            .Varying(Site, g => g.Intercept().PredictedBy(r => r.W).Slope(r => r.X).PredictedBy(r => r.W)).NoPooling(rows, Site);

        Agrees(fit, rows, r => [1, r.X], r => [r.Z], r => r.Y, _ => 1);
        Assert.Equal(["Z"], fit.SharedCoefficients.Select(c => c.Term));
    }

    [Fact]
    public void Of_several_factors_one_is_unpooled_and_the_others_are_left_out()
    {
        var rows = Rows.Readings();
        var line = Group.By((Reading r) => r.Line);
        var model = Normal().Intercept().Slope(r => r.X).Varying(line, g => g.Intercept()).Varying(Site, g => g.Intercept());

        Agrees(model.NoPooling(rows, Site), rows, _ => [1], r => [r.X], r => r.Y, _ => 1);
        Assert.Equal(3, model.NoPooling(rows, line).Levels.Length);
        var wrong = Assert.Throws<ModelException>(() => model.NoPooling(rows, Group.By((Reading r) => r.Kind)));
        Assert.Equal(ProblemCode.UnknownTerm, wrong.Problems.Single().Code);
    }

    [Fact]
    public void A_perfect_fit_has_errors_of_zero_and_one_without_degrees_of_freedom_none()
    {
        Reading[] exact = [.. Rows.Readings().Select(r => r with { Y = r.Site![^1] - '0' + 2 * r.X })];
        var fit = Normal().Intercept().Slope(r => r.X).Varying(Site, g => g.Intercept()).NoPooling(exact, Site);
        Assert.Equal(2, fit.SharedCoefficients.Single().Estimate!.Value.Value, 1e-12);
        Assert.Equal(0, fit.SharedCoefficients.Single().Estimate!.Value.StandardError, 1e-6);

        var few = Normal().Intercept().Varying(Site, g => g.Intercept()).NoPooling(exact[..5], Site);
        Assert.Null(few.Sigma);
        Assert.Equal(0, few.DegreesOfFreedom);
        Assert.All(few.Levels, level => Assert.True(double.IsNaN(level.Coefficients[0]!.Value.StandardError)));
    }
}

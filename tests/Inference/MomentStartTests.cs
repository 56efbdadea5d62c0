using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Model;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>Where expensive searches begin, and that they end where others do, with fewer evaluations.</summary>
public sealed class MomentStartTests
{
    [Theory]
    [InlineData(LikelihoodCriterion.RestrictedMaximumLikelihood)]
    [InlineData(LikelihoodCriterion.MaximumLikelihood)]
    public void Moments_begin_near_the_maximum_and_lead_to_it_in_half_the_evaluations(LikelihoodCriterion criterion)
    {
        // Effects with sds 1 and 0.7, residuals 0.5.
        var model = Bind(Systems.CrossedRows(31, 300, 150, 4000, 1));
        var (usual, usualFunction) = Search(model, criterion, withMoments: false);
        var (moments, function) = Search(model, criterion, withMoments: true);
        var (start, inverse) = MomentStart.Of(model, function);

        Assert.Equal(usual.Best[0], start[0], 0.35);
        Assert.Equal(usual.Best[1], start[1], 0.35);
        Assert.All(inverse, value => Assert.InRange(value, 1e-4, 1));
        Assert.Equal(usual.Value, moments.Value, 1e-7);
        Assert.InRange(function.Evaluations, 3, usualFunction.Evaluations / 2);
    }

    [Fact]
    public void A_factor_without_variance_ends_at_exactly_0_from_its_moments_too()
    {
        var model = Balanced(60, 50);
        var (usual, _) = Search(model, LikelihoodCriterion.RestrictedMaximumLikelihood, withMoments: false);
        var (moments, _) = Search(model, LikelihoodCriterion.RestrictedMaximumLikelihood, withMoments: true);
        Assert.Equal(0, usual.Best[1]);
        Assert.Equal(0, moments.Best[1]);
        Assert.Equal(usual.Best[0], moments.Best[0], 1e-3);
        Assert.Equal(usual.Value, moments.Value, 1e-7);
    }

    [Fact]
    public void Factors_of_several_effects_begin_where_they_always_do()
    {
        var model = Bind(Systems.CrossedRows(31, 40, 15, 400, 1));
        var slopes = model.With(model.Spec with
        {
            Factors = [
                model.Spec.Factors[0],
                model.Spec.Factors[1] with { Terms = [.. model.Spec.Factors[1].Terms, new VaryingTerm("x", 0, new FlatPrior())] },
            ],
        });
        var function = Function(slopes, LikelihoodCriterion.RestrictedMaximumLikelihood);
        var (start, _) = MomentStart.Of(slopes, function);
        Assert.Equal([1, 0, 1], start[1..]);
        Assert.NotEqual(1, start[0]);
    }

    private static (LikelihoodSearch Search, NormalLikelihood Function) Search(NormalBoundModel model, LikelihoodCriterion criterion, bool withMoments)
    {
        var function = Function(model, criterion);
        var (start, inverse) = MomentStart.Of(model, function);
        var search = new LikelihoodSearch(function, isCheap: false, inverseCurvature: withMoments ? inverse : null);
        Assert.True(search.TryRun(withMoments ? start : null));
        new LikelihoodPolish(function, search.Best).Run(search.Convergence);
        return (search, function);
    }

    private static NormalLikelihood Function(NormalBoundModel model, LikelihoodCriterion criterion)
    {
        var system = CrossedSystem.Reduce(model);
        return new NormalLikelihood(system, new LikelihoodCoordinates(model.Spec, system.Typical(), total: model.Cells.Total()), criterion);
    }

    // Every level of one factor meets every level of the other once, and means over those of the second are all the same.
    private static NormalBoundModel Balanced(int first, int second)
    {
        var rows = Systems.CrossedRows(31, first, second, first * second, 1)
            .Select((row, i) => (Groups: new[] { i % first, i / first }, row.Columns, Y: row.Y + i % first * 0.05)).ToList();
        var means = rows.GroupBy(row => row.Groups[1]).ToDictionary(group => group.Key, group => group.Average(row => row.Y));
        return Bind([.. rows.Select(row => (row.Groups, row.Columns, row.Y - means[row.Groups[1]]))]);
    }

    private static NormalBoundModel Bind(List<(int[] Groups, double[] Columns, double Y)> rows)
    {
        var spec = Systems.Spec(
            1,
            [new PopulationTerm("Intercept", ModelSpec.Ones, new FlatPrior())],
            [new VaryingTerm("t", ModelSpec.Ones, new FlatPrior())],
            null,
            new FlatPrior());
        return Systems.BindSeveral(spec with { Factors = [spec.Factors[0], spec.Factors[0] with { Name = "h" }] }, rows);
    }
}

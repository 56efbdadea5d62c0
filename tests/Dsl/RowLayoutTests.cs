using TypedPooling.Binding;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>How a fit reads rows again.</summary>
public sealed class RowLayoutTests
{
    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);

    private static readonly Reading Good = new() { Site = "site 3", Kind = "b", X = 7, Z = 20, W = 4, Y = Math.E, Se = 2 };

    private static RowLayout<Reading> Layout(Func<LogNormalModel<Reading>, LogNormalModel<Reading>>? also = null)
    {
        var model =
            PooledModel.Of<Reading>().LogNormal(r => r.Y, sigma: Fixed(1)).Intercept(Normal(0, 1)).Categorical(
                r => r.Kind, Normal(0, 1), reference: "b").Slope(r => r.X, Normal(0, 1))
            .Offset(r => r.Z / 10).Offset(r => r.X).Varying(Site, g => g.Intercept(Fixed(1)));
        return (also?.Invoke(model) ?? model).Fit(Rows.Readings().Select(r => r with { Y = r.Y + 1 }), new() { Chains = 1, Draws = 4 }).Rows;
    }

    [Fact]
    public void Reads_columns_indicators_offsets_and_levels_as_the_data_had_them()
    {
        var design = Layout().Read([Good, Good with { Kind = "c", Site = "new" }, Good with { Kind = "a", Site = "site 0" }], RowPurpose.Predictor);

        // Columns: X, Kind[a], Kind[c].
        Assert.Equal([7, 0, 0, 7, 0, 1, 7, 1, 0], design.Matrix);
        Assert.Equal([9, 9, 9], design.Offsets);
        Assert.Equal([3, -1, 0], design.Levels);
        Assert.Equal(["site 3", "new", "site 0"], Enumerable.Range(0, 3).Select(i => design.KeyText(i, 0)));
        Assert.Equal([1, 2, 3], design.RowNumbers);
        Assert.Null(design.Responses);
        Assert.Null(design.Weights);
    }

    [Fact]
    public void Reads_response_and_weight_only_for_what_needs_them()
    {
        var bad = Good with { Y = double.NaN, W = -1 };
        var weighted = Layout(m => m.PrecisionWeight(r => r.W + 1));

        Assert.Null(weighted.Read([bad with { W = -2 }], RowPurpose.Predictor).Weights);
        Assert.Equal([5], weighted.Read([bad with { W = 4 }], RowPurpose.Observation).Weights!);
        Assert.Equal([1.0], weighted.Read([Good], RowPurpose.Likelihood).Responses!);

        // One order for every pass over rows: what weight and response break, then what is no number.
        var both = Assert.Throws<ModelException>(() => weighted.Read([bad], RowPurpose.Likelihood)).Problems.Select(p => p.Code);
        Assert.Equal([ProblemCode.NotPositive, ProblemCode.NotFinite], both);
        Assert.Equal(
            [ProblemCode.NotPositive],
            Assert.Throws<ModelException>(() => weighted.Read([bad], RowPurpose.Observation)).Problems.Select(p => p.Code));

        var counted = Layout(m => m.Count(r => r.Line + 1));
        Assert.Null(counted.Read([Good with { Line = -1 }], RowPurpose.Observation).Counts);
        Assert.Equal([4L], counted.Read([Good with { Line = 3 }], RowPurpose.Likelihood).Counts!);
    }

    [Fact]
    public void Lists_every_kind_of_fault_with_its_first_row()
    {
        Reading[] rows =
        [
            Good,
            null!,
            Good with { X = double.NaN },
            Good with { Site = null },
            Good with { Kind = "mauve" },
            Good with { X = double.PositiveInfinity },
            Good with { Kind = "blue", Site = null },
        ];
        var layout = Layout();

        foreach (var read in new Action[]
        {
            () => layout.Read(rows, RowPurpose.Predictor),
            () => layout.Check(rows, RowPurpose.Predictor),
            () => _ = layout.Batches(rows, RowPurpose.Predictor).Count(),
        })
        {
            var problems = Assert.Throws<ModelException>(read).Problems;
            Assert.Equal(
                [(ProblemCode.MissingValues, null, 2L), (
                    ProblemCode.NotFinite, "X", 3), (ProblemCode.NullKey, "Site", 4), (ProblemCode.UnknownTerm, "Kind", 5)],
                problems.Select(p => (p.Code, p.Term, p.Row!.Value)).OrderBy(p => p.Value));
            var unseen = problems.Single(p => p.Code == ProblemCode.UnknownTerm);
            Assert.Equal("mauve", unseen.Level);
            Assert.Equal(
                "The categorical predictor 'Kind' has a level in 2 of 7 rows that no row of the data had; the first is 'mauve'.", unseen.Sentence);
            Assert.DoesNotContain(problems, p => p.Remedy.Contains("DropRows", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Numbers_rows_over_batches()
    {
        var layout = Layout();
        var rows = Enumerable.Repeat(Good, 2500);

        Assert.Equal(
            Enumerable.Range(1, 2500).Select(i => (long)i), layout.Batches(rows, RowPurpose.Predictor).SelectMany(batch => batch.RowNumbers));
        Assert.Equal(2500, layout.Check(rows, RowPurpose.Likelihood));
        var problem =
            Assert.Throws<ModelException>(() => layout.Batches([.. rows, Good with { X = double.NaN }], RowPurpose.Predictor).Count()).Problems[0];
        Assert.Equal(2501, problem.Row);
    }

    [Fact]
    public void Drops_rows_of_the_likelihood_where_the_model_does()
    {
        var layout = Layout(m => m.DropRowsWithMissingValues());
        Reading[] rows = [null!, Good, Good with { Kind = null }, Good with { Site = null }, Good with { X = 3 }];

        Assert.Equal([2, 5], layout.Read(rows, RowPurpose.Likelihood).RowNumbers);
        Assert.Equal(2, layout.Check(rows, RowPurpose.Likelihood));
        Assert.Equal(3, Assert.Throws<ModelException>(() => layout.Check(rows, RowPurpose.Predictor)).Problems.Count);
    }

    [Fact]
    public void A_level_whose_rows_were_all_dropped_is_unseen()
    {
        var model =
            PooledModel.Of<Reading>().Normal(r => r.Y, sigma: Fixed(1)).Intercept(Normal(0, 1)).Categorical(r => r.Kind, Normal(0, 1)).Slope(
                r => r.Gap, Normal(0, 1)).DropRowsWithMissingValues();
        var fit = model.Fit([.. Rows.Readings(), Good with { Kind = "z", Gap = null }], new() { Chains = 1, Draws = 4 });

        Assert.Equal("z", Assert.Throws<ModelException>(() => fit.Rows.Read([Good with { Kind = "z" }], RowPurpose.Predictor)).Problems[0].Level);
    }

    [Fact]
    public void Reading_changes_nothing_of_the_fit()
    {
        var layout = Layout();
        var first = layout.Read([Good with { Site = "new" }], RowPurpose.Predictor).Levels;

        Assert.Equal(first, layout.Read([Good with { Site = "newer" }, Good with { Site = "new" }], RowPurpose.Predictor).Levels[1..]);
    }
}

using Microsoft.Data.Analysis;
using Xunit;

namespace TypedPooling.Tests.DataSources.Recipes;

/// <summary>Rows of a data frame of Microsoft.Data.Analysis.</summary>
public sealed class DataFrameTests
{
    // <readme frame>
    /// <summary>The rows of a frame, read from its typed columns. An empty cell of a column that the model needs is refused here.</summary>
    private static IEnumerable<Visit> Rows(DataFrame frame)
    {
        var cafe = frame.Columns.GetStringColumn("cafe");
        var afternoon = frame.Columns.GetBooleanColumn("afternoon");
        var wait = frame.Columns.GetDoubleColumn("wait");
        for (var row = 0L; row < frame.Rows.Count; row++)
            yield return new Visit(cafe[row], afternoon[row]!.Value, wait[row]!.Value);
    }

    // </readme>

    [Fact]
    public void Rows_of_typed_columns_are_read()
    {
        var frame = new DataFrame(
            new StringDataFrameColumn("cafe", Visits.Rows.Select(v => v.Cafe)),
            new BooleanDataFrameColumn("afternoon", Visits.Rows.Select(v => v.Afternoon)),
            new DoubleDataFrameColumn("wait", Visits.Rows.Select(v => v.Wait)));

        Visits.AreTheRowsOf(Visits.Model.Read(Rows(frame)));
    }

    [Fact]
    public void An_empty_cell_of_a_nullable_member_is_a_missing_value()
    {
        var score = new DoubleDataFrameColumn("score", [3.0, 3.5, 4.1, 4.4, 2.2, 2.9, 3.3]);
        score[4] = null;
        var frame = new DataFrame(new StringDataFrameColumn("school", ["A", "A", "B", "B", "C", "C", "C"]), score);
        var model = PooledModel.Of<Pupil>().Normal(p => p.Score).Intercept().Varying(Group.By((Pupil p) => p.School), g => g.Intercept());

        var data = model.DropRowsWithMissingValues().Read(Pupils(frame));
        var refused = Assert.Throws<ModelException>(() => model.Read(Pupils(frame)));

        Assert.Equal((6, 1), (data.RowCount, data.DroppedRowCount));
        Assert.Equal(5, Assert.Single(refused.Problems).Row);
    }

    private static IEnumerable<Pupil> Pupils(DataFrame frame) => Enumerable.Range(0, (int)frame.Rows.Count).Select(row =>
        new Pupil((string)frame["school"][row], (double?)frame["score"][row]));

    private readonly record struct Pupil(string School, double? Score);
}

using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>What is the same for models of every family: how rows become data, and what a model can be asked.</summary>
public sealed class ModelDataTests
{
    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);
    private static readonly RunOptions Few = new() { Chains = 2, Warmup = 50, Draws = 50 };
    private static readonly Reading[] Data = Rows.Readings();

    /// <summary>Every question that is there for Normal and LogNormal models only so far: its name, and what asks a Poisson model.</summary>
    private static NormalModel<Reading> Sizes =>
        PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Slope(r => r.X).Varying(Site, g => g.Intercept());

    private static PoissonModel<Reading> Counts =>
        PooledModel.Of<Reading>().Poisson(r => r.Line).Intercept().Slope(r => r.X).Varying(Site, g => g.Intercept());

    [Fact]
    public void One_function_reads_and_fits_models_of_every_family()
    {
        Assert.Equal(60, FittedRows(Sizes));
        Assert.Equal(60, FittedRows(Counts));

        static long FittedRows<TSelf, TFit, TLikelihoodFit>(FittedModel<Reading, TSelf, TFit, TLikelihoodFit> model)
            where TSelf : FittedModel<Reading, TSelf, TFit, TLikelihoodFit>
            where TFit : Fit<Reading>
            where TLikelihoodFit : TFit, ILikelihoodFit<Reading>
        {
            ModelData<Reading> data = model.Read(Data[..20]).Merge(model.Read(Data[20..50])).Add(Data[50..]);
            Assert.Contains("60 rows", model.Describe(data), StringComparison.Ordinal);
            Assert.Equal(2, model.Compare(data, Few, Engine.Nuts, Engine.MaximumLikelihood).Engines.Length);
            return model.Fit(data, Engine.Nuts, Few).RowCount;
        }
    }

    [Fact]
    public void Data_of_another_family_are_refused()
    {
        var counts = Counts.Read(Data);
        var sameColumns = PooledModel.Of<Reading>().Normal(r => r.Line).Intercept().Slope(r => r.X).Varying(Site, g => g.Intercept());

        Assert.Equal(ProblemCode.SumsOfAnotherModel, Assert.Throws<ModelException>(() => sameColumns.Fit(counts)).Code);
        Assert.Equal(ProblemCode.SumsOfAnotherModel, Assert.Throws<ModelException>(() => sameColumns.NoPooling(counts, Site)).Code);
        Assert.Equal(ProblemCode.SumsOfAnotherModel, Assert.Throws<ModelException>(() => Counts.Fit(sameColumns.Read(Data))).Code);
        Assert.Equal(ProblemCode.SumsOfAnotherModel, Assert.Throws<ModelException>(() => counts.Merge(sameColumns.Read(Data))).Code);
    }

#pragma warning disable CS0618 // What is tested is obsolete.
    [Fact]
    public void The_old_names_of_data_serve_for_one_version_more()
    {
        NormalSums<Reading> sums = Sizes.Sums(Data[..20]).Merge(Sizes.Sums(Data[20..50])).Add(Data[50..]);
        CellData<Reading> cells = Counts.Cells(Data[..20]).Merge(Counts.Cells(Data[20..50])).Add(Data[50..]);

        Assert.Equal((60, 0, 5), (sums.RowCount, sums.DroppedRowCount, sums.CellCount));
        Assert.Equal((60, 0, Counts.Read(Data).CellCount), (cells.RowCount, cells.DroppedRowCount, cells.CellCount));
        Assert.Equal(Sizes.Fit(Sizes.Read(Data), Few).Table.ToString(), Sizes.Fit(sums, Few).Table.ToString());
        Assert.Equal(Counts.Bind(Data).Cells.Responses.ToArray(), Counts.Bind(cells).Cells.Responses.ToArray());
    }
#pragma warning restore CS0618
}

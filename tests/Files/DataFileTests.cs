using TypedPooling.Data;
using Xunit;

namespace TypedPooling.Tests.Files;

/// <summary>Data as files: what comes back is what was saved, of every family.</summary>
public sealed class DataFileTests
{
    private static readonly Item[] All = Item.Rows();

    private static NormalModel<Item> Sizes =>
        PooledModel.Of<Item>().Normal(i => i.Y).Intercept().Slope(i => i.Positive).Varying(Item.BySite, g => g.Intercept());

    public static TheoryData<string> Names => [.. StoredData.All.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Data_come_back_bit_by_bit(string name)
    {
        var one = Of(name);
        var bytes = one.Bytes(All);
        var loaded = one.Loaded(bytes);

        Assert.Equal(bytes, StoredData.Bytes(loaded));
        var read = one.Read(All);
        Assert.Equal((read.RowCount, read.DroppedRowCount, read.CellCount), (loaded.RowCount, loaded.DroppedRowCount, loaded.CellCount));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Rows_added_after_loading_give_the_bits_of_all_rows_read_at_once(string name)
    {
        var one = Of(name);
        var whole = one.Bytes(All);
        foreach (var first in (int[])[0, 1, 255, 256, 300, 699, 700])
        {
            Assert.Equal(whole, StoredData.Bytes(one.Loaded(one.Bytes(All[..first])).Add(All[first..])));
            Assert.Equal(whole, StoredData.Bytes(one.Read(All[..first]).Add(All[first..])));
        }
    }

    [Fact]
    public void Long_levels_whose_blocks_are_full_go_on_where_they_stopped()
    {
        var one = Of("Normal without groups");
        var rows = Item.Rows(5000, seed: 9);
        var whole = one.Bytes(rows);

        foreach (var first in (int[])[511, 512, 1024, 3000])
            Assert.Equal(whole, StoredData.Bytes(one.Loaded(one.Bytes(rows[..first])).Add(rows[first..])));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Loaded_parts_merge_to_the_cells_of_the_whole(string name)
    {
        var one = Of(name);
        var merged = one.Loaded(one.Bytes(All[..300])).Merge(one.Loaded(one.Bytes(All[300..])));
        var whole = one.Read(All);

        Assert.Equal((whole.RowCount, whole.DroppedRowCount, whole.CellCount), (merged.RowCount, merged.DroppedRowCount, merged.CellCount));
    }

    [Fact]
    public void Merges_in_another_order_differ_by_rounding_of_the_size_of_the_sums()
    {
        var rows = Item.Rows(20_000, seed: 3);
        var whole = Sizes.Bind(Sizes.Read(rows));
        var parts = rows.Chunk(1700).Reverse().Select(part => Loaded(Sizes.Read(part)));
        var merged = Sizes.Bind(parts.Aggregate((one, other) => one.Merge(other)));

        for (var level = 0; level < whole.Levels[0].Count; level++)
        {
            var (cell, other) = (level, merged.Levels[0].Find(whole.Levels[0], level));
            var a = whole.Cells.CrossProducts(cell);
            var b = merged.Cells.CrossProducts(other);
            Assert.Equal(whole.Cells.Rows(cell), merged.Cells.Rows(other));
            for (var (x, at) = (0, 0); x < 2; x++)
            {
                for (var y = 0; y <= x; y++, at++)
                    Assert.True(Math.Abs(a[at] - b[at]) <= 1e-12 * Math.Sqrt(Square(a, x) * Square(a, y)), $"{a[at]:R} {b[at]:R}");
            }
        }

        static double Square(ReadOnlySpan<double> products, int a) => products[a * (a + 1) / 2 + a];
    }

    [Fact]
    public void A_fit_of_loaded_data_is_that_of_the_rows()
    {
        var loaded = Loaded(Sizes.Read(All));

        Assert.Equal(Table(Sizes.Fit(All)), Table(Sizes.Fit(loaded)));

        static string Table(NormalFit<Item> fit) => fit.Table.ToString();
    }

    [Fact]
    public void A_file_is_replaced_when_the_new_one_is_complete_and_nothing_else_is_left()
    {
        var folder = Directory.CreateTempSubdirectory("typedpooling");
        try
        {
            var path = Path.Combine(folder.FullName, "items.data");
            Sizes.Read(All[..10]).Save(path);
            Sizes.Read(All).Save(path);

            Assert.Equal(700, Sizes.LoadData(path).RowCount);
            Assert.Equal(path, Assert.Single(Directory.GetFileSystemEntries(folder.FullName)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Any_number_of_threads_save_to_a_path_that_others_load()
    {
        var folder = Directory.CreateTempSubdirectory("typedpooling");
        try
        {
            var path = Path.Combine(folder.FullName, "items.data");
            var data = Sizes.Read(All);
            data.Save(path);

            Parallel.For(0, 400, new() { MaxDegreeOfParallelism = 8 }, i =>
            {
                if (i % 2 == 0)
                    data.Save(path);
                else
                    Assert.Equal(700, Sizes.LoadData(path).RowCount);
            });

            Assert.Equal(path, Assert.Single(Directory.GetFileSystemEntries(folder.FullName)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Keys_that_cannot_be_read_back_are_refused_before_anything_is_written()
    {
        var model = PooledModel.Of<Item>().Normal(i => i.Y).Varying(Group.By((Item i) => new Opaque(i.Line)), g => g.Intercept());
        using var stream = new MemoryStream();

        var refusal = Assert.Throws<ModelException>(() => model.Read(All).Save(stream));

        Assert.Equal(ProblemCode.NotStorable, refusal.Code);
        Assert.Equal(0, stream.Length);
    }

    [Fact]
    public void Files_follow_each_other_in_a_stream()
    {
        using var stream = new MemoryStream();
        Sizes.Read(All[..10]).Save(stream);
        Sizes.Read(All).Save(stream);
        stream.Position = 0;

        Assert.Equal((10, 700), (Sizes.LoadData(stream).RowCount, Sizes.LoadData(stream).RowCount));
    }

    [Fact]
    public void A_stream_that_cannot_go_back_is_read_too()
    {
        var bytes = StoredData.Bytes(Sizes.Read(All));

        Assert.Equal(700, Sizes.LoadData(new OneWay(bytes)).RowCount);
        Assert.Equal(ProblemCode.FileDamaged, Assert.Throws<ModelException>(() => Sizes.LoadData(new OneWay(bytes[..^1]))).Code);
    }

    private static StoredData Of(string name) => StoredData.All.Single(one => one.Name == name);

    private static ModelData<Item> Loaded(ModelData<Item> data) => Sizes.LoadData(new MemoryStream(StoredData.Bytes(data)));

    private sealed class Opaque(int number) : IEquatable<Opaque>
    {
        public bool Equals(Opaque? other) => other?.GetHashCode() == GetHashCode();

        public override bool Equals(object? obj) => Equals(obj as Opaque);

        public override int GetHashCode() => number;
    }

    private sealed class OneWay(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }
    }
}

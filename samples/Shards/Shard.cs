namespace TypedPooling.Samples.Shards;

/// <summary>The two halves of a fit over shards: sums of rows to a file where the rows are, and the fit of all files where the files are.</summary>
internal static class Shard
{
    // <readme read>
    /// <summary>On each shard: one pass over its rows, and a file of their sums and keys. The rows stay.</summary>
    public static void Read(string csv, string file)
    {
        var data = Radon.Model.Read(Home.Read(csv));
        data.Save(file);
        Console.WriteLine($"{data.RowCount} rows of {data.CellCount} counties are {new FileInfo(file).Length} bytes.");
    }

    // </readme>

    // <readme merge>
    /// <summary>Where the files come together: the data of all rows, and the fit that all rows would give.</summary>
    public static NormalFit<Home> Merge(IEnumerable<string> files) =>
        Radon.Model.Fit(files.Select(Radon.Model.LoadData).Aggregate((all, next) => all.Merge(next)));

    // </readme>
}

namespace TypedPooling.Samples.Shards;

/// <summary>The whole on one machine: 919 homes dealt out to three shards, so that nearly every county is on all of them.</summary>
internal static class Demonstration
{
    private const int ShardCount = 3;

    public static void Run()
    {
        var folder = Directory.CreateTempSubdirectory("shards").FullName;
        try
        {
            var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "radon.csv"));
            var files = Enumerable.Range(0, ShardCount).Select(shard => Read(folder, shard, lines)).ToArray();

            var merged = Shard.Merge(files);
            var whole = Radon.Model.Fit(Home.Read(Path.Combine(AppContext.BaseDirectory, "radon.csv")));

            Console.WriteLine();
            Console.WriteLine(merged);
            Console.WriteLine("Posterior means from the merged files and from all rows");
            foreach (var (row, other) in merged.Table.Rows.Zip(whole.Table.Rows))
                Console.WriteLine($"{row.Parameter.Name,-32}merged {row.Mean,12:F9}   all rows {other.Mean,12:F9}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // A shard of the real thing has its rows already.
    private static string Read(string folder, int shard, string[] lines)
    {
        var csv = Path.Combine(folder, $"shard{shard}.csv");
        File.WriteAllLines(csv, [lines[0], .. lines.Skip(1).Where((_, row) => row % ShardCount == shard)]);
        var file = Path.Combine(folder, $"shard{shard}.data");
        Console.Write($"Shard {shard + 1}: ");
        Shard.Read(csv, file);
        return file;
    }
}

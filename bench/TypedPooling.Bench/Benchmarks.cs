using TypedPooling.Data;

namespace TypedPooling.Bench;

/// <summary>The benchmarks. Each is one entry of the list; bench/README.md has one row for it.</summary>
internal static class Benchmarks
{
    public static IReadOnlyList<Benchmark> All { get; } =
    [
        new("hash", "cost of keying a level's random stream: hash of 1,000 keys of 12 letters", () =>
        {
            var keys = Enumerable.Range(0, 1000).Select(i => $"level {i:D6}").ToArray();
            return () =>
            {
                var all = 0UL;
                foreach (var key in keys)
                    all ^= StableHash.Of(key);
                return all;
            };
        }),
        new("sums", "one pass over 100,000 rows of 2 columns in 1,000 cells: what reading data costs", () =>
        {
            const int rowCount = 100_000, cellCount = 1000;
            return () =>
            {
                var sums = new CellMomentsBuilder(columnCount: 2);
                Span<double> values = stackalloc double[3]; // two columns, then the response
                for (var row = 0; row < rowCount; row++)
                {
                    values[0] = row % 2;
                    values[1] = row % 7 - 3;
                    values[2] = Math.Sin(row);
                    sums.Add(row % cellCount, values);
                }

                return sums.Build().Weight(0);
            };
        }),
    ];
}

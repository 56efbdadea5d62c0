using System.Linq.Expressions;
using TypedPooling.Data;
using TypedPooling.Selectors;

namespace TypedPooling.Bench;

/// <summary>A million rows read into numbers and levels, nothing else: a number, a bool, a computed number, and a text key out of 1,000.</summary>
/// <remarks>Compiled code, closed delegates (what native and file-based programs do) and the interpreter of expressions, for every way to hold a
/// row.</remarks>
internal static class SelectorBenchmarks
{
    private const int RowCount = 1_000_000;

    /// <summary>One benchmark for each kind of row and each reader.</summary>
    public static IReadOnlyList<Benchmark> All { get; } =
    [
        .. Of(
            "class",
            (county, x, floor) => new ClassRow { County = county, X = x, Floor = floor },
            v => v.County,
            v => v.X,
            v => v.Floor,
            v => Math.Log(v.X + 2)),
        .. Of("record", (county, x, floor) => new RecordRow(county, x, floor), v => v.County, v => v.X, v => v.Floor, v => Math.Log(v.X + 2)),
        .. Of("record-struct", (county, x, floor) => new StructRow(county, x, floor), v => v.County, v => v.X, v => v.Floor, v => Math.Log(v.X + 2)),
        .. Of(
            "fields",
            (county, x, floor) => new FieldRow { County = county, X = x, Floor = floor },
            v => v.County,
            v => v.X,
            v => v.Floor,
            v => Math.Log(v.X + 2)),
        .. Of("tuple", (county, x, floor) => (county, x, floor), v => v.Item1, v => v.Item2, v => v.Item3, v => Math.Log(v.Item2 + 2)),
    ];

    private static IEnumerable<Benchmark> Of<TRow>(
        string kind,
        Func<string, double, bool, TRow> make,
        Expression<Func<TRow, string>> county,
        Expression<Func<TRow, double>> x,
        Expression<Func<TRow, bool>> floor,
        Expression<Func<TRow, double>> computed)
    {
        ColumnSelector[] columns = [ColumnSelector.Numeric(x), ColumnSelector.Numeric(floor), ColumnSelector.Numeric(computed)];
        KeySelector[] keys = [KeySelector.Of(county)];
        yield return Reading("compiled", RowReader<TRow>.Compiled);
        yield return Reading("closed", RowReader<TRow>.Closed);
        yield return Reading("interpreted", RowReader<TRow>.Interpreted);

        Benchmark Reading(string how, Func<ColumnSelector[], KeySelector[], RowReader<TRow>> readerOf) =>
            new($"selectors-{kind}-{how}", "a million rows of 3 numbers and a text key, read and no more", () =>
            {
                var names = Enumerable.Range(0, 1000).Select(i => $"County {i}").ToArray();
                var rows = Enumerable.Range(0, RowCount).Select(i => make(names[(int)(i * 7919L % 1000)], Math.Sin(i), i % 2 == 0)).ToArray();
                var reader = readerOf(columns, keys);
                var (values, levels, indexes) = (new double[3], new int[1], reader.NewIndexes());
                return () =>
                {
                    var total = 0.0;
                    foreach (var row in rows)
                    {
                        reader.Read(row, values, levels, indexes);
                        total += values[0] + values[1] + values[2] + levels[0];
                    }

                    return total;
                };
            })
            { Amount = _ => RowCount, Unit = "rows" };
    }

    private sealed class ClassRow
    {
        public required string County { get; init; }

        public double X { get; init; }

        public bool Floor { get; init; }
    }

    private sealed record RecordRow(string County, double X, bool Floor);

    private readonly record struct StructRow(string County, double X, bool Floor);

    private sealed class FieldRow
    {
        public required string County;
        public double X;
        public bool Floor;
    }
}

using System.Diagnostics;
using System.Globalization;
using DuckDB.NET.Data;
using LinqToDB;
using LinqToDB.Data;
using Parquet;

namespace TypedPooling.Bench.Databases;

/// <summary>DuckDB's sums over a Parquet file against reading the file, by DuckDB's reader and by Parquet.Net.</summary>
internal static class DuckBenchmark
{
    /// <summary>Makes a Parquet file, sums it and reads it.</summary>
    public static void Run(long rows)
    {
        var file = Path.Combine(Path.GetTempPath(), $"typedpooling-{Environment.ProcessId}.parquet");
        try
        {
            Stage.Of(
                "DuckDB makes the file",
                () =>
                {
                    Execute("Data Source=:memory:", $"COPY ({Made(rows)}) TO '{file}' (FORMAT parquet)");
                    return new FileInfo(file).Length;
                },
                length => FormattableString.Invariant($"{length / 1e6:F0} MB"));
            var sent = 0;
            using var db = new DataConnection(new DataOptions().UseDuckDB("Data Source=:memory:")
                .UseTracing(TraceLevel.Info, trace => sent += trace.TraceInfoStep == TraceInfoStep.BeforeExecute ? 1 : 0));
            db.Execute($"CREATE VIEW sales AS SELECT * FROM read_parquet('{file}')");
            Compared.Run("DuckDB over Parquet", db.GetTable<Sale>(), () => sent);
            Stage.Of("Parquet.Net reads, summed here", () => Sales.Model.ReadStreamAsync(Rows(file)).GetAwaiter().GetResult(), Compared.Text);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Rows that DuckDB generates, summed by it, to a posterior of random slopes.</summary>
    public static void Generated(long rows)
    {
        using var db = new DataConnection(new DataOptions().UseDuckDB("Data Source=:memory:"));

        // Each query must see the same rows: a table, not a view of random numbers.
        Stage.Of("DuckDB makes the rows", () => db.Execute($"CREATE TABLE sales AS {Sales.RowsOfSlopes(Numbers(rows))}"));
        Stage.Of("from the rows to the table of the posterior", () =>
        {
            var data = Stage.Of("  DuckDB sums", () => Sales.Slopes.Query(db.GetTable<Sale>()), Compared.Text);
            Compared.Fit("  from the sums to the table", Sales.Slopes, data);
            return 0;
        });
    }

    private static string Numbers(long rows) => string.Create(CultureInfo.InvariantCulture, $"range(0, {rows}) AS numbers(i)");

    private static string Made(long rows) => Sales.Rows(Numbers(rows));

    private static void Execute(string connectionString, string sql)
    {
        using var connection = new DuckDBConnection(connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    // The columns that DuckDB writes may be null.
    private static async IAsyncEnumerable<Sale> Rows(string file)
    {
        using var stream = File.OpenRead(file);
        await using var reader = await ParquetReader.CreateAsync(stream);
        var fields = reader.Schema.GetDataFields();
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            using var rows = reader.OpenRowGroupReader(group);
            var shops = new int?[rows.RowCount];
            await rows.ReadAsync<int>(fields[0], shops.AsMemory());
            var columns = new double?[fields.Length - 1][];
            for (var c = 0; c < columns.Length; c++)
            {
                columns[c] = new double?[rows.RowCount];
                await rows.ReadAsync<double>(fields[c + 1], columns[c].AsMemory());
            }

            for (var i = 0; i < shops.Length; i++)
            {
                yield return new Sale
                {
                    Shop = shops[i]!.Value,
                    Price = columns[0][i]!.Value,
                    Discount = columns[1][i]!.Value,
                    Hours = columns[2][i]!.Value,
                    Amount = columns[3][i]!.Value,
                };
            }
        }
    }
}

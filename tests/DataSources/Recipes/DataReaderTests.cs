using System.Data;
using System.Data.Common;
using System.Runtime.CompilerServices;
using DuckDB.NET.Data;
using Microsoft.Data.Sqlite;
using Xunit;

namespace TypedPooling.Tests.DataSources.Recipes;

/// <summary>Rows of a <see cref="DbDataReader"/>, the reader of every ADO.NET driver.</summary>
public sealed class DataReaderTests
{
    // <readme reader>
    /// <summary>The rows of a query, one at a time, as any ADO.NET driver reads them.</summary>
    private static IEnumerable<Visit> Rows(DbDataReader reader)
    {
        while (reader.Read())
            yield return new Visit(reader.GetString(0), reader.GetBoolean(1), reader.GetDouble(2));
    }

    /// <summary>The same without a thread that waits for the server.</summary>
    private static async IAsyncEnumerable<Visit> RowsAsync(DbDataReader reader, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (await reader.ReadAsync(cancellation))
            yield return new Visit(reader.GetString(0), reader.GetBoolean(1), reader.GetDouble(2));
    }

    // </readme>

    /// <summary>A connection of each driver, open.</summary>
    public static TheoryData<string> Drivers => ["SQLite", "DuckDB"];

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task Rows_of_a_reader_are_read_at_once_or_as_they_come(string driver)
    {
        await using DbConnection connection = driver == "SQLite"
            ? new SqliteConnection("Data Source=:memory:")
            : new DuckDBConnection("Data Source=:memory:");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            CREATE TABLE visits (number INTEGER, cafe VARCHAR, afternoon BOOLEAN, wait DOUBLE);
            INSERT INTO visits VALUES {string.Join(", ", Visits.Rows.Select((v, i) => FormattableString.Invariant(
                $"({i}, '{v.Cafe}', {v.Afternoon}, {v.Wait:R})")))};
            """;
        await command.ExecuteNonQueryAsync();
        command.CommandText = "SELECT cafe, afternoon, wait FROM visits ORDER BY number";

        await using (var reader = await command.ExecuteReaderAsync())
            Visits.AreTheRowsOf(Visits.Model.Read(Rows(reader)));
        await using (var reader = await command.ExecuteReaderAsync())
            Visits.AreTheRowsOf(await Visits.Model.ReadStreamAsync(RowsAsync(reader)));

        // Selectors over the reader itself.
        await using (var reader = await command.ExecuteReaderAsync())
        {
            var records = PooledModel.Of<IDataRecord>().Normal(r => r.GetDouble(2), name: "wait").Intercept()
                .Varying(Group.By((IDataRecord r) => r.GetString(0), "cafe"), g => g.Intercept()).Read(reader.Cast<IDataRecord>());
            Assert.Equal((400, 20), (records.RowCount, records.CellCount));
        }
    }
}

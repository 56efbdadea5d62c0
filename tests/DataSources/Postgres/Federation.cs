using System.Globalization;
using Npgsql;

namespace TypedPooling.Tests.DataSources.Postgres;

/// <summary>Four servers: a table of visits that is partitioned over three of them, and one in front that knows them as foreign tables.</summary>
internal sealed class Federation : IDisposable
{
    public const int ShardCount = 3;

    private readonly PostgresServer[] shards;

    private Federation(PostgresServer front, PostgresServer[] shards)
    {
        Front = front;
        this.shards = shards;
    }

    /// <summary>The server that programs talk to.</summary>
    public PostgresServer Front { get; }

    /// <summary>Starts the servers and makes the table <c>visits</c>, partitioned by café, without rows.</summary>
    public static Federation Start()
    {
        var started = new List<PostgresServer>();
        try
        {
            for (var i = 0; i <= ShardCount; i++)
                started.Add(PostgresServer.Start());
            var federation = new Federation(started[0], [.. started.Skip(1)]);
            federation.MakeTable();
            return federation;
        }
        catch
        {
            started.ForEach(server => server.Dispose());
            throw;
        }
    }

    /// <summary>Fills the table through the server in front, which sends each row to its shard.</summary>
    public void Fill(IEnumerable<(string Cafe, string City, bool Afternoon, double Wait)> rows)
    {
        using var connection = new NpgsqlConnection(Front.ConnectionString);
        connection.Open();
        using (var import = connection.BeginBinaryImport("COPY visits (cafe, city, afternoon, wait) FROM STDIN (FORMAT BINARY)"))
        {
            foreach (var (cafe, city, afternoon, wait) in rows)
            {
                import.StartRow();
                import.Write(cafe);
                import.Write(city);
                import.Write(afternoon);
                import.Write(wait);
            }

            import.Complete();
        }

        Front.Execute("ANALYZE visits");
    }

    /// <summary>The number of rows on each shard.</summary>
    public long[] RowsByShard() => [.. shards.Select((shard, i) =>
    {
        using var connection = new NpgsqlConnection(shard.ConnectionString);
        connection.Open();
        using var command = new NpgsqlCommand(FormattableString.Invariant($"SELECT count(*) FROM visits_{i}"), connection);
        return (long)command.ExecuteScalar()!;
    })];

    public void Dispose()
    {
        Front.Dispose();
        foreach (var shard in shards)
            shard.Dispose();
    }

    private static string Columns => "cafe text NOT NULL, city text NOT NULL, afternoon boolean NOT NULL, wait double precision NOT NULL";

    private void MakeTable()
    {
        // <readme shards>
        Front.Execute(
            $"""
            CREATE EXTENSION postgres_fdw;
            ALTER DATABASE postgres SET enable_partitionwise_aggregate = on;
            CREATE TABLE visits ({Columns}) PARTITION BY HASH (cafe);
            """);
        for (var i = 0; i < ShardCount; i++)
        {
            shards[i].Execute(string.Create(CultureInfo.InvariantCulture, $"CREATE TABLE visits_{i} ({Columns})"));
            Front.Execute(string.Create(
                CultureInfo.InvariantCulture,
                $"""
                CREATE SERVER shard_{i} FOREIGN DATA WRAPPER postgres_fdw OPTIONS (
                    host '127.0.0.1', port '{shards[i].Port}', dbname 'postgres', use_remote_estimate 'true', fetch_size '10000', batch_size '1000');
                CREATE USER MAPPING FOR CURRENT_USER SERVER shard_{i} OPTIONS (user 'postgres', password '{shards[i].Password}');
                CREATE FOREIGN TABLE visits_{i} PARTITION OF visits FOR VALUES WITH (MODULUS {ShardCount}, REMAINDER {i}) SERVER shard_{i};
                """));
        }

        // </readme>
    }
}

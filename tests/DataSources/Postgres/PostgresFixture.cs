using System.Security.Cryptography;
using Npgsql;
using TypedPooling.Tests.Lanes;
using Xunit;

namespace TypedPooling.Tests.DataSources.Postgres;

/// <summary>The PostgreSQL servers of the lane "reach": one for tables, and on demand three more behind it. Started when a test first asks; stopped and
/// removed when all tests of the collection have ended, whatever they did.</summary>
public sealed class PostgresFixture : IDisposable
{
    private readonly Lazy<PostgresServer> server = new(() => PostgresServer.Start());
    private readonly Lazy<Federation> federation = new(Federation.Start);
    private readonly Lazy<string> schema;

    public PostgresFixture() => schema = new(() => NewSchema(Lane.Postgres ?? server.Value.ConnectionString));

    /// <summary>The connection string of a server and a schema of our own in it. Skips the calling test, with the reason, where there is none.</summary>
    public string ConnectionString()
    {
        RequireLane();
        if (Lane.Postgres is null)
            RequireBinaries();
        return new NpgsqlConnectionStringBuilder(Lane.Postgres ?? server.Value.ConnectionString) { SearchPath = schema.Value }.ConnectionString;
    }

    /// <summary>Three servers and one in front of them. Skips the calling test, with the reason, where they cannot be started.</summary>
    internal Federation Servers()
    {
        RequireLane();
        RequireBinaries();
        return federation.Value;
    }

    public void Dispose()
    {
        if (Lane.Postgres is { } given && schema.IsValueCreated)
            Execute(given, $"DROP SCHEMA {schema.Value} CASCADE");
        if (federation.IsValueCreated)
            federation.Value.Dispose();
        if (server.IsValueCreated)
            server.Value.Dispose();
    }

    /// <summary>Skips the calling test, with the reason, where the lane was not asked for.</summary>
    internal static void RequireLane() =>
        Skip.IfNot(Lane.IsReach, $"Servers are started and stopped: set {Lane.ReachVariable}=true to test with PostgreSQL.");

    /// <summary>Skips the calling test where no server can be started, but fails it where the environment says that one must.</summary>
    internal static void RequireBinaries()
    {
        if (PostgresBinaries.Missing is not { } reason)
            return;
        Assert.False(Lane.RequiresPostgres, $"{reason} {Lane.RequirePostgresVariable} says that it must be there.");
        Skip.If(true, $"{reason} Install it, or give the connection string of a server in {Lane.PostgresVariable}.");
    }

    private static string NewSchema(string connectionString)
    {
        var name = "typedpooling_" + RandomNumberGenerator.GetHexString(12, lowercase: true);
        Execute(connectionString, $"CREATE SCHEMA {name}");
        return name;
    }

    private static void Execute(string connectionString, string sql)
    {
        using var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}

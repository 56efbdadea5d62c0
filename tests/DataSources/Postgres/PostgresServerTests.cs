using System.Diagnostics;
using Npgsql;
using Xunit;

namespace TypedPooling.Tests.DataSources.Postgres;

/// <summary>The servers of the tests: nothing of them stays behind.</summary>
[Collection(nameof(PostgresCollection))]
public sealed class PostgresServerTests
{
    [SkippableFact]
    public void A_server_is_ours_alone_and_gone_at_the_end()
    {
        PostgresFixture.RequireLane();
        PostgresFixture.RequireBinaries();
        string folder, connectionString;
        using (var server = PostgresServer.Start("-c work_mem=7MB"))
        {
            (folder, connectionString) = (server.Folder, server.ConnectionString);
            using var connection = new NpgsqlConnection(connectionString);
            connection.Open();
            using var command = new NpgsqlCommand("SHOW work_mem", connection);
            Assert.Equal("7MB", command.ExecuteScalar());
            Assert.True(Directory.Exists(folder));

            // Nobody else on this machine gets in.
            var stranger = new NpgsqlConnectionStringBuilder(connectionString) { Password = "guess", Pooling = false }.ConnectionString;
            using var refused = new NpgsqlConnection(stranger);
            Assert.Equal(PostgresErrorCodes.InvalidPassword, Assert.Throws<PostgresException>(refused.Open).SqlState);
        }

        using var late = new NpgsqlConnection(connectionString);
        Assert.ThrowsAny<NpgsqlException>(late.Open);
        Assert.False(Directory.Exists(folder));
    }

    [SkippableFact]
    public void A_server_that_does_not_start_is_told_with_its_log()
    {
        PostgresFixture.RequireLane();
        PostgresFixture.RequireBinaries();

        var failure = Assert.Throws<InvalidOperationException>(() => PostgresServer.Start("-c no_such_setting=1"));

        Assert.Contains("no_such_setting", failure.Message, StringComparison.Ordinal);
    }
}

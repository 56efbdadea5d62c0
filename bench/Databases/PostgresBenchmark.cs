using System.Diagnostics;
using LinqToDB;
using LinqToDB.Data;
using LinqToDB.DataProvider.PostgreSQL;
using TypedPooling.Tests.DataSources.Postgres;

namespace TypedPooling.Bench.Databases;

/// <summary>PostgreSQL's sums against streaming its rows into the library.</summary>
internal static class PostgresBenchmark
{
    public static void Run(long rows)
    {
        using var server = PostgresServer.Start("-c shared_buffers=1GB -c work_mem=256MB -c max_wal_size=4GB");
        Stage.Of("PostgreSQL makes the rows", () =>
        {
            server.Execute($"CREATE UNLOGGED TABLE sales AS {Sales.Rows($"generate_series(0, {rows} - 1) AS numbers(i)")}");
            server.Execute("VACUUM ANALYZE sales");
            return 0;
        });
        var sent = 0;
        using var db = new DataConnection(new DataOptions().UsePostgreSQL(server.ConnectionString, PostgreSQLVersion.v15)
            .UseTracing(TraceLevel.Info, trace => sent += trace.TraceInfoStep == TraceInfoStep.BeforeExecute ? 1 : 0));
        db.CommandTimeout = 0;
        db.GetTable<Sale>().Count();
        Compared.Run("PostgreSQL", db.GetTable<Sale>(), () => sent);
    }
}

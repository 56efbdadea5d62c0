using System.Data.Common;
using System.Diagnostics;
using LinqToDB;
using LinqToDB.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace TypedPooling.Tests.DataSources.Queries;

/// <summary>Rows in an engine that is always there, as queries of a LINQ provider.</summary>
public sealed class Source : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly List<string> files = [];

    private Source()
    {
    }

    public static IReadOnlyList<string> Names { get; } = ["sqlite", "parquet", "csv"];

    public IQueryable<Measurement> Rows { get; private set; } = null!;

    /// <summary>The context where there is one.</summary>
    public School? Context { get; private set; }

    /// <summary>The SQL that was sent since the source was opened.</summary>
    public List<string> Sent { get; } = [];

    /// <summary>How many of these commands were awaited.</summary>
    public int Awaited { get; private set; }

    /// <summary>Called before the command of a number, from 1, is sent: with Entity Framework Core only.</summary>
    public Action<int>? Sending { get; set; }

    /// <summary>Puts rows into an engine.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="rows">The rows.</param>
    public static Source Of(string name, IReadOnlyCollection<Measurement> rows)
    {
        var source = new Source();
        if (name == "sqlite")
            source.OpenSqlite(rows);
        else
            source.OpenDuckDb(rows, name);
        return source;
    }

    /// <summary>A command without the names of temporary files.</summary>
    public string WithoutPaths(string sql) => files.Aggregate(sql, (text, file) => text.Replace(file, "rows" + Path.GetExtension(file)));

    public void Dispose()
    {
        foreach (var each in Enumerable.Reverse(owned))
            each.Dispose();
        foreach (var file in files)
            File.Delete(file);
    }

    private void OpenSqlite(IReadOnlyCollection<Measurement> rows)
    {
        var connection = new SqliteConnection("Data Source=:memory:");
        owned.Add(connection);
        connection.Open();
        Context = new School(new DbContextOptionsBuilder<School>().UseSqlite(connection)
            .AddInterceptors(new Commands(this)).Options);
        owned.Add(Context);
        Context.Database.EnsureCreated();
        Context.AddRange(rows);
        Context.SaveChanges();
        Context.ChangeTracker.Clear();
        Sent.Clear();
        Rows = Context.Measurements;
    }

    private void OpenDuckDb(IReadOnlyCollection<Measurement> rows, string form)
    {
        var connection = new DataConnection(
            new DataOptions().UseDuckDB("DataSource=:memory:").UseTraceLevel(TraceLevel.Info).UseTracing(trace =>
            {
                // Behind the values of parameters.
                if (trace.TraceInfoStep == TraceInfoStep.BeforeExecute && trace.SqlText is { } sql)
                    Sent.Add(sql[Math.Max(0, sql.IndexOf("SELECT", StringComparison.Ordinal))..].TrimEnd());
            }));
        owned.Add(connection);
        connection.CreateTable<Measurement>();
        connection.BulkCopy(rows);
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + "." + form);
        files.Add(file);
        connection.Execute($"COPY \"Measurement\" TO '{file}'" + (form == "csv" ? " (HEADER, NULLSTR '-')" : string.Empty));
        connection.DropTable<Measurement>();
        Sent.Clear();
        Rows = connection.FromSql<Measurement>(form == "csv" ? $"read_csv('{file}', nullstr = '-')" : $"read_parquet('{file}')");
    }

    private sealed class Commands(Source source) : DbCommandInterceptor
    {
        public override InterceptionResult<DbDataReader> ReaderExecuting(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
        {
            Send(command);
            return result;
        }

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            source.Awaited++;
            Send(command);
            return ValueTask.FromResult(result);
        }

        private void Send(DbCommand command)
        {
            source.Sent.Add(command.CommandText);
            source.Sending?.Invoke(source.Sent.Count);
        }
    }
}

using LinqToDB;
using LinqToDB.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

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
            .LogTo(Sent.Add, (id, _) => id == Microsoft.EntityFrameworkCore.Diagnostics.RelationalEventId.CommandExecuting).Options);
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
            new DataOptions().UseDuckDB("DataSource=:memory:").UseTracing(trace =>
            {
                if (trace.TraceInfoStep == TraceInfoStep.BeforeExecute)
                    Sent.Add(trace.CommandText ?? string.Empty);
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
}

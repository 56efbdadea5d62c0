using System.Data.Common;
using System.Diagnostics;
using LinqToDB;
using LinqToDB.Data;
using LinqToDB.DataProvider.PostgreSQL;
using LinqToDB.Mapping;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace TypedPooling.Tests.DataSources.Postgres;

/// <summary>A LINQ provider in front of PostgreSQL: the table, and the texts that were sent.</summary>
internal sealed class Provider : IDisposable
{
    private readonly IDisposable connection;
    private readonly List<string> sent;

    private Provider(IDisposable connection, IQueryable<Measurement> table, List<string> sent)
    {
        this.connection = connection;
        Table = table;
        this.sent = sent;
    }

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["EntityFrameworkCore", "linq2db"];

    public IQueryable<Measurement> Table { get; }

    /// <summary>What Entity Framework Core works in; null for other providers.</summary>
    public DbContext? Context => connection as DbContext;

    /// <summary>Called before each query of Entity Framework Core, with the number of those before it.</summary>
    public Action<int>? BeforeQuery { get; set; }

    /// <summary>The texts of the queries so far.</summary>
    public IReadOnlyList<string> Sent => sent;

    /// <summary>Opens a provider.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="connectionString">With the schema in its search path.</param>
    /// <param name="table">Name of the table.</param>
    public static Provider Open(string name, string connectionString, string table = "measurements")
    {
        var sent = new List<string>();
        return name == "linq2db" ? Linq2Db(connectionString, table, sent) : EntityFramework(connectionString, table, sent);
    }

    public void Dispose() => connection.Dispose();

    private static Provider EntityFramework(string connectionString, string table, List<string> sent)
    {
        Provider? made = null;
        var context = new MeasurementsContext(new DbContextOptionsBuilder<MeasurementsContext>().UseNpgsql(connectionString)
            .AddInterceptors(new Listener(sql =>
            {
                made!.BeforeQuery?.Invoke(sent.Count);
                sent.Add(sql);
            })).Options);
#pragma warning disable EF1002 // The name is one of the tests' own.
        IQueryable<Measurement> rows = table == "measurements"
            ? context.Set<Measurement>() : context.Set<Measurement>().FromSqlRaw($"SELECT * FROM {table}");
#pragma warning restore EF1002
        return made = new(context, rows, sent);
    }

    private static Provider Linq2Db(string connectionString, string table, List<string> sent)
    {
        var mapping = new FluentMappingBuilder();
        var entity = mapping.Entity<Measurement>();
        foreach (var property in typeof(Measurement).GetProperties().Where(property => property.CanWrite))
            entity.HasAttribute(property, new ColumnAttribute(property.Name.ToLowerInvariant()));
        mapping.Build();
        var connection = new DataConnection(new DataOptions().UsePostgreSQL(connectionString, PostgreSQLVersion.v15)
            .UseMappingSchema(mapping.MappingSchema).UseTracing(TraceLevel.Info, info =>
            {
                if (info.TraceInfoStep == TraceInfoStep.BeforeExecute && info.SqlText is { } text)
                    sent.Add(text);
            }));
        return new(connection, connection.GetTable<Measurement>().TableName(table), sent);
    }

    private sealed class Listener(Action<string> told) : DbCommandInterceptor
    {
        public override InterceptionResult<DbDataReader> ReaderExecuting(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
        {
            told(command.CommandText);
            return result;
        }

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command,
            CommandEventData eventData,
            InterceptionResult<DbDataReader> result,
            CancellationToken cancellationToken = default)
        {
            told(command.CommandText);
            return new(result);
        }
    }
}

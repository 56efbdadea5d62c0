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
        var context = new MeasurementsContext(new DbContextOptionsBuilder<MeasurementsContext>().UseNpgsql(connectionString)
            .AddInterceptors(new Listener(sent)).Options);
        if (table == "measurements")
            return new(context, context.Set<Measurement>(), sent);
#pragma warning disable EF1002 // The name is one of the tests' own.
        return new(context, context.Set<Measurement>().FromSqlRaw($"SELECT * FROM {table}"), sent);
#pragma warning restore EF1002
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

    private sealed class Listener(List<string> sent) : DbCommandInterceptor
    {
        public override InterceptionResult<DbDataReader> ReaderExecuting(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
        {
            sent.Add(command.CommandText);
            return result;
        }

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command,
            CommandEventData eventData,
            InterceptionResult<DbDataReader> result,
            CancellationToken cancellationToken = default)
        {
            sent.Add(command.CommandText);
            return new(result);
        }
    }
}

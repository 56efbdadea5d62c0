using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace TypedPooling.Samples.Warehouse;

// <readme sent>
/// <summary>Keeps the text and the parameters of every query that Entity Framework Core sends, and asks the server how it computes them.</summary>
public sealed class SentQueries : DbCommandInterceptor
{
    private readonly List<(string Sql, NpgsqlParameter[] Parameters)> sent = [];

    /// <summary>The queries so far, in order.</summary>
    public IReadOnlyList<string> Sql => [.. sent.Select(query => query.Sql)];

    /// <summary>Runs every query again under EXPLAIN (ANALYZE, VERBOSE).</summary>
    /// <param name="connectionString">Of the server in front.</param>
    /// <returns>A plan a query.</returns>
    public IReadOnlyList<QueryPlan> Explain(string connectionString)
    {
        using var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        return [.. sent.Select(query =>
        {
            using var command = new NpgsqlCommand("EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) " + query.Sql, connection);
            command.Parameters.AddRange(query.Parameters.Select(parameter => parameter.Clone()).ToArray());
            return QueryPlan.Parse((string)command.ExecuteScalar()!);
        })];
    }

    /// <inheritdoc/>
    public override InterceptionResult<DbDataReader> ReaderExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        sent.Add((command.CommandText, [.. command.Parameters.Cast<NpgsqlParameter>().Select(parameter => parameter.Clone())]));
        return result;
    }
}

// </readme>

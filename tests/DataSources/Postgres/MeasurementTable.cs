using Npgsql;
using NpgsqlTypes;

namespace TypedPooling.Tests.DataSources.Postgres;

/// <summary>Makes the table of measurements.</summary>
internal static class MeasurementTable
{
    private static readonly (string Name, string Type, NpgsqlDbType Sent, Func<Measurement, object?> Of)[] Columns =
    [
        ("id", "bigint PRIMARY KEY", NpgsqlDbType.Bigint, m => m.Id),
        ("site", "text NOT NULL", NpgsqlDbType.Text, m => m.Site),
        ("line", "integer NOT NULL", NpgsqlDbType.Integer, m => m.Line),
        ("kind", "text NOT NULL", NpgsqlDbType.Text, m => m.Kind),
        ("x", "double precision", NpgsqlDbType.Double, m => m.X),
        ("far", "double precision NOT NULL", NpgsqlDbType.Double, m => m.Far),
        ("apart", "double precision NOT NULL", NpgsqlDbType.Double, m => m.Apart),
        ("floor", "integer NOT NULL", NpgsqlDbType.Integer, m => m.Floor),
        ("y", "double precision NOT NULL", NpgsqlDbType.Double, m => m.Y),
        ("positive", "double precision NOT NULL", NpgsqlDbType.Double, m => m.Positive),
        ("weight", "double precision NOT NULL", NpgsqlDbType.Double, m => m.Weight),
        ("broken", "boolean NOT NULL", NpgsqlDbType.Boolean, m => m.Broken),
        ("events", "integer NOT NULL", NpgsqlDbType.Integer, m => m.Events),
        ("trials", "integer NOT NULL", NpgsqlDbType.Integer, m => m.Trials),
        ("times", "integer NOT NULL", NpgsqlDbType.Integer, m => m.Times),
    ];

    /// <summary>Creates the table in the connection's schema and fills it.</summary>
    /// <param name="connectionString">With the schema in its search path.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="name">Name of the table.</param>
    /// <param name="textType">Type of the column of sites.</param>
    public static void Make(string connectionString, IEnumerable<Measurement> rows, string name = "measurements", string textType = "text NOT NULL")
    {
        using var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        var columns = string.Join(", ", Columns.Select(column => $"{column.Name} {(column.Name == "site" ? textType : column.Type)}"));
        using (var create = new NpgsqlCommand($"CREATE TABLE {name} ({columns})", connection))
            create.ExecuteNonQuery();
        using var import = connection.BeginBinaryImport($"COPY {name} ({string.Join(", ", Columns.Select(c => c.Name))}) FROM STDIN (FORMAT BINARY)");
        foreach (var row in rows)
        {
            import.StartRow();
            foreach (var (_, _, sent, of) in Columns)
            {
                if (of(row) is { } value)
                    import.Write(value, sent);
                else
                    import.WriteNull();
            }
        }

        import.Complete();
    }
}

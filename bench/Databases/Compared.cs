namespace TypedPooling.Bench.Databases;

/// <summary>One table by both verbs: its engine sums, or its rows travel. Then the fit.</summary>
internal static class Compared
{
    /// <param name="engine">Name of the engine.</param>
    /// <param name="table">The table.</param>
    /// <param name="queryCount">Number of queries sent so far.</param>
    public static void Run(string engine, IQueryable<Sale> table, Func<int> queryCount)
    {
        // The first pass compiles the library and the provider.
        for (var pass = 1; pass <= 2; pass++)
        {
            var before = queryCount();
            var data = Stage.Of(
                $"{engine} sums, pass {pass}",
                () => Sales.Model.Query(table),
                found => FormattableString.Invariant($"{Text(found)}, {queryCount() - before} queries of as many rows travelled"));
            Fit("from the sums to the table", Sales.Model, data);
        }

        Stage.Of($"rows of {engine} travel and are summed here", () => Sales.Model.Read(table), Text);
    }

    public static void Fit(string name, NormalModel<Sale> model, ModelData<Sale> data) =>
        Stage.Of(name, () => model.Fit(data).ToString(), table => $"{table.Split('\n').Length} lines");

    public static string Text(ModelData<Sale> data) => FormattableString.Invariant($"{data.RowCount} rows, {data.CellCount} groups");
}

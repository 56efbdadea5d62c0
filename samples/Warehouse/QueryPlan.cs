using System.Text.Json;

namespace TypedPooling.Samples.Warehouse;

/// <summary>Where a query was computed, as the server in front told when it ran.</summary>
/// <param name="Groups">Rows of the answer.</param>
/// <param name="Travelled">Rows that each foreign scan brought to the server in front; empty where the table is on one server.</param>
/// <param name="IsSummedRemotely">True where every foreign scan is itself an aggregate: the other servers summed, and only groups travelled.</param>
public sealed record QueryPlan(long Groups, IReadOnlyList<long> Travelled, bool IsSummedRemotely)
{
    /// <summary>Reads the answer of <c>EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON)</c>.</summary>
    public static QueryPlan Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement[0].GetProperty("Plan");
        var scans = Nodes(root).Where(node => node.GetProperty("Node Type").GetString() == "Foreign Scan").ToArray();
        return new(
            Rows(root),
            [.. scans.Select(Rows)],
            scans.Length > 0 && scans.All(scan => scan.TryGetProperty("Relations", out var relations) && relations.GetString()!.StartsWith("Aggregate on", StringComparison.Ordinal)));
    }

    /// <inheritdoc/>
    public override string ToString() => Travelled.Count == 0
        ? $"{Groups} groups, summed by the one server that has the rows"
        : $"{Groups} groups; {string.Join(" + ", Travelled)} rows travelled between servers: "
            + (IsSummedRemotely ? "the servers summed" : "the rows themselves, summed by the server in front");

    private static IEnumerable<JsonElement> Nodes(JsonElement node) => node.TryGetProperty("Plans", out var below)
        ? below.EnumerateArray().SelectMany(Nodes).Prepend(node)
        : [node];

    // Actual rows are a mean over the loops of a node.
    private static long Rows(JsonElement node) =>
        (long)Math.Round(node.GetProperty("Actual Rows").GetDouble() * node.GetProperty("Actual Loops").GetDouble());
}

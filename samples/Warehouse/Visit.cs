namespace TypedPooling.Samples.Warehouse;

/// <summary>A row of the table: a visit to a café of a city, whether it was in the afternoon, and how many minutes the coffee took.</summary>
public sealed class Visit
{
    /// <summary>The café, by which the table is partitioned over the servers.</summary>
    public string Cafe { get; set; } = "";

    /// <summary>Its city.</summary>
    public string City { get; set; } = "";

    /// <summary>True in the afternoon.</summary>
    public bool Afternoon { get; set; }

    /// <summary>Minutes.</summary>
    public double Wait { get; set; }
}

namespace TypedPooling.Tests.DataSources.Postgres;

/// <summary>A row of the table <c>measurements</c>: every kind of column that a model reads.</summary>
public sealed record Measurement
{
    public long Id { get; set; }

    public string Site { get; set; } = "";

    /// <summary>The line within its site: numbers repeat over sites.</summary>
    public int Line { get; set; }

    public string Kind { get; set; } = "";

    /// <summary>A predictor that is missing now and then.</summary>
    public double? X { get; set; }

    /// <summary>A predictor 1e10 sds from 0.</summary>
    public double Far { get; set; }

    /// <summary>A predictor whose cells lie 1e10 sds of a cell from one another.</summary>
    public double Apart { get; set; }

    /// <summary>A whole number, which an engine would add up and divide as such.</summary>
    public int Floor { get; set; }

    public double Y { get; set; }

    public double Positive { get; set; }

    public double Weight { get; set; }

    public bool Broken { get; set; }

    public int Events { get; set; }

    public int Trials { get; set; }

    public int Times { get; set; }

    /// <summary>Rows that every engine can hold exactly: numbers are doubles or whole.</summary>
    public static IReadOnlyList<Measurement> All { get; } = [.. Enumerable.Range(0, 3_000).Select(Of)];

    private static Measurement Of(int i)
    {
        var site = i * 7 % 12;
        var line = i % 5;
        var noise = Math.Sin(i * (double)i);
        var x = Math.Sin(1.7 * i) + 0.3 * site;
        return new()
        {
            Id = i,
            Site = $"site {site}",
            Line = line,
            Kind = (i % 3) switch { 0 => "plain", 1 => "fine", _ => "coarse" },
            X = i % 97 == 13 ? null : x,
            Far = 1e10 + Math.Cos(2.3 * i),
            Apart = 1e10 * (site + 12 * line) + Math.Cos(2.3 * i),
            Floor = i % 4,
            Y = 20 + 0.7 * site - 0.5 * x + 0.2 * line + noise,
            Positive = Math.Exp(0.1 * site + 0.3 * noise),
            Weight = 0.5 + i % 6,
            Broken = Math.Sin(i * 0.37 * i) + 0.1 * site > 0.8,
            Events = (i * 13 + site) % 9,
            Trials = 9 + i % 4,
            Times = 1 + i % 3,
        };
    }
}

namespace TypedPooling.Tests.DataSources.Queries;

public enum Kind
{
    Plain,
    Rare,
    Other,
}

/// <summary>A row with a column of every kind that models take.</summary>
public sealed class Measurement
{
    public int Id { get; set; }

    public string School { get; set; } = string.Empty;

    public int Class { get; set; }

    public string? Teacher { get; set; }

    public Kind Kind { get; set; }

    public string? Label { get; set; }

    public double X { get; set; }

    public int Whole { get; set; }

    public bool Flag { get; set; }

    public double? Maybe { get; set; }

    /// <summary>One value in each school.</summary>
    public double OfSchool { get; set; }

    public double Y { get; set; }

    public double Positive { get; set; }

    public double Share { get; set; }

    public double Weight { get; set; }

    public double Sd { get; set; }

    public int Number { get; set; }

    public int Trials { get; set; }

    public int Successes { get; set; }

    public int Events { get; set; }

    public double Exposure { get; set; }

    /// <summary>Rows without fault, the same in every run.</summary>
    /// <param name="count">How many.</param>
    /// <param name="gaps">True where some values of <see cref="Maybe"/>, <see cref="Label"/> and <see cref="Teacher"/> are missing.</param>
    /// <param name="offset">Added to <see cref="X"/> and <see cref="Y"/>.</param>
    public static List<Measurement> Some(int count = 240, bool gaps = false, double offset = 0)
    {
        var rows = new List<Measurement>();
        for (var i = 0; i < count; i++)
        {
            var school = i * 7 % 11;
            var noise = Math.Sin(i * i * 0.7 + i);
            var x = Math.Round(3 * Math.Cos(i * 1.3), 2);
            rows.Add(new Measurement
            {
                Id = i + 1,
                School = "School " + (char)('A' + school),
                Class = i % 3 + 1,
                Teacher = gaps && i % 17 == 3 ? null : "T" + i % 5,
                Kind = (Kind)(i / 2 % 3),
                Label = gaps && i % 13 == 5 ? null : i % 4 == 0 ? "b" : i % 4 == 1 ? "B" : i % 4 == 2 ? "ä" : "a'c",
                X = offset + x,
                Whole = i % 6 - 2,
                Flag = i % 5 < 2,
                Maybe = gaps && i % 19 == 7 ? null : Math.Round(noise * 2, 1),
                OfSchool = school * 0.1 + 0.3,
                Y = offset + 4 + 0.5 * x + 0.3 * school + noise,
                Positive = Math.Exp(0.2 * x + 0.4 * noise),
                Share = 0.5 + 0.45 * Math.Sin(i * 2.1),
                Weight = 0.5 + i % 4,
                Sd = 0.2 + 0.1 * (i % 7),
                Number = 1 + i % 3,
                Trials = 4 + i % 3,
                Successes = i * 5 % 5,
                Events = i * i % 7,
                Exposure = 0.5 + i % 2,
            });
        }

        return rows;
    }
}

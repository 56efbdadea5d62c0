namespace TypedPooling.Tests.Dsl.Support;

/// <summary>A row standardised by hand: response, columns by name, and what the row counts for.</summary>
public sealed record Standard(string Site, double Y, IReadOnlyDictionary<string, double> X, double Se, double Weight, int Count)
{
    public static readonly Group<Standard, string> BySite = Group.By((Standard s) => s.Site);
}

/// <summary>A variable of hand-standardised rows: what is taken off, and what it is divided by.</summary>
public readonly record struct Scaling(double Origin, double Scale)
{
    /// <summary>Mean and sd, with n - 1; origin 0 where it is not to be centred.</summary>
    public static Scaling Of(IReadOnlyCollection<double> values, bool isCentred = true)
    {
        var mean = values.Average();
        return new(isCentred ? mean : 0, Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1)));
    }

    public double Of(double value) => (value - Origin) / Scale;
}

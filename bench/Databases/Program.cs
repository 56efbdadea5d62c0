using System.Globalization;
using TypedPooling.Bench.Databases;

switch (args)
{
    case ["postgres", var rows]:
        PostgresBenchmark.Run(Count(rows));
        return 0;
    case ["duckdb", var rows]:
        DuckBenchmark.Run(Count(rows));
        return 0;
    case ["slopes", var rows]:
        DuckBenchmark.Generated(Count(rows));
        return 0;
    default:
        Console.Error.WriteLine("Usage: dotnet run -c Release --project bench/Databases -- postgres|duckdb|slopes <rows>");
        return 2;
}

static long Count(string text) => long.Parse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

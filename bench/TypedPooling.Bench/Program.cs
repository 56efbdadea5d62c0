using System.Globalization;
using TypedPooling;
using TypedPooling.Bench;

var filter = "";
switch (args)
{
    case []:
        break;
    case ["--filter", var text]:
        filter = text;
        break;
    case ["--compare", var answers]:
        return Lme4Comparison.Run(answers);
    default:
        Console.Error.WriteLine(
            "Usage: dotnet run -c Release --project bench/TypedPooling.Bench [-- --filter <part of a name> | --compare <answers of lme4_speed.R>]");
        return 2;
}

var chosen = Benchmarks.All.Where(b => b.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)).ToList();
if (chosen.Count == 0)
{
    Console.Error.WriteLine($"No benchmark has '{filter}' in its name. There are: {string.Join(", ", Benchmarks.All.Select(b => b.Name))}.");
    return 1;
}

var width = chosen.Max(b => b.Name.Length);
Console.WriteLine($"{"name".PadRight(width)}  {"median",10}  {"MAD",10}  {"bytes",10}  {"repeats",8}  {"a second",22}  what for");
foreach (var benchmark in chosen)
{
    if (benchmark.Missing() is { } reason)
    {
        Console.WriteLine($"{benchmark.Name.PadRight(width)}  skipped: {reason}.");
        continue;
    }

    Measurement measured;
    try
    {
        measured = Measurement.Of(benchmark);
    }
    catch (ModelException refused)
    {
        Console.WriteLine($"{benchmark.Name.PadRight(width)}  refused: {refused.Message}");
        continue;
    }

    var rate = benchmark.Amount is { } amount
        ? string.Create(CultureInfo.InvariantCulture, $"{amount(measured.MeanResult) / measured.Median * 1e9:N0} {benchmark.Unit}")
        : string.Empty;
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{benchmark.Name.PadRight(width)}  {Time(measured.Median),10}  {Time(measured.Deviation),10}  {measured.Allocated,10:N0} "
            + $" {measured.Repetitions,3} x {measured.Calls,-6:D} {rate,21}  {benchmark.Purpose}"));
}

return 0;

static string Time(double nanoseconds) => nanoseconds switch
{
    < 1e3 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds:F1} ns"),
    < 1e6 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e3:F2} us"),
    < 1e9 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e6:F2} ms"),
    _ => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e9:F2} s"),
};

using System.Diagnostics;
using System.Globalization;

namespace TypedPooling.Bench.Databases;

/// <summary>Times a piece of work: the wall clock and the processor time of this process, each in seconds.</summary>
internal static class Stage
{
    public static T Of<T>(string name, Func<T> work, Func<T, string>? note = null)
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var (from, busyFrom) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
        var result = work();
        process.Refresh();
        var busy = process.TotalProcessorTime - busyFrom;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-58}{Stopwatch.GetElapsedTime(from).TotalSeconds,9:F2} s {busy.TotalSeconds,9:F2} s of processor time  {note?.Invoke(result)}"));
        return result;
    }
}

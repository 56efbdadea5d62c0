using System.Globalization;

namespace TypedPooling.Inference.Posteriors;

/// <summary>Room for draws of effects that are kept, a row a draw, so that no array is longer than one draw.</summary>
internal static class KeptDraws
{
    /// <summary>Room for draws.</summary>
    /// <param name="count">Number of draws.</param>
    /// <param name="effects">Effects a draw.</param>
    /// <returns>A row of zeros a draw.</returns>
    /// <exception cref="ModelException">The draws need more memory than there is.</exception>
    public static double[][] Rows(int count, int effects)
    {
        RequireMemory(count, effects, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        var rows = new double[count][];
        for (var s = 0; s < count; s++)
            rows[s] = new double[effects];
        return rows;
    }

    /// <summary>Refuses draws that need more memory than there is.</summary>
    /// <param name="count">Number of draws.</param>
    /// <param name="effects">Effects a draw.</param>
    /// <param name="available">Bytes.</param>
    /// <exception cref="ModelException">They need more.</exception>
    public static void RequireMemory(int count, int effects, double available)
    {
        var bytes = 8.0 * count * effects;
        if (bytes <= available)
            return;
        throw new ModelException(new Problem(
            ProblemCode.EngineRefuses,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{count:N0} draws of {effects:N0} varying effects would take about {bytes / 1e9:N1} GB of memory; "
                    + $"{available / 1e9:N1} GB are there."),
            "Ask for fewer draws in RunOptions, or read means, sds and conditional sds, which need no draws."));
    }
}

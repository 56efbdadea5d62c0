namespace TypedPooling.Inference.Numerics;

/// <summary>Parts of one calculation on several threads.</summary>
internal static class SharedWork
{
    /// <summary>Does every part once. Which thread does which part is open, so a part must write what no other reads or writes: then the result does
    /// not depend on the number of threads.</summary>
    /// <param name="threads">Most threads, the calling one among them.</param>
    /// <param name="parts">Number of parts; the first are begun first.</param>
    /// <param name="run">Does a part.</param>
    public static void For(int threads, int parts, Action<int> run)
    {
        threads = Math.Min(threads, parts);
        if (threads <= 1)
        {
            for (var part = 0; part < parts; part++)
                run(part);
            return;
        }

        var next = -1;
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ =>
        {
            int part;
            while ((part = Interlocked.Increment(ref next)) < parts)
                run(part);
        });
    }
}

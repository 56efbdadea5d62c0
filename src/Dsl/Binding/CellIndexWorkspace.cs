namespace TypedPooling.Binding;

/// <summary>Numbers the combinations of levels that have rows 0, 1, ... in order of first appearance.</summary>
internal sealed class CellIndexWorkspace
{
    private readonly List<int>[] cellLevels;
    private readonly Dictionary<ulong, int>[] chain;   // with F factors: F - 1 dictionaries from (number so far, next level) to the next number
    private int[] cellOfLevel = [];                    // with one factor: the cell of a level, plus 1

    public CellIndexWorkspace(int factorCount)
    {
        cellLevels = [.. Enumerable.Range(0, factorCount).Select(_ => new List<int>())];
        chain = [.. Enumerable.Range(0, Math.Max(0, factorCount - 1)).Select(_ => new Dictionary<ulong, int>())];
    }

    /// <summary>The cell of a combination of levels; new ones get the next number.</summary>
    public int GetOrAdd(ReadOnlySpan<int> levels)
    {
        if (cellLevels.Length == 0)
            return 0;
        if (cellLevels.Length == 1)
        {
            var level = levels[0];
            return (uint)level < (uint)cellOfLevel.Length && cellOfLevel[level] > 0 ? cellOfLevel[level] - 1 : AddLevel(level);
        }

        var number = levels[0];
        for (var k = 0; k < chain.Length; k++)
        {
            var key = ((ulong)(uint)number << 32) | (uint)levels[k + 1];
            if (!chain[k].TryGetValue(key, out var next))
            {
                next = chain[k].Count;
                chain[k].Add(key, next);
                if (k == chain.Length - 1)
                    Append(levels);
            }

            number = next;
        }

        return number;
    }

    /// <summary>The level of each cell, a factor after the other.</summary>
    public int[][] Levels() => [.. cellLevels.Select(levels => levels.ToArray())];

    private int AddLevel(int level)
    {
        if (level >= cellOfLevel.Length)
            Array.Resize(ref cellOfLevel, Math.Max(Math.Max(16, 2 * cellOfLevel.Length), level + 1));
        cellLevels[0].Add(level);
        cellOfLevel[level] = cellLevels[0].Count;
        return cellLevels[0].Count - 1;
    }

    private void Append(ReadOnlySpan<int> levels)
    {
        for (var k = 0; k < cellLevels.Length; k++)
            cellLevels[k].Add(levels[k]);
    }
}

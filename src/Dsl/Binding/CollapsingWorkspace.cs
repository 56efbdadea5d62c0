using System.Runtime.InteropServices;
using TypedPooling.Data;

namespace TypedPooling.Binding;

/// <summary>Collapses rows in one pass to all that a fit needs of them. Used once, by one thread.</summary>
internal abstract class CollapsingWorkspace<TRow>(ReadingPlan<TRow> plan) : RowsWorkspace<TRow>(plan, new RowFaultsWorkspace())
{
    private DataOrigin? origin;

    /// <summary>Adds finished data of the same reading plan.</summary>
    public void Add(CollapsedRows other)
    {
        AddCollapsed(other);
        DroppedRowCount += other.DroppedRowCount;
        origin = origin is null || origin == other.Origin ? other.Origin : DataOrigin.RowsAndQueries;
    }

    /// <summary>The data; the workspace must not be used again.</summary>
    public CollapsedRows Build()
    {
        var own = RowNumber > 0 && origin == DataOrigin.Queries ? DataOrigin.RowsAndQueries : origin;
        return Collapse() with { Origin = own ?? DataOrigin.Rows };
    }

    /// <summary>The data where all rows came from a query.</summary>
    /// <exception cref="ModelException">Rows have faults.</exception>
    public CollapsedRows BuildFromQuery()
    {
        ThrowIfFaulty();
        return Collapse() with { Origin = DataOrigin.Queries };
    }

    /// <summary>What the rows come to.</summary>
    protected abstract CollapsedRows Collapse();

    protected abstract void AddCollapsed(CollapsedRows other);

    /// <summary>The numbers here of the levels of another table for one key; new ones are added.</summary>
    protected int[] NumbersHere(int key, LevelTable other)
    {
        var numbers = new int[other.Count];
        for (var level = 0; level < numbers.Length; level++)
            numbers[level] = Tables[key].GetOrAdd(other, level);
        return numbers;
    }

    /// <summary>A table without the levels whose rows were all dropped, in order of the first row that counts; the table itself where nothing
    /// changes.</summary>
    /// <param name="key">The key of the table.</param>
    /// <param name="kept">The old numbers of the levels to keep, in their new order.</param>
    protected LevelTable Kept(int key, List<int> kept)
    {
        var isUnchanged = kept.Count == Tables[key].Count;
        for (var level = 0; isUnchanged && level < kept.Count; level++)
            isUnchanged = kept[level] == level;
        return isUnchanged ? Tables[key] : Tables[key].Select(CollectionsMarshal.AsSpan(kept));
    }
}

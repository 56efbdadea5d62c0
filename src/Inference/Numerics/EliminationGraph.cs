using System.Runtime.CompilerServices;

namespace TypedPooling.Inference.Numerics;

/// <summary>Which levels are neighbours while levels are eliminated one by one: the graph is kept as cliques, so it never takes more memory than its
/// cliques do at the start. Scratch of one ordering.</summary>
/// <remarks>
/// Two levels are neighbours if a clique holds both. Eliminating a level replaces all cliques that hold it by their union without it. The next level
/// is the one with fewest neighbours, and the first of those in ties. Counting the neighbours of a level means to visit its cliques, so it is done
/// only for a level that may be the next. For the others a lower bound is kept: an elimination takes one neighbour away at most, and it leaves all
/// neighbours of the eliminated level joined. Source: [GeorgeLiu1989].
/// </remarks>
internal sealed class EliminationGraph
{
    private readonly List<int[]?> cliques;     // null once absorbed
    private readonly int[] start;              // by level, the first of its places in cliquesOf
    private readonly int[] used;               // by level, the number of places taken
    private readonly int[] cliquesOf;
    private readonly int[] seen;               // by level, the last count that met it
    private readonly bool[] isExact;           // by level, whether its bound is the number of its neighbours
    private readonly int[] bound;              // by level, at most the number of its neighbours
    private readonly int[] heap;               // levels, the least (bound, level) first
    private readonly int[] gathered;           // scratch of a count
    private readonly int[] placeInHeap;        // by level; -1 once eliminated
    private int count;                         // levels in the heap
    private int stamp;

    /// <param name="levelCount">Number of levels.</param>
    /// <param name="cliques">Levels that are neighbours of each other. They are kept and not changed.</param>
    public EliminationGraph(int levelCount, IReadOnlyList<int[]> cliques)
    {
        this.cliques = [.. cliques];
        used = new int[levelCount];
        start = new int[levelCount + 1];
        bound = new int[levelCount];
        foreach (var clique in cliques)
        {
            foreach (var level in clique)
            {
                used[level]++;
                bound[level] = Math.Max(bound[level], clique.Length - 1);
            }
        }

        // Half as many places again, so that absorbed cliques are swept out now and then and not each time.
        for (var level = 0; level < levelCount; level++)
            start[level + 1] = checked(start[level] + used[level] + used[level] / 2 + 1);
        cliquesOf = new int[start[levelCount]];
        Array.Clear(used);
        for (var c = 0; c < cliques.Count; c++)
        {
            foreach (var level in cliques[c])
                cliquesOf[start[level] + used[level]++] = c;
        }

        seen = new int[levelCount];
        isExact = new bool[levelCount];
        gathered = new int[levelCount];
        heap = new int[levelCount];
        placeInHeap = new int[levelCount];
        count = levelCount;
        for (var level = 0; level < levelCount; level++)
            heap[level] = placeInHeap[level] = level;
        for (var at = levelCount / 2 - 1; at >= 0; at--)
            SiftDown(at);
    }

    /// <summary>Members of cliques visited so far: the unit in which the work of an ordering is counted.</summary>
    public long Visits { get; private set; }

    /// <summary>The level with fewest neighbours, the first of several.</summary>
    /// <param name="level">The level; -1 where none is left.</param>
    /// <param name="neighbours">Its neighbours, ascending. Valid until the next call.</param>
    /// <returns>False where none is left.</returns>
    public bool TryNext(out int level, out ReadOnlySpan<int> neighbours)
    {
        while (count > 0)
        {
            level = heap[0];
            var number = Gather(level);
            if (!isExact[level])
            {
                bound[level] = number;
                isExact[level] = true;
                SiftDown(0);
                if (heap[0] != level)
                    continue;
            }

            Array.Sort(gathered, 0, number);
            neighbours = gathered.AsSpan(0, number);
            return true;
        }

        level = -1;
        neighbours = [];
        return false;
    }

    /// <summary>Eliminates a level.</summary>
    /// <param name="level">A level that is left.</param>
    /// <param name="neighbours">Its neighbours. Kept and not changed.</param>
    public void Eliminate(int level, int[] neighbours)
    {
        foreach (var c in CliquesOf(level))
            cliques[c] = null;
        var joined = cliques.Count;
        cliques.Add(neighbours);
        Remove(level);
        foreach (var other in neighbours)
        {
            Append(other, joined);
            var least = Math.Max(bound[other] - 1, neighbours.Length - 1);
            isExact[other] = false;
            if (least == bound[other])
                continue;
            var rises = least > bound[other];
            bound[other] = least;
            if (rises)
                SiftDown(placeInHeap[other]);
            else
                SiftUp(placeInHeap[other]);
        }
    }

    private ReadOnlySpan<int> CliquesOf(int level) => cliquesOf.AsSpan(start[level], used[level]);

    // The neighbours of a level, in no order; their number.
    private int Gather(int level)
    {
        Sweep(level);
        stamp++;
        seen[level] = stamp;
        var number = 0;
        foreach (var c in CliquesOf(level))
        {
            var members = cliques[c]!;
            Visits += members.Length;
            foreach (var other in members)
            {
                if (seen[other] == stamp)
                    continue;
                seen[other] = stamp;
                gathered[number++] = other;
            }
        }

        return number;
    }

    private void Sweep(int level)
    {
        var own = cliquesOf.AsSpan(start[level], used[level]);
        var kept = 0;
        foreach (var c in own)
        {
            if (cliques[c] is not null)
                own[kept++] = c;
        }

        used[level] = kept;
    }

    // A neighbour of an eliminated level has lost a clique, so that there is room once those are swept out.
    private void Append(int level, int clique)
    {
        if (start[level] + used[level] == start[level + 1])
            Sweep(level);
        cliquesOf[start[level] + used[level]++] = clique;
    }

    private void Remove(int level)
    {
        var at = placeInHeap[level];
        placeInHeap[level] = -1;
        count--;
        if (at == count)
            return;
        Put(at, heap[count]);
        SiftDown(at);
        SiftUp(at);
    }

    private void SiftUp(int at)
    {
        var level = heap[at];
        while (at > 0)
        {
            var parent = (at - 1) / 2;
            if (!IsBefore(level, heap[parent]))
                break;
            Put(at, heap[parent]);
            at = parent;
        }

        Put(at, level);
    }

    private void SiftDown(int at)
    {
        var level = heap[at];
        while (true)
        {
            var child = 2 * at + 1;
            if (child >= count)
                break;
            if (child + 1 < count && IsBefore(heap[child + 1], heap[child]))
                child++;
            if (!IsBefore(heap[child], level))
                break;
            Put(at, heap[child]);
            at = child;
        }

        Put(at, level);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put(int at, int level)
    {
        heap[at] = level;
        placeInHeap[level] = at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsBefore(int level, int other) => bound[level] < bound[other] || (bound[level] == bound[other] && level < other);
}

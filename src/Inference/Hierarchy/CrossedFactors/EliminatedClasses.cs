namespace TypedPooling.Inference.Hierarchy.CrossedFactors;

/// <summary>Levels of the eliminated factor with equal pseudo-rows, as one class each: its rows, which coordinates of the rest they touch, and mean
/// and scatter of the responses. Immutable.</summary>
internal sealed class EliminatedClasses
{
    private EliminatedClasses(int termCount, int joinedCount, int[] classOf, List<Member> members, double[] responses)
    {
        var q = termCount;
        TermCount = q;
        ClassOf = classOf;
        Count = members.Count;
        Sizes = new int[Count];
        foreach (var c in classOf)
            Sizes[c]++;
        Rows = [.. members.SelectMany(member => member.Rows)];
        JoinedRows = [.. members.SelectMany(member => member.JoinedRows)];
        Start = new int[Count + 1];
        for (var c = 0; c < Count; c++)
            Start[c + 1] = checked(Start[c] + members[c].Coordinates.Length);
        Coordinates = [.. members.SelectMany(member => member.Coordinates)];
        RestRows = [.. members.SelectMany(member => member.RestRows)];
        Links = [.. members.Select(member => member.Links)];

        Means = new double[Count * q];
        Scatter = new double[Count * q * q];
        for (var j = 0; j < classOf.Length; j++)
        {
            for (var a = 0; a < q; a++)
                Means[classOf[j] * q + a] += responses[j * q + a] / Sizes[classOf[j]];
        }

        for (var j = 0; j < classOf.Length; j++)
        {
            var c = classOf[j];
            for (var a = 0; a < q; a++)
            {
                for (var b = 0; b < q; b++)
                    Scatter[(c * q + a) * q + b] += (responses[j * q + a] - Means[c * q + a]) * (responses[j * q + b] - Means[c * q + b]);
            }
        }
    }

    /// <summary>Number of classes.</summary>
    public int Count { get; }

    /// <summary>q.</summary>
    public int TermCount { get; }

    /// <summary>Class of each level. Length J.</summary>
    public int[] ClassOf { get; }

    /// <summary>Number of levels of each class.</summary>
    public int[] Sizes { get; }

    /// <summary>Z_j in pseudo-rows, q x q by rows each.</summary>
    public double[] Rows { get; }

    /// <summary>Columns of the joined population effects in pseudo-rows, q rows each.</summary>
    public double[] JoinedRows { get; }

    /// <summary>First of each class among <see cref="Coordinates"/>, and their number; times q among <see cref="RestRows"/>. Length: classes +
    /// 1.</summary>
    public int[] Start { get; }

    /// <summary>Coordinates of the rest that the rows of each class touch, ascending, the integrated population effects last.</summary>
    public int[] Coordinates { get; }

    /// <summary>Columns of those coordinates in pseudo-rows, q x d by rows each.</summary>
    public double[] RestRows { get; }

    /// <summary>The levels of other factors behind the coordinates: factor and place of the first effect among the d of the class.</summary>
    public (int Factor, int At)[][] Links { get; }

    /// <summary>Mean of y_j, q each.</summary>
    public double[] Means { get; }

    /// <summary>Scatter of y_j about its mean, q x q by rows each.</summary>
    public double[] Scatter { get; }

    /// <summary>Operations of a value of the density, roughly: q^2 (q + d) + q d^2 a class.</summary>
    public double Cost
    {
        get
        {
            double q = TermCount;
            return Enumerable.Range(0, Count).Sum(c => (double)(Start[c + 1] - Start[c]) is var d ? q * q * (2 * q + d) + q * d * d : 0);
        }
    }

    /// <summary>Groups levels into classes.</summary>
    /// <param name="sums">The eliminated factor.</param>
    /// <param name="integratedCount">Number of population effects that are coordinates, the first of X.</param>
    /// <param name="populationCount">Columns of X.</param>
    /// <param name="populationStart">Coordinate of the first of them.</param>
    /// <param name="linksOf">For a level the levels of other factors it meets: factor, first coordinate, number of effects, columns in pseudo-rows (q
    /// x r by rows).</param>
    /// <returns>The classes.</returns>
    public static EliminatedClasses Of(
        FactorSums sums,
        int integratedCount,
        int populationCount,
        int populationStart,
        Func<int, List<(int Factor, int Coordinate, double[] Columns)>> linksOf)
    {
        var q = sums.TermCount;
        var members = new List<Member>();
        var byHash = new Dictionary<int, List<int>>();
        var classOf = new int[sums.LevelCount];
        for (var j = 0; j < sums.LevelCount; j++)
        {
            var links = linksOf(j);
            links.Sort((x, y) => x.Coordinate.CompareTo(y.Coordinate));
            var member = new Member(sums, j, integratedCount, populationCount, populationStart, links);
            var hash = member.Hash();
            if (!byHash.TryGetValue(hash, out var candidates))
                byHash.Add(hash, candidates = []);
            var found = candidates.FindIndex(c => members[c].Matches(member));
            if (found < 0)
            {
                found = candidates.Count;
                candidates.Add(members.Count);
                members.Add(member);
            }

            classOf[j] = candidates[found];
        }

        return new EliminatedClasses(q, populationCount - integratedCount, classOf, members, sums.Responses);
    }

    private sealed class Member
    {
        public Member(FactorSums sums, int j, int integrated, int p, int populationStart, List<(int Factor, int Coordinate, double[] Columns)> links)
        {
            var q = sums.TermCount;
            Rows = sums.Rows.AsSpan(j * q * q, q * q).ToArray();
            Links = new (int, int)[links.Count];
            var d = integrated + links.Sum(link => link.Columns.Length / q);
            Coordinates = new int[d];
            RestRows = new double[q * d];
            JoinedRows = new double[q * (p - integrated)];
            var at = 0;
            for (var i = 0; i < Links.Length; i++)
            {
                var (factor, coordinate, columns) = links[i];
                var r = columns.Length / q;
                Links[i] = (factor, at);
                for (var b = 0; b < r; b++, at++)
                {
                    Coordinates[at] = coordinate + b;
                    for (var a = 0; a < q; a++)
                        RestRows[a * d + at] = columns[a * r + b];
                }
            }

            for (var e = 0; e < p; e++)
            {
                if (e < integrated)
                    Coordinates[at + e] = populationStart + e;
                for (var a = 0; a < q; a++)
                {
                    var value = sums.PopulationRows[(j * q + a) * p + e];
                    if (e < integrated)
                        RestRows[a * d + at + e] = value;
                    else
                        JoinedRows[a * (p - integrated) + e - integrated] = value;
                }
            }
        }

        public double[] Rows { get; }

        public int[] Coordinates { get; }

        public double[] RestRows { get; }

        public double[] JoinedRows { get; }

        public (int Factor, int At)[] Links { get; }

        public int Hash()
        {
            var hash = new HashCode();
            foreach (var value in Rows)
                hash.Add(value);
            foreach (var coordinate in Coordinates)
                hash.Add(coordinate);
            foreach (var value in RestRows)
                hash.Add(value);
            foreach (var value in JoinedRows)
                hash.Add(value);
            return hash.ToHashCode();
        }

        public bool Matches(Member other) =>
            Rows.AsSpan().SequenceEqual(other.Rows) && Coordinates.AsSpan().SequenceEqual(other.Coordinates)
                && RestRows.AsSpan().SequenceEqual(other.RestRows)
            && JoinedRows.AsSpan().SequenceEqual(other.JoinedRows);
    }
}

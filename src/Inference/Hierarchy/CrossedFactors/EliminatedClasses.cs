using TypedPooling.Inference.Hierarchy.Sums;

namespace TypedPooling.Inference.Hierarchy.CrossedFactors;

/// <summary>Levels of the eliminated factor with equal pseudo-rows, as one class each: its rows, which coordinates of the rest they touch, and mean
/// and scatter of the responses. Immutable.</summary>
internal sealed class EliminatedClasses
{
    private EliminatedClasses(EqualDesigns equal, FactorSums sums, int populationCount, Member[] members)
    {
        var (q, p) = (sums.TermCount, populationCount);
        TermCount = q;
        ClassOf = equal.ClassOf;
        Count = members.Length;
        (Sizes, Means, Scatter) = equal.Summarise(sums.Responses, q);
        Start = new int[Count + 1];
        for (var c = 0; c < Count; c++)
            Start[c + 1] = checked(Start[c] + members[c].Coordinates.Length);
        var joined = p - members[0].IntegratedCount;
        Rows = new double[Count * q * q];
        JoinedRows = new double[Count * q * joined];
        Coordinates = new int[Start[^1]];
        RestRows = new double[checked(Start[^1] * q)];
        Links = [.. members.Select(member => member.Links)];
        for (var c = 0; c < Count; c++)
        {
            var member = members[c];
            var d = member.Coordinates.Length;
            member.Coordinates.CopyTo(Coordinates, Start[c]);
            for (var a = 0; a < q; a++)
            {
                var row = member.Row(a);
                row[..q].CopyTo(Rows.AsSpan((c * q + a) * q));
                row.Slice(q, d).CopyTo(RestRows.AsSpan(Start[c] * q + a * d));
                row[(q + d)..].CopyTo(JoinedRows.AsSpan((c * q + a) * joined));
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
    public double Cost => Enumerable.Range(0, Count).Sum(c => CrossedPlan.LevelCostOf(TermCount, Start[c + 1] - Start[c]));

    /// <summary>Groups levels into classes.</summary>
    /// <param name="sums">The eliminated factor.</param>
    /// <param name="integratedCount">Number of population effects that are coordinates, the first of X.</param>
    /// <param name="populationCount">Columns of X.</param>
    /// <param name="populationStart">Coordinate of the first of them.</param>
    /// <param name="links">By factor, which of its levels each eliminated level meets; null for the eliminated factor.</param>
    /// <param name="coordinateOf">First coordinate of a level of another factor.</param>
    /// <returns>The classes.</returns>
    public static EliminatedClasses Of(
        FactorSums sums, int integratedCount, int populationCount, int populationStart, LevelLinks?[] links, Func<int, int, int> coordinateOf)
    {
        var (q, p) = (sums.TermCount, populationCount);
        var first = new int[links.Length];      // kind of the first effect of each factor, after those of Z and X
        var kindCount = q + p;
        for (var k = 0; k < links.Length; k++)
        {
            first[k] = kindCount;
            kindCount += links[k]?.Columns ?? 0;
        }

        Member? last = null;
        var equal = EqualDesigns.Of(sums.LevelCount, kindCount, DesignOf);
        return new EliminatedClasses(equal, sums, p, [.. equal.Firsts.Select(MemberOf)]);

        ReadOnlySpan<double> DesignOf(int level, out int[] kinds, out int[] coordinates)
        {
            last = MemberOf(level);
            (kinds, coordinates) = (last.Kinds, last.Coordinates);
            return last.Design;
        }

        Member MemberOf(int level) => new(sums, level, integratedCount, p, populationStart, links, first, coordinateOf);
    }

    // The design of a level by rows: Z, the coordinates it touches, the joined effects.
    private sealed class Member
    {
        private readonly int width;

        public Member(
            FactorSums sums,
            int level,
            int integrated,
            int p,
            int populationStart,
            LevelLinks?[] links,
            int[] first,
            Func<int, int, int> coordinateOf)
        {
            var q = sums.TermCount;
            IntegratedCount = integrated;
            var met = new List<(int Factor, int At, int Coordinate)>();
            for (var k = 0; k < links.Length; k++)
            {
                for (var at = links[k]?.Start[level] ?? 0; at < (links[k]?.Start[level + 1] ?? 0); at++)
                    met.Add((k, at, coordinateOf(k, links[k]!.Other[at])));
            }

            met.Sort((x, y) => x.Coordinate.CompareTo(y.Coordinate));
            var varying = met.Sum(link => links[link.Factor]!.Columns);
            width = q + varying + p;
            Design = new double[q * width];
            Kinds = new int[width];
            Coordinates = new int[varying + integrated];
            Links = new (int, int)[met.Count];
            for (var b = 0; b < q; b++)
                Copy(b, b, sums.Rows, level * q, q, b, q);
            var to = 0;
            for (var i = 0; i < met.Count; i++)
            {
                var (factor, at, coordinate) = met[i];
                var r = links[factor]!.Columns;
                Links[i] = (factor, to);
                for (var b = 0; b < r; b++, to++)
                {
                    Coordinates[to] = coordinate + b;
                    Copy(q + to, first[factor] + b, links[factor]!.Blocks, at * q, r, b, q);
                }
            }

            for (var e = 0; e < p; e++)
            {
                if (e < integrated)
                    Coordinates[to + e] = populationStart + e;
                Copy(q + to + e, q + e, sums.PopulationRows, level * q, p, e, q);
            }
        }

        public double[] Design { get; }

        public int[] Kinds { get; }

        public int[] Coordinates { get; }

        public (int Factor, int At)[] Links { get; }

        public int IntegratedCount { get; }

        public ReadOnlySpan<double> Row(int a) => Design.AsSpan(a * width, width);

        // Column `from` of q rows of `stride` numbers becomes a column of the design.
        private void Copy(int column, int kind, double[] source, int firstRow, int stride, int from, int q)
        {
            Kinds[column] = kind;
            for (var a = 0; a < q; a++)
                Design[a * width + column] = source[(firstRow + a) * stride + from];
        }
    }
}

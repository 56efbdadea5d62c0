using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace TypedPooling.Queries;

/// <summary>Finds keys of text that the database takes for equal and .NET does not.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>A database answers any spelling of a group's key. In a query that is grouped by more than one key the spelling is chosen anew in each
/// group, so one level would become several here. The database is asked only where two levels might be one under some collation: an answer by another
/// key may cost as much as the sums.</remarks>
[RequiresDynamicCode(QueryReason.Text)]
[RequiresUnreferencedCode(QueryReason.Text)]
internal static class LevelSpellings<TRow>
{
    private const string Remedy = "Give the column a binary collation or one spelling a level, cut blanks off its end, or group by a normalised key, "
        + "as Group.By(r => r.Key.ToLower()).";

    /// <summary>Groups the rows by a key of text alone where some levels look alike, and throws where that gives another number of levels.</summary>
    /// <param name="shape">The terms.</param>
    /// <param name="keys">The keys to look at.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="groups">For each group of the whole query what it was grouped by, the leaves of the keys first.</param>
    /// <param name="rowCount">Number of rows of all groups.</param>
    /// <param name="runner">Runs the queries.</param>
    /// <exception cref="ModelException">CollationConflict, ChangedMeanwhile.</exception>
    public static async ValueTask ThrowIfSeveral(
        QueryShape<TRow> shape, QueryKey[] keys, IQueryable<TRow> rows, IReadOnlyList<object?[]> groups, long rowCount, QueryRunner runner)
    {
        if (groups.Count == 0)
            return;
        var asked = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            // Other values are equal to the database where they are equal here. A key that is all that rows are grouped by has one spelling a level.
            var hasText = key.Leaves.Any(leaf => !shape.Leaves[leaf].Type.IsValueType);
            if (!hasText || key.Leaves.Length == groups[0].Length || !asked.Add(string.Join(',', key.Leaves)))
                continue;
            var here = groups.Select(group => (object?[])[.. key.Leaves.Select(leaf => group[leaf])]).ToHashSet(LeafComparer.Instance);
            if (!MayBeFewer(here))
                continue;
            var alone = await GroupedQuery<TRow>.Of(rows, shape.Row, [.. key.Leaves.Select(leaf => shape.Leaves[leaf])], runner).Ask([])
                .ConfigureAwait(false);
            if (alone.Sum(level => level.Rows) != rowCount)
                throw QueriedCells<TRow>.ChangedMeanwhile();
            if (here.Count != alone.Count)
                throw Grouped(key.Selector.Name, here.Count, alone.Count);
        }
    }

    /// <summary>The refusal of a category whose levels are found by a comparison in other rows than by grouping.</summary>
    public static ModelException Compared(string name, object?[] level, long grouped, long compared)
    {
        var text = string.Join(", ", level.Select(leaf => Convert.ToString(leaf, CultureInfo.InvariantCulture)));
        return Conflict(
            name,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The database compares levels of the category '{name}' otherwise than .NET: one has {grouped} rows where it groups "
                    + $"and {compared} where it compares."),
            text);
    }

    // Texts of ASCII look alike but for case, what is neither letter nor digit, and zeros before a number. Of other texts only the database knows.
    private static bool MayBeFewer(HashSet<object?[]> levels)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var folded = new StringBuilder();
        foreach (var level in levels)
        {
            folded.Clear();
            foreach (var leaf in level)
            {
                if (leaf is string text && !Ascii.IsValid(text))
                    return true;
                foreach (var letter in Convert.ToString(leaf, CultureInfo.InvariantCulture) ?? string.Empty)
                {
                    if (leaf is not string || (char.IsAsciiLetterOrDigit(letter) && (letter != '0' || EndsInDigit())))
                        folded.Append(char.ToUpperInvariant(letter));
                }

                folded.Append('\n');
            }

            if (!seen.Add(folded.ToString()))
                return true;
        }

        return false;

        bool EndsInDigit() => folded.Length > 0 && char.IsAsciiDigit(folded[^1]);
    }

    private static ModelException Grouped(string name, int here, int alone) => Conflict(
        name,
        string.Create(
            CultureInfo.InvariantCulture,
            $"The key '{name}' has {alone} levels to the database and {here} to .NET: its collation takes different spellings for one level."),
        null);

    private static ModelException Conflict(string name, string sentence, string? level) =>
        new(new Problem(ProblemCode.CollationConflict, sentence, Remedy) { Term = name, Level = level, IsLevelOfData = level is not null });
}

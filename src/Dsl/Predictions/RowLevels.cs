using TypedPooling.Declarations;

namespace TypedPooling.Predictions;

/// <summary>Rows with what is the same in every draw: which levels they have between them, each once, and what addresses their noise.
/// Immutable.</summary>
internal sealed class RowLevels
{
    private const int RowsOfPart = 4096;

    private readonly PredictedLevel[][] levels;   // by factor
    private readonly int[] places;                // by row and factor
    private readonly Lazy<ulong[]> noise;

    /// <param name="rows">The rows.</param>
    /// <param name="factors">Number of factors.</param>
    public RowLevels(PredictedRow[] rows, int factors)
    {
        Rows = rows;
        FactorCount = factors;
        places = new int[rows.Length * factors];
        levels = new PredictedLevel[factors][];
        for (var k = 0; k < factors; k++)
        {
            var (seen, own) = (new Dictionary<(LevelKind, int, string), int>(), new List<PredictedLevel>());
            for (var i = 0; i < rows.Length; i++)
            {
                var level = rows[i].Levels[k];
                if (level.Kind is LevelKind.Average or LevelKind.Any)
                {
                    places[i * factors + k] = -1;
                    continue;
                }

                // The text of a known level is that of its number.
                var key = (level.Kind, level.Level, level.Kind == LevelKind.New ? level.Text : string.Empty);
                if (!seen.TryGetValue(key, out var place))
                {
                    seen.Add(key, place = own.Count);
                    own.Add(level);
                }

                places[i * factors + k] = place;
            }

            levels[k] = [.. own];
        }

        noise = new(() =>
        {
            var hashes = new ulong[rows.Length];
            Parallel.For(0, PartCount, part =>
            {
                var (from, to) = Part(part);
                for (var i = from; i < to; i++)
                    hashes[i] = rows[i].NoiseHash();
            });
            return hashes;
        });
    }

    /// <summary>The rows.</summary>
    public PredictedRow[] Rows { get; }

    /// <summary>Number of factors.</summary>
    public int FactorCount { get; }

    /// <summary>In how many parts rows are worked on.</summary>
    public int PartCount => (Rows.Length + RowsOfPart - 1) / RowsOfPart;

    /// <summary>The levels of a factor whose effects are added, each once.</summary>
    public PredictedLevel[] LevelsOf(int factor) => levels[factor];

    /// <summary>The place of a row's level among those; -1 where nothing is added.</summary>
    public int PlaceOf(int row, int factor) => places[row * FactorCount + factor];

    /// <summary>What addresses a row's noise.</summary>
    public ulong NoiseOf(int row) => noise.Value[row];

    /// <summary>The rows of a part.</summary>
    public (int From, int To) Part(int part) => (part * RowsOfPart, Math.Min(Rows.Length, (part + 1) * RowsOfPart));
}

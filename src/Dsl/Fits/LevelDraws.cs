using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>Draws of the effects of the levels asked for last, whoever asks. Thread-safe.</summary>
/// <param name="posterior">The posterior.</param>
internal sealed class LevelDraws(Posterior posterior)
{
    private readonly RecentItems<int, double[]>[] levels = [.. posterior.Spec.Factors.Select(_ => new RecentItems<int, double[]>())];

    /// <summary>Draws of a level's effects: term after term, each with all its draws; not to be changed. O(S q^2) once while the level is among those
    /// met last.</summary>
    public double[] Of(int factor, int level) => levels[factor].GetOrAdd(level, () =>
    {
        var block = posterior.Effects[factor];
        var draws = new double[block.TermCount * block.DrawCount];
        block.CopyLevel(level, draws);
        return draws;
    });
}

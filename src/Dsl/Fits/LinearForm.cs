using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>c + a'beta + sum of b'u over levels, at most one of each factor. Immutable.</summary>
/// <param name="Population">a, over all population effects.</param>
/// <param name="Levels">The levels with their b; none repeats a factor.</param>
/// <param name="Constant">c.</param>
internal sealed record LinearForm(double[] Population, LevelWeights[] Levels, double Constant = 0)
{
    /// <summary>One plus a multiple of another; null where either is none, or the sum has two levels of one factor.</summary>
    public static LinearForm? Sum(LinearForm? one, LinearForm? other, double times)
    {
        if (one is null || other is null)
            return null;
        var levels = one.Levels.ToList();
        foreach (var level in other.Levels)
        {
            var at = levels.FindIndex(own => own.Factor == level.Factor);
            if (at < 0)
                levels.Add(Times(level, times));
            else if (levels[at].Level == level.Level)
                levels[at] = new(level.Factor, level.Level, [.. levels[at].Weights.Zip(level.Weights, (a, b) => a + times * b)]);
            else
                return null;
        }

        return new([.. one.Population.Zip(other.Population, (a, b) => a + times * b)], [.. levels], one.Constant + times * other.Constant);
    }

    /// <summary>The form and a constant.</summary>
    public LinearForm Plus(double constant) => this with { Constant = Constant + constant };

    /// <summary>A multiple of the form.</summary>
    public LinearForm Times(double times) => new(
        [.. Population.Select(weight => times * weight)], [.. Levels.Select(level => Times(level, times))], times * Constant);

    /// <summary>Mean and sd; null where the posterior has no exact moments.</summary>
    public NormalMoments? Moments(Posterior posterior)
    {
        if ((posterior.Exact ?? posterior.Point?.Moments) is not { } moments)
            return null;
        var (mean, sd) = moments.Of(Population, Levels);
        return new(Constant + mean, sd);
    }

    private static LevelWeights Times(LevelWeights level, double times) =>
        new(level.Factor, level.Level, [.. level.Weights.Select(weight => times * weight)]);
}

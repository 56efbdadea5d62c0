using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem;

/// <summary>A normal hierarchy whose coefficients can be integrated out at given scales, whatever the number of its grouping factors. Immutable;
/// shared by chains.</summary>
/// <remarks>The levels of one factor are eliminated one by one; the effects of all others and the integrated population effects are the rest. Its
/// workspace finds the conditional of the rest, <see cref="LevelConditional"/> that of a level given it, <see cref="Moments"/> both in closed
/// form.</remarks>
/// <param name="sums">The sums it is made of.</param>
internal abstract class CoefficientSystem(HierarchySums sums)
{
    private readonly EffectPivot[] pivots = [.. sums.Factors.Select(factor => factor.Pivot)];

    /// <summary>The model this system stands for.</summary>
    public NormalBoundModel Model { get; } = sums.Model;

    /// <summary>Prior of beta in pivoted coordinates and the map back.</summary>
    public PopulationSystem Population { get; } = sums.Population;

    /// <summary>The coordinates of the joined population effects; none where all priors are Normal, Flat or Fixed.</summary>
    public abstract PopulationCoordinates Joined { get; }

    /// <summary>Number of estimated population effects p: the integrated ones, then the joined ones.</summary>
    public int PopulationCount => Population.Count;

    /// <summary>Index of the factor whose levels are eliminated; -1 without a factor.</summary>
    public abstract int Eliminated { get; }

    /// <summary>Number of varying effects of all other factors: the first coordinates of the rest.</summary>
    public abstract int RestCount { get; }

    /// <summary>Arithmetic operations of a value of the density, roughly; a derivative takes some three times as many.</summary>
    public abstract double Cost { get; }

    /// <summary>Scales of the size the data suggest, sds of all factors in turn.</summary>
    public abstract TypicalScales Typical();

    /// <summary>Scratch of one chain.</summary>
    public abstract CoefficientWorkspace NewWorkspace();

    /// <summary>From the effects of a factor to those of its centred columns and back.</summary>
    /// <param name="factor">Index of the factor.</param>
    public EffectPivot PivotOf(int factor) => pivots[factor];

    /// <summary>First coordinate of a level of a factor of the rest.</summary>
    /// <param name="factor">Index of the factor, not the eliminated one.</param>
    /// <param name="level">Number of the level.</param>
    public abstract int CoordinateOf(int factor, int level);

    /// <summary>The pseudo-rows of a level of the eliminated factor.</summary>
    /// <param name="level">Number of the level.</param>
    public abstract LevelRows RowsOf(int level);

    /// <summary>Closed-form moments of the coefficients at the last solution.</summary>
    /// <param name="workspace">A workspace of this system, which must not be solved again.</param>
    /// <param name="point">The scales it was solved at.</param>
    public ExactMoments Moments(CoefficientWorkspace workspace, ScalePoint point) => new CoefficientMoments(this, workspace, point);
}

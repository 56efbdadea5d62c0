using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem;

/// <summary>A normal hierarchy whose coefficients can be integrated out at given scales, whatever the number of its grouping factors. Immutable;
/// shared by chains.</summary>
internal abstract class CoefficientSystem
{
    /// <summary>The model this system stands for.</summary>
    public abstract NormalBoundModel Model { get; }

    /// <summary>Prior of beta in pivoted coordinates and the map back.</summary>
    public abstract PopulationSystem Population { get; }

    /// <summary>The coordinates of the joined population effects; none where all priors are Normal, Flat or Fixed.</summary>
    public abstract PopulationCoordinates Joined { get; }

    /// <summary>Number of estimated population effects p: the integrated ones, then the joined ones.</summary>
    public int PopulationCount => Population.Count;

    /// <summary>Arithmetic operations of a value of the density, roughly; a derivative takes some three times as many.</summary>
    public abstract double Cost { get; }

    /// <summary>Scales of the size the data suggest, sds of all factors in turn.</summary>
    public abstract TypicalScales Typical();

    /// <summary>Scratch of one chain.</summary>
    public abstract CoefficientWorkspace NewWorkspace();

    /// <summary>Turns T Lambda, which belongs to the effects of centred columns, into Lambda.</summary>
    /// <param name="factor">Index of the factor.</param>
    /// <param name="lambda">q x q by rows; changed.</param>
    public abstract void Uncentre(int factor, Span<double> lambda);

    /// <summary>Closed-form moments of the coefficients at the last solution.</summary>
    /// <param name="workspace">A workspace of this system.</param>
    /// <param name="point">The scales it was solved at.</param>
    public abstract ExactMoments Moments(CoefficientWorkspace workspace, ScalePoint point);
}

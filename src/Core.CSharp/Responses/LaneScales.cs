using System.Numerics;
using System.Runtime.CompilerServices;

namespace TypedPooling.Responses;

/// <summary>Sigma and the shape of a response, lane by lane.</summary>
internal readonly struct LaneScales
{
    /// <summary>Fills the lanes.</summary>
    /// <param name="scales">Sigma and the shape; without meaning where the family has none.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LaneScales(in ResponseScales scales)
    {
        Sigma = new(scales.Sigma);
        Shape = new(scales.Shape);
        LogShape = new(Math.Log(scales.Shape));
    }

    /// <summary>Takes scales that differ by lane.</summary>
    /// <param name="sigma">Residual sd or scale.</param>
    /// <param name="shape">Shape, precision or degrees of freedom.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LaneScales(Vector<double> sigma, Vector<double> shape) => (Sigma, Shape, LogShape) = (sigma, shape, Vector.Log(shape));

    /// <summary>Residual sd or scale.</summary>
    public Vector<double> Sigma { get; }

    /// <summary>Shape, precision or degrees of freedom.</summary>
    public Vector<double> Shape { get; }

    /// <summary>Its log.</summary>
    public Vector<double> LogShape { get; }
}

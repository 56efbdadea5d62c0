using System.Runtime.CompilerServices;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem;

/// <summary>The pseudo-rows of a level of the eliminated factor, y_j = Z u_j + R x + X b + e with x the rest and b what of beta~ the rest does not
/// hold.</summary>
internal readonly ref struct LevelRows
{
    private readonly ReadOnlySpan<double> joined;
    private readonly ReadOnlySpan<double> responses;
    private readonly int joinedCount;

    /// <summary>Rows of a level.</summary>
    /// <param name="varying">Z, q x q by rows.</param>
    /// <param name="coordinates">Varying effects of the rest that R touches. Length v.</param>
    /// <param name="rest">R, q x d by rows: the columns of those effects, then of the first d - v population effects.</param>
    /// <param name="joined">X, q rows: the columns of the other population effects.</param>
    /// <param name="responses">y_j. Length q.</param>
    public LevelRows(
        ReadOnlySpan<double> varying,
        ReadOnlySpan<int> coordinates,
        ReadOnlySpan<double> rest,
        ReadOnlySpan<double> joined,
        ReadOnlySpan<double> responses)
    {
        Varying = varying;
        Coordinates = coordinates;
        Rest = rest;
        this.joined = joined;
        this.responses = responses;
        RestCount = rest.Length / responses.Length;
        joinedCount = joined.Length / responses.Length;
    }

    /// <summary>Z, q x q by rows, upper triangular.</summary>
    public ReadOnlySpan<double> Varying { get; }

    /// <summary>Varying effects of the rest that R touches. Length v.</summary>
    public ReadOnlySpan<int> Coordinates { get; }

    /// <summary>R, q x d by rows: the columns of those effects, then of the first d - v population effects.</summary>
    public ReadOnlySpan<double> Rest { get; }

    /// <summary>d.</summary>
    public int RestCount { get; }

    /// <summary>y_j less all but the level's own effects in a pseudo-row.</summary>
    /// <param name="row">The pseudo-row, of q.</param>
    /// <param name="effects">Pivoted effects of the rest.</param>
    /// <param name="population">beta~. Length p.</param>
    /// <returns>The residual.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Residual(int row, ReadOnlySpan<double> effects, ReadOnlySpan<double> population)
    {
        var sum = responses[row];
        var (first, v) = (row * RestCount, Coordinates.Length);
        for (var i = 0; i < v; i++)
            sum -= Rest[first + i] * effects[Coordinates[i]];
        for (var i = v; i < RestCount; i++)
            sum -= Rest[first + i] * population[i - v];
        for (var i = 0; i < joinedCount; i++)
            sum -= joined[row * joinedCount + i] * population[RestCount - v + i];
        return sum;
    }
}

namespace TypedPooling.Inference.Hierarchy.GaussianSystem;

/// <summary>The pseudo-rows of a level of the eliminated factor, y_j = Z u_j + R x + X b + e with x the rest and b what of beta~ the rest does not
/// hold.</summary>
/// <param name="varying">Z, q x q by rows.</param>
/// <param name="coordinates">Varying effects of the rest that R touches. Length v.</param>
/// <param name="rest">R, q x d by rows: the columns of those effects, then of the first d - v population effects.</param>
/// <param name="joined">X, q rows: the columns of the other population effects.</param>
/// <param name="responses">y_j. Length q.</param>
internal readonly ref struct LevelRows(
    ReadOnlySpan<double> varying,
    ReadOnlySpan<int> coordinates,
    ReadOnlySpan<double> rest,
    ReadOnlySpan<double> joined,
    ReadOnlySpan<double> responses)
{
    /// <summary>Z, q x q by rows.</summary>
    public ReadOnlySpan<double> Varying { get; } = varying;

    /// <summary>Varying effects of the rest that R touches. Length v.</summary>
    public ReadOnlySpan<int> Coordinates { get; } = coordinates;

    /// <summary>R, q x d by rows: the columns of those effects, then of the first d - v population effects.</summary>
    public ReadOnlySpan<double> Rest { get; } = rest;

    /// <summary>y_j less all but the level's own effects in a pseudo-row.</summary>
    /// <param name="row">The pseudo-row, of q.</param>
    /// <param name="effects">Pivoted effects of the rest.</param>
    /// <param name="population">beta~. Length p.</param>
    /// <returns>The residual.</returns>
    public double Residual(int row, ReadOnlySpan<double> effects, ReadOnlySpan<double> population)
    {
        var q = Responses.Length;
        var own = Rest.Slice(row * (Rest.Length / q), Rest.Length / q);
        var sum = Responses[row];
        for (var i = 0; i < Coordinates.Length; i++)
            sum -= own[i] * effects[Coordinates[i]];
        own = own[Coordinates.Length..];
        for (var i = 0; i < own.Length; i++)
            sum -= own[i] * population[i];
        var others = Joined.Slice(row * (Joined.Length / q), Joined.Length / q);
        for (var i = 0; i < others.Length; i++)
            sum -= others[i] * population[own.Length + i];
        return sum;
    }

    private ReadOnlySpan<double> Joined { get; } = joined;

    private ReadOnlySpan<double> Responses { get; } = responses;
}

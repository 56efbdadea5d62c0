using System.Collections.Immutable;

namespace TypedPooling.Draws;

/// <summary>A block whose draws are held in memory.</summary>
public sealed class StoredBlock : DrawBlock
{
    private readonly double[] draws;
    private readonly ImmutableArray<NormalMoments>? exact;

    /// <summary>Wraps draws.</summary>
    /// <param name="parameters">What the parameters are.</param>
    /// <param name="draws">Parameter after parameter, each with all its draws, chain after chain. Length: parameters * drawCount. Owned by the block from here on.</param>
    /// <param name="drawCount">Number of draws over all chains.</param>
    /// <param name="exact">Exact moments where all parameters are exactly normal; null otherwise.</param>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    public StoredBlock(ImmutableArray<Parameter> parameters, double[] draws, int drawCount, ImmutableArray<NormalMoments>? exact = null)
    {
        ArgumentNullException.ThrowIfNull(draws);
        if (draws.Length != parameters.Length * drawCount || (exact is { } moments && moments.Length != parameters.Length))
            throw new ArgumentException("Parameters, draws and moments do not have matching lengths.", nameof(draws));
        Parameters = parameters;
        this.draws = draws;
        this.exact = exact;
        DrawCount = drawCount;
    }

    /// <summary>What the parameters are, in order.</summary>
    public ImmutableArray<Parameter> Parameters { get; }

    /// <inheritdoc/>
    public override int ParameterCount => Parameters.Length;

    /// <inheritdoc/>
    public override int DrawCount { get; }

    /// <inheritdoc/>
    public override Parameter Parameter(int index) => Parameters[index];

    /// <inheritdoc/>
    public override void CopyDraws(int index, Span<double> destination) => Draws(index).CopyTo(destination);

    /// <summary>The draws of one parameter without a copy.</summary>
    /// <param name="index">Index in the block, from 0.</param>
    /// <returns>Chain after chain. Length <see cref="DrawBlock.DrawCount"/>.</returns>
    public ReadOnlySpan<double> Draws(int index) => draws.AsSpan(index * DrawCount, DrawCount);

    /// <inheritdoc/>
    public override NormalMoments? ExactMoments(int index) => exact?[index];
}

using System.Collections.Immutable;

namespace TypedPooling.Draws;

/// <summary>A block whose draws are held in memory.</summary>
public sealed class StoredBlock : DrawBlock
{
    private readonly double[] draws;

    /// <summary>Wraps draws.</summary>
    /// <param name="parameters">What the parameters are.</param>
    /// <param name="draws">Parameter after parameter, each with all its draws, chain after chain. Length: parameters * drawCount. Owned by the block
    /// from here on.</param>
    /// <param name="drawCount">Number of draws over all chains.</param>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    public StoredBlock(ImmutableArray<Parameter> parameters, double[] draws, int drawCount)
    {
        ArgumentNullException.ThrowIfNull(draws);
        if (draws.Length != parameters.Length * drawCount)
            throw new ArgumentException("Parameters and draws do not have matching lengths.", nameof(draws));
        Parameters = parameters;
        this.draws = draws;
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

    /// <summary>Some of the draws.</summary>
    /// <param name="draws">Their places, in order.</param>
    internal StoredBlock Take(int[] draws)
    {
        var taken = new double[Parameters.Length * draws.Length];
        for (var i = 0; i < Parameters.Length; i++)
        {
            for (var s = 0; s < draws.Length; s++)
                taken[i * draws.Length + s] = this.draws[i * DrawCount + draws[s]];
        }

        return new StoredBlock(Parameters, taken, draws.Length);
    }
}

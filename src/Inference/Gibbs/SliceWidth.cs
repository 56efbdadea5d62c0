namespace TypedPooling.Inference.Gibbs;

/// <summary>Width of the first interval of a slice step, learnt during warmup and then left alone, so that the chain is Markov. Scratch of one
/// chain.</summary>
internal sealed class SliceWidth
{
    private const double Least = 1e-4;
    private const double Greatest = 10;

    private double meanMove;
    private int count;

    /// <summary>The width, in units of the coordinate: about three times the mean move, which costs the fewest evaluations on bell-shaped
    /// densities.</summary>
    public double Value { get; private set; } = 1;

    /// <summary>Learns from a move.</summary>
    /// <param name="distance">How far the coordinate moved.</param>
    public void Learn(double distance)
    {
        count++;
        meanMove += (Math.Abs(distance) - meanMove) / Math.Min(count, 50);
        if (count >= 10)
            Value = Math.Clamp(3 * meanMove, Least, Greatest);
    }
}

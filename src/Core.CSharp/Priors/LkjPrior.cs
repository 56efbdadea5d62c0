using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>LKJ prior on a correlation matrix R: density proportional to det(R)^(eta - 1). Eta 1 is uniform over correlation matrices. Source:
/// [Lewandowski2009].</summary>
public sealed record LkjPrior : ICorrelationPrior
{
    /// <summary>Creates the prior.</summary>
    /// <param name="eta">Concentration; positive. Above 1 it favours small correlations.</param>
    /// <exception cref="ModelException">The concentration is not positive and finite.</exception>
    public LkjPrior(double eta) => Eta = PriorArguments.Positive(eta, "LKJ");

    /// <summary>Concentration.</summary>
    public double Eta { get; }

    /// <inheritdoc/>
    public string Text => PriorArguments.Text("LKJ", Eta);

    /// <inheritdoc/>
    public bool IsProper => true;

    /// <inheritdoc/>
    public bool IsIdentity => false;

    /// <inheritdoc/>
    public double? Concentration => Eta;

    /// <inheritdoc/>
    /// <remarks>
    /// Row a of L is built from partial correlations c_ab, (c_ab + 1) / 2 ~ Beta(d_b, d_b) with d_b = eta + (q - 2 - b) / 2: L_ab = c_ab s_ab,
    /// s_a,b+1 = s_ab sqrt(1 - c_ab^2). Where small shapes underflow, c_ab is -1 or 1. Source: [Lewandowski2009].
    /// </remarks>
    public void SampleFactor(int size, PhiloxStream stream, Span<double> factor)
    {
        ArgumentNullException.ThrowIfNull(stream);
        factor[..(size * size)].Clear();
        for (var a = 0; a < size; a++)
        {
            var rest = 1.0;
            for (var b = 0; b < a; b++)
            {
                var shape = Eta + 0.5 * (size - 2 - b);
                var (up, down) = (stream.NextGamma(shape), stream.NextGamma(shape));
                var sum = up + down;
                if (sum == 0)
                    (up, down, sum) = stream.NextDouble() < 0.5 ? (1, 0, 1) : (0, 1, 1);
                factor[a * size + b] = (up - down) / sum * rest;

                // 1 - c^2 = 4 u d / (u + d)^2, without cancellation near |c| = 1.
                rest *= 2 * Math.Sqrt(up / sum * (down / sum));
            }

            factor[a * size + a] = rest;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

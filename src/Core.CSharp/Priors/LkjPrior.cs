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
    /// Row r of L is built from partial correlations c_rk, (c_rk + 1) / 2 ~ Beta(b_k, b_k) with b_k = eta + (q - 2 - k) / 2: L_rk = c_rk s_rk,
    /// s_r,k+1 = s_rk sqrt(1 - c_rk^2). Where small shapes underflow, c_rk is -1 or 1. Source: [Lewandowski2009].
    /// </remarks>
    public void SampleFactor(int size, PhiloxStream stream, Span<double> factor)
    {
        ArgumentNullException.ThrowIfNull(stream);
        factor[..(size * size)].Clear();
        for (var r = 0; r < size; r++)
        {
            var rest = 1.0;
            for (var k = 0; k < r; k++)
            {
                var shape = Eta + 0.5 * (size - 2 - k);
                var (up, down) = (stream.NextGamma(shape), stream.NextGamma(shape));
                var sum = up + down;
                if (sum == 0)
                    (up, down, sum) = stream.NextDouble() < 0.5 ? (1, 0, 1) : (0, 1, 1);
                factor[r * size + k] = (up - down) / sum * rest;

                // 1 - c^2 = 4 u d / (u + d)^2, without cancellation near |c| = 1.
                rest *= 2 * Math.Sqrt(up / sum * (down / sum));
            }

            factor[r * size + r] = rest;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

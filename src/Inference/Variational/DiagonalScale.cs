using TypedPooling.Randomness;

namespace TypedPooling.Inference.Variational;

/// <summary>Uncorrelated sds, each with its own approximation.</summary>
internal sealed class DiagonalScale(ScaleApproximation[] parts) : ScaleApproximation
{
    public override void Update(double count, ReadOnlySpan<double> squares)
    {
        for (var a = 0; a < parts.Length; a++)
            parts[a].Update(count, squares.Slice(a * parts.Length + a, 1));
    }

    public override void Effective(Span<double> lambda)
    {
        lambda.Clear();
        for (var a = 0; a < parts.Length; a++)
            parts[a].Effective(lambda.Slice(a * parts.Length + a, 1));
    }

    public override double Bound(double count) => parts.Sum(part => part.Bound(count));

    public override void Sample(PhiloxStream stream, Span<double> lambda)
    {
        lambda.Clear();
        for (var a = 0; a < parts.Length; a++)
            parts[a].Sample(stream, lambda.Slice(a * parts.Length + a, 1));
    }
}

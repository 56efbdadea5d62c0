using TypedPooling.Randomness;

namespace TypedPooling.Inference.Variational;

/// <summary>An sd that is known.</summary>
internal sealed class FixedScale(double sd) : ScaleApproximation
{
    public override void Update(double count, ReadOnlySpan<double> squares)
    {
    }

    public override void Effective(Span<double> lambda) => lambda[0] = sd;

    public override double Bound(double count) => 0;

    public override void Sample(PhiloxStream stream, Span<double> lambda) => lambda[0] = sd;
}

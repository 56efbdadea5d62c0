using TypedPooling.Data;

namespace TypedPooling.Inference.Posteriors;

/// <summary>Varying effects of one factor that are held in memory effect by effect, 8 bytes a draw and effect.</summary>
/// <param name="model">The model with its levels.</param>
/// <param name="factor">Index of the factor.</param>
/// <param name="draws">Level * q + term, each with all its draws.</param>
/// <param name="count">Number of draws.</param>
internal sealed class StoredEffects(BoundModel model, int factor, double[][] draws, int count) : LevelEffects(model, factor, count)
{
    public override void CopyDraws(int index, Span<double> destination) => draws[index].CopyTo(destination);

    public override void CopyLevel(int level, Span<double> destination)
    {
        for (var a = 0; a < TermCount; a++)
            CopyDraws(level * TermCount + a, destination[(a * DrawCount)..]);
    }
}

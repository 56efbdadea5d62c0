using TypedPooling.Data;

namespace TypedPooling.Inference.Posteriors;

/// <summary>Varying effects of one factor that are held in memory draw by draw, as a chain makes them: nothing is copied when the chains
/// end.</summary>
/// <param name="model">The model with its levels.</param>
/// <param name="factor">Index of the factor.</param>
/// <param name="rows">Effects of all factors, a row a draw, chain after chain.</param>
/// <param name="start">Place of this factor's first effect in a row.</param>
internal sealed class StoredEffectRows(BoundModel model, int factor, double[][] rows, int start) : LevelEffects(model, factor, rows.Length)
{
    public override void CopyDraws(int index, Span<double> destination)
    {
        for (var s = 0; s < rows.Length; s++)
            destination[s] = rows[s][start + index];
    }

    public override void CopyLevel(int level, Span<double> destination)
    {
        for (var a = 0; a < TermCount; a++)
            CopyDraws(level * TermCount + a, destination[(a * rows.Length)..]);
    }
}

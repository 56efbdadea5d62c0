using System.Runtime.CompilerServices;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Randomness;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Marginal.Cells;

/// <summary>Varying effects drawn when they are read, given the scales and population effects of each draw: a pure function of seed, draw and the
/// level's key.</summary>
/// <param name="cells">The cells.</param>
/// <param name="starts">Where the searches for modes begin.</param>
/// <param name="positions">Positions draw after draw, D each.</param>
/// <param name="population">beta~ draw after draw, p each.</param>
/// <param name="lambdas">Lambda draw after draw, q x q each.</param>
/// <param name="scales">Sigma and the shape of the response by draw.</param>
/// <param name="count">Number of draws.</param>
/// <param name="seed">Seed of the run.</param>
/// <param name="numbers">The number that addresses the random numbers of each draw; null where it is its place.</param>
internal sealed class RegeneratedCellEffects(
    GroupedCells cells,
    ModeStarts starts,
    double[] positions,
    double[] population,
    double[] lambdas,
    ResponseScales[] scales,
    int count,
    ulong seed,
    int[]? numbers = null)
    : LevelEffects(cells.System.Model, 0, count)
{
    // Draws a thread takes at a time.
    private const int Part = 500;

    public override void CopyLevel(int level, Span<double> destination)
    {
        // Draws are functions of their numbers: parts of them in any order.
        var all = new double[TermCount * DrawCount];
        var own = cells.Only(level);
        Parallel.For(0, (DrawCount + Part - 1) / Part, () => new LevelDraw(own), (part, _, draw) =>
        {
            Draw(level, part * Part, Math.Min(DrawCount, (part + 1) * Part), draw, all);
            return draw;
        }, _ => { });
        all.CopyTo(destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Draw(int level, int first, int last, LevelDraw draw, double[] all)
    {
        var (q, p) = (cells.TermCount, cells.PopulationCount);
        var d = positions.Length / DrawCount;
        var hash = Levels.Hash(level);
        Span<double> effects = stackalloc double[q];
        Span<double> start = stackalloc double[q];
        for (var s = first; s < last; s++)
        {
            var uniforms = new PhiloxUniforms(seed, (ulong)(numbers is null ? s : numbers[s]), hash);
            starts.Fill(level * q, positions.AsSpan(s * d, d), start);
            if (!draw.TryDraw(scales[s], population.AsSpan(s * p, p), lambdas.AsSpan(s * q * q, q * q), start, ref uniforms, effects))
                throw Lost(level);
            for (var a = 0; a < q; a++)
                all[a * DrawCount + s] = effects[a];
        }
    }

    private InvalidOperationException Lost(int level) =>
        new(
            $"The likelihood of level {level} of '{cells.System.Model.Spec.Factors[0].Name}' could not be evaluated about its mode, at a draw "
                + $"where it was evaluated before. This is a defect of the library; please report it with the model.");
}

using System.Runtime.CompilerServices;

namespace TypedPooling.Inference.Marginal.Cells;

/// <summary>Where the modes of levels are looked for at a position: the modes at an origin, moved linearly. Immutable; shared by threads.</summary>
internal sealed class ModeStarts
{
    // Half the step of the differences, in coordinates of the order of their posterior sds.
    private const double Step = 0.25;

    // Times that modes are found from where they were found before, each of which may end a few hundredths of an sd off.
    private const int Refinements = 2;

    private readonly double[] origin;
    private readonly double[] modes;              // J q
    private readonly double[] slopes;             // derivative of each for each coordinate, J q D

    private ModeStarts(double[] origin, double[] modes, double[] slopes)
    {
        this.origin = origin;
        this.modes = modes;
        this.slopes = slopes;
    }

    /// <summary>Finds the modes about an origin.</summary>
    /// <param name="cells">The cells.</param>
    /// <param name="origin">A position that is not far from the posterior. Length D.</param>
    public static ModeStarts At(GroupedCells cells, double[] origin)
    {
        var (size, d) = (cells.LevelCount * cells.TermCount, origin.Length);
        var starts = new ModeStarts(origin, new double[size], new double[size * d]);
        if (size == 0)
            return starts;
        var density = new CellDensity(cells, new QuadratureNodes(1, cells.TermCount), starts);
        var modes = Find(starts.modes, origin);
        for (var coordinate = 0; coordinate < d; coordinate++)
        {
            var moved = (double[])origin.Clone();
            moved[coordinate] = origin[coordinate] + Step;
            var above = Find(modes, moved);
            moved[coordinate] = origin[coordinate] - Step;
            var below = Find(modes, moved);
            for (var i = 0; i < size; i++)
                starts.slopes[i * d + coordinate] = (above[i] - below[i]) / (2 * Step);
        }

        return new ModeStarts(origin, modes, starts.slopes);

        double[] Find(double[] from, double[] position)
        {
            var found = (double[])from.Clone();
            for (var i = 0; i < Refinements; i++)
            {
                if (!density.TryFindModes(position, found))
                    return from;
            }

            return found;
        }
    }

    /// <summary>Writes the starts of some levels, one after the other.</summary>
    /// <param name="first">Index of the first effect among those of all levels.</param>
    /// <param name="position">A position. Length D.</param>
    /// <param name="starts">Overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(int first, ReadOnlySpan<double> position, Span<double> starts)
    {
        var d = origin.Length;
        for (var i = 0; i < starts.Length; i++)
        {
            var sum = modes[first + i];
            for (var coordinate = 0; coordinate < d; coordinate++)
                sum += slopes[(first + i) * d + coordinate] * (position[coordinate] - origin[coordinate]);
            starts[i] = sum;
        }
    }
}

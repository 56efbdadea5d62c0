using TypedPooling.Randomness;

namespace TypedPooling.Inference.Marginal.Cells;

/// <summary>The cells of a model with a quadrature rule that suits them, and where searches for modes begin. Immutable; shared by threads.</summary>
/// <remarks>
/// <para>
/// The rule has as few nodes as make log densities over a wide neighbourhood of the rough fit (scales within a factor of e, population effects within
/// two standard errors) agree with those of the next finer rule to <see cref="Tolerance"/>, up to a constant, which does not matter to a posterior.
/// What it is worth where the posterior is gets measured at its draws: <see cref="ErrorOver"/>.
/// </para>
/// <para>
/// With delta the error of a log density, an expectation under the density without it is off by cov(h, delta) to first order, and so by no more than
/// sd(h) sd(delta): the sd of delta over the posterior bounds the error of any mean in posterior sds.
/// </para>
/// </remarks>
internal sealed class CellQuadrature
{
    /// <summary>The greatest error of a log density, over the neighbourhood, that is put up with when a rule is chosen. Where the posterior is it is
    /// a small part of that.</summary>
    public const double Tolerance = 0.01;

    /// <summary>The greatest number of varying effects a level may have.</summary>
    public const int MostTerms = 3;

    private const int Probes = 8;

    // Nodes of a dimension; even numbers fill lanes.
    private static readonly int[][] Ladders = [[8, 12, 16, 24, 32, 48, 64], [6, 8, 10, 14, 20, 28], [5, 7, 9, 12, 16]];

    private readonly QuadratureNodes nodes;
    private readonly ModeStarts starts;

    private CellQuadrature(GroupedCells cells, QuadratureNodes nodes, ModeStarts starts)
    {
        Cells = cells;
        this.nodes = nodes;
        this.starts = starts;
    }

    /// <summary>The cells.</summary>
    public GroupedCells Cells { get; }

    /// <summary>Nodes of each dimension; 0 where there is nothing to integrate.</summary>
    public int Points => Cells.TermCount == 0 ? 0 : nodes.Points;

    /// <summary>Where searches for modes begin.</summary>
    public ModeStarts Starts => starts;

    /// <summary>What the next finer rule changed log densities by over the neighbourhood, up to a constant; of the finest rules, where none was fine
    /// enough.</summary>
    public double NeighbourhoodError { get; private init; }

    /// <summary>Chooses a rule.</summary>
    /// <param name="cells">The cells.</param>
    /// <param name="theta">Scales of a rough fit.</param>
    public static CellQuadrature Of(GroupedCells cells, ReadOnlySpan<double> theta)
    {
        var q = cells.TermCount;
        var origin = new double[cells.System.Scales.Dimension + cells.PopulationCount];
        theta.CopyTo(origin);
        var starts = ModeStarts.At(cells, origin);
        if (q == 0)
            return new CellQuadrature(cells, new QuadratureNodes(1, 1), starts);
        var ladder = Ladders[q - 1];
        var probes = ProbesAbout(origin, cells.System.Scales.Dimension);
        var nodes = new QuadratureNodes(ladder[0], q);
        var values = Values(cells, nodes, starts, probes);
        var error = 0.0;
        for (var step = 1; step < ladder.Length; step++)
        {
            var finer = new QuadratureNodes(ladder[step], q);
            var finerValues = Values(cells, finer, starts, probes);
            error = Spread(values, finerValues);
            if (error <= Tolerance)
                break;
            (nodes, values) = (finer, finerValues);
        }

        return new CellQuadrature(cells, nodes, starts) { NeighbourhoodError = error };
    }

    /// <summary>The cells with a rule of one node, which serves where nothing is integrated: to read positions.</summary>
    /// <param name="cells">The cells.</param>
    /// <param name="theta">Scales of a rough fit.</param>
    public static CellQuadrature Plain(GroupedCells cells, ReadOnlySpan<double> theta)
    {
        var origin = new double[cells.System.Scales.Dimension + cells.PopulationCount];
        theta.CopyTo(origin);
        return new CellQuadrature(cells, new QuadratureNodes(1, Math.Max(1, cells.TermCount)), ModeStarts.At(cells, origin));
    }

    /// <summary>The same with a given number of nodes of each dimension.</summary>
    public CellQuadrature With(int points) =>
        new(Cells, new QuadratureNodes(points, Math.Max(1, Cells.TermCount)), starts) { NeighbourhoodError = NeighbourhoodError };

    /// <summary>The same with twice as many nodes of each dimension, or with the most there are.</summary>
    /// <returns>Null where there are no more.</returns>
    public CellQuadrature? Finer()
    {
        var most = Cells.TermCount == 0 ? 0 : Ladders[Cells.TermCount - 1][^1];
        return Points >= most ? null : With(Math.Min(most, 2 * Points));
    }

    /// <summary>A density of its own scratch.</summary>
    public CellDensity NewDensity() => new(Cells, nodes, starts);

    /// <summary>The sd, over positions, of the error of the log density, measured against a rule of twice as many nodes in each dimension.</summary>
    /// <param name="positions">Positions, draws of the posterior.</param>
    public double ErrorOver(IReadOnlyList<double[]> positions)
    {
        if (Cells.TermCount == 0)
            return 0;
        var coarse = Values(Cells, nodes, starts, positions);
        var fine = Values(Cells, new QuadratureNodes(2 * nodes.Points, Cells.TermCount), starts, positions);
        var mean = coarse.Zip(fine, (a, b) => b - a).Average();
        return Math.Sqrt(coarse.Zip(fine, (a, b) => Math.Pow(b - a - mean, 2)).Average());
    }

    private static double[] Values(GroupedCells cells, QuadratureNodes nodes, ModeStarts starts, IReadOnlyList<double[]> positions)
    {
        var density = new CellDensity(cells, nodes, starts);
        return [.. positions.Select(position => density.LogDensity(position))];
    }

    // Over positions where both can be evaluated.
    private static double Spread(double[] coarse, double[] fine)
    {
        var differences = coarse.Zip(fine, (a, b) => b - a).Where(double.IsFinite).ToArray();
        return differences.Length == 0 ? 0 : differences.Max() - differences.Min();
    }

    private static double[][] ProbesAbout(double[] origin, int scales)
    {
        var stream = RandomAddresses.QuadratureProbes();
        var probes = new double[Probes][];
        probes[0] = origin;
        for (var i = 1; i < Probes; i++)
            probes[i] = [.. origin.Select((z, d) => z + (d < scales ? 1 : 2) * (2 * stream.NextDouble() - 1))];
        return probes;
    }
}

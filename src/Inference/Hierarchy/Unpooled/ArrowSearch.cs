using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Hierarchy.Unpooled;

/// <summary>Newton's method in the coordinates of an <see cref="UnpooledDesign"/>, level by level: the information is block diagonal in the levels'
/// own coordinates, bordered by the shared ones. Scratch of one thread.</summary>
/// <remarks>
/// With A_j = U_j'W U_j, B_j = U_j'W V and C = V'W V the shared step solves (C - sum B_j'A_j^-1 B_j) d = g - sum B_j'A_j^-1 g_j, and a level's is
/// A_j^-1 (g_j - B_j d). O(cells (q + p)^2 + levels q^3 + p^3) a step.
/// </remarks>
internal sealed class ArrowSearch
{
    private const int MostSteps = 200;

    // What a step promises, relative to the value, below which values at both ends differ by rounding alone: whole steps are then taken.
    private const double Rounding = 1e-12;

    // The same, below which the maximum is reached to the last digits.
    private const double LastGain = 1e-24;

    private readonly UnpooledDesign design;
    private readonly double[] known;
    private readonly int q;
    private readonly int p;
    private readonly double[] own;                // A_j, then its Cholesky factor; q x q a level
    private readonly double[] border;             // B_j, then L_j^-1 B_j; q x p a level
    private readonly double[] corner;             // C, then the factor of its Schur complement
    private readonly double[] gradient;           // by coordinate: q a level, then p
    private readonly double[] slopes;
    private readonly double[] weights;

    public ArrowSearch(UnpooledDesign design, double[] known, int q, int p)
    {
        (this.design, this.known, this.q, this.p) = (design, known, q, p);
        var levels = design.Ranks.Length;
        own = new double[levels * q * q];
        border = new double[levels * q * p];
        corner = new double[p * p];
        gradient = new double[levels * q + p];
        Coordinates = new double[gradient.Length];
        Step = new double[gradient.Length];
        Predictors = (double[])known.Clone();
        slopes = new double[known.Length];
        weights = new double[known.Length];
    }

    /// <summary>The value, and by cell its slope and a positive weight, at predictors.</summary>
    public delegate double Curves(double[] predictors, double[] slopes, double[] weights);

    /// <summary>Coordinates: q a level, then p shared ones; those beyond a rank stay 0.</summary>
    public double[] Coordinates { get; }

    /// <summary>Predictors at them, by cell.</summary>
    public double[] Predictors { get; }

    /// <summary>The last step.</summary>
    public double[] Step { get; }

    /// <summary>Climbs from the coordinates at hand.</summary>
    /// <param name="curves">What is maximised.</param>
    /// <param name="stops">Asked after every step is found whether to end there; null to end at the maximum.</param>
    /// <returns>The value reached; NaN where it cannot be evaluated at the start.</returns>
    public double Climb(Curves curves, Func<bool>? stops = null)
    {
        var value = At(Coordinates, curves);
        var trial = new double[Coordinates.Length];
        var previous = double.PositiveInfinity;
        for (var iteration = 0; iteration < MostSteps && double.IsFinite(value); iteration++)
        {
            if (!TrySolve(weights, slopes))
                break;
            var gain = 0.0;
            for (var a = 0; a < Step.Length; a++)
                gain += Step[a] * gradient[a];
            var isClose = gain < Rounding * (1 + Math.Abs(value));
            if (stops?.Invoke() == true || gain < LastGain * (1 + Math.Abs(value)) || (isClose && gain >= previous))
                break;
            previous = gain;
            var length = 1.0;
            for (; length > 1e-10; length *= 0.5)
            {
                for (var a = 0; a < trial.Length; a++)
                    trial[a] = Coordinates[a] + length * Step[a];
                var next = At(trial, curves);
                if (!(next >= value) && !(isClose && double.IsFinite(next)))
                    continue;
                value = next;
                break;
            }

            if (length <= 1e-10)
                break;
            trial.CopyTo(Coordinates, 0);
        }

        return At(Coordinates, curves);
    }

    /// <summary>Begins at the weighted least squares of targets.</summary>
    /// <param name="targets">Predictors less what is known, by cell.</param>
    /// <param name="cellWeights">Their weights.</param>
    public void StartAt(double[] targets, double[] cellWeights)
    {
        var pulls = new double[targets.Length];
        for (var i = 0; i < pulls.Length; i++)
            pulls[i] = cellWeights[i] * targets[i];
        if (TrySolve(cellWeights, pulls))
            Step.CopyTo(Coordinates, 0);
    }

    /// <summary>What a step moves a predictor by.</summary>
    /// <param name="i">The cell.</param>
    /// <param name="ownOnly">True for the part of the level's own coordinates.</param>
    public double Moved(int i, bool ownOnly) => Along(i, Step, ownOnly);

    /// <summary>Solves for a step.</summary>
    /// <param name="cellWeights">Weights by cell.</param>
    /// <param name="cellSlopes">Slopes by cell.</param>
    /// <returns>False where the information is not positive definite.</returns>
    public bool TrySolve(double[] cellWeights, double[] cellSlopes)
    {
        Gather(cellWeights, cellSlopes);
        var levels = design.Ranks.Length;
        var s = design.SharedRank;
        gradient.CopyTo(Step, 0);
        var shared = Step.AsSpan(levels * q, p);
        for (var j = 0; j < levels; j++)
        {
            var rank = design.Ranks[j];
            if (rank == 0)
                continue;
            var a = Packed(j, rank);
            if (!SmallCholesky.TryFactorise(a, rank))
                return false;
            Unpack(j, rank, a);

            // L^-1 of the border and of the level's slopes; C and the shared slopes lose their products.
            var g = Step.AsSpan(j * q, rank);
            SmallCholesky.SolveLower(a, g, rank);
            var column = new double[rank];
            for (var e = 0; e < s; e++)
            {
                for (var r = 0; r < rank; r++)
                    column[r] = border[(j * q + r) * p + e];
                SmallCholesky.SolveLower(a, column, rank);
                for (var r = 0; r < rank; r++)
                {
                    border[(j * q + r) * p + e] = column[r];
                    shared[e] -= column[r] * g[r];
                }
            }

            for (var e = 0; e < s; e++)
            {
                for (var f = 0; f <= e; f++)
                {
                    for (var r = 0; r < rank; r++)
                        corner[e * p + f] -= border[(j * q + r) * p + e] * border[(j * q + r) * p + f];
                }
            }
        }

        var schur = new double[s * s];
        for (var e = 0; e < s; e++)
            corner.AsSpan(e * p, e + 1).CopyTo(schur.AsSpan(e * s));
        if (!SmallCholesky.TryFactorise(schur, s))
            return false;
        SmallCholesky.Solve(schur, shared[..s], s);
        for (var j = 0; j < levels; j++)
        {
            var rank = design.Ranks[j];
            var g = Step.AsSpan(j * q, rank);
            for (var r = 0; r < rank; r++)
            {
                for (var e = 0; e < s; e++)
                    g[r] -= border[(j * q + r) * p + e] * shared[e];
            }

            SmallCholesky.SolveTransposed(Packed(j, rank), g, rank);
        }

        return true;
    }

    private double At(double[] coordinates, Curves curves)
    {
        for (var i = 0; i < known.Length; i++)
            Predictors[i] = known[i] + Along(i, coordinates, ownOnly: false);
        var value = curves(Predictors, slopes, weights);
        return double.IsNaN(value) ? double.NegativeInfinity : value;
    }

    private double Along(int i, double[] coordinates, bool ownOnly)
    {
        var j = design.Levels[i];
        var sum = 0.0;
        for (var r = 0; r < design.Ranks[j]; r++)
            sum += design.Own[i * q + r] * coordinates[j * q + r];
        for (var e = 0; !ownOnly && e < design.SharedRank; e++)
            sum += design.Shared[i * p + e] * coordinates[design.Ranks.Length * q + e];
        return sum;
    }

    private void Gather(double[] cellWeights, double[] cellSlopes)
    {
        Array.Clear(own);
        Array.Clear(border);
        Array.Clear(corner);
        Array.Clear(gradient);
        var s = design.SharedRank;
        var at = design.Ranks.Length * q;
        for (var i = 0; i < known.Length; i++)
        {
            var j = design.Levels[i];
            for (var r = 0; r < design.Ranks[j]; r++)
            {
                var u = design.Own[i * q + r];
                gradient[j * q + r] += u * cellSlopes[i];
                for (var c = 0; c <= r; c++)
                    own[(j * q + r) * q + c] += cellWeights[i] * u * design.Own[i * q + c];
                for (var e = 0; e < s; e++)
                    border[(j * q + r) * p + e] += cellWeights[i] * u * design.Shared[i * p + e];
            }

            for (var e = 0; e < s; e++)
            {
                var v = design.Shared[i * p + e];
                gradient[at + e] += v * cellSlopes[i];
                for (var f = 0; f <= e; f++)
                    corner[e * p + f] += cellWeights[i] * v * design.Shared[i * p + f];
            }
        }
    }

    private double[] Packed(int level, int rank)
    {
        var block = new double[rank * rank];
        for (var r = 0; r < rank; r++)
            own.AsSpan((level * q + r) * q, rank).CopyTo(block.AsSpan(r * rank));
        return block;
    }

    private void Unpack(int level, int rank, double[] block)
    {
        for (var r = 0; r < rank; r++)
            block.AsSpan(r * rank, rank).CopyTo(own.AsSpan((level * q + r) * q));
    }
}

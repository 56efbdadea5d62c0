using TypedPooling.Inference.Numerics;


namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>Finds the greatest value of a <see cref="LikelihoodFunction"/>: climbs from several starts, and settles what ends near the boundary
/// exactly on it or exactly off it.</summary>
/// <remarks>
/// At a diagonal element 0 of a Lambda the criterion's derivative for it is 0 whatever the data say, since the criterion is even in it. What tells is
/// the derivative for the variance: with Sigma = Lambda Lambda' and G = d criterion / d Sigma, adding t v v' to Sigma changes the criterion by t v'G
/// v. A point whose diagonal elements a in B are 0 is a maximum where G Lambda = 0 (the ordinary gradient) and G restricted to B has no positive
/// eigenvalue. With element (a, a) set to h, column a of the derivative for Lambda is 2 h times column a of G up to h^3, which gives G. A diagonal
/// element that the optimiser leaves near 0 is set to exactly 0. If the criterion would rise away from 0, the old value is kept.
/// </remarks>
internal sealed class LikelihoodSearch
{
    // A coordinate of about 1 is typical; one below this part of it may be 0.
    private const double NearZero = 0.02;

    // The h of the derivative for a variance: its error is of the order of h^2.
    private const double Probe = 1e-4;

    // Root mean square of a column over its sd from which a start of its own is tried for it.
    private const double Far = 3;

    // A rough climb has less than this to gain, and ends this near to where others of the same region end.
    private const double ClearlyLower = 0.5;
    private const double SameRegion = 0.1;

    // Beside effects that vary, large counts may put estimates thousands of standard errors from where the search begins.
    private const int FarSteps = 8;

    // Where the curvature is known and evaluations cost much: what is left for the polish, which measures the curvature in any case.
    private const double EnoughToPolish = 1e-8;

    private readonly LikelihoodFunction function;
    private readonly LikelihoodCoordinates coordinates;
    private readonly QuasiNewton climber;
    private readonly QuasiNewton scout;
    private readonly bool isCheap;

    // As the other, for the coordinate of a shape, whose derivative loses digits as it nears 0.
    private const double ShapeProbe = 1e-2;

    private readonly double typicalShape;

    /// <param name="function">The criterion.</param>
    /// <param name="isCheap">Whether evaluations are cheap enough for several starts.</param>
    /// <param name="typicalShape">Where the shape's coordinate begins.</param>
    /// <param name="inverseCurvature">For each coordinate, the inverse of the curvature at the start, roughly; null where nothing is known.</param>
    public LikelihoodSearch(LikelihoodFunction function, bool isCheap, double typicalShape = 1, double[]? inverseCurvature = null)
    {
        this.typicalShape = typicalShape;
        this.function = function;
        coordinates = function.Coordinates;
        this.isCheap = isCheap;
        (climber, scout) = (NewClimber(inverseCurvature is null ? 1e-13 : EnoughToPolish), NewClimber(1e-3));

        QuasiNewton NewClimber(double leastGain) => new(coordinates.Dimension, function.Evaluate)
        {
            LeastGain = leastGain,
            GreatestStep = 2,
            InverseCurvature = inverseCurvature ?? [],
            StepsBeforeGrowth = FarSteps,
            Rounding = 1e-14,
            GreatestIterations = 500,
        };
    }

    /// <summary>The coordinates of the maximum; diagonal elements of every Lambda are 0 or positive.</summary>
    public double[] Best { get; private set; } = [];

    /// <summary>The criterion there.</summary>
    public double Value => Convergence.Value;

    /// <summary>The criterion there, what the last step added and what a further one promises.</summary>
    public Convergence Convergence { get; private set; } = new(double.NegativeInfinity, 0, double.NaN);

    /// <summary>Searches.</summary>
    /// <param name="start">A start to use in place of the usual ones; null for those.</param>
    /// <returns>False where the criterion cannot be evaluated at any start.</returns>
    public bool TryRun(double[]? start = null)
    {
        foreach (var from in start is null ? Summits() : [start])
        {
            if (!climber.TryClimb(from))
                continue;
            var (position, end) = ((double[])climber.Position.Clone(), End());
            Settle(ref position, ref end);
            if (Best.Length == 0 || end.Value > Value + 1e-10 * Math.Abs(Value)
                || (end.Value > Value && end.RemainingGain <= Convergence.RemainingGain))
                (Best, Convergence) = (position, end);
        }

        return double.IsFinite(Value);
    }

    // Where rough climbs from all starts end, the highest first: each region once, and none that is clearly lower. A single start is left for the
    // climb itself.
    private List<double[]> Summits()
    {
        double[][] starts = [.. Starts()];
        if (starts.Length == 1)
            return [starts[0]];
        var ends = new List<(double[] Position, double Value)>();
        foreach (var from in starts)
        {
            if (!scout.TryClimb(from))
                continue;
            var position = (double[])scout.Position.Clone();
            MakePositive(position);
            ends.Add((position, scout.Value));
        }

        var kept = new List<double[]>();
        foreach (var (position, _) in ends.Where(end => end.Value > ends.Max(other => other.Value) - ClearlyLower).OrderByDescending(
            end => end.Value))
        {
            if (!kept.Exists(
                other => position.Zip(other).All(pair => Math.Abs(pair.First - pair.Second) <= SameRegion * (1 + Math.Abs(pair.Second)))))
                kept.Add(position);
        }

        return kept;
    }

    // Diagonals 1 with nothing beside them; where evaluations are cheap also small and large ones, and correlations of both signs, since restricted
    // likelihoods of slopes can have several maxima.
    private IEnumerable<double[]> Starts()
    {
        yield return Start(1, 0);
        if (!isCheap || coordinates.Elements.IsEmpty)
            yield break;
        yield return Start(0.2, 0);
        var elements = coordinates.Elements.ToArray();

        // Uncorrelated effects of a column far from 0: slopes of the size of its spread are another region, in which intercepts and slopes move
        // together.
        if (elements.Any(element => element.Spread > Far))
        {
            var x = Start(1, 0);
            for (var i = 0; i < elements.Length; i++)
                x[coordinates.Shift + i] *= elements[i].Spread;
            yield return x;
        }

        if (elements.Any(element => element.Opposite != 0))
        {
            var x = Start(1, 0);
            for (var i = 0; i < elements.Length; i++)
                x[coordinates.Shift + i] += elements[i].Opposite;
            yield return x;
        }

        if (!elements.Any(element => element.Row != element.Column))
            yield break;
        yield return Start(0.7, 0.5);
        yield return Start(0.7, -0.5);
        foreach (var single in elements.Where(element => element.Row == element.Column))
        {
            var x = Start(0.05, 0);
            x[coordinates.Shift + Array.IndexOf(elements, single)] = 1;
            yield return x;
        }
    }

    private double[] Start(double diagonal, double beside)
    {
        var x = new double[coordinates.Dimension];
        if (coordinates.HasSigma)
            x[0] = Math.Log(coordinates.TypicalSigma);
        if (coordinates.HasShape)
            x[coordinates.ShapeAt] = coordinates.ShapeCoordinate(typicalShape);
        for (var i = 0; i < coordinates.Elements.Length; i++)
        {
            var element = coordinates.Elements[i];
            x[i + coordinates.Shift] = element.Row == element.Column ? diagonal : element.Column == 0 ? beside : 0;
        }

        return x;
    }

    private Convergence End() => new(climber.Value, climber.LastGain, climber.Gain);

    private void Settle(ref double[] position, ref Convergence end)
    {
        var isZero = new bool[position.Length];
        var near = NearZeros(position, isZero);
        foreach (var i in near)
        {
            isZero[i] = true;
            var trial = WithZeros(position, isZero);
            var mask = Masked(isZero);
            if (climber.TryClimb(trial, mask))
            {
                var (settled, height) = ((double[])climber.Position.Clone(), End());
                if (height.Value >= end.Value - 1e-9 * Math.Max(1, Math.Abs(end.Value)) && !Rises(settled, isZero))
                {
                    (position, end) = (settled, height);
                    continue;
                }
            }

            isZero[i] = false;
        }

        MakePositive(position);
    }

    // Diagonal elements of rows whose sd is estimated, the smallest first.
    private List<int> NearZeros(double[] position, bool[] isZero)
    {
        var near = new List<int>();
        if (coordinates.HasShape && (Math.Abs(position[coordinates.ShapeAt]) < NearZero || coordinates.ShapeOf(position) >= coordinates.ShapeLimit))
            near.Add(coordinates.ShapeAt);
        for (var i = 0; i < coordinates.Elements.Length; i++)
        {
            var (k, a, b, _) = coordinates.Elements[i];
            var at = i + coordinates.Shift;
            if (a == b && !isZero[at] && (Math.Abs(position[at]) < NearZero || IsOneOfMany(k)) && (coordinates.IsFree(k, a) || a > 0))
                near.Add(at);
        }

        return [.. near.OrderBy(at => Math.Abs(position[at]))];
    }

    // Far from 0 an intercept and a slope that are uncorrelated there do much the same: which of them varies is asked whatever their sizes are.
    private bool IsOneOfMany(int factor)
    {
        foreach (var element in coordinates.Elements)
        {
            if (element.Factor == factor && element.Spread > 1 / NearZero)
                return true;
        }

        return false;
    }

    // The same Sigma but for what the zeroed elements add to it: a column without its diagonal element moves into those behind it.
    private double[] WithZeros(double[] position, bool[] isZero)
    {
        var x = (double[])position.Clone();
        for (var i = 0; i < isZero.Length; i++)
        {
            if (isZero[i])
                x[i] = 0;
        }

        coordinates.SetTriangles(x, function.Point);
        for (var k = 0; k < function.Point.Factors.Length; k++)
        {
            if (!coordinates.IsCorrelated(k))
                continue;
            var lambda = function.Point.Factors[k].Lambda;
            var q = function.Point.Factors[k].Sd.Length;
            var square = new double[q * q];
            TriangularMatrix.Square(lambda, q, square);
            bool[] without = [.. Enumerable.Range(0, q).Select(a => IsZeroDiagonal(k, a, isZero))];
            SemidefiniteCholesky.Factorise(square, q, without: without);
            square.CopyTo(lambda, 0);
        }

        var moved = coordinates.Of(function.Point.Sigma, function.Point);
        position.AsSpan(0, coordinates.Shift).CopyTo(moved);
        if (coordinates.HasShape && isZero[coordinates.ShapeAt])
            moved[coordinates.ShapeAt] = 0;
        return moved;
    }

    private bool IsZeroDiagonal(int factor, int row, bool[] isZero)
    {
        for (var i = 0; i < coordinates.Elements.Length; i++)
        {
            var element = coordinates.Elements[i];
            if (element.Factor == factor && element.Row == row && element.Column == row)
                return isZero[i + coordinates.Shift];
        }

        return true;
    }

    // A zeroed diagonal element takes its column with it.
    private bool[] Masked(bool[] isZero)
    {
        var mask = new bool[isZero.Length];
        if (coordinates.HasShape)
            mask[coordinates.ShapeAt] = isZero[coordinates.ShapeAt];
        for (var i = 0; i < coordinates.Elements.Length; i++)
        {
            var element = coordinates.Elements[i];
            mask[i + coordinates.Shift] = IsZeroDiagonal(element.Factor, element.Column, isZero);
        }

        return mask;
    }

    // Whether adding a variance along a zeroed direction raises the criterion.
    private bool Rises(double[] position, bool[] isZero)
    {
        var gradient = new double[position.Length];
        if (coordinates.HasShape && isZero[coordinates.ShapeAt])
        {
            var x = (double[])position.Clone();
            x[coordinates.ShapeAt] = ShapeProbe;
            if (!double.IsFinite(function.Evaluate(x, gradient)) || gradient[coordinates.ShapeAt] > 0)
                return true;
        }

        for (var k = 0; k < function.Point.Factors.Length; k++)
        {
            var rows = new List<(int Row, int At)>();
            for (var i = 0; i < coordinates.Elements.Length; i++)
            {
                var element = coordinates.Elements[i];
                if (element.Factor == k && element.Row == element.Column && isZero[i + coordinates.Shift])
                    rows.Add((element.Row, i + coordinates.Shift));
            }

            if (rows.Count == 0)
                continue;
            var curvature = new double[rows.Count, rows.Count];
            for (var a = 0; a < rows.Count; a++)
            {
                var x = (double[])position.Clone();
                x[rows[a].At] = Probe;
                if (!double.IsFinite(function.Evaluate(x, gradient)))
                    return true;
                for (var b = 0; b < rows.Count; b++)
                {
                    if (b == a || (b > a && coordinates.IsCorrelated(k)))
                        curvature[a, b] = curvature[b, a] = gradient[b == a ? rows[a].At : ElementAt(k, rows[b].Row, rows[a].Row)] / (2 * Probe);
                }
            }

            // Rounding of the gradient, of the order of 1e-16 of its terms over the probe, must not count as a rise.
            var greatest = rows.Count == 1
                ? curvature[0, 0]
                : MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.DenseOfArray(curvature).Evd(
                    MathNet.Numerics.LinearAlgebra.Symmetricity.Symmetric).EigenValues.Max(value => value.Real);
            if (greatest > 1e-6)
                return true;
        }

        return false;
    }

    private int ElementAt(int factor, int row, int column)
    {
        for (var i = 0; i < coordinates.Elements.Length; i++)
        {
            var element = coordinates.Elements[i];
            if (element.Factor == factor && element.Row == row && element.Column == column)
                return i + coordinates.Shift;
        }

        throw new InvalidOperationException("A zeroed row is correlated with another and has no element beside the diagonal.");
    }

    // The sign of a column does not matter: diagonals become positive.
    private void MakePositive(double[] position) => MakePositive(coordinates, position);

    /// <summary>The same covariances, diagonals 0 or positive.</summary>
    public static void MakePositive(LikelihoodCoordinates coordinates, double[] position)
    {
        if (coordinates.HasShape)
            position[coordinates.ShapeAt] = Math.Abs(position[coordinates.ShapeAt]);
        for (var i = 0; i < coordinates.Elements.Length; i++)
        {
            var (k, a, b, _) = coordinates.Elements[i];
            if (a != b || !(position[i + coordinates.Shift] < 0))
                continue;
            for (var j = 0; j < coordinates.Elements.Length; j++)
            {
                var other = coordinates.Elements[j];
                if (other.Factor == k && other.Column == b)
                    position[j + coordinates.Shift] *= -1;
            }
        }
    }
}

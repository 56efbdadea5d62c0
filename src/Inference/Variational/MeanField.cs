using System.Runtime.CompilerServices;
using TypedPooling.Data;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy;
using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Variational;

/// <summary>The approximation of a model and its coordinate ascent; see <see cref="VariationalEngine"/> for the mathematics.</summary>
internal sealed class MeanField
{
    private readonly ScaleApproximation sigma;
    private readonly ScaleApproximation[] scales;
    private readonly double rows;
    private readonly double[] levels;          // J of each factor
    private readonly double[] previous;        // effective scales before an iteration
    private readonly double[][] squares;       // expected sum of u u' by factor
    private readonly double[] product;         // largest q^2

    public MeanField(NormalBoundModel model)
    {
        Hierarchy = NormalHierarchy.Reduce(model);
        Coordinates = new ScaleCoordinates(model.Spec);
        Workspace = Hierarchy.NewWorkspace();
        Point = Coordinates.NewPoint();
        sigma = VariationalSupport.Sigma(model.Spec);
        scales = [.. model.Spec.Factors.Select(VariationalSupport.Scales)];
        rows = model.Cells.RowCount;
        levels = [.. model.Levels.Select(table => (double)table.Count)];
        squares = [.. model.Spec.Factors.Select(factor => new double[factor.Terms.Length * factor.Terms.Length])];
        previous = new double[1 + squares.Sum(matrix => matrix.Length)];
        product = new double[squares.Length == 0 ? 0 : squares.Max(matrix => matrix.Length)];
        Start();
    }

    /// <summary>The sums.</summary>
    public CoefficientSystem Hierarchy { get; }

    /// <summary>The layout of scales for reporting.</summary>
    public ScaleCoordinates Coordinates { get; }

    /// <summary>Holds q(beta, u): the conditional at the effective scales.</summary>
    public CoefficientWorkspace Workspace { get; }

    /// <summary>The effective scales.</summary>
    public ScalePoint Point { get; }

    /// <summary>The bound after each iteration. It never falls.</summary>
    public List<double> Bounds { get; } = [];

    /// <summary>Greatest number of iterations of the last run.</summary>
    public int MaximumIterations { get; private set; }

    /// <summary>The approximation of sigma.</summary>
    public ScaleApproximation Sigma => sigma;

    /// <summary>The approximation of each factor's scales.</summary>
    public ScaleApproximation[] Scales => scales;

    /// <summary>Iterates.</summary>
    /// <param name="tolerance">Greatest relative change of an effective scale at the end.</param>
    /// <param name="iterations">Greatest number of iterations.</param>
    /// <param name="options">Progress and cancellation.</param>
    /// <returns>Whether the changes fell below the tolerance.</returns>
    /// <exception cref="ModelException">The density cannot be evaluated.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Run(double tolerance, int iterations, RunOptions options)
    {
        MaximumIterations = iterations;
        for (var i = 1; ; i++)
        {
            options.Cancellation.ThrowIfCancellationRequested();
            Solve();
            options.Progress?.Report(new RunProgress(0, i, iterations + options.Chains * options.Draws, IsWarmup: true));
            if (i == iterations)
                return false;
            Update();
            if (SetEffective() <= tolerance)
            {
                Solve();
                options.Cancellation.ThrowIfCancellationRequested();
                return true;
            }
        }
    }

    // q(beta, u) and the bound.
    private void Solve()
    {
        var log = Workspace.Solve(Point, [], withGradient: true);
        if (!double.IsFinite(log))
        {
            throw new ModelException(new Problem(
                ProblemCode.ImproperPosterior,
                "The coefficients' distribution cannot be evaluated: coefficients with flat priors are not determined by the data, or a scale "
                    + "overflows.",
                "Give coefficients and scales proper priors."));
        }

        log += sigma.Bound(rows);
        for (var k = 0; k < scales.Length; k++)
            log += scales[k].Bound(levels[k]);
        Bounds.Add(log);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Update()
    {
        Span<double> residual = [Math.Max(0, Point.Sigma * Point.Sigma * (rows + Point.Sigma * Workspace.SigmaGradient))];
        sigma.Update(rows, residual);
        for (var k = 0; k < scales.Length; k++)
        {
            ExpectedSquares(k);
            scales[k].Update(levels[k], squares[k]);
        }
    }

    // Lambda (J I + Lambda' G) Lambda'
    private void ExpectedSquares(int k)
    {
        var lambda = Point.Factors[k].Lambda;
        var gradient = Point.Factors[k].LambdaGradient;
        var q = (int)Math.Sqrt(lambda.Length);
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b < q; b++)
            {
                var sum = a == b ? levels[k] : 0;
                for (var i = a; i < q; i++)
                    sum += lambda[i * q + a] * gradient[i * q + b];
                product[a * q + b] = sum;
            }
        }

        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b < q; b++)
            {
                var sum = 0.0;
                for (var i = 0; i <= a; i++)
                {
                    for (var j = 0; j <= b; j++)
                        sum += lambda[a * q + i] * product[i * q + j] * lambda[b * q + j];
                }

                squares[k][a * q + b] = sum;
            }
        }
    }

    // Gives the greatest relative change.
    private double SetEffective()
    {
        var change = 0.0;
        Span<double> root = stackalloc double[1];
        sigma.Effective(root);
        Point.Sigma = root[0];
        change = Math.Max(change, Math.Abs(root[0] - previous[0]) / root[0]);
        previous[0] = root[0];
        var at = 1;
        for (var k = 0; k < scales.Length; k++)
        {
            var lambda = Point.Factors[k].Lambda.AsSpan();
            scales[k].Effective(lambda);
            var q = (int)Math.Sqrt(lambda.Length);
            for (var a = 0; a < q; a++)
            {
                var row = lambda.Slice(a * q, a + 1);
                var sd = 0.0;
                foreach (var value in row)
                    sd += value * value;
                sd = Math.Sqrt(sd);
                for (var b = 0; b <= a; b++, at++)
                {
                    if (sd > 0)
                        change = Math.Max(change, Math.Abs(row[b] - previous[at]) / sd);
                    previous[at] = row[b];
                }
            }
        }

        return change;
    }

    // As if the expected squares were those of typical scales.
    private void Start()
    {
        var (typical, sds) = Hierarchy.Typical();
        sigma.Update(rows, [rows * typical * typical]);
        var at = 0;
        for (var k = 0; k < scales.Length; k++)
        {
            var q = Point.Factors[k].Sd.Length;
            Array.Clear(squares[k]);
            for (var a = 0; a < q; a++, at++)
                squares[k][a * q + a] = levels[k] * sds[at] * sds[at];
            scales[k].Update(levels[k], squares[k]);
        }

        SetEffective();
    }
}

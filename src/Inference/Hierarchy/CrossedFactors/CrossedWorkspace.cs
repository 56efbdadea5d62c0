using System.Runtime.CompilerServices;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Hierarchy.CrossedFactors;

/// <summary>Integrates all coefficients of a <see cref="CrossedSystem"/> out at given scales, with derivatives, and holds their exact conditional.
/// Scratch of one chain.</summary>
/// <remarks>
/// <para>
/// In units of sigma and spherical effects u = Lambda v: D = diag(Lambda_k / sigma, I / sigma) turns the rest x into the scale of the data, and for a
/// class c of J_c levels B = Z Lambda_1 / sigma, I + B B' = L L', F = L^-1 R, T = F D. The rest has precision M = D'S D + sum_c J_c T'T + diag(I, P)
/// and mean M^-1 (D't / sigma + sum_j T'L^-1 y_j / sigma + (0, P beta*)), beta* the prior mean of beta; with rho_j = L^-1 (y_j / sigma - R D x),
/// </para>
/// <para>
/// log p(y | theta) = const - N log sigma - sum_c J_c log |L| - log |M| / 2 + log |P| / 2 - Q / 2, Q = sum_j |rho_j|^2 + (y - X x over the pooled
/// rows)^2 / sigma^2 + |v|^2 + (beta - beta*)'P(beta - beta*).
/// </para>
/// <para>
/// Derivatives are Fisher's identity in the spherical effects, with C = M^-1: for Lambda_1 / sigma, sum_c Z'L^-T [J_c (T C T' - I) + sum_j rho_j
/// rho_j'] L^-1 B; for Lambda_k / sigma of another factor, the sum over its levels i of g_i v_i' - [S D C + sum_c J_c F'T C]_ii, g = (t / sigma - S D
/// x) + sum_j F'rho_j. C is needed only where M has numbers. At a given Lambda / sigma, sigma d/dsigma = -N + Q - (beta - beta*)'P(beta - beta*) +
/// the number of integrated effects - tr(P C). No Sigma is inverted, so all holds at sd = 0 and |rho| = 1. Sources: [Bates2015], [LindleySmith1972].
/// </para>
/// </remarks>
internal sealed partial class CrossedWorkspace : CoefficientWorkspace
{
    // Rounding of a factorisation.
    private const double LeastRaise = 1e-15;

    // Rows of a dense matrix that one part of the classes' products takes.
    private const int RowsOfPart = 96;

    private readonly CrossedSystem system;
    private readonly EliminatedClasses classes;
    private readonly PanelLayout layout;
    private readonly int q;
    private readonly int integrated;
    private readonly int joinedCount;                       // joined effects
    private readonly int order;
    private readonly int varying;                       // varying effects of the rest
    private readonly double[] precision;          // P, of the integrated effects
    private readonly double[] fixedPriorMean;
    private readonly double[] priorMean;
    private readonly double[][] pivoted;          // Lambda of each factor, pivoted; then over sigma
    private readonly double[] design;             // B by class
    private readonly double[] cholesky;           // L by class, 1 / diagonal on its diagonal
    private readonly double[] whitened;           // F by class
    private readonly double[] transformed;        // T by class
    private readonly double[] means;              // y of a class less joined effects, q each
    private readonly double[] residuals;          // mean of rho by class, q each
    private readonly double[] target;             // t less joined effects
    private readonly double[] scaled;             // D x
    private readonly double[] onRest;             // g, then scratch
    private readonly double[] small;              // q^2
    private readonly CrossedGradient gradient;
    private readonly double logConstant;
    private readonly int[] factorOf;              // factor of each varying coordinate's level; -1 for population effects
    private double[] responses;                   // y_j of the eliminated levels, q each
    private double[] classMeans;                  // their means by class
    private double[] pooledTarget;                // columns of x times y over the pooled rows
    private readonly Action<int> addPart;
    private double sigma;

    public CrossedWorkspace(CrossedSystem system)
        : this(system, system.Population.Precision, system.Population.PriorMean)
    {
    }

    public CrossedWorkspace(CrossedSystem system, double[] precision, double[] priorMean)
    {
        this.system = system;
        this.precision = precision;
        fixedPriorMean = priorMean;
        this.priorMean = [.. priorMean];
        classes = system.Classes;
        (responses, classMeans, pooledTarget) = (system.Own.Responses, classes.Means, system.PooledTarget);
        layout = system.Layout;
        q = classes.TermCount;
        integrated = system.IntegratedCount;
        joinedCount = system.JoinedCount;
        order = layout.Order;
        varying = order - integrated;
        pivoted = [.. system.Factors.Select(sums => new double[sums.TermCount * sums.TermCount])];
        design = new double[classes.Rows.Length];
        cholesky = new double[classes.Rows.Length];
        whitened = new double[classes.RestRows.Length];
        transformed = new double[classes.RestRows.Length];
        means = new double[classes.Means.Length];
        residuals = new double[classes.Means.Length];
        target = new double[order];
        scaled = new double[order];
        onRest = new double[order];
        small = new double[q * q];
        Matrix = new PanelCholesky(layout);
        Mean = new double[order];
        Joined = new double[joinedCount];
        factorOf = new int[order];
        Array.Fill(factorOf, -1);
        for (var k = 0; k < system.Factors.Length; k++)
        {
            for (var i = 0; k != system.Eliminated && i < system.Factors[k].LevelCount; i++)
                factorOf.AsSpan(system.CoordinateOf(k, i), system.Factors[k].TermCount).Fill(k);
        }

        addPart = AddPart;
        Products = new RestProducts(system, factorOf, pivoted);
        gradient = new CrossedGradient(system, this);
        logConstant = -0.5 * (system.Model.Cells.RowCount - system.Population.FlatCount) * Math.Log(2 * Math.PI)
            + 0.5 * system.Model.Cells.LogWeightSum + system.Model.LogJacobian + system.Population.LogPriorConstant;
    }

    /// <summary>The Cholesky factor of M at the last solution.</summary>
    public PanelCholesky Matrix { get; }

    /// <summary>Products of the pooled sums with the scales of the last solution.</summary>
    public RestProducts Products { get; }

    /// <summary>Conditional mean of the rest at the last solution: spherical effects, then beta~. Length: the order of the layout.</summary>
    public double[] Mean { get; }

    /// <summary>The joined coefficients of the last solution, in pivoted coordinates.</summary>
    public double[] Joined { get; }

    /// <summary>Pivoted Lambda of each factor over sigma at the last solution.</summary>
    public double[][] Pivoted => pivoted;

    /// <summary>B of each class, q x q.</summary>
    public double[] Design => design;

    /// <summary>L of each class, 1 / diagonal on its diagonal, q x q.</summary>
    public double[] Cholesky => cholesky;

    /// <summary>F of each class, as <see cref="EliminatedClasses.RestRows"/>.</summary>
    public double[] Whitened => whitened;

    /// <summary>T of each class, likewise.</summary>
    public double[] Transformed => transformed;

    /// <summary>Mean of rho of each class, q each.</summary>
    public double[] Residuals => residuals;

    /// <summary>D x at the last solution. Length: the order of the layout.</summary>
    public double[] Scaled => scaled;

    /// <summary>t / sigma - S D x at the last solution. Length: the order of the layout.</summary>
    public double[] OnRest => onRest;

    /// <summary>P, of the integrated effects, by rows.</summary>
    public double[] Precision => precision;

    /// <summary>beta*, as the joined effects move it, of the integrated effects.</summary>
    public double[] PriorMean => priorMean;

    /// <summary>Factor of each coordinate; -1 for population effects. Length: the order of the layout.</summary>
    public int[] FactorOf => factorOf;

    public override double[] JoinedGradient => gradient.OnJoined;

    public override int Threads
    {
        get => Matrix.Threads;
        set => Matrix.Threads = value;
    }

    public override double Solve(ScalePoint point, ReadOnlySpan<double> joined, bool withGradient)
    {
        var log = Solve(point, joined);
        if (withGradient && double.IsFinite(log))
            SigmaGradient = gradient.Differentiate(point, Squares / (sigma * sigma), 1);
        return log;
    }

    // One factorisation for value and derivatives: the maximising sigma is known before the residuals' part is added.
    public override double SolveProfiled(ScalePoint relative, double freedom, double typicalSigma, bool withGradient, out double maximum)
    {
        Rescale(relative, typicalSigma);
        var value = Profile(Solve(relative, []), freedom, typicalSigma, out maximum);
        if (withGradient && double.IsFinite(value))
        {
            gradient.Differentiate(relative, Squares / (typicalSigma * typicalSigma), typicalSigma * typicalSigma / (maximum * maximum));
            foreach (var part in relative.Factors)
            {
                foreach (ref var slope in part.LambdaGradient.AsSpan())
                    slope *= typicalSigma;
            }
        }

        Rescale(relative, 1 / typicalSigma);
        return value;
    }

    /// <summary>Finds the conditional of all coefficients at given scales, for draws.</summary>
    /// <param name="point">Sigma and every Lambda.</param>
    /// <returns>False where the scales are not finite or give sums that are not. Where rounding leaves a matrix that is not positive definite, its
    /// diagonal is raised by as little as is needed, from 1e-15 of itself.</returns>
    public bool Condition(ScalePoint point)
    {
        for (var raise = 0.0; raise <= 1; raise = Math.Max(LeastRaise, 10 * raise))
        {
            if (Condition(point, [], raise, isForDraws: true, out _, out _))
                return true;
        }

        return false;
    }

    private double Solve(ScalePoint point, ReadOnlySpan<double> joined)
    {
        if (!Condition(point, joined, raise: 0, isForDraws: false, out var squares, out var log))
            return double.NegativeInfinity;
        var inverse = 1 / sigma;
        squares += PooledSquares(inverse) + ClassSquares(inverse);
        for (var a = 0; a < varying; a++)
            squares += Mean[a] * Mean[a];
        Squares = squares * sigma * sigma;
        var result = logConstant - system.Model.Cells.RowCount * Math.Log(sigma) + log - 0.5 * (squares + PriorSquares());
        if (MaximizesPopulation)
            result += Matrix.HalfLogDeterminantOfLast(integrated) - 0.5 * integrated * Math.Log(2 * Math.PI);
        return double.IsNaN(result) ? double.NegativeInfinity : result;
    }

    // Factorises and finds the mean of x and D x. Gives y'y of the pooled rows in units of sigma and minus half the log determinants.
    private bool Condition(ScalePoint point, ReadOnlySpan<double> joined, double raise, bool isForDraws, out double squares, out double log)
    {
        sigma = point.Sigma;
        var inverse = 1 / sigma;
        (squares, log) = (0, 0);
        if (!(inverse * inverse > 0 && double.IsFinite(inverse * inverse)))
            return false;
        for (var k = 0; k < pivoted.Length; k++)
        {
            if (point.Factors[k].IsCentred)
                point.Factors[k].Lambda.CopyTo(pivoted[k], 0);
            else
                system.Factors[k].Pivot.PivotLambda(point.Factors[k].Lambda, pivoted[k]);
            foreach (ref var value in pivoted[k].AsSpan())
                value *= inverse;
        }

        squares = TakeOffJoined(joined) * inverse * inverse;
        FillMatrix(inverse);
        log = isForDraws && q == 1 && order == integrated ? ReduceLevels(inverse)
            : ReduceClasses(inverse, raise > 0 ? UnitPlusSquare.RoundingFloor : UnitPlusSquare.NoFloor);
        AddPriors();
        for (var a = 0; a < order && raise > 0; a++)
            Matrix.Values[layout.Diagonal[a]] *= 1 + raise;
        log -= Matrix.Factorise();
        if (!double.IsFinite(log))
            return false;
        Matrix.SolveLower(Mean);
        Matrix.SolveUpper(Mean);
        Scale(Mean, scaled, inverse);
        return true;
    }

    /// <summary>D x: effects from the spherical to the natural scale over sigma, beta~ over sigma.</summary>
    /// <param name="x">Length: the order of the layout.</param>
    /// <param name="result">Overwritten. Length: the order of the layout.</param>
    /// <param name="inverse">1 / sigma.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Scale(ReadOnlySpan<double> x, Span<double> result, double inverse)
    {
        for (var a = 0; a < varying;)
        {
            var lambda = pivoted[factorOf[a]];
            var r = system.Factors[factorOf[a]].TermCount;
            if (r == 1)
            {
                result[a] = lambda[0] * x[a];
                a++;
                continue;
            }

            for (var i = 0; i < r; i++)
            {
                var sum = 0.0;
                for (var j = 0; j < r; j++)
                    sum += lambda[i * r + j] * x[a + j];
                result[a + i] = sum;
            }

            a += r;
        }

        for (var a = varying; a < order; a++)
            result[a] = inverse * x[a];
    }

    /// <summary>D'x in place.</summary>
    /// <param name="x">Length: the order of the layout.</param>
    /// <param name="inverse">1 / sigma.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void ScaleTransposed(Span<double> x, double inverse)
    {
        for (var a = 0; a < varying;)
        {
            var r = system.Factors[factorOf[a]].TermCount;
            SmallBlocks.RightMultiply(x.Slice(a, r), pivoted[factorOf[a]], r);
            a += r;
        }

        for (var a = varying; a < order; a++)
            x[a] *= inverse;
    }

    // Takes what the joined effects explain off the responses; gives y'y of the pooled rows.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double TakeOffJoined(ReadOnlySpan<double> joined)
    {
        classMeans.CopyTo(means, 0);
        pooledTarget.CopyTo(target, 0);
        var squares = system.PooledSumOfSquares;
        if (joinedCount == 0)
            return squares;
        joined.CopyTo(Joined);
        for (var i = 0; i < means.Length; i++)
            means[i] -= DenseRows.Dot(classes.JoinedRows.AsSpan(i * joinedCount, joinedCount), joined);
        for (var a = 0; a < order; a++)
            target[a] -= DenseRows.Dot(system.PooledJoined.AsSpan(a * joinedCount, joinedCount), joined);
        for (var a = 0; a < joinedCount; a++)
            squares += joined[a] * (DenseRows.Dot(system.JoinedSquare.AsSpan(a * joinedCount, joinedCount), joined) - 2 * system.JoinedTarget[a]);
        fixedPriorMean.CopyTo(priorMean, 0);
        var intercept = system.Population.Intercept;
        for (var a = 0; a < joinedCount && intercept >= 0 && intercept < integrated; a++)
            priorMean[intercept] += system.Population.Origin[integrated + a] * joined[a];
        return squares;
    }

    // D'S D, and D't / sigma in Mean.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FillMatrix(double inverse)
    {
        Products.Fill(Matrix.ValueArray, inverse, Threads);
        for (var a = 0; a < order; a++)
            Mean[a] = target[a] * inverse;
        ScaleTransposed(Mean, inverse);
    }

    // I for spherical effects, P for beta~ and P beta* for its target.
    private void AddPriors()
    {
        var values = Matrix.Values;
        for (var a = 0; a < varying; a++)
            values[layout.Diagonal[a]] += 1;
        for (var a = 0; a < integrated; a++)
        {
            for (var b = 0; b < integrated; b++)
            {
                Mean[varying + a] += precision[a * integrated + b] * priorMean[b];
                if (b <= a)
                    values[layout.PlaceOf(varying + a, varying + b)] += precision[a * integrated + b];
            }
        }
    }
}

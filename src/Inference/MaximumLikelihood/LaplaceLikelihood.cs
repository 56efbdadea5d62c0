using System.Runtime.CompilerServices;
using TypedPooling.Inference.CellLikelihoods;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>The log likelihood of a model of cells, varying effects integrated out by Laplace's approximation, with its analytic gradient. Coordinates: b, the shape of the response where it is estimated, then the factors.</summary>
/// <remarks>
/// <para>
/// In spherical effects u = Lambda v, with l_i the log likelihood of cell i at eta_i = known_i + x_i'b + z_i'Lambda v: f(v) = sum l_i - |v|^2 / 2 of a group is concave, its mode found by Newton's method, and
/// H = I + sum w_i Lambda'z_i z_i'Lambda with w = -l''. The approximation is sum over groups of f(v^) - log |H| / 2.
/// </para>
/// <para>
/// With h_i = (Lambda'z_i)'H^-1 (Lambda'z_i), c_i = w'_i h_i / 2 (what moving eta_i adds to log |H| / 2), s = sum c_i Lambda'z_i, t = H^-1 s and r_i = (Lambda'z_i)'t, and since v^ moves with the coordinates by H^-1 times what they do to
/// f's gradient, the derivative is for b sum x_i (l'_i - c_i + w_i r_i), and for element (a, e) of a level's Lambda sum z_ia [v_e (l'_i - c_i + w_i r_i) - w_i (H^-1 Lambda'z_i)_e - t_e l'_i], and for the shape sum [dl_i - h_i dw_i / 2 - r_i dl'_i], d for the shape. Sources: [Bates2015], [PinheiroChao2006].
/// </para>
/// </remarks>
internal sealed class LaplaceLikelihood : LikelihoodFunction
{
    private const int MostSteps = 100;

    private readonly CellSystem system;
    private readonly ResponseCurve curve;
    private readonly bool hasShape;
    private readonly ScaleTerm scaleTerm;
    private readonly int p;
    private readonly int k;
    private readonly int width;                   // varying terms of all factors
    private readonly double[] modes;              // v^ of every group, where the next search begins
    private readonly int[] modeStarts;
    private readonly double[] known;              // eta at v = 0, by cell
    private readonly double[] predictors;         // eta at the mode, by cell
    private readonly double[] spherical;          // Lambda'z_i, as the varying columns
    private readonly double[] slopes;
    private readonly double[] weights;
    private readonly double[] weightSlopes;
    private readonly double[] moved;              // l' - c + w r by cell
    private readonly double[] trial;
    private readonly double[] step;
    private readonly double[] factor;             // H, then its factor
    private readonly double[] solved;             // H^-1 Lambda'z_i, Q
    private double onShape;

    public LaplaceLikelihood(CellSystem system, LikelihoodCoordinates coordinates)
        : base(coordinates)
    {
        this.system = system;
        curve = system.Curve.NewScratch();
        hasShape = curve.HasScales;
        scaleTerm = ScaleTerm.Of(system.Model.Spec.Response.Family, system.Model.Cells);
        p = system.PopulationCount;
        k = system.FactorCount;
        width = system.TermCounts.Sum();
        modeStarts = new int[system.GroupCount + 1];
        for (var g = 0; g < system.GroupCount; g++)
            modeStarts[g + 1] = modeStarts[g] + system.Sizes[g];
        modes = new double[modeStarts[^1]];
        var c = system.Known.Length;
        known = new double[c];
        predictors = new double[c];
        spherical = new double[c * width];
        slopes = new double[c];
        weights = new double[c];
        weightSlopes = new double[c];
        moved = new double[c];
        var most = system.Sizes.Length == 0 ? 0 : system.Sizes.Max();
        trial = new double[most];
        step = new double[most];
        solved = new double[most];
        factor = new double[most * most];
    }

    /// <summary>The mode of a group's spherical effects at the last evaluation.</summary>
    public ReadOnlySpan<double> Mode(int group) => modes.AsSpan(modeStarts[group], system.Sizes[group]);

    /// <summary>The log likelihood of all cells at the modes of the last evaluation, without the rows' constants: what conditional deviances are made of.</summary>
    public double Conditional { get; private set; }

    /// <summary>What the rows' log likelihood holds of the shape alone at the last evaluation; part of <see cref="Conditional"/>.</summary>
    public double ScaleValue { get; private set; }

    /// <summary>Solves a group again at the last evaluation's coordinates and gives the factor of H.</summary>
    /// <returns>Q x Q by rows, 1 / diagonal on the diagonal; overwritten by the next call.</returns>
    public ReadOnlySpan<double> Factor(int group)
    {
        FindMode(group, out _);
        return factor.AsSpan(0, system.Sizes[group] * system.Sizes[group]);
    }

    /// <summary>Lambda'z_i of a sorted cell at the last evaluation, factor after factor.</summary>
    public ReadOnlySpan<double> Spherical(int cell) => spherical.AsSpan(cell * width, width);

    /// <summary>w_i of a sorted cell where its group was solved last.</summary>
    public double Weight(int cell) => weights[cell];

    public override double Evaluate(ReadOnlySpan<double> x, Span<double> gradient)
    {
        Evaluations++;
        Coordinates.Set(x, Point);
        var scales = new ResponseScales(1, Point.Shape);
        curve.Set(scales);
        Prepare(x);
        var withGradient = !gradient.IsEmpty;
        if (withGradient)
        {
            foreach (var part in Point.Factors)
                Array.Clear(part.LambdaGradient);
        }

        ScaleValue = scaleTerm.At(scales, out var onScales);
        onShape = onScales.Shape;
        var sum = system.Model.Cells.LogConstant + ScaleValue;
        Conditional = ScaleValue;
        for (var g = 0; g < system.GroupCount; g++)
        {
            var height = FindMode(g, out var likelihood);
            if (!double.IsFinite(height))
            {
                // A mode that was lost on the way must not spoil the next evaluation.
                Array.Clear(modes);
                return double.NegativeInfinity;
            }

            Conditional += likelihood;
            sum += height - SmallCholesky.HalfLogDeterminant(factor, system.Sizes[g]);
            if (withGradient)
                Differentiate(g);
        }

        if (!withGradient)
            return sum;
        Coordinates.Backward(x, Point, 0, gradient, onShape);
        for (var b = 0; b < p; b++)
        {
            var slope = 0.0;
            for (var i = 0; i < moved.Length; i++)
                slope += moved[i] * system.Population[i * p + b];
            gradient[b] = slope;
        }

        foreach (var slope in gradient)
        {
            if (!double.IsFinite(slope))
                return double.NegativeInfinity;
        }

        return sum;
    }

    /// <summary>f of a group at given effects, at the last evaluation's coordinates.</summary>
    public double Height(int group, ReadOnlySpan<double> v)
    {
        var height = 0.0;
        for (var i = system.Starts[group]; i < system.Starts[group + 1]; i++)
            height += curve.At(Predictor(i, v), system.Responses[i], system.Trials[i], out _, out _, out _);
        foreach (var value in v)
            height -= 0.5 * value * value;
        return height;
    }

    // eta at v = 0, and Lambda'z.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Prepare(ReadOnlySpan<double> x)
    {
        for (var i = 0; i < known.Length; i++)
        {
            var eta = system.Known[i];
            for (var b = 0; b < p; b++)
                eta += system.Population[i * p + b] * x[b];
            known[i] = eta;
            var at = i * width;
            for (var f = 0; f < k; f++)
            {
                var q = system.TermCounts[f];
                var lambda = Point.Factors[f].Lambda;
                for (var e = 0; e < q; e++)
                {
                    var sum = 0.0;
                    for (var a = e; a < q; a++)
                        sum += system.Varying[at + a] * lambda[a * q + e];
                    spherical[at + e] = sum;
                }

                at += q;
            }
        }
    }

    private double Predictor(int i, ReadOnlySpan<double> v)
    {
        var eta = known[i];
        var at = i * width;
        for (var f = 0; f < k; f++)
        {
            var place = system.Places[i * k + f];
            for (var e = 0; e < system.TermCounts[f]; e++)
                eta += spherical[at++] * v[place + e];
        }

        return eta;
    }

    // Newton's method with halved steps from the last mode; leaves slopes, weights and the factor of H at it. One step more than it takes to be within rounding of the height.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double FindMode(int group, out double likelihood)
    {
        var size = system.Sizes[group];
        var v = modes.AsSpan(modeStarts[group], size);
        var height = Curves(group, v, out likelihood);
        if (!double.IsFinite(height))
        {
            v.Clear();
            height = Curves(group, v, out likelihood);
        }

        var isLast = false;
        for (var iteration = 0; iteration < MostSteps; iteration++)
        {
            FillStep(group, v);
            if (!double.IsFinite(height) || !SmallCholesky.TryFactorise(factor.AsSpan(0, size * size), size))
                return double.NegativeInfinity;
            if (isLast || size == 0)
                return height;
            var gradient = step.AsSpan(0, size);
            gradient.CopyTo(solved);
            SmallCholesky.Solve(factor.AsSpan(0, size * size), gradient, size);
            var gain = 0.0;
            for (var a = 0; a < size; a++)
                gain += gradient[a] * solved[a];
            isLast = gain < 1e-11;
            var length = 1.0;
            for (; ; length *= 0.5)
            {
                if (length < 1e-12)
                {
                    // Rounding alone is left; back to the best point.
                    height = Curves(group, v, out likelihood);
                    isLast = true;
                    break;
                }

                var next = trial.AsSpan(0, size);
                for (var a = 0; a < size; a++)
                    next[a] = v[a] + length * gradient[a];
                var nextHeight = Curves(group, next, out var nextLikelihood);
                if (!(nextHeight >= height - 1e-13 * (1 + Math.Abs(height))))
                    continue;
                (height, likelihood) = (nextHeight, nextLikelihood);
                next.CopyTo(v);
                break;
            }
        }

        return double.NegativeInfinity;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Curves(int group, ReadOnlySpan<double> v, out double likelihood)
    {
        likelihood = 0.0;
        for (var i = system.Starts[group]; i < system.Starts[group + 1]; i++)
        {
            var eta = Predictor(i, v);
            if (hasShape)
                predictors[i] = eta;
            likelihood += curve.At(eta, system.Responses[i], system.Trials[i], out slopes[i], out weights[i], out weightSlopes[i]);
        }

        var squares = 0.0;
        foreach (var value in v)
            squares += value * value;
        return likelihood - 0.5 * squares;
    }

    // H, and the gradient of f in step.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FillStep(int group, ReadOnlySpan<double> v)
    {
        var size = system.Sizes[group];
        Array.Clear(factor, 0, size * size);
        for (var a = 0; a < size; a++)
        {
            step[a] = -v[a];
            factor[a * size + a] = 1;
        }

        for (var i = system.Starts[group]; i < system.Starts[group + 1]; i++)
        {
            var at = i * width;
            for (var f = 0; f < k; f++)
            {
                var place = system.Places[i * k + f];
                for (var e = 0; e < system.TermCounts[f]; e++)
                {
                    var own = spherical[at + e];
                    step[place + e] += slopes[i] * own;
                    AddRow(i, f, place + e, e, weights[i] * own, size);
                }

                at += system.TermCounts[f];
            }
        }
    }

    // Row place of H from one cell: the elements of the factors before f, and of f up to e.
    private void AddRow(int i, int f, int row, int e, double value, int size)
    {
        var at = i * width;
        for (var other = 0; other <= f; other++)
        {
            var place = system.Places[i * k + other];
            var last = other == f ? e : system.TermCounts[other] - 1;
            for (var d = 0; d <= last; d++)
                factor[row * size + place + d] += value * spherical[at + d];
            at += system.TermCounts[other];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Differentiate(int group)
    {
        var size = system.Sizes[group];
        var v = Mode(group);
        var (first, last) = (system.Starts[group], system.Starts[group + 1]);

        // t = H^-1 sum c_i Lambda'z_i; the solved vectors of each cell are made twice rather than kept.
        var t = step.AsSpan(0, size);
        t.Clear();
        for (var i = first; i < last; i++)
        {
            SolveCell(i, size);
            var h = DotCell(i, solved);
            var c = 0.5 * weightSlopes[i] * h;
            moved[i] = slopes[i] - c;
            AddCell(i, c, t);
            if (hasShape)
            {
                curve.OnShape(predictors[i], system.Responses[i], system.Trials[i], out var onValue, out _, out var onWeight);
                onShape += onValue - 0.5 * h * onWeight;
            }

            // - w_i z_ia (H^-1 Lambda'z_i)_e
            for (var (f, at) = (0, i * width); f < k; f++)
            {
                var q = system.TermCounts[f];
                var place = system.Places[i * k + f];
                var onLambda = Point.Factors[f].LambdaGradient;
                for (var a = 0; a < q; a++)
                {
                    for (var e = 0; e <= a; e++)
                        onLambda[a * q + e] -= weights[i] * system.Varying[at + a] * solved[place + e];
                }

                at += q;
            }
        }

        SmallCholesky.Solve(factor.AsSpan(0, size * size), t, size);
        for (var i = first; i < last; i++)
        {
            var r = DotCell(i, t);
            moved[i] += weights[i] * r;
            if (hasShape)
            {
                curve.OnShape(predictors[i], system.Responses[i], system.Trials[i], out _, out var onSlope, out _);
                onShape -= r * onSlope;
            }

            for (var (f, at) = (0, i * width); f < k; f++)
            {
                var q = system.TermCounts[f];
                var place = system.Places[i * k + f];
                var onLambda = Point.Factors[f].LambdaGradient;
                for (var a = 0; a < q; a++)
                {
                    for (var e = 0; e <= a; e++)
                        onLambda[a * q + e] += system.Varying[at + a] * (v[place + e] * moved[i] - t[place + e] * slopes[i]);
                }

                at += q;
            }
        }
    }

    private void SolveCell(int i, int size)
    {
        var x = solved.AsSpan(0, size);
        x.Clear();
        AddCell(i, 1, x);
        SmallCholesky.Solve(factor.AsSpan(0, size * size), x, size);
    }

    private void AddCell(int i, double scale, Span<double> into)
    {
        var at = i * width;
        for (var f = 0; f < k; f++)
        {
            var place = system.Places[i * k + f];
            for (var e = 0; e < system.TermCounts[f]; e++)
                into[place + e] += scale * spherical[at++];
        }
    }

    private double DotCell(int i, ReadOnlySpan<double> v)
    {
        var sum = 0.0;
        var at = i * width;
        for (var f = 0; f < k; f++)
        {
            var place = system.Places[i * k + f];
            for (var e = 0; e < system.TermCounts[f]; e++)
                sum += spherical[at++] * v[place + e];
        }

        return sum;
    }
}

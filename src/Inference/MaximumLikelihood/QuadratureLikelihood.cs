using TypedPooling.Inference.CellLikelihoods;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>The log likelihood of a model of cells with one grouping factor, varying effects integrated out by adaptive Gauss-Hermite quadrature about their modes. One node is Laplace's approximation. Source: [PinheiroChao2006].</summary>
/// <remarks>
/// With H = L L' at the mode v^ of a level, the integral of exp(f(v)) over v ~ N(0, I)'s density without exp(-|v|^2 / 2), which f holds, is |H|^-1/2 sum over the nodes x of weights w exp(f(v^ + L^-T x) + |x|^2 / 2).
/// The gradient is by central differences: the nodes move with the coordinates, and derivatives of the rule itself would need those of H.
/// </remarks>
internal sealed class QuadratureLikelihood : LikelihoodFunction
{
    // Of coordinates that are of the order of their standard errors: errors of the difference are of the order of its square.
    private const double Step = 1e-4;

    private readonly CellSystem system;
    private readonly HermiteRule rule;

    public QuadratureLikelihood(CellSystem system, LikelihoodCoordinates coordinates, int count)
        : base(coordinates)
    {
        this.system = system;
        rule = new HermiteRule(count);
        Laplace = new LaplaceLikelihood(system, coordinates);
    }

    /// <summary>Laplace's approximation, at the last evaluation's coordinates.</summary>
    public LaplaceLikelihood Laplace { get; }

    public override double Evaluate(ReadOnlySpan<double> x, Span<double> gradient)
    {
        var value = At(x);
        var moved = x.ToArray();
        for (var d = 0; d < gradient.Length; d++)
        {
            moved[d] = x[d] + Step;
            var above = At(moved);
            moved[d] = x[d] - Step;
            var below = At(moved);
            moved[d] = x[d];
            gradient[d] = (above - below) / (2 * Step);
            if (!double.IsFinite(gradient[d]))
                return double.NegativeInfinity;
        }

        Coordinates.Set(x, Point);
        return value;
    }

    private double At(ReadOnlySpan<double> x)
    {
        Evaluations++;
        if (!double.IsFinite(Laplace.Evaluate(x, [])))
            return double.NegativeInfinity;
        var sum = system.Model.Cells.LogConstant + Laplace.ScaleValue;
        for (var g = 0; g < system.GroupCount; g++)
            sum += LogIntegral(g);
        return sum;
    }

    private double LogIntegral(int group)
    {
        var q = system.Sizes[group];
        var factor = Laplace.Factor(group);
        var mode = Laplace.Mode(group);
        var top = Laplace.Height(group, mode);
        var count = (int)Math.Pow(rule.Nodes.Length, q);
        Span<double> v = stackalloc double[q];
        var sum = 0.0;
        for (var node = 0; node < count; node++)
        {
            var (rest, weight, squares) = (node, 1.0, 0.0);
            for (var a = 0; a < q; a++)
            {
                (rest, var i) = Math.DivRem(rest, rule.Nodes.Length);
                v[a] = rule.Nodes[i];
                weight *= rule.Weights[i];
                squares += v[a] * v[a];
            }

            SmallCholesky.SolveTransposed(factor, v, q);
            for (var a = 0; a < q; a++)
                v[a] += mode[a];
            sum += weight * Math.Exp(Laplace.Height(group, v) - top + 0.5 * squares);
        }

        return top + Math.Log(sum) - SmallCholesky.HalfLogDeterminant(factor, q);
    }
}

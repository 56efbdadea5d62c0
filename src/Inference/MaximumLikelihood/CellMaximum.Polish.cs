using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.MaximumLikelihood;

// Newton's steps where a climb has ended, and what the curvature there gives.
internal sealed partial class CellMaximum
{
    // In standard errors: what the difference leaves out is of the order of its square, and rounding, at 1e9 events a cell, takes about 1e-6 of a
    // gradient.
    private const double CurvatureStep = 3e-3;

    // Twice the square of the step: curvature in units of standard errors below which differences of gradients say nothing.
    private const double Ridge = 2 * CurvatureStep * CurvatureStep;

    // Relative to a scale's coordinate, where its standard error is not known yet.
    private const double FirstStep = 1e-3;

    // Newton's method doubles its digits; what needs more steps than this goes to infinity or is lost.
    private const int MostSteps = 12;

    private double[] gradient = [];
    private double[] units = [];
    private int[] free = [];

    private void Polish()
    {
        var dimension = Best.Length;
        gradient = new double[dimension];
        free = [.. Enumerable.Range(0, dimension).Where(i => i < System.PopulationCount || !Coordinates.IsHeld(Best, i))];
        var value = Function.Evaluate(Best, gradient);
        units = Units();
        var (lastGain, climbs) = (Convergence.LastGain, 0);
        for (var iteration = 0; ; iteration++)
        {
            var curvature = Curvature();
            if (!TryFactorise(curvature, out var isRidge))
            {
                Convergence = new Convergence(value, lastGain, double.NaN);
                if (climbs++ == 2 || !TryClimb(ref value, ref lastGain))
                    break;
                units = Units();
                continue;
            }

            var step = free.Select(i => gradient[i]).ToArray();
            SmallCholesky.Solve(curvature, step, free.Length);
            Convergence = new Convergence(value, lastGain, 0.5 * free.Select((i, a) => step[a] * gradient[i]).Sum());
            if (isRidge && !Convergence.IsConverged && climbs++ < 2 && TryClimb(ref value, ref lastGain))
            {
                // A climb goes further along a ridge than steps do.
                units = Units();
                continue;
            }

            if (Convergence.RemainingGain < 0.01 * Convergence.Bound || iteration == MostSteps || !TryStep(step, ref value, ref lastGain))
            {
                SetCovariance(curvature);
                SetRuleError(curvature);
                break;
            }

            Renew(ref value);
        }

        LikelihoodSearch.MakePositive(Coordinates, Best);
        Function.Evaluate(Best, []);
    }

    // Standard errors with the other coordinates held, to first order in the step.
    private double[] Units()
    {
        var own = new double[Best.Length];
        var (above, below, x) = (new double[Best.Length], new double[Best.Length], (double[])Best.Clone());
        foreach (var i in free)
        {
            if (i < System.PopulationCount)
            {
                own[i] = 1;
                continue;
            }

            var step = FirstStep * Math.Max(0.1, Math.Abs(Best[i]));
            x[i] = Best[i] + step;
            Function.Evaluate(x, above);
            x[i] = Best[i] - step;
            Function.Evaluate(x, below);
            x[i] = Best[i];
            var curvature = (below[i] - above[i]) / (2 * step);
            own[i] = curvature > 0 ? 1 / Math.Sqrt(curvature) : Math.Max(0.1, Math.Abs(Best[i]));
        }

        return own;
    }

    // Minus the second derivatives in the free coordinates.
    private double[] Curvature()
    {
        var freeCount = free.Length;
        var curvature = new double[freeCount * freeCount];
        var (above, below, x) = (new double[Best.Length], new double[Best.Length], (double[])Best.Clone());
        for (var i = 0; i < freeCount; i++)
        {
            var step = CurvatureStep * units[free[i]];
            x[free[i]] = Best[free[i]] + step;
            Function.Evaluate(x, above);
            x[free[i]] = Best[free[i]] - step;
            Function.Evaluate(x, below);
            x[free[i]] = Best[free[i]];
            for (var j = 0; j < freeCount; j++)
            {
                var slope = (below[free[j]] - above[free[j]]) / (2 * step);
                curvature[i * freeCount + j] += 0.5 * slope;
                curvature[j * freeCount + i] += 0.5 * slope;
            }
        }

        return curvature;
    }

    // Where two scales can stand for one another, as the sds of an uncorrelated intercept and slope of a column 1e8 sds from 0, the curvature along
    // their ridge is 0 but for what the differences leave out, which may be below 0. The ridge is given a curvature just above that, so that the
    // remaining gain still counts what a slope along it promises.
    private bool TryFactorise(double[] curvature, out bool isRidge)
    {
        var freeCount = free.Length;
        var copy = (double[])curvature.Clone();
        isRidge = !SmallCholesky.TryFactorise(curvature, freeCount);
        if (!isRidge)
            return true;
        for (var a = 0; a < freeCount; a++)
            copy[a * freeCount + a] += Ridge / (units[free[a]] * units[free[a]]);
        copy.CopyTo(curvature, 0);
        return SmallCholesky.TryFactorise(curvature, freeCount);
    }

    // A step of Newton's, halved until the value does not fall by more than what the verdict allows.
    private bool TryStep(double[] step, ref double value, ref double lastGain)
    {
        var (x, moved) = ((double[])Best.Clone(), new double[Best.Length]);
        for (var length = 1.0; length > 1e-3; length *= 0.5)
        {
            for (var a = 0; a < free.Length; a++)
                x[free[a]] = Best[free[a]] + length * step[a];
            var next = Function.Evaluate(x, moved);
            if (!(next >= value - Convergence.Slack))
                continue;
            (lastGain, value, gradient, Best) = (next - value, next, moved, x);
            return true;
        }

        return false;
    }

    // Units of the population effects again, where they have moved.
    private void Renew(ref double value)
    {
        if (Best.AsSpan(0, System.PopulationCount).IndexOfAnyExceptInRange(-1.0, 1.0) < 0)
            return;
        Function.Evaluate(Best, []);
        Move(Best, Function.Nodes);
        Best.AsSpan(0, System.PopulationCount).Clear();
        value = Function.Evaluate(Best, gradient);
    }

    private bool TryClimb(ref double value, ref double lastGain)
    {
        var (origin, x, own) = (Best, new double[Best.Length], new double[Best.Length]);
        var climber = new QuasiNewton(free.Length, (z, into) =>
        {
            origin.CopyTo(x, 0);
            for (var a = 0; a < free.Length; a++)
                x[free[a]] += units[free[a]] * z[a];
            var height = Function.Evaluate(x, own);
            for (var a = 0; a < free.Length; a++)
                into[a] = units[free[a]] * own[free[a]];
            return height;
        })
        { LeastGain = 1e-13, GreatestStep = 2, Rounding = 1e-14, GreatestIterations = 500 };
        if (!climber.TryClimb(new double[free.Length]) || climber.Iterations == 0)
            return false;
        Best = (double[])origin.Clone();
        for (var a = 0; a < free.Length; a++)
            Best[free[a]] += units[free[a]] * climber.Position[a];
        lastGain = climber.LastGain;
        value = Function.Evaluate(Best, gradient);
        return true;
    }

    private void SetCovariance(double[] curvature)
    {
        var (freeCount, p) = (free.Length, System.PopulationCount);
        Covariance = new double[p * p];
        var column = new double[freeCount];
        for (var a = 0; a < p; a++)
        {
            Array.Clear(column);
            column[a] = 1;
            SmallCholesky.Solve(curvature, column, freeCount);
            column.AsSpan(0, p).CopyTo(Covariance.AsSpan(a * p));
        }
    }

    // The finest rule is compared with a coarser one.
    private void SetRuleError(double[] curvature)
    {
        if (Function.Nodes == 1)
            return;
        var other = NewFunction(
            Function.Nodes < LikelihoodSupport.MostNodes ? Math.Min(2 * Function.Nodes, LikelihoodSupport.MostNodes) : Function.Nodes / 2);
        var (own, there) = (new double[Best.Length], new double[Best.Length]);
        Function.Evaluate(Best, own);
        if (!double.IsFinite(other.Evaluate(Best, there)))
            there.AsSpan().Fill(double.NaN);
        Evaluations += other.Evaluations;
        double[] difference = [.. free.Select(i => there[i] - own[i])];
        var step = (double[])difference.Clone();
        SmallCholesky.Solve(curvature, step, free.Length);
        RuleError = Math.Sqrt(step.Zip(difference, (a, b) => a * b).Sum());
    }
}

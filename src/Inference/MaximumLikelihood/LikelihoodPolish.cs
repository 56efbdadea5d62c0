using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>The end of a search: the curvature there, steps in units of the answer's own standard errors, and what a further step would
/// gain.</summary>
/// <remarks>
/// <para>
/// A search by BFGS knows the curvature only along the steps it took, so that its own estimate of what is left can be far too small where coordinates
/// differ in size. Here minus the curvature H is taken anew, by differences of the analytic gradient g over a thousandth of each coordinate's own
/// unit u_i = H_ii^-1/2, and scaled to A = D H D, D = diag(u): A has a unit diagonal whatever the scales of the coordinates are. With A = V diag(l)
/// V' and c = V'D g a Newton step gains sum c_d^2 / (2 l_d) over directions d, which is half the squared distance to the maximum in standard errors.
/// </para>
/// <para>
/// Where much is left, the search goes on by BFGS in the coordinates x / u; where A has a negative eigenvalue, along its direction. Coordinates of
/// factors' columns that are exactly 0 stay so. Source: [NocedalWright2006], chapter 3.
/// </para>
/// </remarks>
internal sealed class LikelihoodPolish
{
    // Below this gain a step changes no digit that anyone reads.
    private const double Enough = 1e-11;

    // Above this gain the criterion is no quadratic from here to the maximum.
    private const double Much = 1e-3;

    private const int GreatestRounds = 12;

    // Differences are over this part of a coordinate's unit: the error of the curvature is of the same order, that of rounding 1e-10 or so.
    private const double Part = 1e-3;

    // Eigenvalues below this are measured again along their direction: differences by coordinates have an error of about Part.
    private const double Small = 0.02;

    // What such a measurement cannot tell from 0.
    private const double Flat = 1e-6;

    // How far the maximum may lie along a flat direction, and the greatest step, both in units.
    private const double Reach = 10;

    private readonly LikelihoodFunction function;
    private readonly int dimension;
    private readonly bool[] held;
    private readonly double[] position;
    private readonly double[] gradient;
    private readonly double[] units;
    private readonly double[] trial;
    private readonly double[] trialGradient;
    private readonly double[] step;
    private double[] cholesky = [];                       // Cholesky factor of A; empty where its eigenvectors are used
    private Matrix<double> directions = null!;
    private double[] curvatures = [];
    private double value;
    private double lastGain;

    /// <param name="function">The criterion.</param>
    /// <param name="position">Where the search ended.</param>
    public LikelihoodPolish(LikelihoodFunction function, double[] position)
    {
        this.function = function;
        this.position = [.. position];
        dimension = position.Length;
        held = [.. Enumerable.Range(0, dimension).Select(IsHeld)];
        gradient = new double[dimension];
        units = new double[dimension];
        trial = new double[dimension];
        trialGradient = new double[dimension];
        step = new double[dimension];
    }

    /// <summary>The coordinates of the maximum.</summary>
    public double[] Position => position;

    /// <summary>Takes the steps that are worth taking.</summary>
    /// <param name="end">How the search ended.</param>
    /// <returns>How it ends now. The gain that is left is infinite where the curvature is not that of a maximum.</returns>
    public Convergence Run(Convergence end)
    {
        (value, lastGain) = (Evaluate(position, gradient), end.LastGain);
        if (held.All(isHeld => isHeld) || !double.IsFinite(value))
            return end with { RemainingGain = double.IsFinite(value) ? 0 : double.PositiveInfinity };
        FindCurvature();
        var gain = Gain();
        for (var round = 0; round < GreatestRounds && !(gain <= Enough); round++)
        {
            if (!(gain <= Much) && Climb())
                FindCurvature();
            else if (!TryStep(gain) && !Climb())
                break;
            var next = Gain();

            // A step that gained less than the curvature promised: it is another one here.
            if (!(next <= Enough) && !(next < 0.1 * gain))
            {
                FindCurvature();
                next = Gain();
            }

            gain = next;
        }

        return new Convergence(value, lastGain, gain);
    }

    // An element whose column has no diagonal element stays 0: it is on the boundary.
    private bool IsHeld(int index)
    {
        var coordinates = function.Coordinates;
        if (index < coordinates.Shift)
            return index == coordinates.ShapeAt && position[index] == 0;
        var own = coordinates.Elements[index - coordinates.Shift];
        for (var i = 0; i < coordinates.Elements.Length; i++)
        {
            var element = coordinates.Elements[i];
            if (element.Factor == own.Factor && element.Row == own.Column && element.Column == own.Column)
                return position[i + coordinates.Shift] == 0;
        }

        return false;
    }

    private double Evaluate(ReadOnlySpan<double> x, Span<double> slopes)
    {
        var height = function.Evaluate(x, slopes);
        for (var i = 0; i < dimension; i++)
        {
            if (held[i])
                slopes[i] = 0;
        }

        return height;
    }

    private void FindCurvature()
    {
        var matrix = new double[dimension * dimension];
        var own = new double[dimension][];
        for (var i = 0; i < dimension; i++)
        {
            units[i] = 1;
            if (!held[i])
                own[i] = Column(i);
        }

        for (var i = 0; i < dimension; i++)
        {
            for (var j = 0; j <= i; j++)
                matrix[i * dimension + j] = matrix[j * dimension + i] = held[i] || held[j]
                    ? (i == j ? 1 : 0)
                    : 0.5 * units[i] * units[j] * (own[i][j] + own[j][i]);
        }

        // The usual case, without eigenvalues: pivots are no smaller.
        cholesky = (double[])matrix.Clone();
        if (SmallCholesky.TryFactorise(cholesky, dimension)
            && Enumerable.Range(0, dimension).All(i => cholesky[i * dimension + i] * cholesky[i * dimension + i] < 1 / Small))
            return;
        cholesky = [];
        var decomposition = Matrix<double>.Build.Dense(dimension, dimension, matrix).Evd(Symmetricity.Symmetric);
        directions = decomposition.EigenVectors;
        curvatures = [.. decomposition.EigenValues.Select(eigenvalue => eigenvalue.Real)];
        for (var direction = 0; direction < dimension; direction++)
        {
            if (curvatures[direction] < Small)
                curvatures[direction] = Along(direction);
        }
    }

    // Curvature along a direction by a central difference of the slope.
    private double Along(int direction)
    {
        var slopes = new double[2];
        for (var side = 0; side < 2; side++)
        {
            for (var i = 0; i < dimension; i++)
                trial[i] = position[i] + (side == 0 ? Part : -Part) * units[i] * directions[i, direction];
            if (!double.IsFinite(Evaluate(trial, trialGradient)))
                return 0;
            for (var i = 0; i < dimension; i++)
                slopes[side] += directions[i, direction] * units[i] * trialGradient[i];
        }

        return (slopes[1] - slopes[0]) / (2 * Part);
    }

    // Column i of H, over a step that is a small part of the coordinate's unit; sets the unit.
    private double[] Column(int i)
    {
        var column = new double[dimension];
        var length = 1e-4 * (1 + Math.Abs(position[i]));
        for (var attempt = 0; attempt < 12 && length > 1e-13 * (1 + Math.Abs(position[i])); attempt++)
        {
            position.CopyTo(trial, 0);
            trial[i] += length;
            units[i] = 1 + Math.Abs(position[i]);
            if (!double.IsFinite(Evaluate(trial, trialGradient)))
            {
                length *= 0.05;
                continue;
            }

            for (var j = 0; j < dimension; j++)
                column[j] = (gradient[j] - trialGradient[j]) / (trial[i] - position[i]);

            // Nothing depends on it: the length of a row whose sd is fixed.
            if (column[i] == 0)
                break;
            var unit = 1 / Math.Sqrt(Math.Abs(column[i]));
            if (!(column[i] > 0))
            {
                // Too far for a quadratic.
                units[i] = unit;
                length *= 0.05;
                continue;
            }

            units[i] = unit;
            if (length <= 50 * Part * unit && length >= 1e-3 * Part * unit)
                break;
            length = Part * unit;
        }

        return column;
    }

    // Sum of c_d^2 / (2 l_d); along a flat direction what a step as far as it may reach promises; infinite where the curvature is negative.
    private double Gain()
    {
        var gain = 0.0;
        if (cholesky.Length > 0)
        {
            NewtonStep();
            for (var i = 0; i < dimension; i++)
                gain += 0.5 * step[i] * gradient[i];
            return gain;
        }

        for (var direction = 0; direction < dimension; direction++)
        {
            var slope = Math.Abs(Slope(direction));
            if (curvatures[direction] < -Part && slope > 0)
                return double.PositiveInfinity;
            gain += curvatures[direction] > Flat ? 0.5 * slope * slope / curvatures[direction] : Reach * slope;
        }

        return gain;
    }

    // step = D A^-1 D g
    private void NewtonStep()
    {
        for (var i = 0; i < dimension; i++)
            step[i] = units[i] * gradient[i];
        SmallCholesky.Solve(cholesky, step, dimension);
        for (var i = 0; i < dimension; i++)
            step[i] *= units[i];
    }

    private double Slope(int direction)
    {
        var slope = 0.0;
        for (var i = 0; i < dimension; i++)
            slope += directions[i, direction] * units[i] * gradient[i];
        return slope;
    }

    // BFGS in the coordinates x / u. False where it gains nothing.
    private bool Climb()
    {
        double[] scale = [.. units];
        var inner = new double[dimension];
        var climber = new QuasiNewton(dimension, (z, slopes) =>
        {
            for (var i = 0; i < dimension; i++)
                inner[i] = scale[i] * z[i];
            var height = Evaluate(inner, slopes);
            for (var i = 0; i < dimension; i++)
                slopes[i] *= scale[i];
            return height;
        })
        {
            LeastGain = 1e-13,
            GreatestStep = Reach,
            Rounding = 1e-14,
            GreatestIterations = 200,
        };
        if (!climber.TryClimb([.. position.Select((x, i) => x / scale[i])], held) || !(climber.Value > value))
            return false;
        lastGain = climber.LastGain;
        for (var i = 0; i < dimension; i++)
            position[i] = scale[i] * climber.Position[i];
        value = Evaluate(position, gradient);
        return true;
    }

    // A Newton step, halved until it does not lose. Along a direction of negative curvature a standard error to the side that rises.
    private bool TryStep(double gain)
    {
        if (cholesky.Length > 0)
            NewtonStep();
        else
            Array.Clear(step);
        for (var direction = 0; direction < dimension && cholesky.Length == 0; direction++)
        {
            var slope = Slope(direction);
            var length = curvatures[direction] > Flat ? Math.Clamp(slope / curvatures[direction], -Reach, Reach) : Math.Sign(slope);
            for (var i = 0; i < dimension; i++)
                step[i] += units[i] * directions[i, direction] * length;
        }

        for (var part = 1.0; part > 1e-3; part *= 0.5)
        {
            for (var i = 0; i < dimension; i++)
                trial[i] = held[i] ? position[i] : position[i] + part * step[i];
            var height = Evaluate(trial, trialGradient);
            if (!(height >= value + (double.IsFinite(gain) ? 0.1 * part * gain : 0) - 1e-14 * Math.Abs(value)))
                continue;
            (lastGain, value) = (height - value, height);
            trial.CopyTo(position, 0);
            trialGradient.CopyTo(gradient, 0);
            return true;
        }

        return false;
    }
}

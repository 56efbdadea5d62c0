using System.Runtime.CompilerServices;
using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Hierarchy.JointPosterior;

/// <summary>The coordinates of the varying effects of one factor. Immutable.</summary>
/// <remarks>
/// <para>Non-centred: v, with u = Lambda v and v ~ N(0, I). Centred: gamma / unit, with gamma = u~ + the population effects that are part of the mean
/// of the level's coefficients, so that gamma is what the data of a level tell.</para>
/// <para>Densities are those of the coordinates, all constants included; the shift by population effects has determinant 1.</para>
/// </remarks>
internal sealed class FactorCoordinates
{
    private static readonly double HalfLogTwoPi = 0.5 * Math.Log(2 * Math.PI);

    private readonly int levels;
    private readonly int q;
    private readonly EffectPivot pivot;
    private readonly double[] units;
    private readonly MeanLink[] links;

    /// <summary>Lays out the coordinates.</summary>
    /// <param name="levels">Number of levels J.</param>
    /// <param name="pivot">From the effects u to u~, those of centred columns.</param>
    /// <param name="isCentred">Which coordinates.</param>
    /// <param name="units">Units of centred coordinates. Length q.</param>
    /// <param name="links">Population effects in the mean of centred coordinates.</param>
    public FactorCoordinates(int levels, EffectPivot pivot, bool isCentred, double[] units, MeanLink[] links)
    {
        this.levels = levels;
        this.pivot = pivot;
        this.units = units;
        this.links = links;
        q = units.Length;
        IsCentred = isCentred;
    }

    /// <summary>Whether gamma is sampled, not v.</summary>
    public bool IsCentred { get; }

    /// <summary>Number of coordinates.</summary>
    public int Count => levels * q;

    /// <summary>The effects at a point.</summary>
    /// <param name="position">The factor's coordinates. Length J q.</param>
    /// <param name="lambda">Lambda, q x q by rows.</param>
    /// <param name="beta">beta~. Length p.</param>
    /// <param name="effects">Overwritten with u~, whose columns are centred. Length J q.</param>
    /// <param name="spherical">Overwritten with v. Length J q.</param>
    /// <returns>Log prior density of the coordinates given Lambda and the population effects.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Constrain(
        ReadOnlySpan<double> position, ReadOnlySpan<double> lambda, ReadOnlySpan<double> beta, Span<double> effects, Span<double> spherical)
    {
        var log = -HalfLogTwoPi * levels * q;
        if (!IsCentred)
        {
            position.CopyTo(spherical);
            if (q == 1)
            {
                VectorLoops.Scale(lambda[0], position, effects);
            }
            else
            {
                Span<double> pivoted = q <= 8 ? stackalloc double[q * q] : new double[q * q];
                pivot.PivotLambda(lambda, pivoted);
                for (var j = 0; j < levels * q; j += q)
                {
                    for (var a = 0; a < q; a++)
                    {
                        var sum = 0.0;
                        for (var b = 0; b < q; b++)
                            sum += pivoted[a * q + b] * position[j + b];
                        effects[j + a] = sum;
                    }
                }
            }

            return log - 0.5 * VectorLoops.Dot(position, position);
        }

        for (var a = 0; a < q; a++)
            log += levels * (Math.Log(units[a]) - Math.Log(lambda[a * q + a]));
        if (q == 1)
        {
            VectorLoops.Scale(units[0], position, effects);
        }
        else
        {
            for (var j = 0; j < levels * q; j += q)
            {
                for (var a = 0; a < q; a++)
                    effects[j + a] = units[a] * position[j + a];
            }
        }

        foreach (var (term, population, values) in links)
        {
            var mean = beta[population];
            for (var j = 0; j < levels; j++)
                effects[j * q + term] -= values is null ? mean : values[j] * mean;
        }

        if (q == 1)
        {
            VectorLoops.Scale(1 / lambda[0], effects, spherical);
            return log - 0.5 * VectorLoops.Dot(spherical, spherical);
        }

        effects.CopyTo(spherical);
        for (var j = 0; j < levels * q; j += q)
        {
            var v = spherical.Slice(j, q);
            pivot.Unpivot(v);
            for (var a = 0; a < q; a++)
            {
                var sum = v[a];
                for (var b = 0; b < a; b++)
                    sum -= lambda[a * q + b] * v[b];
                v[a] = sum / lambda[a * q + a];
            }
        }

        return log - 0.5 * VectorLoops.Dot(spherical, spherical);
    }

    /// <summary>Carries derivatives back and adds those of the prior.</summary>
    /// <param name="lambda">Lambda at the point.</param>
    /// <param name="spherical">v at the point. Length J q.</param>
    /// <param name="onEffects">Derivative of the likelihood for u~; overwritten with scratch. Length J q.</param>
    /// <param name="onPopulation">Derivative for beta~; added to. Length p.</param>
    /// <param name="onLambda">Overwritten with the derivative for Lambda, q x q by rows; only its lower triangle has a meaning.</param>
    /// <param name="gradient">Overwritten with the derivative for the coordinates. Length J q.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Backward(
        ReadOnlySpan<double> lambda,
        ReadOnlySpan<double> spherical,
        Span<double> onEffects,
        Span<double> onPopulation,
        Span<double> onLambda,
        Span<double> gradient)
    {
        onLambda.Clear();
        if (!IsCentred)
        {
            if (q == 1)
            {
                onLambda[0] = VectorLoops.Dot(onEffects, spherical);
                VectorLoops.Scale(lambda[0], onEffects, gradient);
                VectorLoops.Add(-1, spherical, gradient);
                return;
            }

            Span<double> pivoted = q <= 8 ? stackalloc double[q * q] : new double[q * q];
            pivot.PivotLambda(lambda, pivoted);
            for (var j = 0; j < levels * q; j += q)
            {
                for (var b = 0; b < q; b++)
                {
                    var sum = -spherical[j + b];
                    for (var a = 0; a < q; a++)
                    {
                        sum += pivoted[a * q + b] * onEffects[j + a];
                        onLambda[a * q + b] += onEffects[j + a] * spherical[j + b];
                    }

                    gradient[j + b] = sum;
                }
            }

            pivot.PivotGradient(onLambda);
            return;
        }

        if (q == 1)
        {
            onLambda[0] = (VectorLoops.Dot(spherical, spherical) - levels) / lambda[0];
            VectorLoops.Add(-1 / lambda[0], spherical, onEffects);
        }
        else
        {
            Span<double> w = q <= 64 ? stackalloc double[q] : new double[q];
            for (var j = 0; j < levels * q; j += q)
            {
                // w = Lambda^-T v
                for (var a = q - 1; a >= 0; a--)
                {
                    var sum = spherical[j + a];
                    for (var b = a + 1; b < q; b++)
                        sum -= lambda[b * q + a] * w[b];
                    w[a] = sum / lambda[a * q + a];
                }

                for (var a = 0; a < q; a++)
                {
                    for (var b = 0; b <= a; b++)
                        onLambda[a * q + b] += w[a] * spherical[j + b];
                }

                pivot.PivotWeights(w);
                for (var a = 0; a < q; a++)
                    onEffects[j + a] -= w[a];
            }

            for (var a = 0; a < q; a++)
                onLambda[a * q + a] -= levels / lambda[a * q + a];
        }

        foreach (var (term, population, values) in links)
        {
            var sum = 0.0;
            for (var j = 0; j < levels; j++)
                sum += onEffects[j * q + term] * (values is null ? 1 : values[j]);
            onPopulation[population] -= sum;
        }

        if (q == 1)
        {
            VectorLoops.Scale(units[0], onEffects, gradient);
            return;
        }

        for (var j = 0; j < levels * q; j += q)
        {
            for (var a = 0; a < q; a++)
                gradient[j + a] = units[a] * onEffects[j + a];
        }
    }

    /// <summary>The effects of the model from those whose columns are centred.</summary>
    /// <param name="effects">u~ of one level; overwritten with u. Length q.</param>
    public void Restore(Span<double> effects) => pivot.Unpivot(effects);

    /// <summary>The coordinates of given effects.</summary>
    /// <param name="effects">u~. Length J q.</param>
    /// <param name="lambda">Lambda.</param>
    /// <param name="beta">beta~.</param>
    /// <param name="position">Overwritten. Length J q.</param>
    public void Unconstrain(ReadOnlySpan<double> effects, ReadOnlySpan<double> lambda, ReadOnlySpan<double> beta, Span<double> position)
    {
        effects.CopyTo(position);
        if (IsCentred)
        {
            foreach (var (term, population, values) in links)
            {
                for (var j = 0; j < levels; j++)
                    position[j * q + term] += beta[population] * (values is null ? 1 : values[j]);
            }

            for (var i = 0; i < position.Length; i++)
                position[i] /= units[i % q];
            return;
        }

        for (var j = 0; j < levels * q; j += q)
        {
            var v = position.Slice(j, q);
            pivot.Unpivot(v);
            for (var a = 0; a < q; a++)
            {
                var sum = v[a];
                for (var b = 0; b < a; b++)
                    sum -= lambda[a * q + b] * v[b];
                v[a] = lambda[a * q + a] > 0 ? sum / lambda[a * q + a] : 0;
            }
        }
    }
}

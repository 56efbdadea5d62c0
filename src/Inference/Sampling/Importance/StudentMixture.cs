using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Sampling.Importance;

/// <summary>A mixture of multivariate t's, some on z and some on the folded sds, fitted ones and wide ones. Immutable.</summary>
internal sealed class StudentMixture
{
    /// <summary>Uniform numbers that a point takes beside one for each coordinate.</summary>
    public const int UniformsBeforeNormals = 2;

    public StudentMixture(int dimension, ImmutableArray<int> logSds, ImmutableArray<StudentComponent> components)
    {
        Dimension = dimension;
        LogSds = logSds;
        Components = components;
    }

    public int Dimension { get; }

    public ImmutableArray<int> LogSds { get; }

    /// <summary>The components; shares add to 1; wide ones come last.</summary>
    public ImmutableArray<StudentComponent> Components { get; }

    /// <summary>Number of (component, sign pattern) pairs.</summary>
    public int PartCount => Components.Sum(component => component.PatternCount);

    /// <summary>The same with each fitted component in two where its kind (on z, or folded) has fewer components than wanted: the halves stand apart,
    /// so that EM can tell them from each other.</summary>
    public StudentMixture Split(int componentsOfKind)
    {
        var split = ImmutableArray.CreateBuilder<StudentComponent>();
        foreach (var component in Components)
        {
            if (component.IsWide || Components.Count(other => !other.IsWide && other.Folded.IsEmpty == component.Folded.IsEmpty) >= componentsOfKind)
            {
                split.Add(component);
                continue;
            }

            split.Add(component.Moved(1, 0.5).WithShare(component.Share / 2));
            split.Add(component.Moved(1, -0.5).WithShare(component.Share / 2));
        }

        return new(Dimension, LogSds, split.ToImmutable());
    }

    /// <summary>Draws one point.</summary>
    public void Draw(PhiloxStream random, Span<double> z) => Chosen(random.NextDouble()).Draw(random, z);

    /// <summary>The point that belongs to uniform numbers, by inverse distribution functions: uniform numbers give draws. The component takes the
    /// first: with the last, variances of means were measured to be larger by half.</summary>
    /// <param name="uniforms">Each strictly between 0 and 1: one for the component, one for the chi-squared number, D for normal ones. Length D +
    /// 2.</param>
    /// <param name="z">Overwritten with the unconstrained position. Length D.</param>
    public void Place(ReadOnlySpan<double> uniforms, Span<double> z) => Chosen(uniforms[0]).Place(uniforms[1..], z);

    private StudentComponent Chosen(double at)
    {
        var chosen = 0;
        while (chosen < Components.Length - 1 && (at -= Components[chosen].Share) >= 0)
            chosen++;
        return Components[chosen];
    }

    /// <summary>Density of four points at once, in parts.</summary>
    /// <param name="z">Positions. Length D.</param>
    /// <param name="sds">Overwritten at the log sds with exp(z). Length D.</param>
    /// <param name="distances">Overwritten with the squared distances, component after component, pattern after pattern. Length
    /// <see cref="PartCount"/>.</param>
    /// <param name="densities">Overwritten with the parts of the density, in the same order. Length <see cref="PartCount"/>.</param>
    /// <returns>The density of z.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Vector256<double> Density(
        ReadOnlySpan<Vector256<double>> z, Span<Vector256<double>> sds, Span<Vector256<double>> distances, Span<Vector256<double>> densities)
    {
        var jacobian = Vector256<double>.One;
        foreach (var i in LogSds)
        {
            sds[i] = Vector256.Exp(z[i]);
            jacobian *= sds[i];
        }

        var at = 0;
        foreach (var component in Components)
        {
            var count = component.PatternCount;
            component.Evaluate(z, sds, jacobian, distances.Slice(at, count), densities.Slice(at, count));
            at += count;
        }

        var sum = Vector256<double>.Zero;
        for (var part = 0; part < at; part++)
            sum += densities[part];
        return sum;
    }

    /// <summary>Four positions side by side; past the end of the list the last one is repeated.</summary>
    /// <param name="positions">Positions one after another (S x D).</param>
    /// <param name="first">Number of the first.</param>
    /// <param name="z">Overwritten. Length D.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Load(ReadOnlySpan<double> positions, int first, Span<Vector256<double>> z)
    {
        var d = z.Length;
        var last = (positions.Length / d) - 1;
        var (a, b, c, e) = (first * d, Math.Min(first + 1, last) * d, Math.Min(first + 2, last) * d, Math.Min(first + 3, last) * d);
        for (var i = 0; i < d; i++)
            z[i] = Vector256.Create(positions[a + i], positions[b + i], positions[c + i], positions[e + i]);
    }
}

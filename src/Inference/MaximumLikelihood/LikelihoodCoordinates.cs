using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>The scales of a likelihood as free numbers: elements of the factors Lambda, over sigma where sigma is maximised in closed form, and log
/// sigma where it is not. Immutable.</summary>
/// <remarks>
/// <para>
/// A coordinate of a factor is an element of its lower triangle (of the diagonal, where effects are uncorrelated), in the basis of columns that
/// <see cref="EffectBasis"/> chooses, over a unit that makes it about 1. Nothing keeps diagonals positive: the sign of a column of Lambda does not
/// matter, so the criterion is even in it, and sd = 0 or |rho| = 1 is an ordinary point at which a diagonal element is 0.
/// </para>
/// <para>
/// A shape is 1 / (unit sinh x)^2, x a coordinate of its own. Below the unit x is in proportion to a coefficient of variation, in which the
/// likelihood is even, so that Poisson counts, x = 0, are an ordinary point; above it x is its log, so that shapes of any size are as near as others.
/// Beyond <see cref="ShapeLimit"/> nothing of it is left to see.
/// </para>
/// <para>
/// A row whose sd is fixed is sd w / |w| with free w, or sd alone on the diagonal. Fixed sds other than 0 are absolute, so that sigma then is a
/// coordinate, log sigma, the first.
/// </para>
/// </remarks>
internal sealed class LikelihoodCoordinates
{
    /// <summary>The greatest shape, for responses of the order of 1.</summary>
    public const double GreatestShape = 1e12;

    private readonly Element[] elements;
    private readonly int[] sizes;                  // q of each factor
    private readonly double[][] fixedSds;          // by factor and term; NaN where estimated
    private readonly bool[] isCorrelated;
    private readonly EffectBasis[] bases;
    private readonly int leading;
    private readonly double fixedShape;
    private readonly double shapeUnit;

    /// <summary>Lays the scales of a model out.</summary>
    /// <param name="spec">The model, without priors.</param>
    /// <param name="typical">Scales that give each coordinate its unit.</param>
    /// <param name="leading">Number of further coordinates that come first and are not scales: population effects that are not maximised in closed
    /// form.</param>
    /// <param name="total">Moments of all rows as one cell, from which factors take the basis of their columns; null where every Lambda is of the
    /// columns as they are.</param>
    /// <param name="shapeUnit">Coefficient of variation at which the shape's coordinate turns from linear to a log.</param>
    /// <param name="spreads">Of every term, what <see cref="Element.Spread"/> says; null for that of the basis.</param>
    /// <param name="profilesSigma">False to have log sigma as a coordinate also where it has its maximum in closed form.</param>
    public LikelihoodCoordinates(
        ModelSpec spec, TypicalScales typical, int leading = 0, CellMoments? total = null, double shapeUnit = 1, double[]? spreads = null,
        bool profilesSigma = true)
    {
        this.shapeUnit = shapeUnit;
        ShapeLimit = GreatestShape * (spec.Response.Family.IsCount ? Math.Max(1, 1 / (shapeUnit * shapeUnit)) : 1);
        this.leading = leading;
        sizes = [.. spec.Factors.Select(factor => factor.Terms.Length)];
        isCorrelated = [.. spec.Factors.Select(factor => factor.HasCorrelations)];
        fixedSds = [
            .. spec.Factors.Select(factor => factor.Terms.Select(term => term.Sd is { FixedValue: { } known } ? known : double.NaN).ToArray())];
        FixedSigma = !spec.Response.HasSigma ? 1 : spec.Response.Sigma is { FixedValue: { } sigma } ? sigma : double.NaN;
        ProfilesSigma = profilesSigma && double.IsNaN(FixedSigma) && fixedSds.All(sds => sds.All(sd => double.IsNaN(sd) || sd == 0));
        HasSigma = double.IsNaN(FixedSigma) && !ProfilesSigma;
        HasShape = spec.Response is { HasShape: true, Shape: not { FixedValue: not null } };
        fixedShape = spec.Response.Shape is { FixedValue: { } shape } ? shape : 1;
        TypicalSigma = typical.Sigma;
        var unit = ProfilesSigma ? typical.Sigma : 1;
        var list = new List<Element>();
        bases = new EffectBasis[sizes.Length];
        var at = 0;
        for (var k = 0; k < sizes.Length; k++)
        {
            bases[k] = EffectBasis.Of(spec.Factors[k], typical.Sds.AsSpan(at, sizes[k]), total);
            for (var a = 0; a < sizes[k]; a++)
            {
                var known = fixedSds[k][a];
                for (var b = isCorrelated[k] ? 0 : a; b <= a && known != 0; b++)
                {
                    if (double.IsNaN(known) || isCorrelated[k])
                        list.Add(
                            new Element(
                                k,
                                a,
                                b,
                                double.IsNaN(known)
                                    ? bases[k].Units[a] / unit
                                    : known)
                            {
                                Spread = spreads is null
                                        ? bases[k].Spreads[a]
                                        : spreads[at + a],
                                Opposite = b == 0 && a > 0 && bases[k].Opposite.Length > 0 ? bases[k].Opposite[a] : 0
                            });
                }
            }

            at += sizes[k];
        }

        elements = [.. list];
    }

    /// <summary>One coordinate: element (Row, Column) of a factor, over Unit.</summary>
    public readonly record struct Element(int Factor, int Row, int Column, double Unit)
    {
        /// <summary>Root mean square of the term's column over its sd, where the element is one at x = 0 and the factor has a varying intercept; 1
        /// elsewhere.</summary>
        public double Spread { get; init; } = 1;

        /// <summary>The coordinate at which the effects of a fixed intercept's sd cancel at the columns' means; see
        /// <see cref="EffectBasis.Opposite"/>.</summary>
        public double Opposite { get; init; }
    }

    /// <summary>True where sigma is maximised in closed form and every Lambda is over sigma.</summary>
    public bool ProfilesSigma { get; }

    /// <summary>True where log sigma is the first coordinate.</summary>
    public bool HasSigma { get; }

    /// <summary>True where the shape is estimated.</summary>
    public bool HasShape { get; }

    /// <summary>Index of the shape's coordinate, before the elements of Lambda; -1 where the shape is not estimated.</summary>
    public int ShapeAt => HasShape ? Shift - 1 : -1;

    /// <summary>The value sigma is fixed at, 1 where errors are known by row; NaN where it is estimated.</summary>
    public double FixedSigma { get; }

    /// <summary>Sigma of the size the data suggest.</summary>
    public double TypicalSigma { get; }

    /// <summary>Number of coordinates.</summary>
    public int Dimension => elements.Length + Shift;

    /// <summary>The elements of every Lambda; they come after log sigma.</summary>
    public ReadOnlySpan<Element> Elements => elements;

    /// <summary>Index of the first element of a Lambda: behind log sigma and the shape's coordinate, where there are such, or the leading
    /// coordinates.</summary>
    public int Shift => leading + (HasSigma ? 1 : 0) + (HasShape ? 1 : 0);

    /// <summary>Number of estimated scales, sigma among them. A row of fixed sd has one number less than it has coordinates.</summary>
    public int ScaleCount =>
        elements.Length - Enumerable.Range(0, sizes.Length).Sum(k => isCorrelated[k] ? fixedSds[k].Count(sd => !double.IsNaN(sd) && sd != 0) : 0)
            + (double.IsNaN(FixedSigma) ? 1 : 0) + (HasShape ? 1 : 0);

    /// <summary>Whether effects of a factor are correlated.</summary>
    public bool IsCorrelated(int factor) => isCorrelated[factor];

    /// <summary>Whether the sd of a term is estimated.</summary>
    public bool IsFree(int factor, int term) => double.IsNaN(fixedSds[factor][term]);

    /// <summary>A place to hold sigma and every Lambda.</summary>
    public ScalePoint NewPoint()
    {
        var point = new ScalePoint(sizes);
        for (var k = 0; k < sizes.Length; k++)
            point.Factors[k].IsCentred = bases[k].IsCentred;
        return point;
    }

    /// <summary>Sets sigma (1 where it is profiled) and every Lambda.</summary>
    /// <param name="x">Coordinates. Length <see cref="Dimension"/>.</param>
    /// <param name="point">Overwritten.</param>
    public void Set(ReadOnlySpan<double> x, ScalePoint point)
    {
        SetTriangles(x, point);
        for (var k = 0; k < sizes.Length; k++)
            bases[k].Apply(point.Factors[k].Lambda);
    }

    /// <summary>As <see cref="Set"/>, every Lambda still in the basis of its coordinates, where it is lower triangular.</summary>
    /// <param name="x">Coordinates. Length <see cref="Dimension"/>.</param>
    /// <param name="point">Overwritten.</param>
    public void SetTriangles(ReadOnlySpan<double> x, ScalePoint point)
    {
        point.Sigma = ProfilesSigma ? 1 : HasSigma ? Math.Exp(x[0]) : FixedSigma;
        point.Shape = HasShape ? ShapeOf(x) : fixedShape;
        for (var k = 0; k < sizes.Length; k++)
        {
            var lambda = point.Factors[k].Lambda;
            Array.Clear(lambda);
            for (var a = 0; a < sizes[k] && !isCorrelated[k]; a++)
            {
                if (!IsFree(k, a))
                    lambda[a * sizes[k] + a] = fixedSds[k][a];
            }
        }

        for (var i = 0; i < elements.Length; i++)
        {
            var (k, a, b, unit) = elements[i];
            point.Factors[k].Lambda[a * sizes[k] + b] = unit * x[i + Shift];
        }

        for (var k = 0; k < sizes.Length; k++)
        {
            for (var a = 0; a < sizes[k] && isCorrelated[k]; a++)
            {
                if (IsFree(k, a) || fixedSds[k][a] == 0)
                    continue;
                var row = point.Factors[k].Lambda.AsSpan(a * sizes[k], a + 1);
                var norm = Norm(row);
                foreach (ref var value in row)
                    value *= fixedSds[k][a] / norm;
            }
        }
    }

    /// <summary>Carries derivatives for the factors back to the coordinates.</summary>
    /// <param name="x">Coordinates the point was set at.</param>
    /// <param name="point">Holds the derivative for every factor (of Lambda / sigma where sigma is profiled); overwritten.</param>
    /// <param name="onSigma">Derivative for sigma; without meaning where it is not a coordinate.</param>
    /// <param name="gradient">Overwritten. Length <see cref="Dimension"/>.</param>
    /// <param name="onShape">Derivative for the shape; without meaning where it is not a coordinate.</param>
    public void Backward(ReadOnlySpan<double> x, ScalePoint point, double onSigma, Span<double> gradient, double onShape = 0)
    {
        if (HasShape)
            gradient[ShapeAt] = point.Shape < ShapeLimit ? -2 * onShape * point.Shape / Math.Tanh(x[ShapeAt]) : 0;
        if (HasSigma)
            gradient[0] = point.Sigma * onSigma;
        for (var k = 0; k < sizes.Length; k++)
            bases[k].ApplyTransposed(point.Factors[k].LambdaGradient);
        for (var i = 0; i < elements.Length; i++)
        {
            var (k, a, b, unit) = elements[i];
            gradient[i + Shift] = unit * point.Factors[k].LambdaGradient[a * sizes[k] + b];
        }

        // d/dw of f(sd w / |w|) = sd / |w| (g - w^ (w^'g))
        for (var i = 0; i < elements.Length; i++)
        {
            var (k, a, b, unit) = elements[i];
            if (b > 0 || IsFree(k, a))
                continue;
            var w = x.Slice(i + Shift, a + 1);
            var own = gradient.Slice(i + Shift, a + 1);
            var norm = Norm(w);
            var along = 0.0;
            for (var c = 0; c <= a; c++)
                along += w[c] * own[c] / norm;
            for (var c = 0; c <= a; c++)
                own[c] = (own[c] - along * w[c] / norm) / norm;
        }
    }

    /// <summary>Coordinates of given factors, on the scale of <see cref="SetTriangles"/>.</summary>
    /// <param name="sigma">Sigma; without effect where it is not a coordinate.</param>
    /// <param name="point">Factors.</param>
    /// <returns>New coordinates. Length <see cref="Dimension"/>.</returns>
    public double[] Of(double sigma, ScalePoint point)
    {
        var x = new double[Dimension];
        if (HasSigma)
            x[0] = Math.Log(sigma);
        if (HasShape)
            x[ShapeAt] = ShapeCoordinate(point.Shape);
        for (var i = 0; i < elements.Length; i++)
        {
            var (k, a, b, unit) = elements[i];
            x[i + Shift] = point.Factors[k].Lambda[a * sizes[k] + b] / unit;
        }

        return x;
    }

    /// <summary>The shape at x = 0: that at which counts of the mean's size vary by 1e-12 more than Poisson counts do.</summary>
    public double ShapeLimit { get; }

    /// <summary>The shape at given coordinates, which have one.</summary>
    public double ShapeOf(ReadOnlySpan<double> x)
    {
        var variation = shapeUnit * Math.Sinh(x[ShapeAt]);
        return Math.Min(1 / (variation * variation), ShapeLimit);
    }

    /// <summary>The coordinate of a shape; 0 from <see cref="ShapeLimit"/> on.</summary>
    public double ShapeCoordinate(double shape) => shape < ShapeLimit ? Math.Asinh(1 / (Math.Sqrt(shape) * shapeUnit)) : 0;

    /// <summary>Whether a coordinate of the shape or of a factor is not free to move: an element whose column has a diagonal element of exactly 0, or
    /// the shape at its limit.</summary>
    /// <param name="x">Coordinates.</param>
    /// <param name="index">Index of the coordinate, not of a leading one.</param>
    public bool IsHeld(ReadOnlySpan<double> x, int index)
    {
        if (index == ShapeAt)
            return x[index] == 0;
        if (index < Shift)
            return false;
        var own = elements[index - Shift];
        for (var i = 0; i < elements.Length; i++)
        {
            if (elements[i].Factor == own.Factor && elements[i].Row == own.Column && elements[i].Column == own.Column)
                return x[i + Shift] == 0;
        }

        return false;
    }

    private static double Norm(ReadOnlySpan<double> row)
    {
        var squares = 0.0;
        foreach (var value in row)
            squares += value * value;
        return Math.Sqrt(squares);
    }
}

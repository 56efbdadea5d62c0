using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>The columns that a factor's coordinates are effects of. Immutable.</summary>
/// <remarks>
/// <para>
/// Where effects are correlated and all of their sds estimated, the model is the same for every basis of the columns Z: Z u = (Z~ S)(S^-1 u~).
/// Coordinates then are those of orthonormal columns, S = R^-1 with R'R = Z~'Z~ / N, Z~ centred where there is a varying intercept: they are of one
/// size, and depend neither on origins nor on units, nor on products and powers of columns that lie far from 0 and are nearly alike.
/// </para>
/// <para>
/// A fixed sd of a slope is the same for centred columns, so that these are used, each in its own unit; the fixed sd of an intercept is that at x =
/// 0. Uncorrelated effects are so at x = 0 only: their Lambda is diagonal there, and T Lambda is not.
/// </para>
/// </remarks>
internal sealed class EffectBasis
{
    // Squared length that earlier columns leave of one, relative to its own, below which it lies in their span.
    private const double Collinear = 1e-13;

    private readonly double[] mix;      // S, upper triangular, q x q by rows; empty for the identity
    private readonly double[] units;

    private EffectBasis(bool isCentred, double[] mix, double[] units, double[] spreads)
    {
        IsCentred = isCentred;
        this.mix = mix;
        this.units = units;
        Spreads = spreads;
    }

    /// <summary>Whether Lambda is that of centred columns; see <see cref="FactorPoint.IsCentred"/>.</summary>
    public bool IsCentred { get; }

    /// <summary>What a coordinate of a term's row is multiplied with. Length q.</summary>
    public ReadOnlySpan<double> Units => units;

    /// <summary>Root mean square of each column over its sd where an sd of its effects is one at x = 0; 1 elsewhere. Length q.</summary>
    public double[] Spreads { get; }

    /// <summary>Where the sd of an intercept, the first term, is fixed at x = 0 and its effects are correlated: the first element of each slope's row
    /// at which intercepts at the columns' means are 0, in units. Far from 0 that is where the maximum is. 0 elsewhere. Length q.</summary>
    public double[] Opposite { get; private init; } = [];

    /// <summary>The basis of a factor.</summary>
    /// <param name="factor">The factor.</param>
    /// <param name="sds">Sds of its terms that the data suggest, of the columns as they are. Length q.</param>
    /// <param name="total">Moments of all rows as one cell; null to leave the columns as they are.</param>
    public static EffectBasis Of(FactorSpec factor, ReadOnlySpan<double> sds, CellMoments? total)
    {
        int[] columns = [.. factor.Terms.Select(term => term.Column)];
        var q = columns.Length;
        var spreads = new double[q];
        Array.Fill(spreads, 1);
        double[] units = [.. sds];
        var hasIntercept = columns.Contains(ModelSpec.Ones);
        if (total is null)
            return new EffectBasis(false, [], units, spreads);
        if (!factor.HasCorrelations || factor.Terms.Any(term => term.Column == ModelSpec.Ones && term.Sd?.FixedValue is not null))
        {
            var opposite = new double[q];
            var means = columns.Select(column => column == ModelSpec.Ones ? 0 : total.Means(0)[column]).ToArray();
            var squares = means.Sum(mean => mean * mean);
            for (var a = 0; a < q; a++)
            {
                var sd = Math.Sqrt(Square(total, columns[a], columns[a], isCentred: true));
                spreads[a] = hasIntercept && sd > 0 ? TypicalScales.RootMeanSquare(total, columns[a]) / sd : 1;
                if (factor.HasCorrelations && columns[0] == ModelSpec.Ones && squares > 0)
                    opposite[a] = -factor.Terms[0].Sd!.FixedValue!.Value * means[a] / squares / units[a];
            }

            return new EffectBasis(false, [], units, spreads) { Opposite = opposite };
        }

        // In units of the response: the sds suggested are over the root mean squares of the columns.
        for (var a = 0; a < q; a++)
            units[a] *= TypicalScales.RootMeanSquare(total, columns[a]);
        if (factor.Terms.All(term => term.Sd?.FixedValue is null))
            return new EffectBasis(true, Orthonormal(total, columns, hasIntercept), units, spreads);
        for (var a = 0; a < q; a++)
        {
            var length = Math.Sqrt(Square(total, columns[a], columns[a], hasIntercept));
            units[a] /= length > 0 ? length : 1;
        }

        return new EffectBasis(true, [], units, spreads);
    }

    /// <summary>Lambda = S W in place.</summary>
    public void Apply(Span<double> lambda)
    {
        var q = units.Length;
        for (var a = 0; a < q && mix.Length > 0; a++)
        {
            for (var c = 0; c < q; c++)
            {
                var sum = 0.0;
                for (var b = a; b < q; b++)
                    sum += mix[a * q + b] * lambda[b * q + c];
                lambda[a * q + c] = sum;
            }
        }
    }

    /// <summary>Turns a derivative for Lambda into one for W, S' times it, in place.</summary>
    public void ApplyTransposed(Span<double> gradient)
    {
        var q = units.Length;
        for (var a = q - 1; a >= 0 && mix.Length > 0; a--)
        {
            for (var c = 0; c < q; c++)
            {
                var sum = 0.0;
                for (var b = 0; b <= a; b++)
                    sum += mix[b * q + a] * gradient[b * q + c];
                gradient[a * q + c] = sum;
            }
        }
    }

    // S = R^-1 for R'R = Z~'Z~ / N. A column in the span of earlier ones keeps its own direction.
    private static double[] Orthonormal(CellMoments total, int[] columns, bool isCentred)
    {
        var q = columns.Length;
        var root = new double[q * q];       // R
        for (var a = 0; a < q; a++)
        {
            var own = Square(total, columns[a], columns[a], isCentred);
            var rest = own;
            for (var b = 0; b < a; b++)
            {
                var sum = Square(total, columns[a], columns[b], isCentred);
                for (var c = 0; c < b; c++)
                    sum -= root[c * q + a] * root[c * q + b];
                root[b * q + a] = sum / root[b * q + b];
                rest -= root[b * q + a] * root[b * q + a];
            }

            if (rest > Collinear * own)
            {
                root[a * q + a] = Math.Sqrt(rest);
                continue;
            }

            for (var b = 0; b < a; b++)
                root[b * q + a] = 0;
            root[a * q + a] = own > 0 ? Math.Sqrt(own) : 1;
        }

        var inverse = new double[q * q];
        for (var c = 0; c < q; c++)
        {
            inverse[c * q + c] = 1 / root[c * q + c];
            for (var a = c - 1; a >= 0; a--)
            {
                for (var b = a + 1; b <= c; b++)
                    inverse[a * q + c] -= root[a * q + b] * inverse[b * q + c];
                inverse[a * q + c] /= root[a * q + a];
            }
        }

        return inverse;
    }

    // Mean product of two columns, about their means where centred; the column of ones stands as it is.
    private static double Square(CellMoments total, int a, int b, bool isCentred)
    {
        var (low, high) = (Math.Min(a, b), Math.Max(a, b));
        if (low == ModelSpec.Ones)
            return high == ModelSpec.Ones ? 1 : isCentred ? 0 : total.Means(0)[high];
        var product = total.CrossProducts(0)[high * (high + 1) / 2 + low] / total.Weight(0);
        return isCentred ? product : product + total.Means(0)[low] * total.Means(0)[high];
    }
}

using System.Collections.Immutable;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Inference.Numerics;
using TypedPooling.Model;

namespace TypedPooling.Standardizing;

/// <summary>Sigma, sds and correlations on the original scale: of u = M u_s, whose covariance is M Sigma_s M'.</summary>
/// <remarks>
/// With Sigma_s = D R D, D = diag(sd_s), R = L L' and rows l_a of L, slopes keep their correlations and take sds of their own unit; the intercept's
/// row of M D L is f_0 v, v = sd_s,0 l_0 - sum_a shift_a sd_s,a l_a, so its sd is f_0 |v| and its correlation with slope a is v'l_a / |v|. Where |v|
/// is 0 the correlation of the standardised scale stands.
/// </remarks>
internal sealed class RestoredScales
{
    private readonly DrawBlock standardized;
    private readonly ImmutableArray<Parameter>.Builder parameters = ImmutableArray.CreateBuilder<Parameter>();
    private readonly List<double[]> draws = [];

    private RestoredScales(DrawBlock standardized) => this.standardized = standardized;

    /// <summary>The block on the original scale.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="responseScale">s_y.</param>
    /// <param name="factors">The map of each factor's effects.</param>
    /// <param name="standardized">Scales as an engine reports them.</param>
    public static StoredBlock Of(ModelSpec spec, double responseScale, ImmutableArray<CoefficientMap> factors, DrawBlock standardized)
    {
        var scales = new RestoredScales(standardized);
        scales.AddResponse(responseScale);
        for (var k = 0; k < factors.Length; k++)
            scales.AddFactor(spec.Factors[k], factors[k]);
        return new StoredBlock(scales.parameters.ToImmutable(), [.. scales.draws.SelectMany(own => own)], standardized.DrawCount);
    }

    // Sigma, and the second parameter of the response, which has no unit.
    private void AddResponse(double responseScale)
    {
        foreach (var kind in Enum.GetValues<ParameterKind>().Where(kind => kind == ParameterKind.Sigma || Parameter.IsShape(kind)))
        {
            if (Find(kind, null, string.Empty, null) is { } own)
                Add(new Parameter(kind, string.Empty), kind == ParameterKind.Sigma ? [.. own.Select(value => responseScale * value)] : own);
        }
    }

    private void AddFactor(FactorSpec factor, CoefficientMap map)
    {
        var q = factor.Terms.Length;
        var count = standardized.DrawCount;
        var sds = new double[q][];
        var correlations = new double[q * q][];      // (a, b) with b < a; null where 0 for want of a parameter
        for (var a = 0; a < q; a++)
        {
            sds[a] = Find(ParameterKind.VaryingSd, factor.Name, factor.Terms[a].Name, null)
                ?? throw new InvalidOperationException($"The posterior does not report the sd of '{factor.Terms[a].Name}'.");
            for (var b = 0; b < a; b++)
                correlations[a * q + b] = Find(ParameterKind.VaryingCorrelation, factor.Name, factor.Terms[b].Name, factor.Terms[a].Name)!;
        }

        var newSds = sds.Select((own, a) => own.Select(sd => map.Factor(a) * sd).ToArray()).ToArray();
        var newCorrelations = correlations.ToArray();
        if (Enumerable.Range(0, q).Any(map.IsCentred))
        {
            for (var a = 0; a < q; a++)
            {
                if (a != map.Intercept && (map.IsCentred(a) || At(correlations, a, map.Intercept, q) is not null))
                    At(newCorrelations, a, map.Intercept, q) = new double[count];
            }

            RestoreIntercept(map, sds, correlations, newSds[map.Intercept], newCorrelations);
        }

        for (var a = 0; a < q; a++)
            Add(new Parameter(ParameterKind.VaryingSd, factor.Terms[a].Name) { Factor = factor.Name }, newSds[a]);
        for (var a = 1; a < q; a++)
        {
            for (var b = 0; b < a; b++)
            {
                if (newCorrelations[a * q + b] is { } own)
                    Add(
                        new Parameter(
                            ParameterKind.VaryingCorrelation, factor.Terms[b].Name)
                        { Factor = factor.Name, OtherTerm = factor.Terms[a].Name },
                        own);
            }
        }
    }

    private void RestoreIntercept(CoefficientMap map, double[][] sds, double[][] correlations, double[] interceptSds, double[][] newCorrelations)
    {
        var q = sds.Length;
        var root = new double[q * q];
        var v = new double[q];
        var zero = map.Intercept;
        for (var s = 0; s < standardized.DrawCount; s++)
        {
            Factorise(correlations, s, root, q);
            for (var c = 0; c < q; c++)
            {
                v[c] = sds[zero][s] * root[zero * q + c];
                for (var a = 0; a < q; a++)
                    v[c] -= map.Shift(a) * sds[a][s] * root[a * q + c];
            }

            // Scaled by its largest entry, as squares of very small sds vanish.
            var largest = v.Max(Math.Abs);
            var length = largest > 0 ? largest * Math.Sqrt(v.Sum(c => c / largest * (c / largest))) : 0;
            interceptSds[s] = map.Factor(zero) * length;
            for (var a = 0; a < q; a++)
            {
                if (a == zero || At(newCorrelations, a, zero, q) is not { } own)
                    continue;
                var product = 0.0;
                for (var c = 0; c < q; c++)
                    product += v[c] * root[a * q + c];
                own[s] = length > 0 ? Math.Clamp(product / length, -1, 1) : At(correlations, a, zero, q)?[s] ?? 0;
            }
        }
    }

    // The lower Cholesky factor of a draw's correlation matrix; |rho| = 1 to rounding gives a zero diagonal.
    private static void Factorise(double[][] correlations, int draw, double[] root, int q)
    {
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b < a; b++)
                root[a * q + b] = correlations[a * q + b]?[draw] ?? 0;
            root[a * q + a] = 1;
        }

        SemidefiniteCholesky.Factorise(root, q);
    }

    private static ref double[] At(double[][] correlations, int a, int b, int q) => ref correlations[Math.Max(a, b) * q + Math.Min(a, b)];

    private void Add(Parameter parameter, double[] own)
    {
        parameters.Add(parameter);
        draws.Add(own);
    }

    // The draws of a parameter, or null where the block has none. A correlation may be reported with its terms in either order.
    private double[]? Find(ParameterKind kind, string? factor, string term, string? otherTerm)
    {
        for (var i = 0; i < standardized.ParameterCount; i++)
        {
            var parameter = standardized.Parameter(i);
            if (parameter.Kind != kind || parameter.Factor != factor)
                continue;
            if ((parameter.Term == term && parameter.OtherTerm == otherTerm)
                || (otherTerm is not null && parameter.Term == otherTerm && parameter.OtherTerm == term))
            {
                var own = new double[standardized.DrawCount];
                standardized.CopyDraws(i, own);
                return own;
            }
        }

        return null;
    }
}

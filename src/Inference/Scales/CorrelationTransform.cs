using System.Runtime.CompilerServices;
using MathNet.Numerics;

namespace TypedPooling.Inference.Scales;

/// <summary>The map from unconstrained coordinates to the Cholesky factor of a q x q correlation matrix, by canonical partial correlations.</summary>
/// <remarks>
/// <para>
/// Row r of L (R = L L') is built from the partial correlations t_rc = tanh(z_rc), c = 0..r-1: with s_r0 = 1, L_rc = t_rc s_rc, s_r,c+1 =
/// s_rc sech(z_rc), L_rr = s_rr, since sqrt(1 - tanh^2) = sech. Nothing is subtracted, so L keeps its digits as |rho| goes to 1.
/// </para>
/// <para>
/// Under LKJ(eta) the t_rc are independent, (t_rc + 1) / 2 ~ Beta(b_c, b_c) with b_c = eta + (q - 2 - c) / 2. With dt/dz = sech^2(z) the log density
/// of z, Jacobian included, is sum over r, c of -2 b_c log cosh z_rc - log B(b_c, b_c) - (2 b_c - 1) log 2. Source: [Lewandowski2009].
/// </para>
/// </remarks>
internal sealed class CorrelationTransform
{
    private readonly int size;
    private readonly double[] shape;         // b_c by column
    private readonly double logConstant;

    /// <summary>Creates the transform.</summary>
    /// <param name="size">Size q of the correlation matrix, at least 1.</param>
    /// <param name="eta">Concentration of the LKJ prior, positive.</param>
    public CorrelationTransform(int size, double eta)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(eta);
        this.size = size;
        shape = new double[Math.Max(0, size - 1)];
        for (var c = 0; c < size - 1; c++)
        {
            var b = eta + 0.5 * (size - 2 - c);
            shape[c] = b;
            var logBeta = 2 * SpecialFunctions.GammaLn(b) - SpecialFunctions.GammaLn(2 * b);
            logConstant -= (size - 1 - c) * (logBeta + (2 * b - 1) * Math.Log(2));
        }
    }

    /// <summary>Number of coordinates, q (q - 1) / 2.</summary>
    public int Dimension => size * (size - 1) / 2;

    /// <summary>What the log density holds besides log |dR/dz| where eta is 1: minus the log volume of the correlation matrices.</summary>
    public double LogConstant => logConstant;

    /// <summary>Builds L and evaluates the prior.</summary>
    /// <param name="z">Unconstrained coordinates, row after row: (r, c) at r (r - 1) / 2 + c. Length q (q - 1) / 2.</param>
    /// <param name="cholesky">Overwritten with L, q x q by rows, the upper triangle with zeros. Length q^2.</param>
    /// <returns>Log density of z under LKJ(eta), Jacobian and all constants included.</returns>
    public double Constrain(ReadOnlySpan<double> z, Span<double> cholesky) => Constrain(z, cholesky, new PartialCorrelation[Dimension]);

    /// <summary>Derivative of a function of L, and of the prior, with respect to the coordinates.</summary>
    /// <param name="z">Unconstrained coordinates. Length q (q - 1) / 2.</param>
    /// <param name="factorGradient">Derivative of the function with respect to each element of L, by rows; only the lower triangle is read. Length
    /// q^2.</param>
    /// <param name="gradient">Overwritten with the derivative of function + log prior density with respect to z. Length q (q - 1) / 2.</param>
    public void Backward(ReadOnlySpan<double> z, ReadOnlySpan<double> factorGradient, Span<double> gradient)
    {
        var partials = new PartialCorrelation[Dimension];
        Constrain(z, new double[size * size], partials);
        Backward(partials, factorGradient, gradient);
    }

    /// <summary>As the public overload; keeps what <see cref="Backward(ReadOnlySpan{PartialCorrelation}, ReadOnlySpan{double}, Span{double})"/>
    /// needs, so that nothing is allocated or computed twice.</summary>
    /// <param name="z">Unconstrained coordinates. Length q (q - 1) / 2.</param>
    /// <param name="cholesky">Overwritten with L, q x q by rows. Length q^2.</param>
    /// <param name="partials">Overwritten, in the order of z.</param>
    /// <returns>Log density of z under LKJ(eta), Jacobian and all constants included.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Constrain(ReadOnlySpan<double> z, Span<double> cholesky, Span<PartialCorrelation> partials)
    {
        var log = logConstant;
        var at = 0;
        for (var r = 0; r < size; r++)
        {
            var s = 1.0;
            var row = cholesky.Slice(r * size, size);
            for (var c = 0; c < r; c++, at++)
            {
                var (tanh, sech, logCosh) = Hyperbolic(z[at]);
                partials[at] = new PartialCorrelation(tanh, sech, s);
                row[c] = tanh * s;
                s *= sech;
                log -= 2 * shape[c] * logCosh;
            }

            row[r] = s;
            row[(r + 1)..].Clear();
        }

        return log;
    }

    /// <summary>As the public overload, at the coordinates of the partial correlations.</summary>
    /// <param name="partials">The partial correlations. Length q (q - 1) / 2.</param>
    /// <param name="factorGradient">Derivative of the function with respect to each element of L, by rows; only the lower triangle is read. Length
    /// q^2.</param>
    /// <param name="gradient">Overwritten with the derivative of function + log prior density with respect to z. Length q (q - 1) / 2.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Backward(ReadOnlySpan<PartialCorrelation> partials, ReadOnlySpan<double> factorGradient, Span<double> gradient)
    {
        for (var r = 1; r < size; r++)
        {
            var start = r * (r - 1) / 2;
            var row = factorGradient.Slice(r * size, size);
            var onRest = row[r];
            for (var c = r - 1; c >= 0; c--)
            {
                var (tanh, sech, s) = partials[start + c];
                gradient[start + c] = s * sech * (row[c] * sech - onRest * tanh) - 2 * shape[c] * tanh;
                onRest = row[c] * tanh + onRest * sech;
            }
        }
    }

    /// <summary>The coordinates of a correlation matrix given by its Cholesky factor.</summary>
    /// <param name="cholesky">L, q x q by rows, with positive diagonal and rows of length 1. Length q^2.</param>
    /// <param name="z">Overwritten with the coordinates. Length q (q - 1) / 2.</param>
    public void Unconstrain(ReadOnlySpan<double> cholesky, Span<double> z)
    {
        var at = 0;
        for (var r = 1; r < size; r++)
        {
            var s = 1.0;
            for (var c = 0; c < r; c++, at++)
            {
                z[at] = Math.Atanh(cholesky[r * size + c] / s);
                s /= Math.Cosh(z[at]);
            }
        }
    }

    // One exponential for all three; exact in the tails, where cosh overflows and 1 - tanh^2 cancels.
    private static (double Tanh, double Sech, double LogCosh) Hyperbolic(double z)
    {
        var a = Math.Abs(z);
        var root = Math.Exp(-a);
        var e = root * root;
        var scale = 1 / (1 + e);
        var tanh = Math.CopySign(a < 0.1 ? Math.Tanh(a) : (1 - e) * scale, z);
        return (tanh, 2 * root * scale, a + Math.Log((1 + e) * 0.5));
    }
}

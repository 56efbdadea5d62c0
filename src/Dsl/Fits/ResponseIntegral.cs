using TypedPooling.Data;
using TypedPooling.Model;
using TypedPooling.Responses;

namespace TypedPooling;

/// <summary>Variances on the scale of the response, by the law of total variance, varying effects integrated out. Scratch of one thread.</summary>
/// <remarks>
/// <para>
/// Of a row with linear predictor eta ~ Normal(eta_i, V_i), V_i the sum of the factors' z'Sigma_k z, and mu(eta) the expected response: M_i = E[mu],
/// the
/// population's part is the variance of M_i over the rows, with n - 1; the effects' part the mean of var(mu); the error the mean of E[var(y | eta)].
/// What
/// rows of one level of factor k share is the mean of var(E[mu | u_k]).
/// </para>
/// <para>
/// Integrals use the trapezoidal rule over t = (eta - eta_i) / sqrt(V_i), whose error falls like exp(-2 pi d / h) for step h and an integrand that is
/// analytic within d of the real line: d is pi / 2 over the sd at least. By Mehler's formula var(E[mu | u_k]) = sum c_n^2 (v_k / V_i)^n over n from
/// 1,
/// with c_n the Hermite coefficients of mu, whose squares sum to var(mu): one integral serves all factors, and what is left of that sum bounds what a
/// truncation leaves out. A proportion is that of one trial; rows of a Poisson model that share a cell are taken at their mean exposure. O(cells) a
/// draw,
/// with 50 points or so a cell. Sources: [Goldstein2002], [TrefethenWeideman2014].
/// </para>
/// </remarks>
internal sealed class ResponseIntegral(CellBoundModel model)
{
    // Beyond it Hermite functions of the orders below, times the root of the normal density, are 1e-16 or less.
    private const double HalfWidth = 12;

    private const int MostOrders = 40;

    // What is left of the variance of mu, relative to it, below which it is rounding.
    private const double Rest = 1e-13;

    private readonly ModelSpec spec = model.Spec;
    private readonly double[] variances = new double[model.Spec.Factors.Length];
    private readonly double[] coefficients = new double[MostOrders];

    /// <summary>The mean over the rows of the expected response, in a draw.</summary>
    public double MeanAt(double[][] beta, ScaleColumns scales, int draw)
    {
        var sum = 0.0;
        for (var i = 0; i < model.Cells.Count; i++)
        {
            var (eta, size) = RowOf(i, beta, draw);
            sum += model.Cells.Rows[i] * size * InverseLink.Mean(model.Family.Link, eta, VarianceOf(i, scales, draw));
        }

        return sum / model.Cells.RowCount;
    }

    /// <summary>Writes the variances of a draw.</summary>
    public void Write(double[][] beta, ScaleColumns scales, int draw, VarianceParts parts)
    {
        var response = scales.OfResponse(draw);
        var (rows, mean, squares) = (0.0, 0.0, 0.0);
        for (var i = 0; i < model.Cells.Count; i++)
        {
            var weight = (double)model.Cells.Rows[i];
            var (eta, size) = RowOf(i, beta, draw);
            var variance = VarianceOf(i, scales, draw);
            var moments = Integrate(eta, Math.Sqrt(variance), size, response);

            // Welford's update, rows as weights.
            rows += weight;
            var away = moments.Mean - mean;
            mean += away * weight / rows;
            squares += weight * away * (moments.Mean - mean);
            parts.Effects[draw] += weight * moments.OfEffects;
            parts.Error[draw] += weight * moments.Error;
            for (var k = 0; k < variances.Length; k++)
                parts.Factors[k][draw] += weight * Shared(variance > 0 ? variances[k] / variance : 0, moments.OfEffects);
        }

        parts.Population[draw] = rows > 1 ? squares / (rows - 1) : 0;
        parts.Effects[draw] /= rows;
        parts.Error[draw] /= rows;
        foreach (var own in parts.Factors)
            own[draw] /= rows;
    }

    private (double Eta, double Size) RowOf(int i, double[][] beta, int draw)
    {
        var cells = model.Cells;
        var columns = cells.Columns.Slice(i * cells.ColumnCount, cells.ColumnCount);
        var eta = cells.Offsets[i];
        for (var t = 0; t < beta.Length; t++)
            eta += beta[t][draw] * Value(columns, spec.Population[t].Column);
        return (eta, spec.Response.Family.IsCount ? cells.Sizes[i] / cells.Rows[i] : 1);
    }

    // V_i, and the factors' parts of it.
    private double VarianceOf(int i, ScaleColumns scales, int draw)
    {
        var cells = model.Cells;
        var columns = cells.Columns.Slice(i * cells.ColumnCount, cells.ColumnCount);
        var sum = 0.0;
        for (var k = 0; k < variances.Length; k++)
        {
            var terms = spec.Factors[k].Terms;
            variances[k] = 0;
            for (var a = 0; a < terms.Length; a++)
            {
                for (var b = 0; b < terms.Length; b++)
                    variances[k] += Value(columns, terms[a].Column) * Value(columns, terms[b].Column) * scales.Covariance(k, a, b, draw);
            }

            variances[k] = Math.Max(0, variances[k]);
            sum += variances[k];
        }

        return sum;
    }

    private (double Mean, double OfEffects, double Error) Integrate(double eta, double sd, double size, in ResponseScales response)
    {
        var family = model.Family;
        Array.Clear(coefficients);
        if (sd == 0)
        {
            var location = InverseLink.Of(family.Link, eta);
            return (size * location, 0, family.Variance(location, size, response));
        }

        // The normal density times exp(2 sd t), the square of a log link's mean, has its peak at t = 2 sd.
        var step = Math.Min(0.5, 0.33 / sd);
        var last = (int)Math.Ceiling((HalfWidth + 2 * sd) / step);
        var (error, square) = (0.0, 0.0);
        var centre = size * InverseLink.Of(family.Link, eta);
        var orders = variances.Length > 1 ? MostOrders : 1;
        for (var n = -last; n <= last; n++)
        {
            var t = n * step;
            var weight = step * Math.Exp(-0.5 * t * t) / Math.Sqrt(2 * Math.PI);
            var location = InverseLink.Of(family.Link, eta + sd * t);
            error += weight * family.Variance(location, size, response);
            var value = weight * (size * location - centre);
            square += value * (size * location - centre);

            // h_n(t) = (t h_n-1 - sqrt(n - 1) h_n-2) / sqrt(n), orthonormal under the normal density.
            var (before, hermite) = (0.0, 1.0);
            for (var order = 0; order < orders; order++)
            {
                coefficients[order] += value * hermite;
                (before, hermite) = (hermite, (t * hermite - Math.Sqrt(order) * before) / Math.Sqrt(order + 1));
            }
        }

        return (centre + coefficients[0], Math.Max(0, square - coefficients[0] * coefficients[0]), error);
    }

    // sum over n from 1 of c_n^2 ratio^n
    private double Shared(double ratio, double ofEffects)
    {
        if (variances.Length == 1)
            return ofEffects;
        var (sum, left, power) = (0.0, ofEffects, 1.0);
        for (var n = 1; n < MostOrders && left * power > Rest * ofEffects; n++)
        {
            var square = coefficients[n] * coefficients[n];
            power *= ratio;
            sum += square * power;
            left -= square;
        }

        return sum;
    }

    private static double Value(ReadOnlySpan<double> columns, int column) => column == ModelSpec.Ones ? 1 : columns[column];
}

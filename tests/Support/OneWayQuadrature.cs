namespace TypedPooling.Tests.Support;

/// <summary>The posterior of y_ij = mu + u_j + e_ij, u_j ~ N(0, tau), e_ij ~ N(0, sigma) by sums over a grid of (log sigma, log tau), mu and u
/// integrated out by hand.</summary>
/// <remarks>
/// Given the scales the mean of group j is N(mu, v_j), v_j = tau^2 + sigma^2 / n_j, and the squares within groups give sigma^-(N - J) exp(-S / 2
/// sigma^2). The integrand falls off at both ends of each axis, so equal steps converge faster than any power of the step. Shares the data with the
/// engines, no code.
/// </remarks>
internal sealed class OneWayQuadrature
{
    private const int Steps = 400;

    private readonly List<(double Weight, double Value)> tau = [];
    private readonly double[] moments = new double[8];

    /// <summary>Integrates.</summary>
    /// <param name="groups">The responses by group.</param>
    /// <param name="mean">Prior mean of mu.</param>
    /// <param name="sd">Prior sd of mu; 0 where there is no mu, so that its mean holds exactly.</param>
    /// <param name="sigmaRate">Rate of the exponential prior of sigma.</param>
    /// <param name="tauRate">Rate of the exponential prior of tau; null where nothing varies.</param>
    public OneWayQuadrature(IReadOnlyList<double[]> groups, double mean, double sd, double sigmaRate, double? tauRate)
    {
        var summary = groups.Select(g => (Count: g.Length, Mean: g.Average(), Squares: g.Sum(y => (y - g.Average()) * (y - g.Average())))).ToArray();
        var points = new List<(double LogWeight, double Sigma, double Tau, double Mu, double MuVariance, double U, double UVariance)>();
        foreach (var logSigma in Grid(-12, 6))
        {
            foreach (var logTau in tauRate is null ? [double.NegativeInfinity] : Grid(-14, 7))
            {
                var (s, t) = (Math.Exp(logSigma), Math.Exp(logTau));
                var log = logSigma - sigmaRate * s + (tauRate is { } rate ? logTau - rate * t : 0);
                var (precision, weighted) = sd > 0 ? (1 / (sd * sd), mean / (sd * sd)) : (0.0, 0.0);
                foreach (var (count, _, squares) in summary)
                    log -= (count - 1) * logSigma + squares / (2 * s * s);
                foreach (var (count, average, _) in summary)
                {
                    var v = t * t + s * s / count;
                    (precision, weighted) = (precision + 1 / v, weighted + average / v);
                    log -= 0.5 * Math.Log(v);
                }

                var (mu, muVariance) = sd > 0 ? (weighted / precision, 1 / precision) : (mean, 0.0);
                foreach (var (count, average, _) in summary)
                    log -= 0.5 * (average - mu) * (average - mu) / (t * t + s * s / count);
                if (sd > 0)
                    log -= 0.5 * Math.Log(precision) + 0.5 * (mu - mean) * (mu - mean) / (sd * sd);

                var w = t * t / (t * t + s * s / summary[0].Count);
                points.Add((log, s, t, mu, muVariance, w * (summary[0].Mean - mu), (1 - w) * t * t + w * w * muVariance));
            }
        }

        var top = points.Max(p => p.LogWeight);
        var total = points.Sum(p => Math.Exp(p.LogWeight - top));
        foreach (var p in points)
        {
            var weight = Math.Exp(p.LogWeight - top) / total;
            tau.Add((weight, p.Tau));
            double[] values = [p.Sigma, p.Sigma * p.Sigma, p.Tau, p.Tau * p.Tau, p.Mu, p.Mu * p.Mu + p.MuVariance, p.U, p.U * p.U + p.UVariance];
            for (var i = 0; i < values.Length; i++)
                moments[i] += weight * values[i];
        }
    }

    public (double Mean, double Sd) Sigma => Moment(0);

    public (double Mean, double Sd) Tau => Moment(1);

    public (double Mean, double Sd) Mu => Moment(2);

    /// <summary>The varying effect of the first group.</summary>
    public (double Mean, double Sd) FirstEffect => Moment(3);

    /// <summary>P(tau &lt;= bound), the bound rounded down to an edge between grid points; returned with that edge.</summary>
    public (double Bound, double Probability) TauBelow(double bound)
    {
        var step = (7.0 + 14) / Steps;
        var edge = Math.Exp(-14 + (Math.Floor((Math.Log(bound) + 14) / step - 0.5) + 0.5) * step);
        return (edge, tau.Where(t => t.Value <= edge).Sum(t => t.Weight));
    }

    private static IEnumerable<double> Grid(double lower, double upper) =>
        Enumerable.Range(0, Steps + 1).Select(i => lower + (upper - lower) * i / Steps);

    private (double Mean, double Sd) Moment(int quantity) =>
        (moments[2 * quantity], Math.Sqrt(moments[2 * quantity + 1] - moments[2 * quantity] * moments[2 * quantity]));
}

using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Draws;
using TypedPooling.Model;

namespace TypedPooling.Engines;

/// <summary>How far priors that an engine fitted in place of the declared ones move the answer.</summary>
/// <remarks>
/// The posterior under the declared priors is the one under the fitted priors times w = p(theta) / p'(theta), up to a constant. So no mean of
/// anything moves by more than sd sqrt(var w) / E w, its own sd in the posterior (Cauchy and Schwarz). That bound, from the draws of the fit, is the
/// criterion: above 0.25 the replacement is refused. What approximations that need conjugate priors get wrong themselves is of that size
/// (docs/engines.md).
/// </remarks>
public static class ReplacedPriors
{
    /// <summary>Greatest bound on the move of a mean, in its posterior sds, with which a fit stands.</summary>
    public const double MostMoved = 0.25;

    private const string Together = ", and further together with the other replacements";

    /// <summary>Refuses a fit whose priors are others than those declared and move its answer.</summary>
    /// <param name="declared">The model with its declared priors, on the scale of the fit.</param>
    /// <param name="posterior">The posterior under the priors of its own specification.</param>
    /// <exception cref="ModelException">One prior, or all together, move means by more than <see cref="MostMoved"/>; each such parameter is
    /// named.</exception>
    /// <remarks>O(draws q^3) a replaced prior.</remarks>
    public static void Check(ModelSpec declared, Posterior posterior)
    {
        ArgumentNullException.ThrowIfNull(declared);
        ArgumentNullException.ThrowIfNull(posterior);
        var replaced =
            Ratios(declared, posterior).Select(prior => (prior.Parameter, prior.Declared, prior.Fitted, prior.Logs, Moved: Moved(prior.Logs)))
                .ToList();
        if (replaced.Count == 0)
            return;
        double[] all = [.. Enumerable.Range(0, posterior.DrawCount).Select(s => replaced.Sum(prior => prior.Logs[s]))];
        var bad = replaced.Where(prior => !(prior.Moved <= MostMoved)).ToList();
        if (bad.Count == 0 && !(Moved(all) <= MostMoved))
            bad = [.. replaced.OrderByDescending(prior => prior.Moved)];
        if (bad.Count == 0)
            return;
        throw new ModelException([.. bad.Select(prior => new Problem(
            ProblemCode.EngineRefuses,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The engine replaced its prior {prior.Declared} by {prior.Fitted}. This moves posterior means by up to {prior.Moved:F2} of their "
                    + $"sds{(bad.Count < replaced.Count || bad.Exists(other => other.Moved > MostMoved) ? string.Empty : Together)}."),
            "Declare a prior that the engine takes as it is, or use an exact engine.")
        { Term = prior.Parameter })]);
    }

    // sqrt(var w) / E w, w relative to the largest.
    private static double Moved(double[] logs)
    {
        var largest = logs.Max();
        if (!double.IsFinite(largest))
            return double.PositiveInfinity;
        double sum = 0, squares = 0;
        foreach (var log in logs)
        {
            var w = Math.Exp(log - largest);
            sum += w;
            squares += w * w;
        }

        return Math.Sqrt(Math.Max(0, logs.Length * squares / (sum * sum) - 1));
    }

    // Of every replaced prior the log of declared over fitted density, by draw.
    private static IEnumerable<(string Parameter, string Declared, string Fitted, double[] Logs)> Ratios(ModelSpec declared, Posterior posterior)
    {
        var fitted = posterior.Spec;
        for (var b = 0; b < declared.Population.Length; b++)
        {
            var (own, other) = (declared.Population[b].Prior, fitted.Population[b].Prior);
            if (own is not null && other is not null && !own.Equals(other))
                yield return (
                    declared.Population[b].Name,
                    own.Text,
                    other.Text,
                    [.. Draws(posterior.Population, b).Select(value => own.LogDensity(value) - other.LogDensity(value))]);
        }

        if (declared.Response is { KnownSd: null, Sigma: { } sigma } && fitted.Response.Sigma is { } conjugate && !sigma.Equals(conjugate))
            yield return ("sigma", sigma.Text, conjugate.Text, Of(sigma, conjugate, Scale(posterior, ParameterKind.Sigma, null, null, null)));
        for (var k = 0; k < declared.Factors.Length; k++)
        {
            var (own, other) = (declared.Factors[k], fitted.Factors[k]);
            if (other.Covariance is { } covariance)
            {
                if (!covariance.Equals(own.Covariance))
                    yield return ($"covariance({own.Name})", Text(own), covariance.Text, Of(own, covariance, posterior));
                continue;
            }

            for (var a = 0; a < own.Terms.Length; a++)
            {
                if (own.Terms[a].Sd is { } sd && other.Terms[a].Sd is { } single && !sd.Equals(single))
                    yield return (
                        $"sd({own.Name}: {own.Terms[a].Name})",
                        sd.Text,
                        single.Text,
                        Of(sd, single, Scale(posterior, ParameterKind.VaryingSd, own.Name, own.Terms[a].Name, null)));
            }
        }
    }

    private static string Text(FactorSpec factor) =>
        factor.Covariance?.Text ?? $"{string.Join(", ", factor.Terms.Select(term => term.Sd!.Text))} and {factor.Correlation.Text}";

    private static double[] Of(IScalePrior declared, IScalePrior fitted, double[] sds) =>
        [.. sds.Select(
            sd => sd < declared.Lower || sd > declared.Upper ? double.NegativeInfinity : declared.LogScaleDensity(sd) - fitted.LogScaleDensity(sd))];

    // Sigma = diag(s) R diag(s): dSigma = 2^q prod s^q ds dR.
    private static double[] Of(FactorSpec declared, ICovariancePrior fitted, Posterior posterior)
    {
        var q = declared.Terms.Length;
        var sds = declared.Terms.Select(term => Scale(posterior, ParameterKind.VaryingSd, declared.Name, term.Name, null)).ToArray();
        var correlations = new double[q, q][];
        for (var a = 1; a < q; a++)
        {
            for (var b = 0; b < a; b++)
                correlations[a, b] = Scale(
                    posterior, ParameterKind.VaryingCorrelation, declared.Name, declared.Terms[b].Name, declared.Terms[a].Name);
        }

        var logs = new double[posterior.DrawCount];
        for (var s = 0; s < logs.Length; s++)
        {
            var root = Matrix<double>.Build.Dense(q, q, (a, b) => a == b ? 1 : a > b ? correlations[a, b][s] : correlations[b, a][s]).Cholesky();
            var lambda = new double[q * q];
            for (var a = 0; a < q; a++)
            {
                for (var b = 0; b <= a; b++)
                    lambda[a * q + b] = sds[a][s] * root.Factor[a, b];
            }

            logs[s] = -fitted.LogDensity(lambda, []);
            if (declared.Covariance is { } covariance)
            {
                logs[s] += covariance.LogDensity(lambda, []);
                continue;
            }

            logs[s] += (declared.Correlation.Concentration!.Value - 1) * root.DeterminantLn;
            for (var a = 0; a < q; a++)
            {
                var prior = declared.Terms[a].Sd!;
                logs[s] += (sds[a][s] < prior.Lower || sds[a][s] > prior.Upper
                    ? double.NegativeInfinity
                    : prior.LogScaleDensity(sds[a][s])) - q * Math.Log(sds[a][s]);
            }
        }

        return logs;
    }

    private static double[] Scale(Posterior posterior, ParameterKind kind, string? factor, string? term, string? other)
    {
        var block = posterior.Scales;
        for (var i = 0; i < block.ParameterCount; i++)
        {
            var parameter = block.Parameter(i);
            if (parameter.Kind == kind && parameter.Factor == factor && (term is null || parameter.Term == term) && parameter.OtherTerm == other)
                return Draws(block, i);
        }

        throw new InvalidOperationException("The posterior does not report a scale of its model.");
    }

    private static double[] Draws(DrawBlock block, int index)
    {
        var draws = new double[block.DrawCount];
        block.CopyDraws(index, draws);
        return draws;
    }
}

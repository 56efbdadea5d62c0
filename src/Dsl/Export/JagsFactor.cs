using System.Globalization;

namespace TypedPooling.Export;

/// <summary>Writes what a grouping factor adds to a JAGS program.</summary>
/// <remarks>
/// <para>
/// An LKJ(eta) prior is written as the vine of its partial correlations: c_ab with (c_ab + 1) / 2 ~ Beta(d_b, d_b), d_b = eta + (q - 1 - b) / 2 for b
/// from 1, and L_ab = c_ab times the product of sqrt(1 - c_ac^2) over c below b. For two effects that is the correlation itself, with d = eta.
/// Source:
/// [Lewandowski2009].
/// </para>
/// <para>
/// Effects are nodes of their own, one conditional on those before it: u_a ~ Normal(sd_a sum over b below a of L_ab z_b, sd_a L_aa) with z_a = (u_a /
/// sd_a - the sum) / L_aa. So no matrix is inverted.
/// </para>
/// </remarks>
internal sealed class JagsFactor(ProgramFactor factor, ProgramText text, bool isStandardized)
{
    private int Q => factor.Size;

    public IEnumerable<string> Eta()
    {
        for (var a = 0; a < Q; a++)
        {
            var effect = Element(factor.Sampled, $"{factor.Index}[i]", a);
            var column = factor.Terms[a].Column;
            yield return column is null ? effect
                : factor.Origin is null ? $"{effect} * {column.Used}[i]"
                : $"{effect} * ({column.Used}[i] - {factor.Origin}[{a + 1}])";
        }
    }

    public void Write()
    {
        text.Comment($"effects of {factor.Title}: {string.Join(", ", factor.Terms.Select(term => term.Title))}");
        if (factor.Covariance is not null)
            Covariance();
        else
            Sds();
        if (factor.IsMoved)
            Restore();
        if (factor.HasCovariance)
            Report();
    }

    private static string Number(double value) => ProgramNumber.Literal(value);

    private static string At(int row, int column) => string.Create(CultureInfo.InvariantCulture, $"[{row + 1}, {column + 1}]");

    private string Element(string name, string level, int effect) => Q == 1 ? $"{name}[{level}]" : $"{name}[{level}, {effect + 1}]";

    private void Sds()
    {
        if (factor.Concentration is { } eta)
            Vine(eta);
        text.Block($"for (j in 1:{factor.Count})", () =>
        {
            for (var a = 0; a < Q; a++)
            {
                var sd = factor.Terms[a].Sd!;
                var effect = Element(factor.Sampled, "j", a);
                if (sd.FixedValue is 0)
                    text.Line($"{effect} <- 0");
                else if (factor.Concentration is null || a == 0)
                    text.Line($"{effect} ~ dnorm(0, pow({sd.Sampled}, -2))");
                else
                    text.Line($"{effect} ~ dnorm({sd.Sampled} * ({Earlier(a)}), pow({sd.Sampled} * {factor.Cholesky}{At(a, a)}, -2))");
                if (factor.Concentration is not null && a < Q - 1)
                {
                    text.Line(a == 0
                        ? $"{factor.Free}[j, 1] <- {effect} / {sd.Sampled}"
                        : $"{factor.Free}[j, {a + 1}] <- ({effect} / {sd.Sampled} - ({Earlier(a)})) / {factor.Cholesky}{At(a, a)}");
                }
            }
        });

        string Earlier(int a) => string.Join(" + ", Enumerable.Range(0, a).Select(b => $"{factor.Cholesky}{At(a, b)} * {factor.Free}[j, {b + 1}]"));
    }

    private void Vine(double eta)
    {
        for (var a = 1; a < Q; a++)
        {
            for (var b = 0; b < a; b++)
            {
                var shape = Number(eta + 0.5 * (Q - 2 - b));
                text.Line($"{factor.Half}{At(a, b)} ~ dbeta({shape}, {shape})");
                text.Line($"{factor.Partial}{At(a, b)} <- 2 * {factor.Half}{At(a, b)} - 1", "a partial correlation");
                text.Line($"{factor.Cholesky}{At(a, b)} <- {factor.Partial}{At(a, b)}{Rest(a, b)}");
            }

            text.Line($"{factor.Cholesky}{At(a, a)} <- {Rest(a, a)[3..]}");
        }

        if (factor.HasCovariance)
            return;
        for (var a = 0; a < Q; a++)
        {
            for (var b = a + 1; b < Q; b++)
                text.Line($"{factor.Correlations[a, b]} <- {Correlation(a, b)}");
        }

        // What is left of row a behind its first elements, beginning with a product sign.
        string Rest(int a, int before) =>
            string.Concat(Enumerable.Range(0, before).Select(c => $" * sqrt(1 - pow({factor.Partial}{At(a, c)}, 2))"));
    }

    // R_ab = (L L')_ab for a below b, L_11 being 1.
    private string Correlation(int a, int b) => a == 0
        ? $"{factor.Cholesky}{At(b, 0)}"
        : string.Join(" + ", Enumerable.Range(0, a + 1).Select(c => $"{factor.Cholesky}{At(a, c)} * {factor.Cholesky}{At(b, c)}"));

    private void Covariance()
    {
        var covariance = factor.Covariance!;
        for (var a = 0; a < Q; a++)
        {
            for (var b = 0; b < Q; b++)
            {
                text.Line(!covariance.IsMixture ? $"{factor.ScaleMatrix}{At(a, b)} <- {Number(covariance.ScaleMatrix[a * Q + b])}"
                    : a == b ? $"{factor.ScaleMatrix}{At(a, a)} <- {Number(2 * covariance.MixingDegreesOfFreedom)} * {factor.Mixing}[{a + 1}]"
                    : $"{factor.ScaleMatrix}{At(a, b)} <- 0");
            }

            if (covariance.IsMixture)
                text.Line($"{factor.Mixing}[{a + 1}] ~ dgamma(0.5, pow({Number(covariance.MixingScales[a])}, -2))");
            text.Line($"{factor.Free}[{a + 1}] <- 0");
        }

        var square = $"[1:{Q}, 1:{Q}]";
        text.Line($"{factor.Precision}{square} ~ dwish({factor.ScaleMatrix}{square}, {Number(covariance.DegreesOfFreedom)})");
        text.Line($"{factor.SampledCovariance}{square} <- inverse({factor.Precision}{square})");
        text.Block($"for (j in 1:{factor.Count})", () => text.Line(
            $"{factor.Sampled}[j, 1:{Q}] ~ dmnorm({factor.Free}[1:{Q}], {factor.Precision}{square})"));
    }

    // Effects, and the sd of a single one, where columns are 0 and in units of the rows.
    private void Restore()
    {
        var rows = ScaleMap.Of(factor, isStandardized);
        if (Q == 1)
        {
            text.Line($"{factor.Map} <- {rows[0][0]}");
            text.Line($"{factor.Terms[0].SdName} <- {factor.Map} * {factor.Terms[0].Sd!.Sampled}");
            text.Block($"for (j in 1:{factor.Count})", () => text.Line($"{factor.Effects}[j] <- {factor.Map} * {factor.Sampled}[j]"));
            return;
        }

        for (var a = 0; a < Q; a++)
        {
            for (var b = 0; b < Q; b++)
                text.Line($"{factor.Map}{At(a, b)} <- {rows[a][b]}");
        }

        if (factor.Covariance is null)
        {
            for (var a = 0; a < Q; a++)
            {
                for (var b = 0; b < Q; b++)
                {
                    var sds = $"{factor.Terms[a].Sd!.Sampled} * {factor.Terms[b].Sd!.Sampled}";
                    text.Line($"{factor.SampledCovariance}{At(a, b)} <- "
                        + (a == b ? sds : factor.Concentration is null ? "0" : $"{sds} * ({Correlation(Math.Min(a, b), Math.Max(a, b))})"));
                }
            }
        }

        var square = $"[1:{Q}, 1:{Q}]";
        text.Line($"{factor.CovarianceName}{square} <- {factor.Map}{square} %*% {factor.SampledCovariance}{square} %*% t({factor.Map}{square})");
        text.Block($"for (j in 1:{factor.Count})", () =>
        {
            for (var a = 0; a < Q; a++)
            {
                var terms = Enumerable.Range(0, Q)
                    .Where(b => rows[a][b] != "0")
                    .Select(b => $"{factor.Map}{At(a, b)} * {factor.Sampled}[j, {b + 1}]");
                text.Line($"{factor.Effects}[j, {a + 1}] <- {string.Join(" + ", terms)}");
            }
        });
    }

    private void Report()
    {
        for (var a = 0; a < Q; a++)
            text.Line($"{factor.Terms[a].SdName} <- sqrt({factor.CovarianceName}{At(a, a)})");
        for (var a = 0; a < Q; a++)
        {
            for (var b = a + 1; b < Q; b++)
            {
                text.Line($"{factor.Correlations[a, b]} <- {factor.CovarianceName}{At(a, b)} / ({factor.Terms[a].SdName} * "
                    + $"{factor.Terms[b].SdName})");
            }
        }
    }
}

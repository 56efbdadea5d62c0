namespace TypedPooling.Export;

/// <summary>Writes what a grouping factor adds to the blocks of a Stan program.</summary>
/// <remarks>
/// Non-centred: u = diag(sd) L z with z standard normal, L the Cholesky factor of the correlation matrix, or the one of the covariance matrix.
/// Centred:
/// u is a parameter. Effects are indexed by level, then by effect.
/// </remarks>
internal sealed class StanFactor
{
    private readonly ProgramFactor factor;
    private readonly ProgramText text;
    private readonly StanOptions options;
    private readonly bool isStandardized;
    private readonly bool isCentred;
    private readonly bool isArray;                  // of vectors, in place of a matrix

    public StanFactor(ProgramFactor factor, ProgramText text, StanOptions options, bool isStandardized)
    {
        this.factor = factor;
        this.text = text;
        this.options = options;
        this.isStandardized = isStandardized;
        isCentred = options.Effects == StanEffects.Centred && !factor.HasVanishing;
        isArray = isCentred && (factor.Concentration is not null || factor.Covariance is not null);
    }

    private int Q => factor.Size;

    private string J => factor.Count;

    public void TransformedData()
    {
        if (factor.IsMoved)
        {
            var rows = ScaleMap.Of(factor, isStandardized);
            if (Q == 1)
                text.Line($"real {factor.Map} = {rows[0][0]};");
            else
                text.Line(
                    $"matrix[{Q}, {Q}] {factor.Map} = [{string.Join(", ", rows.Select(row => $"[{string.Join(", ", row)}]"))}];",
                    $"from sampled to reported effects of {factor.Title}");
        }

        if (factor.Covariance is { IsMixture: false } covariance)
        {
            var elements = Enumerable.Range(0, Q)
                .Select(a => $"[{string.Join(", ", covariance.ScaleMatrix.Skip(a * Q).Take(Q).Select(ProgramNumber.Literal))}]");
            text.Line($"matrix[{Q}, {Q}] {factor.ScaleMatrix} = [{string.Join(", ", elements)}];");
        }
    }

    public void Parameters()
    {
        if (factor.Covariance is { } covariance)
        {
            text.Line($"cov_matrix[{Q}] {factor.SampledCovariance};", $"covariance of the effects of {factor.Title}");
            if (covariance.IsMixture)
                text.Line($"vector<lower=0>[{Q}] {factor.Mixing};", "mixing variables of its prior");
        }
        else if (factor.Concentration is not null)
            text.Line($"cholesky_factor_corr[{Q}] {factor.Cholesky};", $"of the correlation matrix of {factor.Title}");

        var effects = $"effects of {factor.Title}: {string.Join(", ", factor.Terms.Select(term => term.Title))}";
        if (isArray)
            text.Line(StanText.VectorArray(factor.Sampled, Q, J, options.Arrays), effects);
        else if (isCentred)
            text.Line(Q == 1 ? $"vector[{J}] {factor.Sampled};" : $"matrix[{J}, {Q}] {factor.Sampled};", effects);
        else
            text.Line(
                Q == 1 ? $"vector[{J}] {factor.Free};"
                    : HasCholesky ? $"matrix[{Q}, {J}] {factor.Free};"
                    : $"matrix[{J}, {Q}] {factor.Free};",
                $"standard normal numbers behind the effects of {factor.Title}");
    }

    public void TransformedParameters()
    {
        if (isCentred)
            return;
        var effects = $"effects of {factor.Title}: {string.Join(", ", factor.Terms.Select(term => term.Title))}";
        if (Q == 1)
            text.Line($"vector[{J}] {factor.Sampled} = {factor.Terms[0].Sd!.Sampled} * {factor.Free};", effects);
        else if (factor.Covariance is not null)
            text.Line($"matrix[{J}, {Q}] {factor.Sampled} = (cholesky_decompose({factor.SampledCovariance}) * {factor.Free})';", effects);
        else if (HasCholesky)
            text.Line(
                $"matrix[{J}, {Q}] {factor.Sampled} = (diag_pre_multiply({StanText.Sds(factor)}, {factor.Cholesky}) * {factor.Free})';", effects);
        else
            text.Line($"matrix[{J}, {Q}] {factor.Sampled} = diag_post_multiply({factor.Free}, {StanText.Sds(factor)});", effects);
    }

    public void Model()
    {
        if (factor.Covariance is { } covariance)
        {
            var degrees = ProgramNumber.Literal(covariance.DegreesOfFreedom);
            if (covariance.IsMixture)
            {
                for (var a = 0; a < Q; a++)
                    text.Line($"{factor.Mixing}[{a + 1}] ~ gamma(0.5, inv_square({ProgramNumber.Literal(covariance.MixingScales[a])}));");
                var twice = ProgramNumber.Literal(2 * covariance.MixingDegreesOfFreedom);
                text.Line($"{factor.SampledCovariance} ~ inv_wishart({degrees}, diag_matrix({twice} * {factor.Mixing}));");
            }
            else
                text.Line($"{factor.SampledCovariance} ~ inv_wishart({degrees}, {factor.ScaleMatrix});");
        }
        else if (factor.Concentration is { } eta)
            text.Line($"{factor.Cholesky} ~ lkj_corr_cholesky({ProgramNumber.Literal(eta)});");

        if (isArray)
        {
            text.Line(factor.Covariance is not null
                ? $"{factor.Sampled} ~ multi_normal(rep_vector(0, {Q}), {factor.SampledCovariance});"
                : $"{factor.Sampled} ~ multi_normal_cholesky(rep_vector(0, {Q}), diag_pre_multiply({StanText.Sds(factor)}, {factor.Cholesky}));");
        }
        else if (!isCentred)
            text.Line(Q == 1 ? $"{factor.Free} ~ std_normal();" : $"to_vector({factor.Free}) ~ std_normal();");
        else if (Q == 1)
            text.Line($"{factor.Sampled} ~ normal(0, {factor.Terms[0].Sd!.Sampled});");
        else
        {
            for (var a = 0; a < Q; a++)
                text.Line($"{factor.Sampled}[ , {a + 1}] ~ normal(0, {factor.Terms[a].Sd!.Sampled});");
        }
    }

    /// <summary>The terms of the linear predictor. Length q.</summary>
    public IEnumerable<string> Eta()
    {
        for (var a = 0; a < Q; a++)
        {
            var element = Q == 1 ? $"{factor.Sampled}[{factor.Index}]" : $"{factor.Sampled}[{factor.Index}, {a + 1}]";
            var effect = isArray ? $"to_vector({element})" : element;
            var column = factor.Terms[a].Column;
            yield return column is null ? effect
                : factor.Origin is null ? $"{effect} .* {column.Used}"
                : $"{effect} .* ({column.Used} - {factor.Origin}[{a + 1}])";
        }
    }

    public void GeneratedQuantities()
    {
        if (factor.IsMoved)
        {
            if (Q == 1)
                text.Line($"vector[{J}] {factor.Effects} = {factor.Map} * {factor.Sampled};");
            else if (isArray)
                text.Line($"matrix[{J}, {Q}] {factor.Effects};");
            else
                text.Line($"matrix[{J}, {Q}] {factor.Effects} = {factor.Sampled} * {factor.Map}';");
        }

        if (factor.IsMoved && Q == 1)
            text.Line($"real {factor.Terms[0].SdName} = {factor.Map} * {factor.Terms[0].Sd!.Sampled};");
        if (factor.IsMoved && Q > 1)
            text.Line($"matrix[{Q}, {Q}] {factor.CovarianceName} = quad_form_sym({SampledCovariance()}, {factor.Map}');");
        if (factor.HasCovariance)
        {
            for (var a = 0; a < Q; a++)
                text.Line($"real {factor.Terms[a].SdName} = sqrt({factor.CovarianceName}[{a + 1}, {a + 1}]);");
        }

        if (factor.HasCorrelations)
        {
            for (var a = 0; a < Q; a++)
            {
                for (var b = a + 1; b < Q; b++)
                {
                    text.Line(factor.HasCovariance
                        ? $"real {factor.Correlations[a, b]} = {factor.CovarianceName}[{a + 1}, {b + 1}] / ({factor.Terms[a].SdName} "
                            + $"* {factor.Terms[b].SdName});"
                        : $"real {factor.Correlations[a, b]} = dot_product({factor.Cholesky}[{a + 1}], {factor.Cholesky}[{b + 1}]);");
                }
            }
        }
    }

    /// <summary>Statements behind all declarations of the generated quantities.</summary>
    public void GeneratedStatements()
    {
        if (factor.IsMoved && isArray)
            text.Block($"for (j in 1:{J})", () => text.Line($"{factor.Effects}[j] = ({factor.Map} * {factor.Sampled}[j])';"));
    }

    private bool HasCholesky => factor.Concentration is not null || factor.Covariance is not null;

    // Sigma of the effects as they are sampled.
    private string SampledCovariance()
    {
        if (factor.Covariance is not null)
            return factor.SampledCovariance;
        var sds = StanText.Sds(factor);
        return factor.Concentration is null
            ? $"diag_matrix(square({sds}))"
            : $"multiply_lower_tri_self_transpose(diag_pre_multiply({sds}, {factor.Cholesky}))";
    }
}

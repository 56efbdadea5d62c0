namespace TypedPooling;

/// <summary>The R packages whose formulas a model can be written in.</summary>
public enum FormulaDialect
{
    /// <summary>lme4: maximum likelihood, so priors are left out.</summary>
    Lme4,

    /// <summary>brms: the priors too.</summary>
    Brms,
}

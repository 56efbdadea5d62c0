namespace TypedPooling.Engines;

/// <summary>What an engine that needs conjugate priors does with one that is not.</summary>
public enum PriorReplacement
{
    /// <summary>Nothing: the engine refuses the model, with the reasons.</summary>
    Never,

    /// <summary>It fits the nearest conjugate prior instead, see <see cref="Model.ConjugatePriors"/>, and lists every replacement among the warnings
    /// of the fit.</summary>
    NearestConjugate,
}

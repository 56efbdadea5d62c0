using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Model;

namespace TypedPooling.Inference.Posteriors;

/// <summary>What one varying effect of a factor is, as every block of effects reports it.</summary>
internal static class EffectParameter
{
    /// <summary>The effect at an index of a block.</summary>
    /// <param name="factor">The factor.</param>
    /// <param name="levels">Its levels.</param>
    /// <param name="index">level * q + term.</param>
    /// <returns>Its row of the parameter table.</returns>
    public static Parameter Of(FactorSpec factor, LevelTable levels, int index)
    {
        var (level, term) = Math.DivRem(index, factor.Terms.Length);
        return new Parameter(ParameterKind.VaryingEffect, factor.Terms[term].Name) { Factor = factor.Name, Level = level, LevelText = levels.Text(level) };
    }
}

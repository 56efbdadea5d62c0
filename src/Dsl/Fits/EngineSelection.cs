using TypedPooling.Engines;
using TypedPooling.Inference;
using TypedPooling.Inference.Marginal;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>Chooses the engine of a fit that names none: the first of the catalogue that supports the model exactly.</summary>
internal static class EngineSelection
{
    public static (INormalEngine Engine, string Reason) For(ModelSpec spec)
    {
        var problems = new List<Problem>();
        foreach (var engine in EngineCatalogue.All)
        {
            var support = engine.Supports(spec);
            if (support.IsSupported && support.Exactness == Exactness.Exact)
                return (engine, $"Engine {engine.Name}, chosen because it fits this model exactly{Means(engine)}");
            problems.AddRange(support.Reasons);
        }

        throw new ModelException(problems);
    }

    private static string Means(INormalEngine engine) => engine is MarginalEngine ? " with all coefficients integrated out" : string.Empty;
}

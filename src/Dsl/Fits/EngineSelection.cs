using System.Diagnostics;
using System.Globalization;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference;
using TypedPooling.Inference.Marginal;

namespace TypedPooling;

/// <summary>Chooses the engine of a fit that names none: of those that fit the model exactly the first of the catalogue, or, where there are several
/// factors and the way of sampling is open, the one that promises to be cheapest of those that say what they cost.</summary>
/// <remarks>With one factor the coefficients are integrated out in a few operations a group, so there is nothing to weigh.</remarks>
internal static class EngineSelection
{
    /// <summary>Fits a model with the engine chosen for it.</summary>
    /// <returns>The posterior, and which engine ran and why.</returns>
    public static (Posterior Posterior, string Reason) Run(BoundModel model, RunOptions options)
    {
        if (model is NormalBoundModel normal)
        {
            var clock = Stopwatch.StartNew();
            var (engine, reason) = For(normal, options);
            var chosen = clock.Elapsed;
            var fit = engine.RunNormal(normal, options);
            return (fit with { Timings = fit.Timings with { Setup = fit.Timings.Setup + chosen } }, reason);
        }

        var cells = (CellBoundModel)model;
        var engines = For(cells);
        var posterior = engines.Count == 1 ? engines[0].Run(cells, options) : Try(engines[0], cells, options);
        return posterior is not null
            ? (posterior, $"Engine {engines[0].Name}, chosen because it fits this model exactly")
            : (engines[1].Run(
                cells,
                options),
                $"Engine {engines[1].Name}, chosen because {engines[0].Name} cannot integrate varying effects out of this model accurately enough");
    }

    /// <summary>Fits a model with a given engine: one that fits the model's family.</summary>
    public static Posterior Run(INormalEngine engine, BoundModel model, RunOptions options) =>
        model is NormalBoundModel normal ? engine.RunNormal(normal, options) : ((IEngine)engine).Run(model, options);

    public static (INormalEngine Engine, string Reason) For(NormalBoundModel model, RunOptions options)
    {
        var problems = new List<Problem>();
        var exact = new List<INormalEngine>();
        foreach (var engine in EngineCatalogue.All)
        {
            var support = engine.Supports(model.Spec);
            if (support.IsSupported && support.Exactness == Exactness.Exact)
                exact.Add(engine);
            problems.AddRange(support.Reasons);
        }

        if (exact.Count == 0)
            throw new ModelException([.. problems.Distinct()]);
        var estimated = exact.OfType<IEstimatedEngine>().ToArray();
        if (estimated.Length <= 1 || model.Spec.Factors.Length <= 1 || options.Sampling != SamplingMethod.Automatic)
            return (exact[0], $"Engine {exact[0].Name}, chosen because it fits this model exactly{Means(exact[0])}");

        var costs = estimated.Select(engine => (Engine: engine, Cost: engine.EstimateCost(model, options))).ToArray();
        var best = costs.MinBy(pair => pair.Cost);
        var others = string.Join(", ", costs.Where(pair => pair.Engine != best.Engine).Select(pair => $"{pair.Engine.Name} {Figure(pair.Cost)}"));
        return (best.Engine, $"Engine {best.Engine.Name}, chosen as the cheapest that is exact: about {Figure(best.Cost)} operations ({others})");
    }

    /// <summary>The exact engines of the catalogue that fit a model of cells, best first.</summary>
    /// <returns>At least one.</returns>
    public static IReadOnlyList<IEngine> For(CellBoundModel model)
    {
        var problems = new List<Problem>();
        var exact = new List<IEngine>();
        foreach (var engine in EngineCatalogue.All.OfType<IEngine>())
        {
            var support = engine.Supports(model.Spec);
            if (support.IsSupported && support.Exactness == Exactness.Exact)
                exact.Add(engine);
            problems.AddRange(support.Reasons);
        }

        if (exact.Count > 0)
            return exact;
        var family = model.Spec.Response.Family.Name;
        var others = EngineCatalogue.All.OfType<IEngine>().Select(engine => engine.Name).ToArray();
        problems.Insert(0, new(
            ProblemCode.EngineRefuses,
            $"No engine here draws from the posterior of a {family} model exactly; those for Normal responses "
                + $"are {string.Join(", ", EngineCatalogue.All.Where(engine => engine is not IEngine).Select(engine => engine.Name))}.",
            others.Length > 0 ? $"Name an engine: {string.Join(", ", others)}." : "Name an engine of your own that implements IEngine."));
        throw new ModelException(problems);
    }

    /// <summary>The posterior of an engine, unless it finds on the way that it cannot integrate the model's effects out well enough.</summary>
    /// <returns>Null where the next engine is due.</returns>
    public static Posterior? Try(IEngine engine, CellBoundModel model, RunOptions options)
    {
        try
        {
            var posterior = engine.Run(model, options);
            return posterior.Warnings.Any(warning => warning.Code == FitWarningCode.Quadrature) ? null : posterior;
        }
        catch (ModelException refusal) when (options.Sampling == SamplingMethod.Automatic
            && refusal.Problems.All(problem => problem.Code == ProblemCode.SamplingRefused))
        {
            return null;
        }
    }

    private static string Means(INormalEngine engine) => engine is MarginalEngine ? " with all coefficients integrated out" : string.Empty;

    private static string Figure(double operations) =>
        double.IsInfinity(operations) ? "too large" : operations.ToString("0e0", CultureInfo.InvariantCulture);
}

using TypedPooling.Binding;
using TypedPooling.Building;
using TypedPooling.Data;
using TypedPooling.Engines;

namespace TypedPooling;

/// <summary>A multilevel model whose response is Normal. Immutable: each verb returns a new model.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
public sealed class NormalModel<TRow> : PooledModel<TRow, NormalModel<TRow>>
{
    private readonly Lazy<ReadingPlan<TRow>> plan;

    internal NormalModel(ModelDeclaration declaration)
        : base(declaration) => plan = new(() => new ReadingPlan<TRow>(Lowered));

    internal ReadingPlan<TRow> Plan => plan.Value;

    /// <summary>Reads rows once and keeps sums only: all that a fit needs.</summary>
    /// <param name="rows">The rows; enumerated once, not kept. An array or a <see cref="List{T}"/> is read without an enumerator.</param>
    /// <returns>The sums; they can be added to, merged, and bound to any model of the same columns, keys and response whatever its priors.</returns>
    /// <exception cref="ModelException">Rows hold missing, non-finite or non-positive values or null keys; every kind is listed with its first row.</exception>
    /// <remarks>O(m^2) a row for m columns, O(cells m^2) memory.</remarks>
    public NormalSums<TRow> Sums(IEnumerable<TRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var workspace = new SumsWorkspace<TRow>(Plan);
        workspace.Add(rows);
        return workspace.Build();
    }

    /// <summary>Reads rows and decides every prior: what an engine fits.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <returns>The bound model.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or the model cannot be fitted to them; every problem is listed.</exception>
    public NormalBoundModel Bind(IEnumerable<TRow> rows) => Bind(Sums(rows));

    /// <summary>Binds the model to sums and decides every prior: what an engine fits.</summary>
    /// <param name="sums">Sums of rows, from this model or one with the same columns, keys and response.</param>
    /// <returns>The bound model.</returns>
    /// <exception cref="ModelException">The sums are of other columns, or the model cannot be fitted to them; every problem is listed.</exception>
    public NormalBoundModel Bind(NormalSums<TRow> sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        return NormalBinding.Bind(Lowered, Plan.Signature, sums.Data);
    }

    /// <summary>The model as mathematics with the priors really used on some data; those left to the defaults are marked.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <returns>Lines of text.</returns>
    /// <exception cref="ModelException">As <see cref="Bind(IEnumerable{TRow})"/>.</exception>
    public string Describe(IEnumerable<TRow> rows) => Describe(Sums(rows));

    /// <summary>The model as mathematics with the priors really used on some data; those left to the defaults are marked.</summary>
    /// <param name="sums">Sums of rows.</param>
    /// <returns>Lines of text.</returns>
    /// <exception cref="ModelException">As <see cref="Bind(NormalSums{TRow})"/>.</exception>
    public string Describe(NormalSums<TRow> sums) => NormalBinding.Describe(Bind(sums));

    /// <summary>Fits the model with the best exact engine; the fit says which and why.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or the model cannot be fitted to them; every problem is listed.</exception>
    public NormalFit<TRow> Fit(IEnumerable<TRow> rows, RunOptions? options = null) => Fit(Sums(rows), options);

    /// <summary>Fits the model to sums with the best exact engine; the fit says which and why.</summary>
    /// <param name="sums">Sums of rows, from this model or one with the same columns, keys and response.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit.</returns>
    /// <exception cref="ModelException">The sums are of other columns, or the model cannot be fitted to them; every problem is listed.</exception>
    public NormalFit<TRow> Fit(NormalSums<TRow> sums, RunOptions? options = null)
    {
        var bound = Bind(sums);
        var (engine, reason) = EngineSelection.For(bound.Spec);
        return new NormalFit<TRow>(bound, engine.RunNormal(bound, options ?? RunOptions.Default), reason);
    }

    /// <summary>Fits the model with a given engine.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <param name="engine">Any engine that fits Normal models; see <see cref="Engine"/>.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or the engine refuses the model; every reason is listed.</exception>
    public NormalFit<TRow> Fit(IEnumerable<TRow> rows, INormalEngine engine, RunOptions? options = null) => Fit(Sums(rows), engine, options);

    /// <summary>Fits the model to sums with a given engine.</summary>
    /// <param name="sums">Sums of rows, from this model or one with the same columns, keys and response.</param>
    /// <param name="engine">Any engine that fits Normal models; see <see cref="Engine"/>.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit.</returns>
    /// <exception cref="ModelException">The sums are of other columns, or the engine refuses the model; every reason is listed.</exception>
    public NormalFit<TRow> Fit(NormalSums<TRow> sums, INormalEngine engine, RunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        var bound = Bind(sums);
        return new NormalFit<TRow>(bound, engine.RunNormal(bound, options ?? RunOptions.Default), $"Engine {engine.Name}, as asked for");
    }

    private protected override NormalModel<TRow> With(ModelDeclaration declaration) => new(declaration);
}

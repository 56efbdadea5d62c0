using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Responses;
using TypedPooling.Standardizing;

namespace TypedPooling;

/// <summary>A multilevel model that is fitted from cells of its rows: one whose response is a proportion, a count, positive with a shape, or heavy-tailed.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <typeparam name="TSelf">The model's own type.</typeparam>
/// <typeparam name="TFit">Type of its fits.</typeparam>
/// <remarks>Thread-safe: any number of threads may extend, print and fit one model at once, if its selectors may run at once.</remarks>
public abstract class CellsModel<TRow, TSelf, TFit> : PooledModel<TRow, TSelf>
    where TSelf : CellsModel<TRow, TSelf, TFit>
    where TFit : CellsFit<TRow>
{
    private readonly Lazy<ReadingPlan<TRow>> plan;

    private protected CellsModel(ModelDeclaration declaration)
        : base(Checked(declaration)) => plan = new(() => new ReadingPlan<TRow>(Lowered));

    private ReadingPlan<TRow> Plan => plan.Value;

    /// <summary>The model with complete pooling: no varying effects, all levels alike, as <c>glm</c> of R.</summary>
    /// <returns>A model of the same type, without grouping factors. Group-level predictors stay as population effects; a varying effect that had no population effect gets one, with the default prior.</returns>
    /// <remarks>It reads no keys: rows whose key is null are rows like others to it. Its cells are other cells than those of the model it is made of.</remarks>
    public TSelf CompletePooling() => With(Pooling.CompletePooling.Of(Lowered));

    /// <summary>Reads rows once and collapses those that are equal to the model: all that a fit needs.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <param name="progress">Told of the number of rows read so far: every 1 % of them where their number is known beforehand (an array, a list), every 16,384 otherwise, and at the end; null where nobody listens.</param>
    /// <param name="cancellation">Stops the reading; looked at for every row.</param>
    /// <returns>The cells; they can be added to, merged, and bound to any model of the same columns, keys and response whatever its priors and link.</returns>
    /// <exception cref="ModelException">Rows hold missing or non-finite values, null keys, or responses, trials or exposures that the family cannot have; every kind is listed with its first row.</exception>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    /// <remarks>O(m) a row for m columns, O(cells m) memory: columns with few values and few groups make few cells, a column that is different in every row makes one a row.</remarks>
    public CellData<TRow> Cells(IEnumerable<TRow> rows, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var workspace = new CellsWorkspace<TRow>(Plan);
        workspace.Add(rows, progress, cancellation);
        return workspace.Build();
    }

    /// <summary>Reads rows and decides every prior: what an engine fits.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <returns>The bound model.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or the model cannot be fitted to them; every problem is listed.</exception>
    public CellBoundModel Bind(IEnumerable<TRow> rows) => Bind(Cells(rows));

    /// <summary>Binds the model to cells and decides every prior: what an engine fits.</summary>
    /// <param name="cells">Cells of rows, from this model or one with the same columns, keys and response.</param>
    /// <returns>The bound model.</returns>
    /// <exception cref="ModelException">The cells are of other columns, or the model cannot be fitted to them; every problem is listed.</exception>
    public CellBoundModel Bind(CellData<TRow> cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        return CellBinding.Bind(Lowered, Plan.Signature, cells.Data);
    }

    /// <summary>The model as mathematics with the priors really used on some data; those left to the defaults are marked. Then what the model and the data leave to know: warnings and notes.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <returns>Lines of text.</returns>
    /// <exception cref="ModelException">As <see cref="Bind(IEnumerable{TRow})"/>.</exception>
    public string Describe(IEnumerable<TRow> rows) => Describe(Cells(rows));

    /// <summary>The model as mathematics with the priors really used on some data; those left to the defaults are marked. Then what the model and the data leave to know: warnings and notes.</summary>
    /// <param name="cells">Cells of rows.</param>
    /// <returns>Lines of text.</returns>
    /// <exception cref="ModelException">As <see cref="Bind(CellData{TRow})"/>.</exception>
    public string Describe(CellData<TRow> cells)
    {
        var bound = Bind(cells);
        return NormalBinding.DescribeAny(bound).Append("; ").Append(Figures.Counted(bound.Cells.Count, "cell")).Append(ModelChecks.Of(bound)).ToString();
    }

    /// <summary>Fits the model with the best exact engine; the fit says which and why.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or the model cannot be fitted to them; every problem is listed.</exception>
    public TFit Fit(IEnumerable<TRow> rows, RunOptions? options = null) => Fit(Cells(rows, cancellation: Usable(options).Cancellation), options);

    /// <summary>Fits the model to cells with the best exact engine; the fit says which and why.</summary>
    /// <param name="cells">Cells of rows, from this model or one with the same columns, keys and response.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit.</returns>
    /// <exception cref="ModelException">The cells are of other columns, or the model cannot be fitted to them; every problem is listed.</exception>
    public TFit Fit(CellData<TRow> cells, RunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(cells);
        var run = Usable(options);
        var bound = Bind(cells);
        var engines = EngineSelection.For(bound);
        var posterior = engines.Count == 1 ? engines[0].Run(bound, run) : EngineSelection.Try(engines[0], bound, run);
        if (posterior is not null)
            return NewFit(bound, cells, posterior, $"Engine {engines[0].Name}, chosen because it fits this model exactly");
        return NewFit(
            bound, cells, engines[1].Run(bound, run), $"Engine {engines[1].Name}, chosen because {engines[0].Name} cannot integrate varying effects out of this model well enough");
    }

    /// <summary>Fits the model with a given engine.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <param name="engine">An engine that fits responses of every family; see <see cref="Engine"/>.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or the engine refuses the model; every reason is listed.</exception>
    public TFit Fit(IEnumerable<TRow> rows, IEngine engine, RunOptions? options = null) => Fit(Cells(rows, cancellation: Usable(options, engine).Cancellation), engine, options);

    /// <summary>Fits the model to cells with a given engine.</summary>
    /// <param name="cells">Cells of rows, from this model or one with the same columns, keys and response.</param>
    /// <param name="engine">An engine that fits responses of every family; see <see cref="Engine"/>.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit.</returns>
    /// <exception cref="ModelException">The cells are of other columns, or the engine refuses the model; every reason is listed.</exception>
    public TFit Fit(CellData<TRow> cells, IEngine engine, RunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(cells);
        ArgumentNullException.ThrowIfNull(engine);
        return NewFit(BindFor(cells, engine), cells, engine, Usable(options), $"Engine {engine.Name}, as asked for");
    }

    /// <summary>Fits the model with several engines and sets each against the first that fits it.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <param name="engines">The engines, the reference first. One that does not fit the model is listed with its reasons.</param>
    /// <returns>Times, effective draws, evidence and differences of every parameter, as data and as text.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, no engine is named, or none fits the model; every reason is listed.</exception>
    public EngineComparison Compare(IEnumerable<TRow> rows, params IEngine[] engines) => Compare(Cells(rows, cancellation: Usable(null, engines).Cancellation), RunOptions.Default, engines);

    /// <summary>Fits the model with several engines and sets each against the first that fits it.</summary>
    /// <param name="cells">Cells of rows, from this model or one with the same columns, keys and response.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation, for every engine.</param>
    /// <param name="engines">The engines, the reference first. One that does not fit the model is listed with its reasons.</param>
    /// <returns>Times, effective draws, evidence and differences of every parameter, as data and as text.</returns>
    /// <exception cref="ModelException">The cells are of other columns, no engine is named, or none fits the model; every reason is listed.</exception>
    public EngineComparison Compare(CellData<TRow> cells, RunOptions options, params IEngine[] engines)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(engines);
        options.Validated();
        var bound = Bind(cells);
        return ComparisonRunner.Run<TRow>(bound, engines, options, engine => NewFit(engine is ILikelihoodEngine ? BindFor(cells, engine) : bound, cells, (IEngine)engine, options, $"Engine {engine.Name}, as asked for"));
    }

    private protected abstract TFit NewFit(CellBoundModel bound, RowLayout<TRow> rows, Posterior posterior, string engineChoice);

    private static ModelDeclaration Checked(ModelDeclaration declaration) => !declaration.IsStandardized
        ? declaration
        : throw new ModelException(new Problem(
            ProblemCode.NotForThisFamily,
            $"A {declaration.Response.Family.Name} model cannot be standardised: {(declaration.Response.Family.IsCount || !declaration.Response.Family.HasShape ? "its response has no scale to be measured in" : "its cells keep the response as it is")}.",
            "Leave Standardized() out; write columns in units of your own, such as Slope(r => (r.Age - 40) / 10). Default priors are scaled by the columns in any case."));

    // An engine that knows no priors asks for none.
    private CellBoundModel BindFor(CellData<TRow> cells, INormalEngine engine) =>
        engine is ILikelihoodEngine ? CellBinding.BindLikelihood(Lowered, Plan.Signature, cells.Data) : Bind(cells);

    private TFit NewFit(CellBoundModel bound, CellData<TRow> cells, IEngine engine, RunOptions? options, string engineChoice)
    {
        engine.Supports(bound.Spec).Require();
        return NewFit(bound, cells, engine.Run(bound, options ?? RunOptions.Default), engineChoice);
    }

    private TFit NewFit(CellBoundModel bound, CellData<TRow> cells, Posterior posterior, string engineChoice) =>
        NewFit(bound, new RowLayout<TRow>(Lowered, cells.Data.Levels, cells.Data.Categories, cells.Data.Indicators), OriginalScale.Restore(bound, posterior), engineChoice);
}

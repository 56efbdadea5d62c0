using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Model;
using TypedPooling.Pooling;
using TypedPooling.Standardizing;

namespace TypedPooling;

/// <summary>A multilevel model that can read rows and be fitted to them, whatever its response: all that a model can be asked for.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <typeparam name="TSelf">The model's own type.</typeparam>
/// <typeparam name="TFit">Type of its fits.</typeparam>
/// <typeparam name="TLikelihoodFit">Type of its fits by maximum likelihood.</typeparam>
/// <remarks>Thread-safe: any number of threads may extend, print and fit one model at once, if its selectors may run at once.</remarks>
public abstract partial class FittedModel<TRow, TSelf, TFit, TLikelihoodFit> : PooledModel<TRow, TSelf>
    where TSelf : FittedModel<TRow, TSelf, TFit, TLikelihoodFit>
    where TFit : Fit<TRow>
    where TLikelihoodFit : Fit<TRow>, ILikelihoodFit<TRow>
{
    private readonly Lazy<ReadingPlan<TRow>> plan;

    private protected FittedModel(ModelDeclaration declaration)
        : base(declaration) => plan = new(() => new ReadingPlan<TRow>(Lowered, RowPurpose.Likelihood));

    private protected ReadingPlan<TRow> Plan => plan.Value;

    /// <summary>Reads rows once and keeps what a fit needs of them, not the rows.</summary>
    /// <param name="rows">The rows; enumerated once, not kept. An array or a <see cref="List{T}"/> is read without an enumerator.</param>
    /// <param name="progress">Told of the number of rows read so far: every 1 % of them where their number is known beforehand (an array, a list),
    /// every 16,384 otherwise, and at the end; null where nobody listens.</param>
    /// <param name="cancellation">Stops the reading; looked at for every row.</param>
    /// <returns>Data that can be added to, merged, and fitted by any model of the same columns, keys and response whatever its priors and
    /// link.</returns>
    /// <exception cref="ModelException">Rows hold missing or non-finite values, null keys, or responses, weights, trials or exposures that the model
    /// cannot have; every kind is listed with its first row.</exception>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    /// <remarks>
    /// For m columns: O(m^2) a row and O(cells m^2) memory where the response, or its log, is Normal. O(m) and O(cells m) elsewhere: columns with few
    /// values and few groups make few cells, a column that is different in
    /// every row makes one a row.
    /// </remarks>
    public ModelData<TRow> Read(IEnumerable<TRow> rows, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var workspace = NewWorkspace();
        workspace.Add(rows, progress, cancellation);
        return new(NewWorkspace, Plan, workspace.Build());
    }

    /// <summary>Reads rows and decides every prior: what an engine fits.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <returns>The bound model; on the standardised scale where the model is standardised.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or the model cannot be fitted to them; every problem is
    /// listed.</exception>
    public virtual BoundModel Bind(IEnumerable<TRow> rows) => Bind(Read(rows));

    /// <summary>Binds the model to data and decides every prior: what an engine fits.</summary>
    /// <param name="data">Data read by this model or one with the same columns, keys and response.</param>
    /// <returns>The bound model; on the standardised scale where the model is standardised, means and sds being those of all rows of the
    /// data.</returns>
    /// <exception cref="ModelException">The data are of other columns, or the model cannot be fitted to them; every problem is listed.</exception>
    public virtual BoundModel Bind(ModelData<TRow> data) => Bind(ContentOf(data), hasPriors: true);

    /// <summary>The model as mathematics with the priors really used on some data; those left to the defaults are marked. Then what the model and the
    /// data leave to know: warnings and notes.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <returns>Lines of text.</returns>
    /// <exception cref="ModelException">As <see cref="Bind(IEnumerable{TRow})"/>.</exception>
    public string Describe(IEnumerable<TRow> rows) => Describe(Read(rows));

    /// <summary>The model as mathematics with the priors really used on some data; those left to the defaults are marked. Then what the model and the
    /// data leave to know: warnings and notes.</summary>
    /// <param name="data">Data read by this model or one with the same columns, keys and response.</param>
    /// <returns>Lines of text.</returns>
    /// <exception cref="ModelException">As <see cref="Bind(ModelData{TRow})"/>.</exception>
    public string Describe(ModelData<TRow> data) => ModelDescription.Of(Bind(data), data.Origin);

    /// <summary>Fits the model with the best exact engine; the fit says which and why.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or the model cannot be fitted to them; every problem is
    /// listed.</exception>
    public TFit Fit(IEnumerable<TRow> rows, RunOptions? options = null) => Fit(Read(rows, cancellation: Usable(options).Cancellation), options);

    /// <summary>Fits the model to data with the best exact engine; the fit says which and why.</summary>
    /// <param name="data">Data read by this model or one with the same columns, keys and response.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit.</returns>
    /// <exception cref="ModelException">The data are of other columns, or the model cannot be fitted to them; every problem is listed.</exception>
    public TFit Fit(ModelData<TRow> data, RunOptions? options = null)
    {
        var run = Usable(options);
        var bound = Bind(data);
        var (posterior, reason) = EngineSelection.Run(bound, run);
        return NewFit(PartsOf(bound, data, posterior, run, reason, NewFit));
    }

    /// <summary>Fits the model with a given engine.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <param name="engine">An engine that fits responses of every family; see <see cref="Engine"/>.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or the engine refuses the model; every reason is listed.</exception>
    public TFit Fit(IEnumerable<TRow> rows, IEngine engine, RunOptions? options = null) => FitBy(rows, engine, options);

    /// <summary>Fits the model to data with a given engine.</summary>
    /// <param name="data">Data read by this model or one with the same columns, keys and response.</param>
    /// <param name="engine">An engine that fits responses of every family; see <see cref="Engine"/>.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit.</returns>
    /// <exception cref="ModelException">The data are of other columns, or the engine refuses the model; every reason is listed.</exception>
    public TFit Fit(ModelData<TRow> data, IEngine engine, RunOptions? options = null) => FitBy(data, engine, options);

    /// <summary>Fits the model by maximum likelihood.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <param name="engine"><see cref="Engine.MaximumLikelihood"/>, or one of your own.</param>
    /// <param name="options">Seed, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit, which also has a likelihood.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or the engine refuses the model; every reason is listed.</exception>
    public TLikelihoodFit Fit(IEnumerable<TRow> rows, ICellLikelihoodEngine engine, RunOptions? options = null) =>
        (TLikelihoodFit)(Fit<TRow>)FitBy(rows, engine, options);

    /// <summary>Fits the model to data by maximum likelihood.</summary>
    /// <param name="data">Data read by this model or one with the same columns, keys and response.</param>
    /// <param name="engine"><see cref="Engine.MaximumLikelihood"/>, or one of your own.</param>
    /// <param name="options">Seed, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit, which also has a likelihood.</returns>
    /// <exception cref="ModelException">The data are of other columns, or the engine refuses the model; every reason is listed.</exception>
    public TLikelihoodFit Fit(ModelData<TRow> data, ICellLikelihoodEngine engine, RunOptions? options = null) =>
        (TLikelihoodFit)(Fit<TRow>)FitBy(data, engine, options);

    /// <summary>Fits the model with several engines and sets each against the first that fits it.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <param name="engines">The engines, the reference first. One that does not fit the model is listed with its reasons.</param>
    /// <returns>Times, effective draws, evidence and differences of every parameter, as data and as text.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, no engine is named, or none fits the model; every reason is
    /// listed.</exception>
    public EngineComparison Compare(IEnumerable<TRow> rows, params IEngine[] engines) => CompareBy(rows, engines);

    /// <summary>Fits the model with several engines and sets each against the first that fits it.</summary>
    /// <param name="data">Data read by this model or one with the same columns, keys and response.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation, for every engine.</param>
    /// <param name="engines">The engines, the reference first. One that does not fit the model is listed with its reasons.</param>
    /// <returns>Times, effective draws, evidence and differences of every parameter, as data and as text.</returns>
    /// <exception cref="ModelException">The data are of other columns, no engine is named, or none fits the model; every reason is
    /// listed.</exception>
    public EngineComparison Compare(ModelData<TRow> data, RunOptions options, params IEngine[] engines) => CompareBy(data, options, engines);

    private protected TFit FitBy(IEnumerable<TRow> rows, INormalEngine engine, RunOptions? options) =>
        FitBy(Read(rows, cancellation: Usable(options, engine).Cancellation), engine, options);

    private protected TFit FitBy(ModelData<TRow> data, INormalEngine engine, RunOptions? options)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(engine);
        return FitBy(BindFor(data, engine), data, engine, Usable(options));
    }

    private protected EngineComparison CompareBy(IEnumerable<TRow> rows, INormalEngine[] engines) =>
        CompareBy(Read(rows, cancellation: Usable(null, engines).Cancellation), RunOptions.Default, engines);

    private protected EngineComparison CompareBy(ModelData<TRow> data, RunOptions options, INormalEngine[] engines)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(engines);
        options.Validated();
        var bound = Bind(data);
        return ComparisonRunner.Run(bound, engines, options, Fitted);

        Fit<TRow> Fitted(INormalEngine engine) => FitBy(engine is ILikelihoodEngine ? BindFor(data, engine) : bound, data, engine, options);
    }

    /// <summary>Reads: what turns rows into the data of the model's family.</summary>
    private protected abstract CollapsingWorkspace<TRow> NewWorkspace();

    /// <summary>Binds: from data of this model's signature to what an engine sees.</summary>
    /// <param name="data">As the model's workspace built them.</param>
    /// <param name="hasPriors">False for the model of the likelihood alone.</param>
    private protected abstract BoundModel Bind(CollapsedRows data, bool hasPriors);

    /// <summary>Expands categories and decides every prior, without asking whether the data can be fitted.</summary>
    /// <returns>The model, and by what it is standardised; null where it is not.</returns>
    private protected abstract (ModelSpec Spec, Standardization? Standardization) Decide(CollapsedRows data);

    /// <summary>Fits without pooling: from data of this model's signature to estimates over the levels of one factor.</summary>
    /// <param name="data">As the model's workspace built them.</param>
    /// <param name="factorOf">Index of the factor, among those of a model whose levels are given.</param>
    private protected abstract UnpooledModel Unpool(CollapsedRows data, Func<ModelSpec, LevelTable[], int> factorOf);

    /// <summary>Makes a fit of the model's type.</summary>
    private protected abstract TFit NewFit(FitParts<TRow> parts);

    /// <summary>Makes a fit by maximum likelihood of the model's type.</summary>
    private protected abstract TLikelihoodFit NewLikelihoodFit(FitParts<TRow> parts);

    private CollapsedRows ContentOf(ModelData<TRow> data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return data.Content.Signature == Plan.Signature ? data.Content : throw CollapsedRows.OtherModel();
    }

    // An engine that knows no priors asks for none.
    private BoundModel BindFor(ModelData<TRow> data, INormalEngine engine) => Bind(ContentOf(data), hasPriors: engine is not ILikelihoodEngine);

    private TFit FitBy(BoundModel bound, ModelData<TRow> data, INormalEngine engine, RunOptions options)
    {
        engine.Supports(bound.Spec).Require();
        var again = MakerOf(engine is ILikelihoodEngine);
        return (TFit)again(
            PartsOf(bound, data, EngineSelection.Run(engine, bound, options), options, $"Engine {engine.Name}, as asked for", again));
    }

    private Func<FitParts<TRow>, Fit<TRow>> MakerOf(bool isLikelihood) => isLikelihood ? NewLikelihoodFit : NewFit;

    private FitParts<TRow> PartsOf(
        BoundModel bound,
        ModelData<TRow> data,
        Posterior posterior,
        RunOptions options,
        string engineChoice,
        Func<FitParts<TRow>, Fit<TRow>> again) =>
        new(
            bound,
            new RowLayout<TRow>(Lowered, data.Content),
            OriginalScale.Restore(bound, posterior) with { Probability = options.Probability },
            engineChoice,
            again);
}

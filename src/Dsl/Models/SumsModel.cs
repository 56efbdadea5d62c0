using System.Linq.Expressions;
using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Model;
using TypedPooling.PriorDraws;
using TypedPooling.Selectors;
using TypedPooling.Standardizing;

namespace TypedPooling;

/// <summary>A multilevel model that is fitted from sums of its rows: one whose response, or a known function of it, is Normal.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <typeparam name="TSelf">The model's own type.</typeparam>
/// <typeparam name="TFit">Type of its fits.</typeparam>
/// <remarks>Thread-safe: any number of threads may extend, print and fit one model at once, if its selectors may run at once.</remarks>
public abstract partial class SumsModel<TRow, TSelf, TFit> : PooledModel<TRow, TSelf>
    where TSelf : SumsModel<TRow, TSelf, TFit>
    where TFit : SumsFit<TRow>
{
    private readonly Lazy<ReadingPlan<TRow>> plan;

    private protected SumsModel(ModelDeclaration declaration)
        : base(declaration) => plan = new(() => new ReadingPlan<TRow>(Lowered));

    internal ReadingPlan<TRow> Plan => plan.Value;

    /// <summary>Gives each row a precision weight w: its residual sd is sigma / sqrt(w), as by the weights of lme4. Sigma stays one estimated (or fixed) number.</summary>
    /// <remarks>A weight says how precise one row is, not how many rows it stands for; for that there is <c>Count</c>. The log likelihood holds the half sum of log w.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="weight">The weight as a lambda; positive in every row.</param>
    /// <param name="name">Name of the weight; its own text where left out.</param>
    /// <returns>The model with the weight.</returns>
    /// <exception cref="ModelException">The model has a weight, a count or a known error already, or the weight is not a number.</exception>
    public TSelf PrecisionWeight<TValue>(Expression<Func<TRow, TValue>> weight, string? name = null)
        where TValue : struct => Weigh<TValue>(RowWeight.Precision, ColumnSelector.Numeric(weight, name));

    /// <summary>Gives each row a precision weight w that may be missing: its residual sd is sigma / sqrt(w), as by the weights of lme4.</summary>
    /// <remarks>A weight says how precise one row is, not how many rows it stands for; for that there is <c>Count</c>. The log likelihood holds the half sum of log w.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="weight">The weight as a lambda; positive in every row.</param>
    /// <param name="name">Name of the weight; its own text where left out.</param>
    /// <returns>The model with the weight.</returns>
    /// <exception cref="ModelException">The model has a weight, a count or a known error already, or the weight is not a number.</exception>
    public TSelf PrecisionWeight<TValue>(Expression<Func<TRow, TValue?>> weight, string? name = null)
        where TValue : struct => Weigh<TValue>(RowWeight.Precision, ColumnSelector.NumericOrMissing(weight, name));

    /// <summary>Lets each row stand for N rows that are alike (a frequency weight): the fit is that of the rows repeated.</summary>
    /// <remarks>A count says how many rows there were, not how precise one is; for that there is <c>PrecisionWeight</c>. Numbers of rows count replicates.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="count">The count as a lambda; a positive whole number in every row.</param>
    /// <param name="name">Name of the count; its own text where left out.</param>
    /// <returns>The model with the count.</returns>
    /// <exception cref="ModelException">The model has a weight, a count or a known error already, or the count is not a number.</exception>
    public TSelf Count<TValue>(Expression<Func<TRow, TValue>> count, string? name = null)
        where TValue : struct => Weigh<TValue>(RowWeight.Count, ColumnSelector.Numeric(count, name));

    /// <summary>Lets each row stand for N rows that are alike (a frequency weight), where N may be missing: the fit is that of the rows repeated.</summary>
    /// <remarks>A count says how many rows there were, not how precise one is; for that there is <c>PrecisionWeight</c>. Numbers of rows count replicates.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="count">The count as a lambda; a positive whole number in every row.</param>
    /// <param name="name">Name of the count; its own text where left out.</param>
    /// <returns>The model with the count.</returns>
    /// <exception cref="ModelException">The model has a weight, a count or a known error already, or the count is not a number.</exception>
    public TSelf Count<TValue>(Expression<Func<TRow, TValue?>> count, string? name = null)
        where TValue : struct => Weigh<TValue>(RowWeight.Count, ColumnSelector.NumericOrMissing(count, name));

    /// <summary>Reads rows once and keeps sums only: all that a fit needs.</summary>
    /// <param name="rows">The rows; enumerated once, not kept. An array or a <see cref="List{T}"/> is read without an enumerator.</param>
    /// <param name="progress">Told of the number of rows read so far: every 1 % of them where their number is known beforehand (an array, a list), every 16,384 otherwise, and at the end; null where nobody listens.</param>
    /// <param name="cancellation">Stops the reading; looked at for every row.</param>
    /// <returns>The sums; they can be added to, merged, and bound to any model of the same columns, keys and response whatever its priors.</returns>
    /// <exception cref="ModelException">Rows hold missing, non-finite or non-positive values or null keys; every kind is listed with its first row.</exception>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    /// <remarks>O(m^2) a row for m columns, O(cells m^2) memory.</remarks>
    public NormalSums<TRow> Sums(IEnumerable<TRow> rows, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var workspace = new SumsWorkspace<TRow>(Plan);
        workspace.Add(rows, progress, cancellation);
        return workspace.Build();
    }

    /// <summary>Reads rows and decides every prior: what an engine fits.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <returns>The bound model; on the standardised scale where the model is standardised.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or the model cannot be fitted to them; every problem is listed.</exception>
    public NormalBoundModel Bind(IEnumerable<TRow> rows) => Bind(Sums(rows));

    /// <summary>Binds the model to sums and decides every prior: what an engine fits.</summary>
    /// <param name="sums">Sums of rows, from this model or one with the same columns, keys and response.</param>
    /// <returns>The bound model; on the standardised scale where the model is standardised, means and sds being those of all rows in the sums.</returns>
    /// <exception cref="ModelException">The sums are of other columns, or the model cannot be fitted to them; every problem is listed.</exception>
    public NormalBoundModel Bind(NormalSums<TRow> sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        return NormalBinding.Bind(Lowered, Plan.Signature, sums.Data);
    }

    /// <summary>The model as mathematics with the priors really used on some data; those left to the defaults are marked. Then what the model and the data leave to know: warnings and notes.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <returns>Lines of text.</returns>
    /// <exception cref="ModelException">As <see cref="Bind(IEnumerable{TRow})"/>.</exception>
    public string Describe(IEnumerable<TRow> rows) => Describe(Sums(rows));

    /// <summary>The model as mathematics with the priors really used on some data; those left to the defaults are marked. Then what the model and the data leave to know: warnings and notes.</summary>
    /// <param name="sums">Sums of rows.</param>
    /// <returns>Lines of text.</returns>
    /// <exception cref="ModelException">As <see cref="Bind(NormalSums{TRow})"/>.</exception>
    public string Describe(NormalSums<TRow> sums) => NormalBinding.Describe(Bind(sums));

    /// <summary>Fits the model with the best exact engine; the fit says which and why.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or the model cannot be fitted to them; every problem is listed.</exception>
    public TFit Fit(IEnumerable<TRow> rows, RunOptions? options = null) => Fit(Sums(rows, cancellation: Usable(options).Cancellation), options);

    /// <summary>Fits the model to sums with the best exact engine; the fit says which and why.</summary>
    /// <param name="sums">Sums of rows, from this model or one with the same columns, keys and response.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit.</returns>
    /// <exception cref="ModelException">The sums are of other columns, or the model cannot be fitted to them; every problem is listed.</exception>
    public TFit Fit(NormalSums<TRow> sums, RunOptions? options = null)
    {
        var run = Usable(options);
        var bound = Bind(sums);
        var (engine, reason) = EngineSelection.For(bound, run);
        return NewFit(bound, sums, engine, run, reason);
    }

    /// <summary>Fits the model with a given engine.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <param name="engine">Any engine that fits Normal models; see <see cref="Engine"/>.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or the engine refuses the model; every reason is listed.</exception>
    public TFit Fit(IEnumerable<TRow> rows, INormalEngine engine, RunOptions? options = null) => Fit(Sums(rows, cancellation: Usable(options, engine).Cancellation), engine, options);

    /// <summary>Fits the model to sums with a given engine.</summary>
    /// <param name="sums">Sums of rows, from this model or one with the same columns, keys and response.</param>
    /// <param name="engine">Any engine that fits Normal models; see <see cref="Engine"/>.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit.</returns>
    /// <exception cref="ModelException">The sums are of other columns, or the engine refuses the model; every reason is listed.</exception>
    public TFit Fit(NormalSums<TRow> sums, INormalEngine engine, RunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(sums);
        ArgumentNullException.ThrowIfNull(engine);
        return NewFit(BindFor(sums, engine), sums, engine, Usable(options), $"Engine {engine.Name}, as asked for");
    }

    /// <summary>Fits the model with several engines and sets each against the first that fits it.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <param name="engines">The engines, the reference first. One that does not fit the model is listed with its reasons.</param>
    /// <returns>Times, effective draws, evidence and differences of every parameter, as data and as text.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, no engine is named, or none fits the model; every reason is listed.</exception>
    public EngineComparison Compare(IEnumerable<TRow> rows, params INormalEngine[] engines) => Compare(Sums(rows, cancellation: Usable(null, engines).Cancellation), RunOptions.Default, engines);

    /// <summary>Fits the model with several engines and sets each against the first that fits it.</summary>
    /// <param name="sums">Sums of rows, from this model or one with the same columns, keys and response.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation, for every engine.</param>
    /// <param name="engines">The engines, the reference first. One that does not fit the model is listed with its reasons.</param>
    /// <returns>Times, effective draws, evidence and differences of every parameter, as data and as text.</returns>
    /// <exception cref="ModelException">The sums are of other columns, no engine is named, or none fits the model; every reason is listed.</exception>
    public EngineComparison Compare(NormalSums<TRow> sums, RunOptions options, params INormalEngine[] engines)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(engines);
        options.Validated();
        var bound = Bind(sums);
        return ComparisonRunner.Run<TRow>(bound, engines, options, engine => NewFit(engine is ILikelihoodEngine ? BindFor(sums, engine) : bound, sums, engine, options, $"Engine {engine.Name}, as asked for"));
    }

    /// <summary>Draws the parameters from their prior, without data.</summary>
    /// <param name="draws">Number of draws, at least 4.</param>
    /// <param name="seed">Seed of the random numbers.</param>
    /// <returns>Independent draws of population effects, sds, correlations and sigma.</returns>
    /// <exception cref="ModelException">A prior is left to a default that data scale, the model is standardised, a categorical predictor has its levels from data, or a prior is improper; all are named.</exception>
    public PriorSample<TRow> SamplePrior(int draws = 4000, ulong seed = 1)
    {
        OpenPriors.RefuseAny(Spec);
        return new(new PriorSampler(Spec, null), draws, seed);
    }

    /// <summary>Draws the parameters from their prior, defaults scaled by rows; where the model is standardised, on the original scale of the rows.</summary>
    /// <param name="rows">The rows that scale the defaults, or standardise; enumerated once, not kept. Nothing is fitted to them.</param>
    /// <param name="draws">Number of draws, at least 4.</param>
    /// <param name="seed">Seed of the random numbers.</param>
    /// <returns>Independent draws of population effects, sds, correlations and sigma.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or a prior is improper.</exception>
    public PriorSample<TRow> SamplePrior(IEnumerable<TRow> rows, int draws = 4000, ulong seed = 1) => new(Decide(rows), draws, seed);

    /// <summary>Simulates responses of rows from the model, parameters drawn from their prior: the prior predictive distribution.</summary>
    /// <param name="rows">The rows to simulate for: their columns, weights, offsets and keys. Responses are looked at only where a prior is left to a default or the model is standardised. Not kept.</param>
    /// <param name="draws">Number of draws, at least 4.</param>
    /// <param name="seed">Seed of the random numbers.</param>
    /// <returns>For each draw a response for every row, and the parameters behind it.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used (missing ones are not dropped here), or a prior is improper.</exception>
    /// <remarks>Memory O(rows columns + draws parameters).</remarks>
    public PriorSimulation<TRow> SimulatePrior(IEnumerable<TRow> rows, int draws = 1000, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var list = rows as IReadOnlyCollection<TRow> ?? [.. rows];
        var design = PriorDesign.Read(Lowered, list);
        var sampler = OpenPriors.HasAny(Spec) || Spec.IsStandardized ? Decide(list) : new PriorSampler(design.Columns.Spec, null);
        if (!sampler.Spec.Columns.SequenceEqual(design.Columns.Spec.Columns))
        {
            throw new ModelException(new Problem(
                ProblemCode.DataNeeded,
                $"A level of a categorical predictor is only in rows whose response is missing, so {(Spec.IsStandardized ? "its column has no sd" : "its default prior has no data")}.",
                Spec.IsStandardized ? "Leave such rows out." : "Name the priors of categorical predictors."));
        }

        return new(sampler, design, draws, seed);
    }

    private protected abstract TFit NewFit(NormalBoundModel bound, RowLayout<TRow> rows, Posterior posterior, string engineChoice);

    // An engine that knows no priors asks for none.
    private NormalBoundModel BindFor(NormalSums<TRow> sums, INormalEngine engine) =>
        engine is ILikelihoodEngine ? NormalBinding.BindLikelihood(Lowered, Plan.Signature, sums.Data) : Bind(sums);

    private TFit NewFit(NormalBoundModel bound, NormalSums<TRow> sums, INormalEngine engine, RunOptions? options, string engineChoice) =>
        NewFit(bound, new RowLayout<TRow>(Lowered, sums.Data), OriginalScale.Restore(bound, engine.RunNormal(bound, options ?? RunOptions.Default)), engineChoice);

    private PriorSampler Decide(IEnumerable<TRow> rows)
    {
        var (spec, _, _, standardization) = NormalBinding.Decide(Lowered, Plan.Signature, Sums(rows).Data);
        return new(spec, standardization);
    }

    private TSelf Weigh<TValue>(RowWeight kind, ColumnSelector column)
    {
        NumericArguments.RefuseBool<TValue>(column, RowWeights.NameOf(kind), string.Empty);
        var declaration = Lowered.Declaration;
        if (declaration.Response.WeightKind != RowWeight.None)
            throw RowWeights.Conflict(declaration.Response, kind, column);
        return With(declaration with { Response = declaration.Response with { WeightKind = kind, Weight = column } });
    }
}

using System.ComponentModel;
using System.Linq.Expressions;
using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Engines;
using TypedPooling.Model;
using TypedPooling.Pooling;
using TypedPooling.Selectors;

namespace TypedPooling;

/// <summary>A multilevel model that is fitted from sums of its rows: one whose response, or a known function of it, is Normal.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <typeparam name="TSelf">The model's own type.</typeparam>
/// <typeparam name="TFit">Type of its fits.</typeparam>
/// <typeparam name="TLikelihoodFit">Type of its fits by maximum likelihood.</typeparam>
/// <remarks>Thread-safe: any number of threads may extend, print and fit one model at once, if its selectors may run at once.</remarks>
public abstract class SumsModel<TRow, TSelf, TFit, TLikelihoodFit> : FittedModel<TRow, TSelf, TFit, TLikelihoodFit>
    where TSelf : SumsModel<TRow, TSelf, TFit, TLikelihoodFit>
    where TFit : Fit<TRow>
    where TLikelihoodFit : Fit<TRow>, ILikelihoodFit<TRow>
{
    private protected SumsModel(ModelDeclaration declaration)
        : base(declaration)
    {
    }

    /// <summary>Gives each row a precision weight w: its residual sd is sigma / sqrt(w), as by the weights of lme4. Sigma stays one estimated (or
    /// fixed) number.</summary>
    /// <remarks>A weight says how precise one row is, not how many rows it stands for; for that there is <c>Count</c>. The log likelihood holds the
    /// half sum of log w.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="weight">The weight as a lambda; positive in every row.</param>
    /// <param name="name">Name of the weight; its own text where left out.</param>
    /// <returns>The model with the weight.</returns>
    /// <exception cref="ModelException">The model has a weight, a count or a known error already, or the weight is not a number.</exception>
    public TSelf PrecisionWeight<TValue>(Expression<Func<TRow, TValue>> weight, string? name = null)
        where TValue : struct => Weigh<TValue>(RowWeight.Precision, ColumnSelector.Numeric(weight, name));

    /// <summary>Gives each row a precision weight w that may be missing: its residual sd is sigma / sqrt(w), as by the weights of lme4.</summary>
    /// <inheritdoc cref="PrecisionWeight{TValue}(Expression{Func{TRow, TValue}}, string)"/>
    public TSelf PrecisionWeight<TValue>(Expression<Func<TRow, TValue?>> weight, string? name = null)
        where TValue : struct => Weigh<TValue>(RowWeight.Precision, ColumnSelector.NumericOrMissing(weight, name));

    /// <inheritdoc/>
    public override NormalBoundModel Bind(IEnumerable<TRow> rows) => (NormalBoundModel)base.Bind(rows);

    /// <inheritdoc/>
    public override NormalBoundModel Bind(ModelData<TRow> data) => (NormalBoundModel)base.Bind(data);

    // C# looks at the overloads of a base type only where none here applies, so that what Fit(rows, new() { ... }) means needs both kinds side by
    // side.

    /// <inheritdoc cref="FittedModel{TRow, TSelf, TFit, TLikelihoodFit}.Fit(IEnumerable{TRow}, RunOptions)"/>
    public new TFit Fit(IEnumerable<TRow> rows, RunOptions? options = null) => base.Fit(rows, options);

    /// <inheritdoc cref="FittedModel{TRow, TSelf, TFit, TLikelihoodFit}.Fit(ModelData{TRow}, RunOptions)"/>
    public new TFit Fit(ModelData<TRow> data, RunOptions? options = null) => base.Fit(data, options);

    /// <summary>Fits the model with a given engine.</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <param name="engine">Any engine that fits Normal models; see <see cref="Engine"/>.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or the engine refuses the model; every reason is listed.</exception>
    public TFit Fit(IEnumerable<TRow> rows, INormalEngine engine, RunOptions? options = null) => FitBy(rows, engine, options);

    /// <summary>Fits the model to data with a given engine.</summary>
    /// <param name="data">Data read by this model or one with the same columns, keys and response.</param>
    /// <param name="engine">Any engine that fits Normal models; see <see cref="Engine"/>.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit.</returns>
    /// <exception cref="ModelException">The data are of other columns, or the engine refuses the model; every reason is listed.</exception>
    public TFit Fit(ModelData<TRow> data, INormalEngine engine, RunOptions? options = null) => FitBy(data, engine, options);

    /// <summary>Fits the model by maximum likelihood (ML) or restricted maximum likelihood (REML).</summary>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <param name="engine"><see cref="Engine.MaximumLikelihood"/> or <see cref="Engine.RestrictedMaximumLikelihood"/>, or one of your own.</param>
    /// <param name="options">Seed, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit, which also has a likelihood, profile intervals and a bootstrap.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or the engine refuses the model; every reason is listed.</exception>
    public TLikelihoodFit Fit(IEnumerable<TRow> rows, ILikelihoodEngine engine, RunOptions? options = null) =>
        (TLikelihoodFit)(Fit<TRow>)FitBy(rows, engine, options);

    /// <summary>Fits the model to data by maximum likelihood (ML) or restricted maximum likelihood (REML).</summary>
    /// <param name="data">Data read by this model or one with the same columns, keys and response.</param>
    /// <param name="engine"><see cref="Engine.MaximumLikelihood"/> or <see cref="Engine.RestrictedMaximumLikelihood"/>, or one of your own.</param>
    /// <param name="options">Seed, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The fit, which also has a likelihood, profile intervals and a bootstrap.</returns>
    /// <exception cref="ModelException">The data are of other columns, or the engine refuses the model; every reason is listed.</exception>
    public TLikelihoodFit Fit(ModelData<TRow> data, ILikelihoodEngine engine, RunOptions? options = null) =>
        (TLikelihoodFit)(Fit<TRow>)FitBy(data, engine, options);

    /// <inheritdoc cref="FittedModel{TRow, TSelf, TFit, TLikelihoodFit}.Compare(IEnumerable{TRow}, IEngine[])"/>
    public EngineComparison Compare(IEnumerable<TRow> rows, params INormalEngine[] engines) => CompareBy(rows, engines);

    /// <inheritdoc cref="FittedModel{TRow, TSelf, TFit, TLikelihoodFit}.Compare(ModelData{TRow}, RunOptions, IEngine[])"/>
    public EngineComparison Compare(ModelData<TRow> data, RunOptions options, params INormalEngine[] engines) => CompareBy(data, options, engines);

    /// <summary>The old name of <see cref="FittedModel{TRow, TSelf, TFit, TLikelihoodFit}.Read"/>.</summary>
    /// <inheritdoc cref="FittedModel{TRow, TSelf, TFit, TLikelihoodFit}.Read"/>
    [Obsolete("Use Read(rows): its ModelData<TRow> is the same type for every family. The next version removes Sums.")]
    [EditorBrowsable(EditorBrowsableState.Never)]
    public NormalSums<TRow> Sums(IEnumerable<TRow> rows, IProgress<long>? progress = null, CancellationToken cancellation = default) =>
        new(Read(rows, progress, cancellation));

    private protected override CollapsingWorkspace<TRow> NewWorkspace() => new SumsWorkspace<TRow>(Plan);

    private protected override (ModelSpec Spec, Standardization? Standardization) Decide(CollapsedRows data)
    {
        var (spec, _, _, standardization) = SumsBinding.Decide(Lowered, (CollapsedSums)data);
        return (spec, standardization);
    }

    private protected override BoundModel Bind(CollapsedRows data, bool hasPriors) =>
        hasPriors ? SumsBinding.Bind(Lowered, (CollapsedSums)data) : SumsBinding.BindLikelihood(Lowered, (CollapsedSums)data);

    private protected override UnpooledModel Unpool(CollapsedRows data, Func<ModelSpec, LevelTable[], int> factorOf) =>
        UnpooledModel.Of(Lowered, (CollapsedSums)data, factorOf);
}

using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq.Expressions;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Draws;
using TypedPooling.Json;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>A fitted model: typed answers from its posterior. Immutable.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
/// <remarks>Thread-safe: any number of threads may ask one fit at once, and all get the same answers.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public abstract partial class Fit<TRow> : IWholeFit, IJsonAnswer
{
    private readonly Quantity[] population;
    private readonly Quantity[] scales;
    private readonly ConcurrentDictionary<(string Factor, Type Key), object> factorFits = new();
    private readonly Lazy<SummaryTable> table;
    private readonly Lazy<ModelChecks> checks;
    private readonly Lazy<ImmutableArray<FitWarning>> warnings;

    private protected Fit(FitParts<TRow> parts)
    {
        var posterior = parts.Posterior;
        Bound = parts.Bound;
        Rows = parts.Rows;
        Posterior = posterior;
        EngineChoice = parts.EngineChoice;
        Again = parts.Again;
        population = [.. Enumerable.Range(0, posterior.Population.ParameterCount).Select(PopulationQuantity)];
        scales = [.. Enumerable.Range(0, posterior.Scales.ParameterCount).Select(
            i => FromBlock(posterior.Scales, i, posterior.Weighted?.Scales, PointScale(i)))];
        table = new(() => NewTable(posterior.Probability));
        checks = new(() => ModelChecks.Of(Bound));
        warnings = new(() => [.. posterior.Warnings, .. FitDiagnostics.Warnings(table.Value, posterior), .. checks.Value.Warnings]);
    }

    /// <summary>The model as it was fitted: no prior is left to a default. Priors are on the standardised scale where the model is standardised,
    /// everything else of a fit is on the original one.</summary>
    public ModelSpec Spec => Posterior.Spec;

    /// <summary>Draw blocks, sampler statistics, seed and timings.</summary>
    public Posterior Posterior { get; }

    /// <summary>Which engine ran, and why it was chosen.</summary>
    public string EngineChoice { get; }

    /// <summary>Number of rows used.</summary>
    public long RowCount => Bound.RowCount;

    /// <summary>Number of rows dropped on request because a value was missing.</summary>
    public long DroppedRowCount => Bound.DroppedRowCount;

    /// <summary>What a reader must know: warnings of the engine, R-hat above 1.01 or ESS below 100 a chain in the table, and what the model and its
    /// data do not fit together in: dependent columns, priors far outside the data. Empty where nothing is wrong.</summary>
    public ImmutableArray<FitWarning> Warnings => warnings.Value;

    /// <summary>What is unusual in the model and may be meant: population slopes without a population intercept; and where a file came from that was
    /// saved by another version. Nothing is wrong with such a fit.</summary>
    public ImmutableArray<FitWarning> Notes => [.. Posterior.Notes, .. checks.Value.Notes];

    /// <summary>The parameter table: population effects, sds, correlations, sigma. Its intervals have the level
    /// <see cref="Engines.RunOptions.Probability"/> of the run, 0.89 by default.</summary>
    public SummaryTable Table => table.Value;

    /// <summary>Log marginal likelihood of the rows, every parameter integrated out over its prior, with its Monte-Carlo error; null where a prior is
    /// improper or the scales were drawn by Markov chains. Two models of the same rows
    /// are compared by the difference, the log Bayes factor.</summary>
    public LogEvidence? LogEvidence => Posterior.LogEvidence;

    /// <summary>The population intercept.</summary>
    /// <exception cref="ModelException">The model has none.</exception>
    public Quantity Intercept => Coefficient(ModelSpec.InterceptName);

    internal BoundModel Bound { get; }

    /// <summary>The model of a fit from sums.</summary>
    internal NormalBoundModel Model => (NormalBoundModel)Bound;

    /// <summary>How rows are read for the fit.</summary>
    internal RowLayout<TRow> Rows { get; }

    /// <summary>Makes a fit of the same type.</summary>
    internal Func<FitParts<TRow>, Fit<TRow>> Again { get; }

    Type IWholeFit.RowType => typeof(TRow);

    LoweredModel IWholeFit.Declared => Rows.Model;

    BoundModel IWholeFit.Bound => Bound;

    /// <summary>The parameter table with intervals of a level of its own.</summary>
    /// <param name="probability">Posterior probability of each interval, strictly between 0 and 1.</param>
    /// <returns>The table; its header names the level.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not strictly between 0 and 1.</exception>
    public SummaryTable ToTable(double probability) => NewTable(IntervalProbability.Checked(probability));

    /// <summary>A population effect by the selector it was declared with.</summary>
    /// <typeparam name="TValue">Type of the column.</typeparam>
    /// <param name="selector">The column, as in the model.</param>
    /// <returns>The coefficient, in units of the response per unit of the column.</returns>
    /// <exception cref="ModelException">The model has no such effect.</exception>
    public Quantity Coefficient<TValue>(Expression<Func<TRow, TValue>> selector)
        where TValue : struct => Coefficient(TermLookup.NameOf(Spec, TermLookup.Selector(selector)));

    /// <summary>A population effect by the selector of a nullable column.</summary>
    /// <typeparam name="TValue">Type of the column.</typeparam>
    /// <param name="selector">The column, as in the model.</param>
    /// <returns>The coefficient, in units of the response per unit of the column.</returns>
    /// <exception cref="ModelException">The model has no such effect.</exception>
    public Quantity Coefficient<TValue>(Expression<Func<TRow, TValue?>> selector)
        where TValue : struct => Coefficient(TermLookup.NameOf(Spec, TermLookup.SelectorOrMissing(selector)));

    /// <summary>A population effect by name.</summary>
    /// <param name="term">Name of the term, as the table shows it.</param>
    /// <returns>The coefficient, in units of the response per unit of the column.</returns>
    /// <exception cref="ModelException">The model has no such effect.</exception>
    public Quantity Coefficient(string term) => population[TermLookup.Population(Spec, term)];

    /// <summary>A parameter by the name that its row of <see cref="Table"/> has.</summary>
    /// <param name="name">The name, such as <c>Intercept</c>, <c>sigma</c> or <c>sd(Cafe: Intercept)</c>.</param>
    /// <returns>The parameter. Coefficients of a level are at <c>For(group).Level(key)</c>.</returns>
    /// <exception cref="ModelException">UnknownTerm: the table has no such row; the nearest name and all others are listed.</exception>
    public Quantity Quantity(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return population.Concat(scales).FirstOrDefault(quantity => quantity.Name == name)
            ?? throw TermLookup.NoRow(
                name, population.Concat(scales).Select(quantity => quantity.Name));
    }

    /// <summary>What a grouping factor's levels share and how they differ.</summary>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="group">The factor's handle; any handle of the same name and types will do.</param>
    /// <returns>The fit seen by this factor.</returns>
    /// <exception cref="ModelException">The model has no such factor.</exception>
    public FactorFit<TRow, TKey> For<TKey>(Group<TRow, TKey> group)
    {
        var factor = FactorOf(group);
        return FactorFitOf(factor, (LevelIndex<TKey>)Bound.Levels[factor]);
    }

    /// <summary>The fit seen by each of its grouping factors, in the order of the model, whatever the types of their keys.</summary>
    public ImmutableArray<FactorFit<TRow>> Factors =>
        [.. Bound.Levels.Take(Spec.Factors.Length).Select((levels, factor) => levels.Accept(new ByKeys(this, factor)))];

    /// <summary>Any function of joint draws: contrasts, ratios, probabilities.</summary>
    /// <param name="perDraw">Evaluated once a draw; asks the draw for quantities of this fit.</param>
    /// <param name="name">Name of the new quantity.</param>
    /// <returns>The derived quantity, its draws aligned with all others. Of a point fit its mean is the function at the estimates; where it asks for
    /// new groups or new observations, the average of the function over these, the estimates held.</returns>
    public Quantity Derive(Func<DrawContext, double> perDraw, string name = "derived")
    {
        ArgumentNullException.ThrowIfNull(perDraw);
        var draws = InEveryDraw(perDraw, new DrawContext(Posterior));
        return new Quantity(name, Posterior, () => draws) { Estimate = Posterior.Point is null ? null : AtEstimates(perDraw) };
    }

    /// <summary>The table a statistician expects, with engine, sizes and warnings.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Spec.Response.Family.Name} model of {Spec.Response.Name}: {Figures.Counted(RowCount, "row")}");
        for (var k = 0; k < Spec.Factors.Length; k++)
            text.Append(CultureInfo.InvariantCulture, $", {Figures.Counted(Bound.Levels[k].Count, "level")} of {Spec.Factors[k].Name}");
        if (DroppedRowCount > 0)
            text.Append(CultureInfo.InvariantCulture, $" ({Figures.Counted(DroppedRowCount, "row")} with missing values dropped)");
        text.AppendLine(OriginText.Of(Rows.Data.Origin));
        text.AppendLine(EngineChoice);
        if (Posterior.SamplingReason.Length > 0)
            text.AppendLine(Posterior.SamplingReason);
        if (Spec.IsStandardized)
            text.AppendLine(CultureInfo.InvariantCulture, $"Priors on standardised {Spec.StandardizedText}, estimates on the original scale");
        text.AppendLine(DrawsLine());
        text.AppendLine();
        text.Append(Table);
        if (Posterior.Point is { } point)
            text.AppendLine().AppendLine(new LikelihoodSummary(point, Spec, RowCount).ToString());
        foreach (var warning in Warnings)
            text.AppendLine().Append("Warning: ").AppendLine(warning.Message);
        foreach (var note in Notes)
            text.AppendLine().Append("Note: ").AppendLine(note.Message);
        return text.ToString();
    }

    // Properties of a fit in JSON would be numbers without its draws, without a word.
    void IJsonAnswer.WriteTo(Utf8JsonWriter writer) => throw new NotSupportedException(
        "A fit has no form in JSON. Save it as a file: fit.Save(path); or write the answers that are needed, such as fit.Table.");

    /// <summary>The model of a fit from sums, which a question needs.</summary>
    /// <param name="what">What the question asks for, in words.</param>
    /// <param name="remedy">What serves in its place.</param>
    /// <exception cref="ModelException">The fit is from cells: this version computes the answer for Normal and LogNormal responses only.</exception>
    internal NormalBoundModel NormalModel(string what, string remedy) => Bound as NormalBoundModel ?? throw new ModelException(new Problem(
        ProblemCode.NotForThisFamily,
        $"This version computes {what} for Normal and LogNormal responses only, and this response is {Spec.Response.Family.Name}.",
        remedy));

    /// <summary>Index of a grouping factor.</summary>
    /// <exception cref="ModelException">The model has no such factor.</exception>
    internal int FactorOf<TKey>(Group<TRow, TKey> group)
    {
        ArgumentNullException.ThrowIfNull(group);
        for (var k = 0; k < Spec.Factors.Length; k++)
        {
            if (Spec.Factors[k].Name == group.Name && Bound.Levels[k] is LevelIndex<TKey>)
                return k;
        }

        throw TermLookup.NoFactor(Spec, group.Name, typeof(TKey));
    }

    internal Quantity Scale(ParameterKind kind, string? factor, string term, string? otherTerm)
    {
        for (var i = 0; i < scales.Length; i++)
        {
            var parameter = Posterior.Scales.Parameter(i);
            if (parameter.Kind == kind && parameter.Factor == factor && Matches(parameter))
                return scales[i];
        }

        throw new ModelException(new Problem(
            ProblemCode.UnknownTerm,
            kind == ParameterKind.Sigma
                ? "The model has no sigma: the error of each row is known."
                : $"The fit has no such parameter of factor '{factor}'.",
            TermLookup.AskFor(scales.Select(q => q.Name), "The model has no scale parameters."))
        { Term = kind == ParameterKind.Sigma ? "sigma" : term });

        bool Matches(Parameter parameter) => kind == ParameterKind.VaryingCorrelation
            ? (parameter.Term == term && parameter.OtherTerm == otherTerm) || (parameter.Term == otherTerm && parameter.OtherTerm == term)
            : parameter.Term == term;
    }

    /// <summary>The parameter that a quantity of this fit's table is.</summary>
    /// <exception cref="ModelException">It is none.</exception>
    internal Parameter ParameterOf(Quantity quantity)
    {
        var at = Array.IndexOf(population, quantity);
        if (at >= 0)
            return Posterior.Population.Parameter(at);
        at = Array.IndexOf(scales, quantity);
        return at >= 0
            ? Posterior.Scales.Parameter(at)
            : throw new ModelException(new Problem(
                ProblemCode.UnknownTerm,
                $"'{quantity.Name}' is not a parameter of this fit's table.",
                "Ask for a population effect, an sd or sigma of this fit.")
            { Term = quantity.Name });
    }

    private FactorFit<TRow, TKey> FactorFitOf<TKey>(int factor, LevelIndex<TKey> levels) =>
        (FactorFit<TRow, TKey>)factorFits.GetOrAdd((Spec.Factors[factor].Name, typeof(TKey)), _ => this is ILikelihoodFit
            ? new LikelihoodFactorFit<TRow, TKey>(this, factor, levels)
            : new FactorFit<TRow, TKey>(this, factor, levels));

    private SummaryTable NewTable(double probability) => new(
        population.Select((q, i) => (Posterior.Population.Parameter(i), q)).Concat(scales.Select((q, i) => (Posterior.Scales.Parameter(i), q))),
        probability,
        isPoint: Posterior.Point is not null);

    private AtEstimates AtEstimates(Func<DrawContext, double> perDraw)
    {
        var context = new DrawContext(Posterior) { IsAtEstimates = true };
        var value = perDraw(context);
        return context.MetRandom ? new(InEveryDraw(perDraw, context)) : new(value);
    }

    private double[] InEveryDraw(Func<DrawContext, double> perDraw, DrawContext context)
    {
        var values = new double[Posterior.DrawCount];
        for (var s = 0; s < values.Length; s++)
        {
            context.Index = s;
            values[s] = perDraw(context);
        }

        return values;
    }

    private Quantity FromBlock(DrawBlock block, int index, DrawBlock? weighted, NormalMoments? exact = null, LinearForm? linear = null)
    {
        var unsure = exact is null ? HeavyTails.OfPosterior(Bound, Spec, block.Parameter(index)) : null;
        return new(block.Parameter(index).Name, Posterior, () => Copy(block, index), exact, weighted is null ? null : () => Copy(weighted, index))
        {
            Linear = linear,
            HasUnsureMean = unsure is not null,
            UnsureBecause = unsure ?? string.Empty,
        };
    }

    private static double[] Copy(DrawBlock block, int index)
    {
        var draws = new double[block.DrawCount];
        block.CopyDraws(index, draws);
        return draws;
    }

    private Quantity PopulationQuantity(int index)
    {
        LinearForm? linear = null;
        if (Posterior.Exact is not null || Posterior.Point is not null)
        {
            var weights = new double[Posterior.Population.ParameterCount];
            weights[index] = 1;
            linear = new(weights, []);
        }

        return FromBlock(Posterior.Population, index, Posterior.Weighted?.Population, linear?.Moments(Posterior), linear);
    }

    // A point estimate of a scale has no standard error here: its distribution is not near normal. See the profile interval.
    private NormalMoments? PointScale(int index)
    {
        if (Posterior.Point is not { } point)
            return null;
        var parameter = Posterior.Scales.Parameter(index);
        var isFixed = parameter.Kind switch
        {
            ParameterKind.Sigma => Spec.Response.Sigma?.FixedValue is not null,
            var kind when Parameter.IsShape(kind) => Spec.Response.Shape?.FixedValue is not null,
            ParameterKind.VaryingSd =>
                Spec.Factors.First(factor => factor.Name == parameter.Factor).Terms.First(
                    term => term.Name == parameter.Term).Sd?.FixedValue is not null,
            _ => false,
        };
        return new NormalMoments(point.Scales[index], isFixed ? 0 : double.NaN);
    }

    private string DrawsLine()
    {
        var time = Figures.Seconds(Posterior.Timings.Total);
        if (Posterior.Exact is not null)
            return $"Every scale is known: moments are exact; seed {Posterior.Seed} for draws; {time}";
        if (Posterior.Point is not null)
            return string.Create(
                CultureInfo.InvariantCulture,
                $"Estimates and standard errors; {Posterior.DrawCount:N0} draws of the normal approximation on request, "
                    + $"seed {Posterior.Seed}; {time}");
        if (Posterior.Importance is { } importance)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{Posterior.DrawCount:N0} independent draws from {importance.ProposalCount:N0} weighted proposals "
                    + $"(ESS of the weights {importance.WeightEss:N0}, k-hat {Figures.Fixed(importance.ParetoK, 2)}), seed {Posterior.Seed}; {time}");
        }

        var draws = string.Create(
            CultureInfo.InvariantCulture, $"{Figures.Counted(Posterior.ChainCount, "chain")} of {Posterior.DrawsPerChain:N0} draws");
        var divergences = Posterior.Sampler is { } sampler ? $", {Figures.Counted(sampler.DivergenceCount, "divergence")}" : string.Empty;
        return $"{draws}, seed {Posterior.Seed}{divergences}; {time}";
    }

    // From a table of levels, which knows the type of its keys.
    private sealed class ByKeys(Fit<TRow> fit, int factor) : ILevelTableVisitor<FactorFit<TRow>>
    {
        public FactorFit<TRow> Visit<TKey>(LevelIndex<TKey> levels) => fit.FactorFitOf(factor, levels);
    }
}

using TypedPooling.Binding;
using TypedPooling.Declarations;
using TypedPooling.Draws;
using TypedPooling.Randomness;

namespace TypedPooling.Predictions;

/// <summary>Predictions of a fit: reads rows, finds their groups, and makes quantities.</summary>
/// <param name="fit">The fit.</param>
/// <param name="posterior">Its draws, or some of them, on the scale of the rows.</param>
internal sealed class RowPredictions<TRow>(Fit<TRow> fit, Posterior posterior)
{
    private readonly LinearPredictor predictor = new(posterior, fit.Rows.WeightKind);
    private readonly ResponseScaleDraws scales = new(posterior);
    private readonly RowDistribution distribution = new(fit.Spec.Response.Family, fit.Rows.WeightKind);
    private CellPrediction? cells;

    private CellPrediction Cells => LazyInitializer.EnsureInitialized(ref cells, () => new(predictor, posterior));

    /// <summary>The prediction for one row.</summary>
    public Quantity Of(PredictedOutcome outcome, TRow row, LevelChoice<TRow>[] levels)
    {
        var (choices, ignored) = Resolve(outcome, levels);
        return Quantity(outcome, Row(fit.Rows.Read([row], outcome.Purpose, 0, ignored), 0, choices), null);
    }

    /// <summary>Predictions for rows, one at a time. Rows that can be read twice are checked at once, others when they are reached.</summary>
    public IEnumerable<Quantity> Of(PredictedOutcome outcome, IEnumerable<TRow> rows, LevelChoice<TRow>[] levels)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var (choices, ignored) = Resolve(outcome, levels);
        if (rows is not (ICollection<TRow> or IReadOnlyCollection<TRow>))
            return Of(outcome, fit.Rows.Batches(rows, outcome.Purpose, 1, ignored), choices);
        fit.Rows.Check(rows, outcome.Purpose, ignored);
        return Of(outcome, fit.Rows.Batches(rows, outcome.Purpose, ignored: ignored), choices);
    }

    /// <summary>Reads rows that new observations are made for.</summary>
    public PredictedRow[] Rows(IEnumerable<TRow> rows, LevelChoice<TRow>[] levels)
    {
        var (choices, ignored) = Resolve(fit.NewObservation, levels);
        var design = fit.Rows.Read(rows, RowPurpose.Observation, 0, ignored);
        return design.RowCount > 0
            ? [.. Enumerable.Range(0, design.RowCount).Select(i => Row(design, i, choices))]
            : throw new ModelException(new Problem(ProblemCode.NoRows, "There are no rows.", "Give at least one row."));
    }

    /// <summary>A row of a design, each factor's group the row's own key.</summary>
    /// <param name="design">Rows.</param>
    /// <param name="row">Number of the row in the design.</param>
    /// <param name="isRenewed">By factor whether the key is that of a new group, also where the data had it.</param>
    public PredictedRow Row(RowDesign design, int row, bool[] isRenewed)
    {
        PredictedLevel? renewed = new PredictedLevel(LevelKind.Renewed, -1, string.Empty);
        return Row(design, row, [.. isRenewed.Select(own => own ? renewed : null)]);
    }

    /// <summary>The predictive distribution of a row at its response.</summary>
    /// <param name="row">The row.</param>
    /// <param name="response">The response.</param>
    /// <param name="weights">Weights of the draws, of sum 1; none where all are equal.</param>
    public ResponseSummary Summary(PredictedRow row, double response, ReadOnlySpan<double> weights)
    {
        var workspace = new ResponseSummaryWorkspace(distribution, row, response);
        var eta = predictor.Draws(row);
        for (var s = 0; s < eta.Length; s++)
            workspace.Add(eta[s], scales.At(s), weights.IsEmpty ? 1.0 / eta.Length : weights[s]);
        return workspace.Build();
    }

    /// <summary>The predictive distribution of a row at its response, effects given the other rows of a level.</summary>
    /// <param name="row">The row.</param>
    /// <param name="response">The response.</param>
    /// <param name="eta">Draws of the linear predictor; of a Normal response expectations of it, or of its log.</param>
    /// <param name="sds">Sds of a Normal response, or of its log, effects and error together; not looked at otherwise.</param>
    /// <param name="weights">Weights of the draws, of sum 1.</param>
    public ResponseSummary Summary(
        PredictedRow row, double response, ReadOnlySpan<double> eta, ReadOnlySpan<double> sds, ReadOnlySpan<double> weights)
    {
        var isNormal = distribution.Family.IsNormal;
        var workspace = new ResponseSummaryWorkspace(isNormal ? distribution with { WeightKind = RowWeight.None } : distribution, row, response);
        for (var s = 0; s < eta.Length; s++)
            workspace.Add(eta[s], isNormal ? new(sds[s], double.NaN) : scales.At(s), weights[s]);
        return workspace.Build();
    }

    /// <summary>The distribution of a row at its response, at the estimates of a point fit and the modes of its effects.</summary>
    public ResponseSummary SummaryAtEstimates(PredictedRow row, double response)
    {
        var workspace = new ResponseSummaryWorkspace(distribution, row, response);
        workspace.Add(predictor.Moments(row, withNoise: false)!.Value.Mean, scales.AtEstimates(), 1);
        return workspace.Build();
    }

    /// <summary>Draws of the effects of levels: by factor and level, term after term.</summary>
    public double[][][] EffectsOf(RowLevels levels, CancellationToken cancellation) => [.. Enumerable.Range(0, levels.FactorCount).Select(k =>
    {
        var effects = new double[levels.LevelsOf(k).Length][];
        Parallel.For(0, effects.Length, new() { CancellationToken = cancellation }, j => effects[j] = predictor.EffectsOf(k, levels.LevelsOf(k)[j]));
        return effects;
    })];

    /// <summary>Makes new observations of rows in every draw, and what they are expected to be: for a row those of
    /// <see cref="PredictedOutcome"/> for new observations, bit by bit.</summary>
    /// <param name="from">Number of the first row.</param>
    /// <param name="to">Number of the row after the last.</param>
    /// <param name="rows">All rows.</param>
    /// <param name="effects">Of <see cref="EffectsOf"/>.</param>
    /// <param name="block">Where to; its draws are those of the posterior.</param>
    public void Replicate(int from, int to, RowLevels rows, double[][][] effects, ReplicatedBlock block)
    {
        var count = posterior.DrawCount;
        var isNormal = fit.Spec.Response.Family.IsNormal;
        var stream = RandomAddresses.Observations();
        var eta = new double[count];
        for (var i = from; i < to; i++)
        {
            var row = rows.Rows[i];
            Array.Fill(eta, row.Offset);
            for (var t = 0; t < fit.Spec.Population.Length; t++)
                Add(eta, row.Value(fit.Spec.Population[t].Column), predictor.PopulationOf(t));
            for (var k = 0; k < rows.FactorCount; k++)
            {
                if (rows.PlaceOf(i, k) is not (>= 0 and var place))
                    continue;
                for (var a = 0; a < fit.Spec.Factors[k].Terms.Length; a++)
                    Add(eta, row.Value(fit.Spec.Factors[k].Terms[a].Column), effects[k][place].AsSpan(a * count, count));
            }

            var noise = rows.NoiseOf(i);
            for (var s = 0; s < count; s++)
            {
                var at = s * block.RowCount + i;
                if (isNormal)
                {
                    if (block.WithMoments)
                    {
                        block.Means[at] = distribution.Mean(eta[s], row.Weight, scales.At(s));
                        block.Variances[at] = distribution.Variance(eta[s], row.Weight, scales.At(s));
                    }

                    var y = eta[s] + predictor.ResidualSd(row, s) * predictor.NoiseOf(noise, s);
                    block.Responses[at] = fit.NewObservation.IsExponential ? Math.Exp(y) : y;
                    continue;
                }

                RandomAddresses.NewObservation(stream, posterior.Seed, noise, (int)posterior.NumberOf(s));
                var (response, mean, variance) = distribution.DrawWithMoments(eta[s], row.Weight, scales.At(s), stream, block.WithMoments);
                block.Responses[at] = response;
                if (block.WithMoments)
                    (block.Means[at], block.Variances[at]) = (mean, variance);
            }
        }

        static void Add(double[] eta, double value, ReadOnlySpan<double> draws)
        {
            for (var s = 0; s < eta.Length; s++)
                eta[s] += value * draws[s];
        }
    }

    private IEnumerable<Quantity> Of(PredictedOutcome outcome, IEnumerable<RowDesign> batches, PredictedLevel?[] choices)
    {
        foreach (var batch in batches)
        {
            for (var i = 0; i < batch.RowCount; i++)
                yield return Quantity(outcome, Row(batch, i, choices), batch.RowNumbers[i]);
        }
    }

    // By factor: the group that was chosen, null where the row's own key decides; and whether the row's own key does not matter.
    private (PredictedLevel?[] Choices, bool[] Ignored) Resolve(PredictedOutcome outcome, LevelChoice<TRow>[] levels)
    {
        ArgumentNullException.ThrowIfNull(levels);
        var choices = new PredictedLevel?[fit.Spec.Factors.Length];
        var problems = new List<Problem>();
        foreach (var choice in levels)
        {
            ArgumentNullException.ThrowIfNull(choice, nameof(levels));
            var k = 0;
            while (k < choices.Length && !(fit.Spec.Factors[k].Name == choice.Factor && choice.IsOf(fit.Bound.Levels[k])))
                k++;
            if (k == choices.Length)
            {
                problems.Add(new(
                    ProblemCode.UnknownTerm,
                    $"A level of '{choice.Factor}' is chosen, but the model has no such grouping factor with keys of that type.",
                    choices.Length == 0
                        ? "Leave the choice out: the model has no grouping factors."
                        : $"Choose levels of: {string.Join(", ", fit.Spec.Factors.Select(factor => factor.Name))}.")
                { Term = choice.Factor });
                continue;
            }

            var number = choice.Kind == LevelKind.Known ? choice.Find(fit.Bound.Levels[k]) : -1;
            if (choices[k] is not null)
                problems.Add(
                    new(
                        ProblemCode.DuplicateTerm,
                        $"Two levels of '{choice.Factor}' are chosen for one row.",
                        "Choose one.")
                    { Term = choice.Factor });
            else if (choice.Kind == LevelKind.Known && number < 0)
            {
                problems.Add(new(
                    ProblemCode.UnknownTerm,
                    $"No row of the data had this key, so {choice.Factor} has no such level.",
                    "Choose New(...) for a group that is not in the data, or a key in Keys.")
                {
                    Term = choice.Factor,
                    Level = choice.Text,
                    Suggestion = NearKeys.Question(choice.Text, fit.Bound.Levels[k]),
                });
            }

            choices[k] = new(choice.Kind, number, choice.Text);
        }

        if (problems.Count > 0)
            throw new ModelException(problems);
        for (var k = 0; outcome.IsOverGroups && k < choices.Length; k++)
        {
            if (choices[k] is null or { Kind: LevelKind.New or LevelKind.Renewed })
                choices[k] = new(LevelKind.Any, -1, string.Empty);
        }

        return (choices, [.. choices.Select(choice => choice is not null and not { Kind: LevelKind.Renewed })]);
    }

    private static double HalfSquare(double sd) => 0.5 * sd * sd;

    // Of the residual noise and of the groups that are averaged over, of which there are none but for a mean over groups.
    private double HalfVarianceOfMoments(PredictedRow row) =>
        HalfSquare(predictor.ResidualSdOfMoments(row)) + 0.5 * predictor.VarianceOverGroupsOfMoments(row);

    private PredictedRow Row(RowDesign design, int i, PredictedLevel?[] choices)
    {
        var width = fit.Spec.Columns.Length;
        var levels = new PredictedLevel[choices.Length];
        for (var k = 0; k < levels.Length; k++)
            levels[k] = choices[k] is null or { Kind: LevelKind.Renewed }
                ? Own(design, i, k, levels.Length, choices[k] is not null)
                : choices[k]!.Value;
        return new(design.Matrix.AsSpan(i * width, width).ToArray(), design.Offsets[i], design.Weights?[i], levels, design.RowNumbers[i] - 1);
    }

    private static PredictedLevel Own(RowDesign design, int i, int factor, int factorCount, bool isRenewed)
    {
        var level = isRenewed ? -1 : design.Levels[i * factorCount + factor];
        return new(level >= 0 ? LevelKind.Known : LevelKind.New, level, design.KeyText(i, factor));
    }

    private Quantity Quantity(PredictedOutcome outcome, PredictedRow row, long? number)
    {
        if (outcome.Kind != CellOutcome.None)
            return Cells.Of(outcome.Kind, row, Name(outcome, row, number));
        var moments = predictor.Moments(row, outcome.IsNew);
        var estimate = posterior.Point is null ? null : AtEstimates(outcome, row);
        if (moments is { } known && outcome.AddsHalfVariance)
            moments = known with { Mean = known.Mean + HalfVarianceOfMoments(row) };
        return new(
            Name(outcome, row, number),
            posterior,
            Draws,
            moments)
        { IsExponential = outcome.IsExponential, HasUnsureMean = outcome.IsExponential && moments is null, Estimate = estimate };

        double[] Draws()
        {
            var draws = predictor.Draws(row);
            if (outcome.IsNew)
                Observe(outcome, row, draws);
            for (var s = 0; outcome.AddsHalfVariance && s < draws.Length; s++)
                draws[s] += HalfSquare(predictor.ResidualSd(row, s)) + 0.5 * predictor.VarianceOverGroups(row, s);
            for (var s = 0; outcome.IsExponential && !outcome.IsNew && s < draws.Length; s++)
                draws[s] = Math.Exp(draws[s]);
            return draws;
        }
    }

    // Puts new observations in the place of linear predictors, draw by draw.
    private void Observe(PredictedOutcome outcome, PredictedRow row, double[] eta)
    {
        if (outcome.Kind == CellOutcome.New)
        {
            Cells.Observe(row, eta);
            return;
        }

        predictor.AddNoise(row, eta);
        for (var s = 0; outcome.IsExponential && s < eta.Length; s++)
            eta[s] = Math.Exp(eta[s]);
    }

    // E exp(eta + s z) at the estimates, eta normal by its new groups.
    private AtEstimates AtEstimates(PredictedOutcome outcome, PredictedRow row)
    {
        var eta = predictor.Moments(row, withNoise: false)!.Value.Mean;
        var newGroups = predictor.NewGroupVarianceOfMoments(row);
        var half = outcome.AddsHalfVariance || outcome.IsNew ? HalfVarianceOfMoments(row) : 0;
        var mean = outcome.IsExponential ? Math.Exp(eta + half + 0.5 * newGroups) : eta;
        return newGroups > 0 || outcome.IsNew ? new(mean, Values) : new(mean);

        double[] Values()
        {
            var values = predictor.ValuesAtEstimates(row);
            if (outcome.IsNew)
                predictor.AddNoiseAtEstimates(row, values);
            for (var s = 0; outcome.IsExponential && s < values.Length; s++)
                values[s] = Math.Exp(values[s] + (outcome.AddsHalfVariance ? half : 0));
            return values;
        }
    }

    private string Name(PredictedOutcome outcome, PredictedRow row, long? number)
    {
        var response = fit.Spec.Response.Name;
        var groups = row.Levels.Select((level, k) => level.Describe(fit.Spec.Factors[k].Name)).Concat(
            number is { } n ? [FormattableString.Invariant($"row {n}")] : []);
        var where = string.Join(", ", groups);
        return $"{outcome.Name}({(outcome.IsOfLog ? $"log {response}" : response)}){(where.Length > 0 ? $"[{where}]" : where)}";
    }
}

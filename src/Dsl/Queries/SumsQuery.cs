using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Responses;

namespace TypedPooling.Queries;

/// <summary>Sums of rows by a database: what a Normal model needs, computed where the rows are.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>
/// Every query is grouped by the keys of all factors. The first counts rows and usable values and asks for means and ranges; one a categorical
/// predictor counts its levels. The next sum products of columns, each less its overall mean, which enters as a parameter. See
/// <c>docs/methods.md</c>, "Sums by a database".
/// </remarks>
[RequiresDynamicCode(QueryReason.Text)]
[RequiresUnreferencedCode(QueryReason.Text)]
internal sealed class SumsQuery<TRow>(ReadingPlan<TRow> plan, IQueryable<TRow> source, QueryRunner runner)
{
    private const int DescribedNumbers = 3;                  // of a measure: mean, least, greatest

    private readonly QueryShape<TRow> shape = new(plan);

    /// <summary>Runs the queries.</summary>
    /// <exception cref="ModelException">Values that the model cannot use, with their number; the table changed meanwhile.</exception>
    public async ValueTask<CollapsedRows> Run()
    {
        var rows = plan.DropsMissing ? shape.WithoutMissing(source) : source;
        var query = GroupedQuery<TRow>.Of(rows, shape.Row, shape.Leaves.Take(shape.FactorLeafCount).ToArray(), runner);
        Expression[] numeric = [.. shape.Columns.Take(plan.NumericCount), ModelledResponse()];
        Expression[] usable = [.. Enumerable.Range(0, shape.Columns.Length).Select(Usable)];
        var (cells, first) = await QueriedCells<TRow>.Find(
            query,
            [
                .. usable.Select(Aggregate.Count),
                .. numeric.SelectMany(column => (Aggregate[])[Aggregate.Average(column), Aggregate.Min(column), Aggregate.Max(column)]),
            ]).ConfigureAwait(false);
        await ThrowIfFaulty(cells, first, usable).ConfigureAwait(false);
        var dropped = plan.DropsMissing ? await Dropped(cells).ConfigureAwait(false) : 0;
        await LevelSpellings<TRow>.ThrowIfSeveral(shape, shape.Factors, rows, cells.Leaves, cells.Rows.Sum(), runner).ConfigureAwait(false);
        var described = first.Select(numbers => numbers.AsSpan(usable.Length).ToArray()).ToArray();
        var categories = await CategoryLevels<TRow>.Find(shape, rows, cells, runner).ConfigureAwait(false);

        List<Measure> measures = [];
        for (var c = 0; c < plan.NumericCount; c++)
            measures.Add(Described(numeric[c], c, cells, described));
        measures.AddRange(categories.Indicators(shape, cells));
        measures.Add(Described(numeric[^1], plan.NumericCount, cells, described));
        var sums = new PivotedSums<TRow>(cells, measures, Weights());
        var totals = Totals();
        var extra = await sums.Run([.. totals, .. categories.Counts(shape)]).ConfigureAwait(false);
        categories.ThrowIfOtherRows(shape, [.. extra.Select(own => own.AsMemory(totals.Length))]);
        return Collapse(cells, categories, sums, [.. totals.Select((_, i) => extra.Sum(own => own[i] ?? 0))], dropped);
    }

    private static Measure Described(Expression column, int number, QueriedCells<TRow> cells, double?[][] described)
    {
        var at = number * DescribedNumbers;
        var total = 0L;
        var mean = 0.0;
        for (var cell = 0; cell < cells.Count; cell++)
        {
            total += cells.Rows[cell];
            mean += (described[cell][at]!.Value - mean) * ((double)cells.Rows[cell] / total);
        }

        double?[] constants = [.. described.Select(own => own[at + 1] == own[at + 2] ? own[at + 1] : null)];
        return new(column, double.IsFinite(mean) ? mean : 0, constants);
    }

    // The response as it is summed: its log where that is modelled, less the offsets. Where the log does not exist the row is refused by its count.
    private Expression ModelledResponse()
    {
        var y = shape.Columns[plan.Response];
        if (plan.TakesLog)
            y = LogOf(y);
        foreach (var offset in shape.Columns[^plan.OffsetCount..])
        {
            y = y.Type == offset.Type
                ? Expression.Subtract(y, offset)
                : Expression.Subtract(QueryColumn.Lifted(y), QueryColumn.Lifted(offset));
        }

        return y;
    }

    private static Expression LogOf(Expression number)
    {
        Expression<Func<double, double>> log = x => Math.Log(x);
        return Expression.Condition(
            Expression.GreaterThan(number, Expression.Constant(0.0, number.Type)),
            Expression.Call(((MethodCallExpression)log.Body).Method, QueryColumn.Known(number)),
            Expression.Constant(0.0));
    }

    // What holds of a column where its value can be used.
    private Expression Usable(int column)
    {
        var number = shape.Columns[column];
        var isFinite = QueryColumn.IsFinite(number);
        return Rule(column) is { } rule ? Expression.AndAlso(isFinite, rule) : isFinite;
    }

    private Expression? Rule(int column)
    {
        var number = shape.Columns[column];
        if (column == plan.Weight)
        {
            return plan.WeightKind == RowWeight.KnownSd
                ? Expression.AndAlso(
                    Expression.GreaterThanOrEqual(number, Bound(RowWeights.LeastSd)),
                    Expression.LessThanOrEqual(number, Bound(RowWeights.GreatestSd)))
                : Expression.GreaterThan(number, Bound(0));
        }

        if (column == plan.Count)
        {
            Expression<Func<double, double>> floor = x => Math.Floor(x);
            var known = QueryColumn.Known(number);
            return Expression.AndAlso(
                Expression.AndAlso(Expression.GreaterThanOrEqual(number, Bound(1)), Expression.LessThanOrEqual(number, Bound(1L << 53))),
                Expression.Equal(Expression.Call(((MethodCallExpression)floor.Body).Method, known), known));
        }

        return column == plan.Response && !plan.Family.TakesAnyNumber ? Expression.GreaterThan(number, Bound(0)) : null;

        ConstantExpression Bound(double value) => Expression.Constant(value, number.Type);
    }

    // What rows count: by their precision or number first, and each once where sums need that too.
    private Expression?[] Weights()
    {
        if (plan.WeightKind == RowWeight.None)
            return [plan.Count < 0 ? null : shape.Columns[plan.Count]];
        return [Precision(), null];
    }

    private Expression Precision()
    {
        var weight = shape.Columns[plan.Weight];
        return plan.WeightKind == RowWeight.Precision ? weight
            : Expression.Divide(Expression.Constant(1.0, weight.Type), Expression.Multiply(weight, weight));
    }

    // Sums over all rows, beside those of products.
    private Aggregate[] Totals()
    {
        if (plan.WeightKind != RowWeight.None)
        {
            var weight = Precision();
            return
            [
                Aggregate.Sum(LogOf(weight)),
                Aggregate.Sum(Expression.Divide(Expression.Constant(1.0, weight.Type), weight)),
                .. LogResponse(),
            ];
        }

        return [.. LogResponse()];

        IEnumerable<Aggregate> LogResponse()
        {
            if (!plan.TakesLog)
                yield break;
            var log = LogOf(shape.Columns[plan.Response]);
            yield return Aggregate.Sum(plan.Count < 0
                ? log
                : Expression.Multiply(QueryColumn.Lifted(log), QueryColumn.Lifted(shape.Columns[plan.Count])));
        }
    }

    private async ValueTask<long> Dropped(QueriedCells<TRow> cells)
    {
        var all = GroupedQuery<TRow>.Of(source, shape.Row, shape.Leaves.Take(shape.FactorLeafCount).ToArray(), runner);
        var dropped = (await all.Ask([]).ConfigureAwait(false)).Sum(group => group.Rows) - cells.Rows.Sum();
        return dropped >= 0 ? dropped : throw QueriedCells<TRow>.ChangedMeanwhile();
    }

    private async ValueTask ThrowIfFaulty(QueriedCells<TRow> cells, double?[][] first, Expression[] usable)
    {
        var faults = new RowFaultsWorkspace { HasNumbers = false };
        for (var cell = 0; cell < cells.Count; cell++)
        {
            faults.Rows = cells.Rows[cell];
            foreach (var key in shape.Factors)
            {
                if (key.Of(cells.Leaves[cell]) is null)
                    faults.NullKey(key.Selector.Name, 0);
            }
        }

        for (var column = 0; column < usable.Length; column++)
        {
            if (Enumerable.Range(0, cells.Count).Any(cell => first[cell][column] != cells.Rows[cell]))
                await CountFaults(cells, column, faults).ConfigureAwait(false);
        }

        faults.ThrowIfAny(cells.Rows.Sum());
    }

    private async ValueTask CountFaults(QueriedCells<TRow> cells, int column, RowFaultsWorkspace faults)
    {
        var number = QueryColumn.Lifted(shape.Columns[column]);
        var isUsable = Usable(column);
        var nothing = Expression.Constant(null, typeof(double?));
        var counts = await cells.Ask(
            [
                Aggregate.Count(QueryColumn.IsFinite(number)),
                Aggregate.Count(QueryColumn.IsNotFinite(number)),
                Aggregate.Count(isUsable),
                Aggregate.Max(number),
                Aggregate.Min(number),
                Aggregate.Min(Expression.Condition(isUsable, nothing, number)),
            ]).ConfigureAwait(false);
        var finite = (long)counts.Sum(own => own[0] ?? 0);
        var infinite = (long)counts.Sum(own => own[1] ?? 0);
        var rest = finite - (long)counts.Sum(own => own[2] ?? 0);
        var missing = cells.Rows.Sum() - finite - infinite;
        var name = plan.Reader.Columns[column].Name;
        if (missing > 0)
        {
            faults.Rows = missing;
            if (QueryColumn.IsPresent(shape.Columns[column]) is null)
                faults.NullOfDatabase(name);
            else
                faults.Missing(name, 0);
        }

        if (infinite > 0)
        {
            faults.Rows = infinite;
            var ends = counts.SelectMany(own => own[3..5]).OfType<double>();
            faults.NotFinite(name, 0, ends.FirstOrDefault(value => !double.IsFinite(value), double.NaN));
        }

        if (rest > 0)
        {
            faults.Rows = rest;
            var example = counts.Select(own => own[5]).OfType<double>().FirstOrDefault();
            if (column == plan.Weight)
                faults.BadWeight(plan.WeightKind, name, 0, example);
            else if (column == plan.Count)
                faults.BadCount(RowWeights.CountName, name, 0, example);
            else
                faults.BadResponse(ResponseFault.NotPositive, plan.Family.Name, name, null, 0, example, 1);
        }
    }

    private CollapsedSums Collapse(
        QueriedCells<TRow> cells, CategoryLevels<TRow> categories, PivotedSums<TRow> sums, double[] totals, long dropped)
    {
        var levels = plan.Reader.NewIndexes();
        var index = new CellIndexWorkspace(plan.FactorCount);
        var cellHere = new int[cells.Count];
        Span<int> combination = new int[plan.FactorCount];
        for (var cell = 0; cell < cells.Count; cell++)
        {
            for (var k = 0; k < plan.FactorCount; k++)
                combination[k] = shape.Factors[k].Selector.NumberOf(levels[k], shape.Factors[k].Of(cells.Leaves[cell]));
            cellHere[cell] = index.GetOrAdd(combination);
        }

        var isWeighted = plan.WeightKind != RowWeight.None;
        var moments = new CellMomentsBuilder(sums.ColumnCount);
        moments.Merge(isWeighted ? sums.Moments(0, totals[0], totals[1]) : sums.Moments(0), cellHere);
        CellMomentsBuilder? unweighted = null;
        if (isWeighted)
        {
            unweighted = new CellMomentsBuilder(sums.ColumnCount);
            unweighted.Merge(sums.Moments(1), new int[cells.Count]);
        }

        return new(
            plan.Signature,
            moments.Build(),
            unweighted?.Build(),
            levels[..plan.FactorCount],
            index.Levels(),
            categories.Tables,
            IndicatorColumn.All(categories.Tables),
            plan.TakesLog ? totals[^1] : 0,
            dropped)
        {
            Origin = DataOrigin.Queries,
        };
    }
}

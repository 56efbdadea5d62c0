using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using TypedPooling.Data;

namespace TypedPooling.Queries;

/// <summary>Sums of products of measures, each less a constant, by cell; and moments from them.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <param name="cells">The cells.</param>
/// <param name="measures">The measures, the response last.</param>
/// <param name="weights">What rows count, a kind of sums each; null where each counts once.</param>
/// <remarks>
/// A cell with n rows, mean m and centred squares C about its mean gives sums about a pivot c. Rounding takes about eps sqrt(n) (1 + n (m - c)^2 / C)
/// of C, errors of random sign taken together. Where that is above 1e-12 of C, or of the cell's share of the squares of all cells if that is more,
/// the cell lies too far from the constant: then the query is run again about the cells' own means, by the weights of each kind of sums.
/// </remarks>
[RequiresDynamicCode(QueryReason.Text)]
[RequiresUnreferencedCode(QueryReason.Text)]
internal sealed class PivotedSums<TRow>(QueriedCells<TRow> cells, List<Measure> measures, Expression?[] weights)
{
    private const double Tolerance = 1e-12;
    private const double Rounding = 4 * 1.1102230246251565e-16;  // 4 roundings of 2^-53 a term: two differences, a product, a sum

    private readonly MomentSums[] kinds = [.. weights.Select(_ => new MomentSums(cells.Count, measures))];

    /// <summary>Number of measures without the response.</summary>
    public int ColumnCount => measures.Count - 1;

    /// <summary>Runs the queries.</summary>
    /// <param name="further">What else is asked of each cell.</param>
    /// <returns>For each cell the answers to that.</returns>
    public async ValueTask<double?[][]> Run(Aggregate[] further)
    {
        double[] pivots = [.. measures.Select(measure => measure.Pivot)];
        var result = await SumAboutConstants([.. kinds.Select(_ => pivots)], further).ConfigureAwait(false);
        var isFar = FarCells();
        if (!isFar.Contains(true))
            return result;

        // A single cell has its own means as constants, each kind of sums the means by its own weights.
        if (cells.Count == 1)
            await SumAboutConstants([.. kinds.Select(kind => (double[])kind.Means.Clone())], []).ConfigureAwait(false);
        else
            await SumAboutMeans(isFar).ConfigureAwait(false);
        return result;
    }

    /// <summary>The moments of a kind of sums.</summary>
    /// <param name="kind">Number of its weight.</param>
    /// <param name="logWeights">Sum of the logs of precision weights; null where there are none.</param>
    /// <param name="inverseWeights">Sum of 1 / precision weight.</param>
    public CellMoments Moments(int kind, double? logWeights = null, double inverseWeights = 0)
    {
        var own = kinds[kind];
        var isCount = weights[kind] is not null && logWeights is null;
        return new(
            ColumnCount,
            isCount ? [.. own.Weights.Select(weight => (long)Math.Round(weight))] : cells.Rows,
            own.Weights,
            own.Means,
            own.Products,
            logWeights ?? 0,
            logWeights is null ? 0 : cells.Rows.Sum(),
            inverseWeights);
    }

    private static Expression Less(Expression number, Expression pivot) => Expression.Subtract(QueryColumn.Lifted(number), pivot);

    private static Expression Times(Expression? weight, Expression number) =>
        weight is null ? number : Expression.Multiply(QueryColumn.Lifted(weight), QueryColumn.Lifted(number));

    private bool[] FarCells()
    {
        var isFar = new bool[cells.Count];
        foreach (var kind in kinds)
        {
            foreach (var (cell, far) in kind.FarCells(cells.Rows, Rounding, Tolerance).Index())
                isFar[cell] |= far;
        }

        return isFar;
    }

    private async ValueTask<double?[][]> SumAboutConstants(double[][] pivots, Aggregate[] further)
    {
        List<Aggregate> aggregates = [.. further];
        Expression[] differences = [];
        for (var k = 0; k < weights.Length; k++)
        {
            var weight = weights[k];
            if (k == 0 || pivots[k] != pivots[k - 1])
                differences = [.. measures.Zip(pivots[k], (measure, pivot) => Less(measure.Body, QueryColumn.Parameter(pivot)))];
            if (weight is not null)
                aggregates.Add(Aggregate.Sum(weight));
            aggregates.AddRange(differences.Select(difference => Aggregate.Sum(Times(weight, difference))));
            for (var a = 0; a < measures.Count; a++)
            {
                for (var b = 0; b <= a; b++)
                    aggregates.Add(Aggregate.Sum(Times(Times(weight, differences[a]), differences[b])));
            }
        }

        var sums = await cells.Ask(aggregates).ConfigureAwait(false);
        for (var cell = 0; cell < cells.Count; cell++)
        {
            var at = further.Length;
            for (var k = 0; k < kinds.Length; k++)
            {
                kinds[k].Weights[cell] = weights[k] is null ? cells.Rows[cell] : sums[cell][at++] ?? 0;
                var linear = at;
                for (var a = 0; a < measures.Count; a++)
                    kinds[k].SetMean(cell, a, pivots[k][a], sums[cell][at++] ?? 0);
                for (var a = 0; a < measures.Count; a++)
                {
                    for (var b = 0; b <= a; b++)
                        kinds[k].SetProduct(cell, a, b, sums[cell][at++] ?? 0, sums[cell][linear + a] ?? 0, sums[cell][linear + b] ?? 0);
                }
            }
        }

        return [.. sums.Select(own => own[..further.Length])];
    }

    // Each query carries the means that it computed, and the sums about them: another query may add rows in another order.
    private async ValueTask SumAboutMeans(bool[] isFar)
    {
        foreach (var pairs in Chunks())
        {
            int[] involved = [.. pairs.SelectMany(pair => (int[])[pair.A, pair.B]).Distinct()];
            var placeOf = involved.Index().ToDictionary(own => own.Item, own => own.Index);
            var columns = weights.SelectMany(weight => involved.Select(a => (measures[a].Body, weight))).ToArray();
            var sums = await cells.AskAboutMeans(columns, Aggregates).ConfigureAwait(false);
            for (var cell = 0; cell < cells.Count; cell++)
            {
                if (isFar[cell])
                    Set(cell, sums[cell]);
            }

            IReadOnlyList<Aggregate> Aggregates(Func<Expression, Expression> moved, IReadOnlyList<Expression> means)
            {
                List<Aggregate> aggregates = [.. means.Select(Aggregate.Min)];
                foreach (var (k, weight) in weights.Index())
                {
                    Expression[] differences =
                        [.. involved.Select((a, place) => Less(moved(measures[a].Body), means[k * involved.Length + place]))];
                    var own = weight is null ? null : moved(weight);
                    aggregates.AddRange(differences.Select(difference => Aggregate.Sum(Times(own, difference))));
                    aggregates.AddRange(pairs.Select(
                        pair => Aggregate.Sum(Times(Times(own, differences[placeOf[pair.A]]), differences[placeOf[pair.B]]))));
                }

                return aggregates;
            }

            void Set(int cell, double?[] own)
            {
                var at = involved.Length * kinds.Length;
                foreach (var (k, kind) in kinds.Index())
                {
                    var linear = at;
                    foreach (var (place, a) in involved.Index())
                        kind.SetMean(cell, a, own[k * involved.Length + place] ?? 0, own[at++] ?? 0);
                    foreach (var (a, b) in pairs)
                        kind.SetProduct(cell, a, b, own[at++] ?? 0, own[linear + placeOf[a]] ?? 0, own[linear + placeOf[b]] ?? 0);
                }
            }
        }
    }

    // Pairs of measures, as many a query as may be asked.
    private IEnumerable<List<(int A, int B)>> Chunks()
    {
        var pairs = new List<(int A, int B)>();
        var involved = new HashSet<int>();
        for (var a = 0; a < measures.Count; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                var added = (involved.Contains(a) ? 0 : 1) + (a == b || involved.Contains(b) ? 0 : 1);
                if ((pairs.Count + 1) * kinds.Length + (involved.Count + added) * 2 * kinds.Length >= QueriedCells<TRow>.MostAggregates)
                {
                    yield return pairs;
                    pairs = [];
                    involved.Clear();
                }

                pairs.Add((a, b));
                involved.Add(a);
                involved.Add(b);
            }
        }

        yield return pairs;
    }
}

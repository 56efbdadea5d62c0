using System.Diagnostics.CodeAnalysis;
using TypedPooling.Binding;
using TypedPooling.Queries;

namespace TypedPooling;

/// <content>Data by queries.</content>
public abstract partial class FittedModel<TRow, TSelf, TFit, TLikelihoodFit>
{
    /// <summary>Lets a database, or whatever stands behind a LINQ provider, sum or group the rows, so that no row travels.</summary>
    /// <param name="source">The rows as a query: a table, or one that is filtered, joined and projected.</param>
    /// <param name="cancellation">Looked at before each query and for every row of an answer.</param>
    /// <returns>The same data as <see cref="Read"/> gives of the rows, but for rounding: sums of products agree within 1e-12 of the square root of
    /// the product of the two sums of squares, up to about 5 million rows a group; then the bound grows like the square root of the rows. Levels are
    /// in ascending order of their keys.</returns>
    /// <exception cref="ModelException">NotTranslated: a selector that the provider does not translate, by its term; nothing is computed by
    /// the client. Values that the model cannot use, with how many rows have them. ChangedMeanwhile: two queries counted other
    /// rows. CollationConflict: the database takes different keys for equal, which would split a level.</exception>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    /// <remarks>
    /// Where the response, or its log, is Normal: about three queries, each grouped by the keys of all factors, of at most 500 sums; what travels is
    /// one row a combination of levels. Elsewhere one query, grouped by all keys and columns. One more for a key of text counts its levels where some
    /// look alike and rows are grouped by more. Run it in a transaction whose isolation is snapshot where others write to the table. What the
    /// database itself throws comes out as it is. See <c>docs/queries.md</c>.
    /// </remarks>
    [RequiresDynamicCode(QueryReason.Text)]
    [RequiresUnreferencedCode(QueryReason.Text)]
    public ModelData<TRow> Query(IQueryable<TRow> source, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Query(source, new QueryRunner(isAsynchronous: false, cancellation)).GetAwaiter().GetResult();
    }

    /// <summary>Lets a database sum or group the rows, as <see cref="Query(IQueryable{TRow}, CancellationToken)"/> does, without blocking the
    /// caller.</summary>
    /// <param name="source">The rows as a query. Where the provider's queries are <see cref="IAsyncEnumerable{T}"/>, as those of Entity Framework
    /// Core and linq2db are, answers are awaited. Other queries run on the caller's thread.</param>
    /// <param name="cancellation">Passed to the provider, and looked at before each query and for every row of an answer.</param>
    /// <returns>The data.</returns>
    /// <exception cref="ModelException">As <see cref="Query(IQueryable{TRow}, CancellationToken)"/>.</exception>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    [RequiresDynamicCode(QueryReason.Text)]
    [RequiresUnreferencedCode(QueryReason.Text)]
    public Task<ModelData<TRow>> QueryAsync(IQueryable<TRow> source, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Query(source, new QueryRunner(isAsynchronous: true, cancellation)).AsTask();
    }

    [RequiresDynamicCode(QueryReason.Text)]
    [RequiresUnreferencedCode(QueryReason.Text)]
    private async ValueTask<ModelData<TRow>> Query(IQueryable<TRow> source, QueryRunner runner)
    {
        try
        {
            var content = Plan.Family.IsNormal
                ? await new SumsQuery<TRow>(Plan, source, runner).Run().ConfigureAwait(false)
                : await new CellsQuery<TRow>(Plan, source, runner).Run(NewWorkspace()).ConfigureAwait(false);
            return new(NewWorkspace, Plan, content);
        }
        catch (Exception exception) when (UntranslatedTerm.MayBe(exception))
        {
            if (await UntranslatedTerm.Find(new QueryShape<TRow>(Plan), source, runner, exception).ConfigureAwait(false) is { } refusal)
                throw refusal;
            throw;
        }
    }
}

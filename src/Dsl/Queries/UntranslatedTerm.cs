using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;

namespace TypedPooling.Queries;

/// <summary>Finds the term of a model that a LINQ provider does not translate.</summary>
[RequiresDynamicCode(QueryReason.Text)]
[RequiresUnreferencedCode(QueryReason.Text)]
internal static class UntranslatedTerm
{
    /// <summary>Whether an exception may be that of a provider which met what it cannot translate, and not one of the database or of this
    /// library.</summary>
    public static bool MayBe(Exception exception) => exception is not (OperationCanceledException or DbException or ModelException);

    /// <summary>Asks for each term by itself.</summary>
    /// <param name="shape">The terms.</param>
    /// <param name="source">The rows.</param>
    /// <param name="runner">Runs the queries, each over no row.</param>
    /// <param name="thrown">What the whole query threw.</param>
    /// <returns>The refusal; null where every term is translated by itself, or not even rows can be counted.</returns>
    public static async ValueTask<ModelException?> Find<TRow>(QueryShape<TRow> shape, IQueryable<TRow> source, QueryRunner runner, Exception thrown)
    {
        if (await Failure([], []).ConfigureAwait(false) is not null)
            return null;
        var problems = new List<Problem>();
        foreach (var (i, column) in shape.Plan.Reader.Columns.Index())
        {
            if (await Failure([], [Aggregate.Sum(shape.Columns[i])]).ConfigureAwait(false) is { } failure)
                problems.Add(Problem(column.Name, column.Formula, failure));
        }

        foreach (var key in shape.Keys)
        {
            if (await Failure([.. key.Leaves.Select(leaf => shape.Leaves[leaf])], []).ConfigureAwait(false) is { } failure)
                problems.Add(Problem(key.Selector.Name, key.Selector.Formula, failure));
        }

        return problems.Count == 0 ? null : problems.Count == 1 ? new(problems[0], thrown) : new(problems);

        async ValueTask<Exception?> Failure(Expression[] leaves, Aggregate[] aggregates)
        {
            try
            {
                await GroupedQuery<TRow>.Of(source.Where(_ => false), shape.Row, leaves, runner).Ask(aggregates).ConfigureAwait(false);
                return null;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                return exception;
            }
        }
    }

    private static Problem Problem(string name, string formula, Exception failure)
    {
        var text = failure.Message.ReplaceLineEndings(" ").Trim();
        return new(
            ProblemCode.NotTranslated,
            $"The provider of the query does not translate '{formula}': {failure.GetType().Name}: {(text.Length > 200 ? text[..200] + "..." : text)}",
            "Write the selector with columns, arithmetic and functions that the provider knows, map it to a column, or read the rows by Read.")
        { Term = name };
    }
}

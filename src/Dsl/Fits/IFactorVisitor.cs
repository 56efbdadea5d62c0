namespace TypedPooling;

/// <summary>Asks a grouping factor of a fit something that needs the type of its keys. See <see cref="FactorFit{TRow}.Accept"/>.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <typeparam name="TResult">What it answers.</typeparam>
public interface IFactorVisitor<TRow, TResult>
{
    /// <summary>Answers for one factor.</summary>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="factor">The factor.</param>
    /// <returns>The answer.</returns>
    TResult Visit<TKey>(FactorFit<TRow, TKey> factor);
}

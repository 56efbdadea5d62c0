using System.Linq.Expressions;
using TypedPooling.Building;
using TypedPooling.Model;
using TypedPooling.Selectors;

namespace TypedPooling;

/// <summary>A model that has no response yet; its verbs choose one, and with it the type of the model.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
public sealed class ModelBuilder<TRow>
{
    internal ModelBuilder()
    {
    }

    /// <summary>The response is Normal about its expectation, with one residual sd, sigma, that is estimated.</summary>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="response">The response as a lambda.</param>
    /// <param name="sigma">Prior of sigma, in units of the response; left out, the default of <c>docs/priors.md</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response is not a number, or the prior does not fit an sd.</exception>
    public NormalModel<TRow> Normal<TValue>(Expression<Func<TRow, TValue>> response, IScalePrior? sigma = null)
        where TValue : struct => Make<TValue>(ColumnSelector.Numeric(response, null), sigma);

    /// <summary>The response, which may be missing, is Normal about its expectation, with one residual sd, sigma, that is estimated.</summary>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="response">The response as a lambda.</param>
    /// <param name="sigma">Prior of sigma, in units of the response; left out, the default of <c>docs/priors.md</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response is not a number, or the prior does not fit an sd.</exception>
    public NormalModel<TRow> Normal<TValue>(Expression<Func<TRow, TValue?>> response, IScalePrior? sigma = null)
        where TValue : struct => Make<TValue>(ColumnSelector.NumericOrMissing(response, null), sigma);

    /// <summary>The response is Normal about its expectation with a standard error that is known for each row and takes the place of sigma, as in a meta-analysis.</summary>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <typeparam name="TSd">Type of a number.</typeparam>
    /// <param name="response">The response as a lambda.</param>
    /// <param name="knownSd">The row's standard error, in units of the response, as a lambda; positive in every row.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response or the standard error is not a number.</exception>
    public NormalModel<TRow> Normal<TValue, TSd>(Expression<Func<TRow, TValue>> response, Expression<Func<TRow, TSd>> knownSd)
        where TValue : struct
        where TSd : struct => Make<TValue, TSd>(ColumnSelector.Numeric(response, null), ColumnSelector.Numeric(knownSd, null));

    /// <summary>The response, which may be missing, is Normal about its expectation with a standard error that is known for each row and takes the place of sigma.</summary>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <typeparam name="TSd">Type of a number.</typeparam>
    /// <param name="response">The response as a lambda.</param>
    /// <param name="knownSd">The row's standard error, in units of the response, as a lambda; positive in every row.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response or the standard error is not a number.</exception>
    public NormalModel<TRow> Normal<TValue, TSd>(Expression<Func<TRow, TValue?>> response, Expression<Func<TRow, TSd>> knownSd)
        where TValue : struct
        where TSd : struct => Make<TValue, TSd>(ColumnSelector.NumericOrMissing(response, null), ColumnSelector.Numeric(knownSd, null));

    /// <summary>The response is Normal about its expectation with a standard error that may be missing and takes the place of sigma.</summary>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <typeparam name="TSd">Type of a number.</typeparam>
    /// <param name="response">The response as a lambda.</param>
    /// <param name="knownSd">The row's standard error, in units of the response, as a lambda; positive in every row.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response or the standard error is not a number.</exception>
    public NormalModel<TRow> Normal<TValue, TSd>(Expression<Func<TRow, TValue>> response, Expression<Func<TRow, TSd?>> knownSd)
        where TValue : struct
        where TSd : struct => Make<TValue, TSd>(ColumnSelector.Numeric(response, null), ColumnSelector.NumericOrMissing(knownSd, null));

    /// <summary>The response, which may be missing, is Normal about its expectation with a standard error that may be missing and takes the place of sigma.</summary>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <typeparam name="TSd">Type of a number.</typeparam>
    /// <param name="response">The response as a lambda.</param>
    /// <param name="knownSd">The row's standard error, in units of the response, as a lambda; positive in every row.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response or the standard error is not a number.</exception>
    public NormalModel<TRow> Normal<TValue, TSd>(Expression<Func<TRow, TValue?>> response, Expression<Func<TRow, TSd?>> knownSd)
        where TValue : struct
        where TSd : struct => Make<TValue, TSd>(ColumnSelector.NumericOrMissing(response, null), ColumnSelector.NumericOrMissing(knownSd, null));

    private static NormalModel<TRow> Make<TValue>(ColumnSelector response, IScalePrior? sigma)
    {
        RefuseBool<TValue>(response, "response");
        ScaleArguments.Check(sigma, "sigma", zeroIsAllowed: false);
        return new(new ModelDeclaration(new ResponseDeclaration(Family.Normal, response, null, sigma)));
    }

    private static NormalModel<TRow> Make<TValue, TSd>(ColumnSelector response, ColumnSelector knownSd)
    {
        RefuseBool<TValue>(response, "response");
        RefuseBool<TSd>(knownSd, "known standard error");
        return new(new ModelDeclaration(new ResponseDeclaration(Family.Normal, response, knownSd, null)));
    }

    // A bool with a Normal error is nearly always a slip; who means a linear probability model can say so.
    private static void RefuseBool<TValue>(ColumnSelector column, string role)
    {
        if (typeof(TValue) == typeof(bool))
        {
            throw new ModelException(new Problem(
                ProblemCode.UnsupportedType, $"The {role} '{column.Name}' of a Normal model is true or false, and not a number.", "If numbers are meant, write a lambda that returns 1.0 or 0.0.")
            { Term = column.Name });
        }
    }
}

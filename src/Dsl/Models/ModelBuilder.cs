using System.Linq.Expressions;
using TypedPooling.Declarations;
using TypedPooling.Responses;
using TypedPooling.Selectors;

namespace TypedPooling;

/// <summary>A model that has no response yet; its verbs choose one, and with it the type of the model.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>Thread-safe: it is immutable, and any number of threads may use it at once.</remarks>
public sealed partial class ModelBuilder<TRow>
{
    internal ModelBuilder()
    {
    }

    /// <summary>The response is Normal about its expectation, with one residual sd, sigma, that is estimated.</summary>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="response">The response as a lambda.</param>
    /// <param name="sigma">Prior of sigma, in units of the response; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response is not a number, or the prior does not fit an sd, or a name is needed.</exception>
    public NormalModel<TRow> Normal<TValue>(Expression<Func<TRow, TValue>> response, IScalePrior? sigma = null, string? name = null)
        where TValue : struct => Make<TValue>(ColumnSelector.Numeric(response, name), sigma);

    /// <summary>The response, which may be missing, is Normal about its expectation, with one residual sd, sigma, that is estimated.</summary>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="response">The response as a lambda.</param>
    /// <param name="sigma">Prior of sigma, in units of the response; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response is not a number, or the prior does not fit an sd, or a name is needed.</exception>
    public NormalModel<TRow> Normal<TValue>(Expression<Func<TRow, TValue?>> response, IScalePrior? sigma = null, string? name = null)
        where TValue : struct => Make<TValue>(ColumnSelector.NumericOrMissing(response, name), sigma);

    /// <summary>The response is Normal about its expectation with a standard error that is known for each row and takes the place of sigma, as in a
    /// meta-analysis.</summary>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <typeparam name="TSd">Type of a number.</typeparam>
    /// <param name="response">The response as a lambda.</param>
    /// <param name="knownSd">The row's standard error, in units of the response, as a lambda; positive in every row.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response or the standard error is not a number, or a name is needed.</exception>
    public NormalModel<TRow> Normal<TValue, TSd>(Expression<Func<TRow, TValue>> response, Expression<Func<TRow, TSd>> knownSd, string? name = null)
        where TValue : struct
        where TSd : struct =>
            Make<TValue, TSd>(ColumnSelector.Numeric(response, name), ColumnSelector.Numeric(knownSd, null, Beside(name, "known sd")));

    /// <summary>The response, which may be missing, is Normal about its expectation with a standard error that is known for each row and takes the
    /// place of sigma.</summary>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <typeparam name="TSd">Type of a number.</typeparam>
    /// <param name="response">The response as a lambda.</param>
    /// <param name="knownSd">The row's standard error, in units of the response, as a lambda; positive in every row.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response or the standard error is not a number, or a name is needed.</exception>
    public NormalModel<TRow> Normal<TValue, TSd>(Expression<Func<TRow, TValue?>> response, Expression<Func<TRow, TSd>> knownSd, string? name = null)
        where TValue : struct
        where TSd : struct =>
            Make<TValue, TSd>(ColumnSelector.NumericOrMissing(response, name), ColumnSelector.Numeric(knownSd, null, Beside(name, "known sd")));

    /// <summary>The response is Normal about its expectation with a standard error that may be missing and takes the place of sigma.</summary>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <typeparam name="TSd">Type of a number.</typeparam>
    /// <param name="response">The response as a lambda.</param>
    /// <param name="knownSd">The row's standard error, in units of the response, as a lambda; positive in every row.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response or the standard error is not a number, or a name is needed.</exception>
    public NormalModel<TRow> Normal<TValue, TSd>(Expression<Func<TRow, TValue>> response, Expression<Func<TRow, TSd?>> knownSd, string? name = null)
        where TValue : struct
        where TSd : struct =>
            Make<TValue, TSd>(ColumnSelector.Numeric(response, name), ColumnSelector.NumericOrMissing(knownSd, null, Beside(name, "known sd")));

    /// <summary>The response, which may be missing, is Normal about its expectation with a standard error that may be missing and takes the place of
    /// sigma.</summary>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <typeparam name="TSd">Type of a number.</typeparam>
    /// <param name="response">The response as a lambda.</param>
    /// <param name="knownSd">The row's standard error, in units of the response, as a lambda; positive in every row.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response or the standard error is not a number, or a name is needed.</exception>
    public NormalModel<TRow> Normal<TValue, TSd>(Expression<Func<TRow, TValue?>> response, Expression<Func<TRow, TSd?>> knownSd, string? name = null)
        where TValue : struct
        where TSd : struct =>
            Make<TValue, TSd>(
                ColumnSelector.NumericOrMissing(response, name), ColumnSelector.NumericOrMissing(knownSd, null, Beside(name, "known sd")));

    /// <summary>The response is positive and its log is Normal about the linear predictor, with one residual sd of the log, sigma, that is
    /// estimated.</summary>
    /// <remarks>Coefficients, sds and sigma are on the log scale: exp of a coefficient is a factor on the median of the response. Log likelihoods are
    /// those of the response itself, not of its log.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="response">The response itself (not its log) as a lambda; positive in every row.</param>
    /// <param name="sigma">Prior of sigma, the residual sd of the log of the response; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response is not a number, or the prior does not fit an sd, or a name is needed.</exception>
    public LogNormalModel<TRow> LogNormal<TValue>(Expression<Func<TRow, TValue>> response, IScalePrior? sigma = null, string? name = null)
        where TValue : struct => new(Declare<TValue>(new LogNormalFamily(), ColumnSelector.Numeric(response, name), sigma));

    /// <summary>The response, which may be missing, is positive and its log is Normal about the linear predictor, with one residual sd of the log,
    /// sigma, that is estimated.</summary>
    /// <remarks>Coefficients, sds and sigma are on the log scale: exp of a coefficient is a factor on the median of the response. Log likelihoods are
    /// those of the response itself, not of its log.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="response">The response itself (not its log) as a lambda; positive in every row.</param>
    /// <param name="sigma">Prior of sigma, the residual sd of the log of the response; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response is not a number, or the prior does not fit an sd, or a name is needed.</exception>
    public LogNormalModel<TRow> LogNormal<TValue>(Expression<Func<TRow, TValue?>> response, IScalePrior? sigma = null, string? name = null)
        where TValue : struct => new(Declare<TValue>(new LogNormalFamily(), ColumnSelector.NumericOrMissing(response, name), sigma));

    // What stands beside a named response and has no name of its own.
    private static string? Beside(string? name, string what) => name is null ? null : $"{name}, {what}";

    private static NormalModel<TRow> Make<TValue>(ColumnSelector response, IScalePrior? sigma) =>
        new(Declare<TValue>(new NormalFamily(), response, sigma));

    private static NormalModel<TRow> Make<TValue, TSd>(ColumnSelector response, ColumnSelector knownSd)
    {
        NumericArguments.RefuseBool<TValue>(response, "response", " of a Normal model");
        NumericArguments.RefuseBool<TSd>(knownSd, "known standard error", " of a Normal model");
        return new(
            new ModelDeclaration(new ResponseDeclaration(new NormalFamily(), response, null) { WeightKind = RowWeight.KnownSd, Weight = knownSd }));
    }

    private static ModelDeclaration Declare<TValue>(Family family, ColumnSelector response, IScalePrior? sigma)
    {
        NumericArguments.RefuseBool<TValue>(response, "response", $" of a {family.Name} model");
        ScaleArguments.Check(sigma, "sigma", zeroIsAllowed: false);
        return new(new ResponseDeclaration(family, response, sigma));
    }
}

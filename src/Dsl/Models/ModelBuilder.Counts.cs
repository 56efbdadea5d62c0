using System.Linq.Expressions;
using TypedPooling.Declarations;
using TypedPooling.Responses;
using TypedPooling.Selectors;

namespace TypedPooling;

/// <content>Responses that are not Normal.</content>
public sealed partial class ModelBuilder<TRow>
{
    /// <summary>The response is yes or no: 1, or true, with a probability that the linear predictor gives.</summary>
    /// <remarks>Coefficients, sds and offsets are on the scale of the link: log odds for the logit. There is no sigma. Rows that are equal to the
    /// model are collapsed to binomial cells, which loses nothing.</remarks>
    /// <typeparam name="TValue">bool, or type of a number.</typeparam>
    /// <param name="response">The response as a lambda: a bool, or a number that is 0 or 1 in every row.</param>
    /// <param name="link">What the linear predictor is of the probability p: <c>Logit</c>, log(p / (1 - p)), where left out; <c>Probit</c>;
    /// <c>ComplementaryLogLog</c>.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response is neither a number nor a bool, or the link is none for probabilities, or a name is
    /// needed.</exception>
    public BernoulliModel<TRow> Bernoulli<TValue>(Expression<Func<TRow, TValue>> response, Link link = Link.Logit, string? name = null)
        where TValue : struct => new(Bernoulli(ColumnSelector.Numeric(response, name), link));

    /// <summary>The response, which may be missing, is yes or no: 1, or true, with a probability that the linear predictor gives.</summary>
    /// <remarks>Coefficients, sds and offsets are on the scale of the link: log odds for the logit. There is no sigma. Rows that are equal to the
    /// model are collapsed to binomial cells, which loses nothing.</remarks>
    /// <typeparam name="TValue">bool, or type of a number.</typeparam>
    /// <param name="response">The response as a lambda: a bool, or a number that is 0 or 1 in every row.</param>
    /// <param name="link">What the linear predictor is of the probability p: <c>Logit</c>, log(p / (1 - p)), where left out; <c>Probit</c>;
    /// <c>ComplementaryLogLog</c>.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response is neither a number nor a bool, or the link is none for probabilities, or a name is
    /// needed.</exception>
    public BernoulliModel<TRow> Bernoulli<TValue>(Expression<Func<TRow, TValue?>> response, Link link = Link.Logit, string? name = null)
        where TValue : struct => new(Bernoulli(ColumnSelector.NumericOrMissing(response, name), link));

    /// <summary>The response is the number of successes of a number of trials, each with a probability that the linear predictor gives.</summary>
    /// <remarks>Coefficients, sds and offsets are on the scale of the link: log odds for the logit. There is no sigma.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <typeparam name="TTrials">Type of a number.</typeparam>
    /// <param name="successes">Number of successes as a lambda: a whole number from 0 to the number of trials in every row.</param>
    /// <param name="trials">Number of trials as a lambda: a positive whole number in every row.</param>
    /// <param name="link">What the linear predictor is of the probability p: <c>Logit</c>, log(p / (1 - p)), where left out; <c>Probit</c>;
    /// <c>ComplementaryLogLog</c>.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The successes or the trials are not a number, or the link is none for probabilities, or a name is
    /// needed.</exception>
    public BinomialModel<TRow> Binomial<TValue, TTrials>(
        Expression<Func<TRow, TValue>> successes, Expression<Func<TRow, TTrials>> trials, Link link = Link.Logit, string? name = null)
        where TValue : struct
        where TTrials : struct =>
            Binomial<TValue, TTrials>(ColumnSelector.Numeric(successes, name), ColumnSelector.Numeric(trials, null, Beside(name, "trials")), link);

    /// <summary>The response is the number of successes of a number of trials that may be missing, each with a probability that the linear predictor
    /// gives.</summary>
    /// <remarks>Coefficients, sds and offsets are on the scale of the link: log odds for the logit. There is no sigma.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <typeparam name="TTrials">Type of a number.</typeparam>
    /// <param name="successes">Number of successes as a lambda: a whole number from 0 to the number of trials in every row.</param>
    /// <param name="trials">Number of trials as a lambda: a positive whole number in every row.</param>
    /// <param name="link">What the linear predictor is of the probability p: <c>Logit</c>, log(p / (1 - p)), where left out; <c>Probit</c>;
    /// <c>ComplementaryLogLog</c>.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The successes or the trials are not a number, or the link is none for probabilities, or a name is
    /// needed.</exception>
    public BinomialModel<TRow> Binomial<TValue, TTrials>(
        Expression<Func<TRow, TValue>> successes, Expression<Func<TRow, TTrials?>> trials, Link link = Link.Logit, string? name = null)
        where TValue : struct
        where TTrials : struct =>
            Binomial<TValue, TTrials>(
                ColumnSelector.Numeric(successes, name), ColumnSelector.NumericOrMissing(trials, null, Beside(name, "trials")), link);

    /// <summary>The response, which may be missing, is the number of successes of a number of trials, each with a probability that the linear
    /// predictor gives.</summary>
    /// <remarks>Coefficients, sds and offsets are on the scale of the link: log odds for the logit. There is no sigma.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <typeparam name="TTrials">Type of a number.</typeparam>
    /// <param name="successes">Number of successes as a lambda: a whole number from 0 to the number of trials in every row.</param>
    /// <param name="trials">Number of trials as a lambda: a positive whole number in every row.</param>
    /// <param name="link">What the linear predictor is of the probability p: <c>Logit</c>, log(p / (1 - p)), where left out; <c>Probit</c>;
    /// <c>ComplementaryLogLog</c>.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The successes or the trials are not a number, or the link is none for probabilities, or a name is
    /// needed.</exception>
    public BinomialModel<TRow> Binomial<TValue, TTrials>(
        Expression<Func<TRow, TValue?>> successes, Expression<Func<TRow, TTrials>> trials, Link link = Link.Logit, string? name = null)
        where TValue : struct
        where TTrials : struct =>
            Binomial<TValue, TTrials>(
                ColumnSelector.NumericOrMissing(successes, name), ColumnSelector.Numeric(trials, null, Beside(name, "trials")), link);

    /// <summary>The response, which may be missing, is the number of successes of a number of trials that may be missing, each with a probability
    /// that the linear predictor gives.</summary>
    /// <remarks>Coefficients, sds and offsets are on the scale of the link: log odds for the logit. There is no sigma.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <typeparam name="TTrials">Type of a number.</typeparam>
    /// <param name="successes">Number of successes as a lambda: a whole number from 0 to the number of trials in every row.</param>
    /// <param name="trials">Number of trials as a lambda: a positive whole number in every row.</param>
    /// <param name="link">What the linear predictor is of the probability p: <c>Logit</c>, log(p / (1 - p)), where left out; <c>Probit</c>;
    /// <c>ComplementaryLogLog</c>.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The successes or the trials are not a number, or the link is none for probabilities, or a name is
    /// needed.</exception>
    public BinomialModel<TRow> Binomial<TValue, TTrials>(
        Expression<Func<TRow, TValue?>> successes, Expression<Func<TRow, TTrials?>> trials, Link link = Link.Logit, string? name = null)
        where TValue : struct
        where TTrials : struct =>
            Binomial<TValue, TTrials>(
                ColumnSelector.NumericOrMissing(successes, name), ColumnSelector.NumericOrMissing(trials, null, Beside(name, "trials")), link);

    /// <summary>The response is a count of events; the log of the expected number is the linear predictor.</summary>
    /// <remarks>Coefficients, sds and offsets are on the log scale: exp of a coefficient is a factor on the expected count. There is no
    /// sigma.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="response">The count as a lambda: a whole number of 0 or more in every row.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response is not a number, or a name is needed.</exception>
    public PoissonModel<TRow> Poisson<TValue>(Expression<Func<TRow, TValue>> response, string? name = null)
        where TValue : struct => Poisson<TValue, double>(ColumnSelector.Numeric(response, name), null);

    /// <summary>The response, which may be missing, is a count of events; the log of the expected number is the linear predictor.</summary>
    /// <remarks>Coefficients, sds and offsets are on the log scale: exp of a coefficient is a factor on the expected count. There is no
    /// sigma.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="response">The count as a lambda: a whole number of 0 or more in every row.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response is not a number, or a name is needed.</exception>
    public PoissonModel<TRow> Poisson<TValue>(Expression<Func<TRow, TValue?>> response, string? name = null)
        where TValue : struct => Poisson<TValue, double>(ColumnSelector.NumericOrMissing(response, name), null);

    /// <summary>The response is a count of events in a time, an area or a population; the log of the expected number per unit of it is the linear
    /// predictor.</summary>
    /// <remarks>Coefficients, sds and offsets are on the log scale: exp of a coefficient is a factor on the rate. An exposure is the same as an
    /// offset of its log, but rows that differ in it share a cell. There is no sigma.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <typeparam name="TExposure">Type of a number.</typeparam>
    /// <param name="response">The count as a lambda: a whole number of 0 or more in every row.</param>
    /// <param name="exposure">What the expected count is proportional to, as a lambda; positive in every row.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response or the exposure is not a number, or a name is needed.</exception>
    public PoissonModel<TRow> Poisson<TValue, TExposure>(
        Expression<Func<TRow, TValue>> response, Expression<Func<TRow, TExposure>> exposure, string? name = null)
        where TValue : struct
        where TExposure : struct =>
            Poisson<TValue, TExposure>(ColumnSelector.Numeric(response, name), ColumnSelector.Numeric(exposure, null, Beside(name, "exposure")));

    /// <summary>The response is a count of events in a time, an area or a population that may be missing; the log of the expected number per unit of
    /// it is the linear predictor.</summary>
    /// <remarks>Coefficients, sds and offsets are on the log scale: exp of a coefficient is a factor on the rate. An exposure is the same as an
    /// offset of its log, but rows that differ in it share a cell. There is no sigma.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <typeparam name="TExposure">Type of a number.</typeparam>
    /// <param name="response">The count as a lambda: a whole number of 0 or more in every row.</param>
    /// <param name="exposure">What the expected count is proportional to, as a lambda; positive in every row.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response or the exposure is not a number, or a name is needed.</exception>
    public PoissonModel<TRow> Poisson<TValue, TExposure>(
        Expression<Func<TRow, TValue>> response, Expression<Func<TRow, TExposure?>> exposure, string? name = null)
        where TValue : struct
        where TExposure : struct =>
            Poisson<TValue, TExposure>(
                ColumnSelector.Numeric(response, name), ColumnSelector.NumericOrMissing(exposure, null, Beside(name, "exposure")));

    /// <summary>The response, which may be missing, is a count of events in a time, an area or a population; the log of the expected number per unit
    /// of it is the linear predictor.</summary>
    /// <remarks>Coefficients, sds and offsets are on the log scale: exp of a coefficient is a factor on the rate. An exposure is the same as an
    /// offset of its log, but rows that differ in it share a cell. There is no sigma.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <typeparam name="TExposure">Type of a number.</typeparam>
    /// <param name="response">The count as a lambda: a whole number of 0 or more in every row.</param>
    /// <param name="exposure">What the expected count is proportional to, as a lambda; positive in every row.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response or the exposure is not a number, or a name is needed.</exception>
    public PoissonModel<TRow> Poisson<TValue, TExposure>(
        Expression<Func<TRow, TValue?>> response, Expression<Func<TRow, TExposure>> exposure, string? name = null)
        where TValue : struct
        where TExposure : struct =>
            Poisson<TValue, TExposure>(
                ColumnSelector.NumericOrMissing(response, name), ColumnSelector.Numeric(exposure, null, Beside(name, "exposure")));

    /// <summary>The response, which may be missing, is a count of events in a time, an area or a population that may be missing; the log of the
    /// expected number per unit of it is the linear predictor.</summary>
    /// <remarks>Coefficients, sds and offsets are on the log scale: exp of a coefficient is a factor on the rate. An exposure is the same as an
    /// offset of its log, but rows that differ in it share a cell. There is no sigma.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <typeparam name="TExposure">Type of a number.</typeparam>
    /// <param name="response">The count as a lambda: a whole number of 0 or more in every row.</param>
    /// <param name="exposure">What the expected count is proportional to, as a lambda; positive in every row.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response or the exposure is not a number, or a name is needed.</exception>
    public PoissonModel<TRow> Poisson<TValue, TExposure>(
        Expression<Func<TRow, TValue?>> response, Expression<Func<TRow, TExposure?>> exposure, string? name = null)
        where TValue : struct
        where TExposure : struct =>
            Poisson<TValue, TExposure>(
                ColumnSelector.NumericOrMissing(response, name), ColumnSelector.NumericOrMissing(exposure, null, Beside(name, "exposure")));

    private static ModelDeclaration Bernoulli(ColumnSelector response, Link link) =>
        Proportion(new BernoulliFamily(link, response.Name), response, null);

    private static ModelDeclaration Proportion(Family family, ColumnSelector response, ColumnSelector? trials) =>
        new(new ResponseDeclaration(family, response, null) { WeightKind = trials is null ? RowWeight.None : RowWeight.Trials, Weight = trials });

    private static BinomialModel<TRow> Binomial<TValue, TTrials>(ColumnSelector successes, ColumnSelector trials, Link link)
    {
        NumericArguments.RefuseBool<TValue>(successes, "response", " of a Binomial model");
        NumericArguments.RefuseBool<TTrials>(trials, "number of trials", " of a Binomial model");
        return new(Proportion(new BinomialFamily(link, successes.Name), successes, trials));
    }

    private static PoissonModel<TRow> Poisson<TValue, TExposure>(ColumnSelector response, ColumnSelector? exposure)
    {
        NumericArguments.RefuseBool<TValue>(response, "response", " of a Poisson model");
        if (exposure is not null)
            NumericArguments.RefuseBool<TExposure>(exposure, "exposure", " of a Poisson model");
        return new(
            new ModelDeclaration(
                new ResponseDeclaration(
                    new PoissonFamily(), response, null)
                { WeightKind = exposure is null ? RowWeight.None : RowWeight.Exposure, Weight = exposure }));
    }
}

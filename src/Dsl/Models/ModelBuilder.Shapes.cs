using System.Linq.Expressions;
using TypedPooling.Declarations;
using TypedPooling.Responses;
using TypedPooling.Selectors;

namespace TypedPooling;

/// <content>Responses with a shape or degrees of freedom.</content>
public sealed partial class ModelBuilder<TRow>
{
    /// <summary>The response is a count of events that varies more than Poisson counts do: variance mu + mu^2 / phi, phi the shape; the log of the
    /// expected number mu is the linear predictor.</summary>
    /// <remarks>Coefficients, sds and offsets are on the log scale: exp of a coefficient is a factor on the expected count. There is no sigma. Rows
    /// that are equal to the model, their counts included, are collapsed to cells, which loses nothing.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="response">The count as a lambda: a whole number of 0 or more in every row.</param>
    /// <param name="shape">Prior of the shape phi; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response is not a number, or the prior is flat or does not fit a shape, or a name is needed.</exception>
    public NegativeBinomialModel<TRow> NegativeBinomial<TValue>(
        Expression<Func<TRow, TValue>> response, IScalePrior? shape = null, string? name = null)
        where TValue : struct => NegativeBinomial<TValue, double>(ColumnSelector.Numeric(response, name), null, shape);

    /// <summary>The response, which may be missing, is a count of events that varies more than Poisson counts do: variance mu + mu^2 / phi, phi the
    /// shape; the log of the expected number mu is the linear predictor.</summary>
    /// <remarks>Coefficients, sds and offsets are on the log scale: exp of a coefficient is a factor on the expected count. There is no sigma. Rows
    /// that are equal to the model, their counts included, are collapsed to cells, which loses nothing.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="response">The count as a lambda: a whole number of 0 or more in every row.</param>
    /// <param name="shape">Prior of the shape phi; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response is not a number, or the prior is flat or does not fit a shape, or a name is needed.</exception>
    public NegativeBinomialModel<TRow> NegativeBinomial<TValue>(
        Expression<Func<TRow, TValue?>> response, IScalePrior? shape = null, string? name = null)
        where TValue : struct => NegativeBinomial<TValue, double>(ColumnSelector.NumericOrMissing(response, name), null, shape);

    /// <summary>The response is a count of events in a time, an area or a population, more variable than Poisson counts: variance mu + mu^2 / phi;
    /// the log of the expected number per unit of exposure is the linear predictor.</summary>
    /// <remarks>Coefficients, sds and offsets are on the log scale: exp of a coefficient is a factor on the rate. An exposure is the same as an
    /// offset of its log. There is no sigma.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <typeparam name="TExposure">Type of a number.</typeparam>
    /// <param name="response">The count as a lambda: a whole number of 0 or more in every row.</param>
    /// <param name="exposure">What the expected count is proportional to, as a lambda; positive in every row.</param>
    /// <param name="shape">Prior of the shape phi; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response or the exposure is not a number, or the prior is flat or does not fit a shape, or a name is
    /// needed.</exception>
    public NegativeBinomialModel<TRow> NegativeBinomial<TValue, TExposure>(
        Expression<Func<TRow, TValue>> response, Expression<Func<TRow, TExposure>> exposure, IScalePrior? shape = null, string? name = null)
        where TValue : struct
        where TExposure : struct =>
            NegativeBinomial<TValue, TExposure>(
                ColumnSelector.Numeric(response, name), ColumnSelector.Numeric(exposure, null, Beside(name, "exposure")), shape);

    /// <summary>The response is a count of events in a time, an area or a population that may be missing, more variable than Poisson counts: variance
    /// mu + mu^2 / phi; the log of the expected number per unit of exposure is the linear predictor.</summary>
    /// <remarks>Coefficients, sds and offsets are on the log scale: exp of a coefficient is a factor on the rate. An exposure is the same as an
    /// offset of its log. There is no sigma.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <typeparam name="TExposure">Type of a number.</typeparam>
    /// <param name="response">The count as a lambda: a whole number of 0 or more in every row.</param>
    /// <param name="exposure">What the expected count is proportional to, as a lambda; positive in every row.</param>
    /// <param name="shape">Prior of the shape phi; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response or the exposure is not a number, or the prior is flat or does not fit a shape, or a name is
    /// needed.</exception>
    public NegativeBinomialModel<TRow> NegativeBinomial<TValue, TExposure>(
        Expression<Func<TRow, TValue>> response, Expression<Func<TRow, TExposure?>> exposure, IScalePrior? shape = null, string? name = null)
        where TValue : struct
        where TExposure : struct =>
            NegativeBinomial<TValue, TExposure>(
                ColumnSelector.Numeric(response, name), ColumnSelector.NumericOrMissing(exposure, null, Beside(name, "exposure")), shape);

    /// <summary>The response, which may be missing, is a count of events in a time, an area or a population, more variable than Poisson counts:
    /// variance mu + mu^2 / phi; the log of the expected number per unit of exposure is the linear predictor.</summary>
    /// <remarks>Coefficients, sds and offsets are on the log scale: exp of a coefficient is a factor on the rate. An exposure is the same as an
    /// offset of its log. There is no sigma.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <typeparam name="TExposure">Type of a number.</typeparam>
    /// <param name="response">The count as a lambda: a whole number of 0 or more in every row.</param>
    /// <param name="exposure">What the expected count is proportional to, as a lambda; positive in every row.</param>
    /// <param name="shape">Prior of the shape phi; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response or the exposure is not a number, or the prior is flat or does not fit a shape, or a name is
    /// needed.</exception>
    public NegativeBinomialModel<TRow> NegativeBinomial<TValue, TExposure>(
        Expression<Func<TRow, TValue?>> response, Expression<Func<TRow, TExposure>> exposure, IScalePrior? shape = null, string? name = null)
        where TValue : struct
        where TExposure : struct =>
            NegativeBinomial<TValue, TExposure>(
                ColumnSelector.NumericOrMissing(response, name), ColumnSelector.Numeric(exposure, null, Beside(name, "exposure")), shape);

    /// <summary>The response, which may be missing, is a count of events in a time, an area or a population that may be missing, more variable than
    /// Poisson counts: variance mu + mu^2 / phi; the log of the expected number per unit of exposure is the linear predictor.</summary>
    /// <remarks>Coefficients, sds and offsets are on the log scale: exp of a coefficient is a factor on the rate. An exposure is the same as an
    /// offset of its log. There is no sigma.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <typeparam name="TExposure">Type of a number.</typeparam>
    /// <param name="response">The count as a lambda: a whole number of 0 or more in every row.</param>
    /// <param name="exposure">What the expected count is proportional to, as a lambda; positive in every row.</param>
    /// <param name="shape">Prior of the shape phi; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response or the exposure is not a number, or the prior is flat or does not fit a shape, or a name is
    /// needed.</exception>
    public NegativeBinomialModel<TRow> NegativeBinomial<TValue, TExposure>(
        Expression<Func<TRow, TValue?>> response, Expression<Func<TRow, TExposure?>> exposure, IScalePrior? shape = null, string? name = null)
        where TValue : struct
        where TExposure : struct =>
            NegativeBinomial<TValue, TExposure>(
                ColumnSelector.NumericOrMissing(response, name), ColumnSelector.NumericOrMissing(exposure, null, Beside(name, "exposure")), shape);

    /// <summary>The response is positive, with a standard deviation in proportion to its expectation mu: Gamma of variance mu^2 / alpha, alpha the
    /// shape; the log of mu is the linear predictor.</summary>
    /// <remarks>Coefficients, sds and offsets are on the log scale: exp of a coefficient is a factor on the expected response. There is no sigma.
    /// Cells hold the sum of their rows' responses, which with the sum of all logs says all that the likelihood asks.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="response">The response as a lambda; positive in every row.</param>
    /// <param name="shape">Prior of the shape alpha; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response is not a number, or the prior is flat or does not fit a shape, or a name is needed.</exception>
    public GammaModel<TRow> Gamma<TValue>(Expression<Func<TRow, TValue>> response, IScalePrior? shape = null, string? name = null)
        where TValue : struct => new(DeclareShape<TValue>(new GammaFamily(), ColumnSelector.Numeric(response, name), shape));

    /// <summary>The response, which may be missing, is positive, with a standard deviation in proportion to its expectation mu: Gamma of variance
    /// mu^2 / alpha, alpha the shape; the log of mu is the linear predictor.</summary>
    /// <remarks>Coefficients, sds and offsets are on the log scale: exp of a coefficient is a factor on the expected response. There is no sigma.
    /// Cells hold the sum of their rows' responses, which with the sum of all logs says all that the likelihood asks.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="response">The response as a lambda; positive in every row.</param>
    /// <param name="shape">Prior of the shape alpha; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response is not a number, or the prior is flat or does not fit a shape, or a name is needed.</exception>
    public GammaModel<TRow> Gamma<TValue>(Expression<Func<TRow, TValue?>> response, IScalePrior? shape = null, string? name = null)
        where TValue : struct => new(DeclareShape<TValue>(new GammaFamily(), ColumnSelector.NumericOrMissing(response, name), shape));

    /// <summary>The response lies strictly between 0 and 1, a share, a rate or a score: Beta of expectation mu and variance mu (1 - mu) / (1 + phi),
    /// phi the precision; the logit of mu is the linear predictor.</summary>
    /// <remarks>Coefficients, sds and offsets are on the logit scale, as those of <c>Bernoulli</c>. There is no sigma. Successes of a number of
    /// trials are <c>Binomial</c>.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="response">The response as a lambda; strictly between 0 and 1 in every row.</param>
    /// <param name="precision">Prior of the precision phi; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response is not a number, or the prior is flat or does not fit a precision, or a name is
    /// needed.</exception>
    public BetaModel<TRow> Beta<TValue>(Expression<Func<TRow, TValue>> response, IScalePrior? precision = null, string? name = null)
        where TValue : struct => new(DeclareShape<TValue>(new BetaFamily(), ColumnSelector.Numeric(response, name), precision));

    /// <summary>The response, which may be missing, lies strictly between 0 and 1, a share, a rate or a score: Beta of expectation mu and variance mu
    /// (1 - mu) / (1 + phi), phi the precision; the logit of mu is the linear predictor.</summary>
    /// <remarks>Coefficients, sds and offsets are on the logit scale, as those of <c>Bernoulli</c>. There is no sigma. Successes of a number of
    /// trials are <c>Binomial</c>.</remarks>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="response">The response as a lambda; strictly between 0 and 1 in every row.</param>
    /// <param name="precision">Prior of the precision phi; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response is not a number, or the prior is flat or does not fit a precision, or a name is
    /// needed.</exception>
    public BetaModel<TRow> Beta<TValue>(Expression<Func<TRow, TValue?>> response, IScalePrior? precision = null, string? name = null)
        where TValue : struct => new(DeclareShape<TValue>(new BetaFamily(), ColumnSelector.NumericOrMissing(response, name), precision));

    /// <summary>The response has heavy tails: (y - eta) / sigma has Student's t distribution of nu degrees of freedom. Outliers pull less than on a
    /// Normal model.</summary>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="response">The response as a lambda.</param>
    /// <param name="sigma">Prior of the scale sigma, in units of the response; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="degreesOfFreedom">Prior of nu, or <c>Fixed(4)</c> where it is known; left out, the default of <c>docs/priors.md</c>: Gamma(2,
    /// 0.1) above 1.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response is not a number, or a prior does not fit; a flat one of nu is refused, or a name is
    /// needed.</exception>
    public StudentTModel<TRow> StudentT<TValue>(
        Expression<Func<TRow, TValue>> response, IScalePrior? sigma = null, IScalePrior? degreesOfFreedom = null, string? name = null)
        where TValue : struct => StudentT<TValue>(ColumnSelector.Numeric(response, name), sigma, degreesOfFreedom);

    /// <summary>The response, which may be missing, has heavy tails: (y - eta) / sigma has Student's t distribution of nu degrees of freedom.
    /// Outliers pull less than on a Normal model.</summary>
    /// <typeparam name="TValue">Type of a number.</typeparam>
    /// <param name="response">The response as a lambda.</param>
    /// <param name="sigma">Prior of the scale sigma, in units of the response; left out, the default of <c>docs/priors.md</c>.</param>
    /// <param name="degreesOfFreedom">Prior of nu, or <c>Fixed(4)</c> where it is known; left out, the default of <c>docs/priors.md</c>: Gamma(2,
    /// 0.1) above 1.</param>
    /// <param name="name">Name of the response; its own text where left out. Needed where the lambda has no name of its own, such as <c>i =>
    /// y[i]</c>.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelException">The response is not a number, or a prior does not fit; a flat one of nu is refused, or a name is
    /// needed.</exception>
    public StudentTModel<TRow> StudentT<TValue>(
        Expression<Func<TRow, TValue?>> response, IScalePrior? sigma = null, IScalePrior? degreesOfFreedom = null, string? name = null)
        where TValue : struct => StudentT<TValue>(ColumnSelector.NumericOrMissing(response, name), sigma, degreesOfFreedom);

    private static NegativeBinomialModel<TRow> NegativeBinomial<TValue, TExposure>(
        ColumnSelector response, ColumnSelector? exposure, IScalePrior? shape)
    {
        var declaration = DeclareShape<TValue>(new NegativeBinomialFamily(), response, shape);
        if (exposure is null)
            return new(declaration);
        NumericArguments.RefuseBool<TExposure>(exposure, "exposure", " of a NegativeBinomial model");
        return new(declaration with { Response = declaration.Response with { WeightKind = RowWeight.Exposure, Weight = exposure } });
    }

    private static StudentTModel<TRow> StudentT<TValue>(ColumnSelector response, IScalePrior? sigma, IScalePrior? degreesOfFreedom)
    {
        var declaration = Declare<TValue>(new StudentTFamily(), response, sigma);
        ScaleArguments.CheckShape(degreesOfFreedom, declaration.Response.Family.Shape!);
        return new(declaration with { Response = declaration.Response with { Shape = degreesOfFreedom } });
    }

    private static ModelDeclaration DeclareShape<TValue>(Family family, ColumnSelector response, IScalePrior? shape)
    {
        NumericArguments.RefuseBool<TValue>(response, "response", $" of a {family.Name} model");
        ScaleArguments.CheckShape(shape, family.Shape!);
        return new(new ResponseDeclaration(family, response, null) { Shape = shape });
    }
}

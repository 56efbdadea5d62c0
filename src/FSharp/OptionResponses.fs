namespace TypedPooling.FSharp

open System
open System.Linq.Expressions
open TypedPooling

/// <summary>Responses of type <c>option</c>: a <c>None</c> is a missing value, which is refused unless the model drops such rows.</summary>
/// <remarks>Columns of type <c>voption</c> need no verbs of their own. Verbs of two columns take both as options or neither; bring a single one
/// by <c>Option.toNullable</c>.</remarks>
[<AutoOpen>]
module OptionResponses =

    type ModelBuilder<'Row> with

        /// <summary>A Normal response that may be missing, with an estimated or fixed sigma.</summary>
        /// <param name="response">The response as a lambda, <c>fun v -> v.Wait</c>.</param>
        /// <param name="sigma">Prior of the residual sd; left out, the default of <c>docs/priors.md</c>.</param>
        /// <param name="name">Name of the response; its own text where left out.</param>
        /// <returns>The model.</returns>
        member this.Normal(response: Expression<Func<'Row, 'Value option>>, ?sigma: IScalePrior, ?name: string) =
            this.Normal(Selectors.Nullable response, Option.toObj sigma, Option.toObj name)

        /// <summary>A Normal response whose error is known, where both may be missing.</summary>
        /// <param name="response">The response as a lambda.</param>
        /// <param name="knownSd">The known sd of the row's error, in units of the response.</param>
        /// <param name="name">Name of the response; its own text where left out.</param>
        /// <returns>The model.</returns>
        member this.Normal
            (response: Expression<Func<'Row, 'Value option>>, knownSd: Expression<Func<'Row, 'Sd option>>, ?name: string)
            =
            this.Normal(Selectors.Nullable response, Selectors.Nullable knownSd, Option.toObj name)

        /// <summary>A positive response that may be missing and whose log is Normal.</summary>
        /// <param name="response">The response as a lambda.</param>
        /// <param name="sigma">Prior of the residual sd of the log; left out, the default of <c>docs/priors.md</c>.</param>
        /// <param name="name">Name of the response; its own text where left out.</param>
        /// <returns>The model.</returns>
        member this.LogNormal(response: Expression<Func<'Row, 'Value option>>, ?sigma: IScalePrior, ?name: string) =
            this.LogNormal(Selectors.Nullable response, Option.toObj sigma, Option.toObj name)

        /// <summary>A response with heavy tails that may be missing.</summary>
        /// <param name="response">The response as a lambda.</param>
        /// <param name="sigma">Prior of the scale; left out, the default of <c>docs/priors.md</c>.</param>
        /// <param name="degreesOfFreedom">Prior of the degrees of freedom; left out, the default of <c>docs/priors.md</c>.</param>
        /// <param name="name">Name of the response; its own text where left out.</param>
        /// <returns>The model.</returns>
        member this.StudentT
            (response: Expression<Func<'Row, 'Value option>>, ?sigma: IScalePrior, ?degreesOfFreedom: IScalePrior, ?name: string)
            =
            this.StudentT(Selectors.Nullable response, Option.toObj sigma, Option.toObj degreesOfFreedom, Option.toObj name)

        /// <summary>A positive response that may be missing and whose sd is proportional to its mean.</summary>
        /// <param name="response">The response as a lambda.</param>
        /// <param name="shape">Prior of the shape; left out, the default of <c>docs/priors.md</c>.</param>
        /// <param name="name">Name of the response; its own text where left out.</param>
        /// <returns>The model.</returns>
        member this.Gamma(response: Expression<Func<'Row, 'Value option>>, ?shape: IScalePrior, ?name: string) =
            this.Gamma(Selectors.Nullable response, Option.toObj shape, Option.toObj name)

        /// <summary>A share strictly between 0 and 1 that may be missing.</summary>
        /// <param name="response">The response as a lambda.</param>
        /// <param name="precision">Prior of the precision; left out, the default of <c>docs/priors.md</c>.</param>
        /// <param name="name">Name of the response; its own text where left out.</param>
        /// <returns>The model.</returns>
        member this.Beta(response: Expression<Func<'Row, 'Value option>>, ?precision: IScalePrior, ?name: string) =
            this.Beta(Selectors.Nullable response, Option.toObj precision, Option.toObj name)

        /// <summary>An event that happened or not, or of which this is not known.</summary>
        /// <param name="response">The response as a lambda: a bool, or 0 and 1.</param>
        /// <param name="link">The link; logit where left out.</param>
        /// <param name="name">Name of the response; its own text where left out.</param>
        /// <returns>The model.</returns>
        member this.Bernoulli(response: Expression<Func<'Row, 'Value option>>, ?link: Link, ?name: string) =
            this.Bernoulli(Selectors.Nullable response, defaultArg link Link.Logit, Option.toObj name)

        /// <summary>Successes among trials, where both may be missing.</summary>
        /// <param name="successes">The number of successes as a lambda.</param>
        /// <param name="trials">The number of trials as a lambda.</param>
        /// <param name="link">The link; logit where left out.</param>
        /// <param name="name">Name of the response; its own text where left out.</param>
        /// <returns>The model.</returns>
        member this.Binomial
            (
                successes: Expression<Func<'Row, 'Value option>>,
                trials: Expression<Func<'Row, 'Trials option>>,
                ?link: Link,
                ?name: string
            ) =
            this.Binomial(Selectors.Nullable successes, Selectors.Nullable trials, defaultArg link Link.Logit, Option.toObj name)

        /// <summary>A count that may be missing.</summary>
        /// <param name="response">The count as a lambda.</param>
        /// <param name="name">Name of the response; its own text where left out.</param>
        /// <returns>The model.</returns>
        member this.Poisson(response: Expression<Func<'Row, 'Value option>>, ?name: string) =
            this.Poisson(Selectors.Nullable response, Option.toObj name)

        /// <summary>A count that may be missing and varies more than a Poisson count.</summary>
        /// <param name="response">The count as a lambda.</param>
        /// <param name="shape">Prior of the shape; left out, the default of <c>docs/priors.md</c>.</param>
        /// <param name="name">Name of the response; its own text where left out.</param>
        /// <returns>The model.</returns>
        member this.NegativeBinomial(response: Expression<Func<'Row, 'Value option>>, ?shape: IScalePrior, ?name: string) =
            this.NegativeBinomial(Selectors.Nullable response, Option.toObj shape, Option.toObj name)

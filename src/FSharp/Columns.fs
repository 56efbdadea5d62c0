namespace TypedPooling.FSharp

open System
open System.Linq.Expressions
open TypedPooling

/// <summary>Unions without fields as categorical predictors, and verbs that do not compile, so that the compiler says what to write instead of
/// listing
/// every overload.</summary>
/// <remarks>Where several verbs apply, F# takes the one of the module that was opened last, and it opens a module within another after that other. So
/// the
/// verbs of options, in <see cref="T:TypedPooling.FSharp.Columns.OptionColumns"/>, come before those here. No argument of a verb that does not
/// compile
/// has the type of a category: F# would prefer it to the nullable reference of an enum.</remarks>
[<AutoOpen>]
module Columns =

    type PooledModel<'Row, 'Self when 'Self :> PooledModel<'Row, 'Self>> with

        /// <summary>Does not compile: an object is no number.</summary>
        /// <param name="column">A column of text, of a union, a record or another class.</param>
        /// <param name="prior">Not read.</param>
        /// <param name="name">Not read.</param>
        /// <returns>Nothing.</returns>
        [<CompilerMessage("This column is not a number. Use Categorical(fun r -> r.X) for text, enums and unions without fields, "
                          + "or write the number: Slope(fun r -> r.X = A).",
                          10121,
                          IsError = true,
                          IsHidden = true)>]
        member _.Slope(column: Expression<Func<'Row, 'Object>> when 'Object: not struct, ?prior: IRealPrior, ?name: string) : 'Self =
            raise (NotSupportedException $"{column}{prior}{name}")

        /// <summary>Does not compile: a number is no category.</summary>
        /// <param name="category">A column of numbers, bools or struct unions.</param>
        /// <param name="prior">Not read.</param>
        /// <param name="name">Not read.</param>
        /// <returns>Nothing.</returns>
        [<CompilerMessage("This column is not a category. Categories are text, enums and unions without fields that are no structs. "
                          + "Use Slope(fun r -> r.X) for a number or a bool.",
                          10122,
                          IsError = true,
                          IsHidden = true)>]
        member _.Categorical
            (category: Expression<Func<'Row, 'Number>> when 'Number: struct, ?prior: IRealPrior, ?name: string)
            : 'Self =
            raise (NotSupportedException $"{category}{prior}{name}")

        /// <summary>Adds a union without fields as a categorical predictor in treatment coding: a coefficient, in the order of declaration, for every
        /// case in the data but the reference, against which they are measured.</summary>
        /// <param name="category">The category as a lambda.</param>
        /// <param name="prior">Prior of each coefficient; left out, the default of <c>docs/priors.md</c>.</param>
        /// <param name="reference">The reference case; the first declared of those in the data where left out.</param>
        /// <param name="name">Name of the predictor; its own text where left out.</param>
        /// <returns>The model with the predictor.</returns>
        /// <exception cref="T:TypedPooling.ModelException">The type is no union or has cases with fields, the model has this predictor, or a name is
        /// needed.</exception>
        member this.Categorical(category: Expression<Func<'Row, 'Union>>, ?prior: IRealPrior, ?reference: 'Union, ?name: string) : 'Self =
            ArgumentNullException.ThrowIfNull category
            Cases.declare this category prior reference name

    type VaryingBuilder<'Row> with

        /// <summary>Does not compile: an object is no number.</summary>
        /// <param name="column">A column of text, of a union, a record or another class.</param>
        /// <param name="sd">Not read.</param>
        /// <param name="name">Not read.</param>
        /// <returns>Nothing.</returns>
        [<CompilerMessage("This column is not a number. Let an indicator of a level vary: Slope(fun r -> r.X = A).",
                          10121,
                          IsError = true,
                          IsHidden = true)>]
        member _.Slope
            (column: Expression<Func<'Row, 'Object>> when 'Object: not struct, ?sd: IScalePrior, ?name: string)
            : VaryingTermBuilder<'Row> =
            raise (NotSupportedException $"{column}{sd}{name}")

    /// <summary>Predictors, offsets, counts and categories of type <c>option</c>: a <c>None</c> is a missing value, which is refused unless the model
    /// drops such rows. A fit is asked for them by the same lambdas.</summary>
    /// <remarks>A column of type <c>voption</c> needs no verb of its own: the library reads it as a column that may be missing.</remarks>
    [<AutoOpen>]
    module OptionColumns =

        type PooledModel<'Row, 'Self when 'Self :> PooledModel<'Row, 'Self>> with

            /// <summary>Adds a population slope of a column that may be missing.</summary>
            /// <param name="column">The column as a lambda: an option of a number or a bool.</param>
            /// <param name="prior">Prior of the slope; left out, the default of <c>docs/priors.md</c>.</param>
            /// <param name="name">Name of the column; its own text where left out.</param>
            /// <returns>The model with the term.</returns>
            /// <exception cref="T:TypedPooling.ModelException">The model has this slope, the type is not a number or bool, or a name is
            /// needed.</exception>
            member this.Slope(column: Expression<Func<'Row, 'Value option>>, ?prior: IRealPrior, ?name: string) : 'Self =
                this.Slope(Selectors.Nullable column, Option.toObj prior, Option.toObj name)

            /// <summary>Adds a column that may be missing to the linear predictor with coefficient 1.</summary>
            /// <param name="column">The column as a lambda: an option of a number or a bool, in units of the linear predictor.</param>
            /// <param name="name">Name of the column; its own text where left out.</param>
            /// <returns>The model with the offset.</returns>
            /// <exception cref="T:TypedPooling.ModelException">The model has this offset, the type is not a number or bool, or a name is
            /// needed.</exception>
            member this.Offset(column: Expression<Func<'Row, 'Value option>>, ?name: string) : 'Self =
                this.Offset(Selectors.Nullable column, Option.toObj name)

            /// <summary>Lets each row stand for N rows that are alike, where N may be missing.</summary>
            /// <param name="count">The count as a lambda: an option of a positive whole number.</param>
            /// <param name="name">Name of the count; its own text where left out.</param>
            /// <returns>The model with the count.</returns>
            /// <exception cref="T:TypedPooling.ModelException">The model has a weight, a count or a known error already, or the count is not a
            /// number.</exception>
            member this.Count(count: Expression<Func<'Row, 'Value option>>, ?name: string) : 'Self =
                this.Count(Selectors.Nullable count, Option.toObj name)

            /// <summary>Adds an option of text or of a union without fields as a categorical predictor in treatment coding.</summary>
            /// <param name="category">The category as a lambda.</param>
            /// <param name="prior">Prior of each coefficient; left out, the default of <c>docs/priors.md</c>.</param>
            /// <param name="reference">The reference level; the first of those in the data where left out: of text by UTF-16 code units, of a union
            /// in the
            /// order of declaration.</param>
            /// <param name="name">Name of the predictor; its own text where left out.</param>
            /// <returns>The model with the predictor.</returns>
            /// <exception cref="T:TypedPooling.ModelException">The type is neither text nor a union without fields, the model has this predictor, or
            /// a name
            /// is needed.</exception>
            member this.Categorical(category: Expression<Func<'Row, 'Level option>>, ?prior: IRealPrior, ?reference: 'Level, ?name: string) : 'Self =
                match box (Selectors.Object category) with
                | :? Expression<Func<'Row, string>> as text ->
                    let reference = reference |> Option.map (fun level -> string (box level))
                    this.Categorical(text, Option.toObj prior, Option.toObj reference, Option.toObj name)
                | _ -> Cases.declare this (Selectors.Object category) prior reference name

        type VaryingBuilder<'Row> with

            /// <summary>Lets the slope of a column that may be missing vary over the levels.</summary>
            /// <param name="column">The column as a lambda: an option of a number or a bool.</param>
            /// <param name="sd">Prior of the sd of the slopes; left out, the default of <c>docs/priors.md</c>.</param>
            /// <param name="name">Name of the column; its own text where left out.</param>
            /// <returns>The builder with the term.</returns>
            /// <exception cref="T:TypedPooling.ModelException">The slope varies already, the type is not a number or bool, or the prior does not fit
            /// an
            /// sd.</exception>
            member this.Slope(column: Expression<Func<'Row, 'Value option>>, ?sd: IScalePrior, ?name: string) =
                this.Slope(Selectors.Nullable column, Option.toObj sd, Option.toObj name)

        type VaryingTermBuilder<'Row> with

            /// <summary>Lets a column that may be missing and is constant in a group predict the last term.</summary>
            /// <param name="column">The column as a lambda: an option of a number or a bool.</param>
            /// <param name="prior">Prior of the coefficient; left out, the default of <c>docs/priors.md</c>.</param>
            /// <param name="name">Name of the column; its own text where left out.</param>
            /// <returns>The builder with the predictor.</returns>
            /// <exception cref="T:TypedPooling.ModelException">The term has this predictor, or the type is not a number or bool.</exception>
            member this.PredictedBy(column: Expression<Func<'Row, 'Value option>>, ?prior: IRealPrior, ?name: string) =
                this.PredictedBy(Selectors.Nullable column, Option.toObj prior, Option.toObj name)

        type Fit<'Row> with

            /// <summary>A population effect by the selector of a column of type <c>option</c>.</summary>
            /// <param name="selector">The column, as in the model.</param>
            /// <returns>The coefficient, in units of the linear predictor per unit of the column.</returns>
            /// <exception cref="T:TypedPooling.ModelException">The model has no such effect.</exception>
            member this.Coefficient(selector: Expression<Func<'Row, 'Value option>>) = this.Coefficient(Selectors.Nullable selector)

        type LevelFit<'Row> with

            /// <summary>The level's slope of a column of type <c>option</c>: population slope (where there is one) plus varying slope.</summary>
            /// <param name="selector">The column, as in the model.</param>
            /// <returns>The slope, in units of the linear predictor per unit of the column.</returns>
            /// <exception cref="T:TypedPooling.ModelException">No such slope varies by this factor.</exception>
            member this.Slope(selector: Expression<Func<'Row, 'Value option>>) = this.Slope(Selectors.Nullable selector)

        type FactorFit<'Row, 'Key> with

            /// <summary>The sd of the slopes of a column of type <c>option</c> over the levels.</summary>
            /// <param name="slope">The column, as in the model.</param>
            /// <returns>The sd, in units of the linear predictor per unit of the column.</returns>
            /// <exception cref="T:TypedPooling.ModelException">No such slope varies by this factor.</exception>
            member this.Sd(slope: Expression<Func<'Row, 'Value option>>) = this.Sd(Selectors.Nullable slope)

            /// <summary>The correlation of intercepts and slopes of a column of type <c>option</c> over the levels.</summary>
            /// <param name="slope">The column, as in the model.</param>
            /// <returns>The correlation.</returns>
            /// <exception cref="T:TypedPooling.ModelException">The intercept or the slope does not vary by this factor.</exception>
            member this.Correlation(slope: Expression<Func<'Row, 'Value option>>) = this.Correlation(Selectors.Nullable slope)

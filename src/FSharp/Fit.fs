namespace TypedPooling.FSharp

open TypedPooling

/// <summary>Verbs of fits for pipelines: <c>model |> Model.fit rows |> Fit.table</c>. Each is the method or property of its name.</summary>
module Fit =

    /// <summary>The parameter table.</summary>
    /// <param name="fit">The fit.</param>
    /// <returns>The table; its <c>ToString</c> is the text that README shows.</returns>
    let table (fit: #Fit<'Row>) : SummaryTable = fit.Table

    /// <summary>The fit's warnings as cases of a union.</summary>
    /// <param name="fit">The fit.</param>
    /// <returns>One case a warning; empty where there is none.</returns>
    let warnings (fit: #Fit<'Row>) : Warning list = [ for warning in fit.Warnings -> Warning.Of warning ]

    /// <summary>The fit's notes as cases of a union: what to know, without a need to act.</summary>
    /// <param name="fit">The fit.</param>
    /// <returns>One case a note; empty where there is none.</returns>
    let notes (fit: #Fit<'Row>) : Warning list = [ for note in fit.Notes -> Warning.Of note ]

    /// <summary>One level of a grouping factor.</summary>
    /// <param name="group">The factor's handle.</param>
    /// <param name="key">The level's key.</param>
    /// <param name="fit">The fit.</param>
    /// <returns>The level, with its intercept, slopes and effects.</returns>
    /// <exception cref="T:TypedPooling.ModelException">The model has no such factor, or no row has this key.</exception>
    let level (group: Group<'Row, 'Key>) (key: 'Key) (fit: #Fit<'Row>) : LevelFit<'Row> = fit.For(group).Level key

    /// <summary>The expected response of a row.</summary>
    /// <param name="row">The row; its response is not read.</param>
    /// <param name="fit">The fit.</param>
    /// <returns>The posterior of the expected response.</returns>
    /// <exception cref="T:TypedPooling.ModelException">A column of the row cannot be used.</exception>
    let predictMean (row: 'Row) (fit: #Fit<'Row>) : Quantity = fit.PredictMean(row = row)

    /// <summary>The next observation of a row.</summary>
    /// <param name="row">The row; its response is not read.</param>
    /// <param name="fit">The fit.</param>
    /// <returns>The posterior predictive distribution of the response.</returns>
    /// <exception cref="T:TypedPooling.ModelException">A column of the row cannot be used.</exception>
    let predictNew (row: 'Row) (fit: #Fit<'Row>) : Quantity = fit.PredictNew(row = row)

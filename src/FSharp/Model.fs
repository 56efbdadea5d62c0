namespace TypedPooling.FSharp

open TypedPooling
open TypedPooling.Engines

/// <summary>Verbs of models for pipelines: <c>model |> Model.fit rows |> Fit.table</c>. Each is the method of its name.</summary>
module Model =

    /// <summary>Reads rows once into data that can be added to, merged, saved, and fitted under other priors.</summary>
    /// <param name="rows">The rows; read once and not kept.</param>
    /// <param name="model">The model.</param>
    /// <returns>The data.</returns>
    /// <exception cref="T:TypedPooling.ModelException">A row cannot be used.</exception>
    let read (rows: 'Row seq) (model: #FittedModel<'Row, 'Self, 'Fit, 'LikelihoodFit>) : ModelData<'Row> = model.Read rows

    /// <summary>Fits the model by the engine that suits it best.</summary>
    /// <param name="rows">The rows; read once and not kept.</param>
    /// <param name="model">The model.</param>
    /// <returns>The family's fit; it says which engine was chosen, and why.</returns>
    /// <exception cref="T:TypedPooling.ModelException">A row cannot be used, or no engine can fit the model.</exception>
    let fit (rows: 'Row seq) (model: #FittedModel<'Row, 'Self, 'Fit, 'LikelihoodFit>) : 'Fit = model.Fit rows

    /// <summary>Fits the model with options, by the engine that suits it best.</summary>
    /// <param name="options">Seed, chains, draws and more.</param>
    /// <param name="rows">The rows; read once and not kept.</param>
    /// <param name="model">The model.</param>
    /// <returns>The family's fit; it says which engine was chosen, and why.</returns>
    /// <exception cref="T:TypedPooling.ModelException">A row or an option cannot be used, or no engine can fit the model.</exception>
    let fitWith (options: RunOptions) (rows: 'Row seq) (model: #FittedModel<'Row, 'Self, 'Fit, 'LikelihoodFit>) : 'Fit = model.Fit(rows, options)

    /// <summary>The model as mathematics, with the priors that these rows decide.</summary>
    /// <param name="rows">The rows; read once and not kept.</param>
    /// <param name="model">The model.</param>
    /// <returns>The text.</returns>
    /// <exception cref="T:TypedPooling.ModelException">A row cannot be used.</exception>
    let describe (rows: 'Row seq) (model: #FittedModel<'Row, 'Self, 'Fit, 'LikelihoodFit>) : string = model.Describe rows

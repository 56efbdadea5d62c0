namespace TypedPooling.Binding;

/// <summary>What rows are read for, which says what of them is looked at.</summary>
internal enum RowPurpose
{
    /// <summary>The linear predictor: columns, offsets and keys.</summary>
    Predictor,

    /// <summary>A new observation: known errors, precision weights, trials or exposures too, which its distribution depends on.</summary>
    Observation,

    /// <summary>The likelihood: the response and weights of every kind too. Rows with missing values are left out where the model drops
    /// them.</summary>
    Likelihood,

    /// <summary>The data of a program for another tool: as for the likelihood, the response as it is, also where its log is modelled.</summary>
    Program,
}

namespace TypedPooling.FSharp

open System
open TypedPooling.Draws

/// <summary>A warning or a note of a fit as a union: the kind is the case, the sentences are its field. A match without a wildcard is checked to be
/// complete.</summary>
[<RequireQualifiedAccess>]
type Warning =
    /// <summary>Some trajectories diverged.</summary>
    | Divergences of message: string
    /// <summary>Some trajectories were cut at the greatest tree depth.</summary>
    | TreeDepth of message: string
    /// <summary>A chain explores the energy badly (E-BFMI below 0.3).</summary>
    | LowEnergyBfmi of message: string
    /// <summary>R-hat of a parameter is above 1.01.</summary>
    | RHat of message: string
    /// <summary>The effective sample size of a parameter is below 100 a chain.</summary>
    | LowEss of message: string
    /// <summary>The run was cancelled and holds fewer draws than were asked for.</summary>
    | Cancelled of message: string
    /// <summary>A prior was replaced by a conjugate one, on request.</summary>
    | PriorReplaced of message: string
    /// <summary>An iteration or a search for a maximum ended before it had converged.</summary>
    | NotConverged of message: string
    /// <summary>The approximation behind the draws is known to be poor, or not yet well tried, for a part of the model.</summary>
    | Approximation of message: string
    /// <summary>The estimate of a scale lies on the boundary of what is possible: an sd of 0, a correlation of 1 or -1.</summary>
    | Boundary of message: string
    /// <summary>The posterior mean of a quantity need not exist; medians and quantiles do.</summary>
    | MeanMayNotExist of message: string
    /// <summary>Effects were integrated out numerically with an error that is not negligible beside that of the draws.</summary>
    | Quadrature of message: string
    /// <summary>Columns of population effects are linearly dependent, so that only priors tell their coefficients apart.</summary>
    | DependentColumns of message: string
    /// <summary>A prior named by the user holds at an intercept far outside the data.</summary>
    | DistantOrigin of message: string
    /// <summary>The estimate of a population effect without groups and priors lies far outside its prior.</summary>
    | PriorConflict of message: string
    /// <summary>A note: there are population slopes and no population intercept.</summary>
    | NoIntercept of message: string
    /// <summary>A note: the fit was saved by a version with other random numbers.</summary>
    | OtherDrawScheme of message: string

    /// <summary>The union's case of a warning.</summary>
    /// <param name="warning">A warning or a note of a fit.</param>
    /// <returns>The case of its code, with its sentences.</returns>
    /// <exception cref="T:System.ArgumentOutOfRangeException">The code is none of the enum.</exception>
    static member Of(warning: FitWarning) =
        ArgumentNullException.ThrowIfNull warning

        match warning.Code with
        | FitWarningCode.Divergences -> Divergences warning.Message
        | FitWarningCode.TreeDepth -> TreeDepth warning.Message
        | FitWarningCode.LowEnergyBfmi -> LowEnergyBfmi warning.Message
        | FitWarningCode.RHat -> RHat warning.Message
        | FitWarningCode.LowEss -> LowEss warning.Message
        | FitWarningCode.Cancelled -> Cancelled warning.Message
        | FitWarningCode.PriorReplaced -> PriorReplaced warning.Message
        | FitWarningCode.NotConverged -> NotConverged warning.Message
        | FitWarningCode.Approximation -> Approximation warning.Message
        | FitWarningCode.Boundary -> Boundary warning.Message
        | FitWarningCode.MeanMayNotExist -> MeanMayNotExist warning.Message
        | FitWarningCode.Quadrature -> Quadrature warning.Message
        | FitWarningCode.DependentColumns -> DependentColumns warning.Message
        | FitWarningCode.DistantOrigin -> DistantOrigin warning.Message
        | FitWarningCode.PriorConflict -> PriorConflict warning.Message
        | FitWarningCode.NoIntercept -> NoIntercept warning.Message
        | FitWarningCode.OtherDrawScheme -> OtherDrawScheme warning.Message
        | other -> raise (ArgumentOutOfRangeException(nameof warning, other, "No warning has this code."))

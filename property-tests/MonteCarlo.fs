/// Estimates from draws against exact numbers, or against those of another run.
module TypedPooling.PropertyTests.MonteCarlo

open System
open MathNet.Numerics.Distributions
open TypedPooling.Draws

[<Literal>]
let chains = 4

/// A difference and its standard error.
type Comparison =
    { What: string
      Difference: float
      Error: float }

// A constant has no standard error.
let private average (draws: float[]) =
    Diagnostics.Mean draws, (if Array.forall (fun x -> x = draws[0]) draws then 0.0 else Diagnostics.McseMean(draws, chains))

/// The mean of some draws (a function of the draws of a chain) and its exact value.
let compareMean what expected (draws: float[]) =
    let mean, error = average draws
    { What = $"{what} ({mean:G6} for {expected:G6})"; Difference = mean - expected; Error = error }

/// The means of draws of two independent runs.
let compareMeans what (first: float[]) (second: float[]) =
    let a, e = average first
    let b, f = average second
    { What = $"{what} ({a:G6} and {b:G6})"; Difference = a - b; Error = sqrt (e * e + f * f) }

/// Fails where a difference is larger than chance allows: the bound in standard errors is such that of all comparisons together (so many `cases` of
/// this size) one in 10,000 repetitions fails.
let withinMonteCarloError cases (comparisons: Comparison list) =
    let bound = -Normal.InvCDF(0.0, 1.0, 0.5e-4 / float (cases * comparisons.Length))

    for c in comparisons do
        // Exact on both sides.
        let isExact = c.Error = 0.0 && abs c.Difference <= 1e-12

        if not (isExact || abs c.Difference <= bound * c.Error) then
            failwith $"{c.What}: {abs c.Difference / c.Error:F2} standard errors where {bound:F2} are allowed."

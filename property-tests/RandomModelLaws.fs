/// Random models against criteria by brute force.
/// The gate takes 50 models, 20 Normal and 30 others. The nightly lane takes 2,000: the same seeds and those that follow.
/// TYPEDPOOLING_RANDOM_MODELS sets another number.
module TypedPooling.PropertyTests.RandomModelLaws

open TypedPooling
open TypedPooling.Engines
open TypedPooling.PropertyTests.RandomModelChecks
open TypedPooling.PropertyTests.RandomModels
open TypedPooling.PropertyTests.Replay
open TypedPooling.Tests.Lanes
open Xunit
open TypedPooling.Responses

let private asked = Lane.RandomModels

let private describe (model: RandomModel, verdict) =
    match verdict with
    | Agrees -> model.Text
    | NotConverged -> $"{model.Text}\n    not converged"
    | Refused reason -> $"{model.Text}\n    refused: {reason}"
    | Fails reasons ->
        let reasons = String.concat "\n    " reasons
        $"{model.Text}\n    {reasons}"

/// Checks the first models of the seeds 1, 2, ... that are asked for. A failure names every model that fails, by its seed, and shows the first with
/// all its rows after shrinking: add that to RandomModelCases.
let private agree isAsked count =
    let models = Seq.initInfinite (fun i -> modelOf (1 + i)) |> Seq.filter isAsked |> Seq.truncate count |> Seq.toArray
    let verdicts = models |> Array.Parallel.map (fun model -> model, verdictOf model)
    let those is = verdicts |> Array.filter (snd >> is)
    let text = Array.map describe >> String.concat "\n"
    let failing = those (fun verdict -> match verdict with Fails _ -> true | _ -> false)
    let refused = those (fun verdict -> match verdict with Refused _ -> true | _ -> false)
    let notConverged = those ((=) NotConverged)

    if failing.Length > 0 then
        let small = shrink (fst failing[0])
        let rows = small.Rows |> List.map _.Text |> String.concat "\n"
        failwith $"{failing.Length} of {count} models fail; `verdictOf (modelOf seed)` replays one.\n{text failing}\nThe first, shrunk:\n{describe (small, verdictOf small)}\n{rows}"

    // What an engine cannot fit it says; that is to be rare.
    holds $"at most 1 model in 25 is refused, and {refused.Length} of {count} are:\n{text refused}" (25 * refused.Length <= count)
    holds $"at most 1 model in 25 does not converge, and {notConverged.Length} of {count} do not:\n{text notConverged}" (25 * notConverged.Length <= count)

[<Fact>]
let ``Random Normal models have the dense log likelihood at their estimates, and no point near them has a higher one`` () =
    agree _.Family.HasSums (asked * 2 / 5)

[<Fact>]
let ``Random models of proportions, counts and Gamma responses have the dense log likelihood at their estimates, and no point near them has a higher one`` () =
    agree (fun model -> not model.Family.HasSums) (asked * 3 / 5)

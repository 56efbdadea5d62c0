/// Moments, quantiles and diagnostics of draws that a user has in arrays.
module TypedPooling.PropertyTests.DiagnosticsLaws

open FsCheck.FSharp
open TypedPooling.Draws
open TypedPooling.PropertyTests.Cases
open TypedPooling.PropertyTests.Replay
open Xunit

[<Fact>]
let ``Array literals are draws`` () =
    near "mean" 0.0 2.5 (Diagnostics.Mean [| 1.0; 2.0; 3.0; 4.0 |])
    near "sd" 1e-15 (sqrt (5.0 / 3.0)) (Diagnostics.Sd [| for i in 1..4 -> float i |])
    near "quantile" 1e-15 1.75 (Diagnostics.Quantile([| 4.0; 2.0; 3.0; 1.0 |], 0.25))
    near "quantile of sorted" 1e-15 1.75 (Diagnostics.QuantileOfSorted([| 1.0; 2.0; 3.0; 4.0 |], 0.25))
    near "means of several" 0.0 1.5 ([ [| 1.0 |]; [| 2.0 |] ] |> List.averageBy Diagnostics.Mean)

/// Two chains, and a map of them that does not round, so that ties stay ties: draws -> scale * (shift + draws).
let private maps =
    gen {
        let! draws = Gen.arrayOfLength 60 (onGrid -3 3)
        let! shift = onGrid -5 5
        let! scale = Gen.choose (-6, 6) |> Gen.map (fun k -> 2.0 ** float k)
        return draws, shift, scale
    }
    |> Arb.fromGen

[<Fact>]
let ``Shift and scale move what has units and leave R-hat and effective sample sizes`` () =
    check 801UL 200 maps (fun (draws, shift, scale) ->
        let moved = [| for draw in draws -> scale * (shift + draw) |]
        let summary (draws: float[]) = Diagnostics.Summarize(draws, 2, DrawKind.MarkovChains)
        let before, after = summary draws, summary moved
        let rounding = 1e-14 * (abs shift + 3.0) * scale
        near "mean" rounding (scale * (shift + Diagnostics.Mean draws)) (Diagnostics.Mean moved)
        near "sd" rounding (scale * Diagnostics.Sd draws) (Diagnostics.Sd moved)
        near "quantile" rounding (scale * (shift + Diagnostics.Quantile(draws, 0.3))) (Diagnostics.Quantile(moved, 0.3))
        near "error of the mean" (1e-12 * scale) (scale * Diagnostics.McseMean(draws, 2)) (Diagnostics.McseMean(moved, 2))
        near "error of the sd" (1e-12 * scale) (scale * Diagnostics.McseSd(draws, 2)) (Diagnostics.McseSd(moved, 2))
        near "error of the median" (1e-12 * scale) (scale * Diagnostics.McseMedian(draws, 2)) (Diagnostics.McseMedian(moved, 2))
        near "R-hat" 1e-12 before.RHat after.RHat
        near "bulk ESS" 1e-9 before.EssBulk after.EssBulk
        near "tail ESS" 1e-9 before.EssTail after.EssTail
        near "bulk ESS alone" 0.0 before.EssBulk (Diagnostics.EssBulk(draws, 2))
        near "ESS of the mean" 1e-9 (Diagnostics.EssMean(draws, 2)) (Diagnostics.EssMean(moved, 2)))

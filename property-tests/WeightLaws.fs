/// Precision weights and counts: what they mean, on random models.
module TypedPooling.PropertyTests.WeightLaws

open FsCheck
open FsCheck.FSharp
open TypedPooling
open TypedPooling.Inference.Marginal
open TypedPooling.PropertyTests.Cases
open TypedPooling.PropertyTests.Replay
open Xunit
open type TypedPooling.Prior

/// Cases with an unknown sigma whose coordinate is its log, the first of theta.
let private withSigma =
    let set (case: Case) = { case with Sigma = Some(InverseGammaOnVariance(1.5, 0.8)) }
    Arb.fromGenShrink (Arb.toGen cases |> Gen.map set, Arb.toShrink cases >> Seq.map set)

let private logDensity (model: NormalModel<Row>) (rows: Row list) (theta: float[]) =
    let density = MarginalDensity.Of(model.Bind rows)
    density.LogLikelihood theta[.. density.Dimension - 1]

let private countOf (row: Row) = floor (4.0 * row.Se)

[<Fact>]
let ``A row with a count is the row repeated`` () =
    check 701UL 80 withSigma (fun case ->
        let repeated = case.Rows |> List.collect (fun row -> List.replicate (int (countOf row)) row)
        let expected = logDensity (model case) repeated (List.toArray case.Theta)
        let counted = (model case).Count((fun row -> countOf row), name = "N")
        near "log likelihood" (1e-11 * (10.0 + abs expected)) expected (logDensity counted case.Rows (List.toArray case.Theta)))

[<Fact>]
let ``Weights times c and sigma times sqrt c are the same model`` () =
    check 702UL 80 (Arb.fromGen (Gen.zip (Arb.toGen withSigma) (positive 0.01 100.0))) (fun (case, c) ->
        let theta = List.toArray case.Theta
        let moved = theta |> Array.mapi (fun i z -> if i = 0 then z + 0.5 * log c else z)
        let expected = logDensity ((model case).PrecisionWeight(fun row -> row.Se)) case.Rows theta
        let weighted = (model case).PrecisionWeight((fun row -> c * row.Se), name = "cw")
        near "log likelihood" (1e-10 * (10.0 + abs expected)) expected (logDensity weighted case.Rows moved))

[<Fact>]
let ``Weights 1 over sd squared at sigma 1 are known errors`` () =
    check 703UL 80 withSigma (fun case ->
        let known = { case with Sigma = None; Theta = case.Theta.Tail }
        let expected = logDensity (model known) case.Rows (List.toArray known.Theta)
        let weighted = (model { case with Sigma = Some(Fixed 1.0) }).PrecisionWeight((fun row -> 1.0 / (row.Se * row.Se)), name = "w")
        near "log likelihood" (1e-11 * (10.0 + abs expected)) expected (logDensity weighted case.Rows (List.toArray known.Theta)))

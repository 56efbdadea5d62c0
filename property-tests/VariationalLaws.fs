/// The lower bound of the Variational engine against the exact log evidence.
module TypedPooling.PropertyTests.VariationalLaws

open System
open FsCheck.FSharp
open TypedPooling
open TypedPooling.Engines
open TypedPooling.Inference.Variational
open TypedPooling.PropertyTests.Cases
open TypedPooling.PropertyTests.Replay
open Xunit
open type TypedPooling.Prior

let private model (sigma: IScalePrior) (sd: IScalePrior) =
    PooledModel.Of<Row>()
        .Normal((fun row -> row.Y), sigma = sigma)
        .Intercept(Normal(0.0, 3.0))
        .Slope((fun row -> row.X[0]), Normal(0.0, 2.0))
        .Varying(group, fun g -> g.Intercept sd)

[<Fact>]
let ``The bound is the log evidence where every scale is known, and moments are those of the exact engine`` () =
    let cases = Gen.zip3 (rows 1 7 5) (positive 0.2 3.0) (positive 0.1 3.0)

    check 711UL 60 (Arb.fromGen cases) (fun (rows, sigma, sd) ->
        let model = model (Fixed sigma) (Fixed sd)
        let exact = model.Fit(rows, Engine.Marginal, momentsOnly)
        let bound = model.Fit(rows, Engine.Variational, momentsOnly).Posterior.EvidenceBound.Value
        let evidence = exact.LogEvidence.Value.Value
        near "bound" (1e-9 * (1.0 + abs evidence)) evidence bound)

[<Fact>]
let ``The bound is never above the log evidence, and more iterations never lower it`` () =
    let conjugate = Gen.elements [ HalfStudentT(3.0, 1.0) :> IScalePrior; HalfCauchy 2.0; InverseGammaOnVariance(2.0, 1.0) ]
    let cases = Gen.zip3 (rows 1 7 5) conjugate conjugate

    check 712UL 15 (Arb.fromGen cases) (fun (rows, sigma, sd) ->
        let model = model sigma sd
        let bounds =
            [ for most in [ 1; 2; 4; 8; 200 ] -> model.Fit(rows, VariationalEngine(MaximumIterations = most), momentsOnly).Posterior.EvidenceBound.Value ]

        for first, second in List.pairwise bounds do
            holds $"a bound of {first} does not fall to {second}" (second >= first - 1e-9 * (1.0 + abs first))

        // Where the exact engine draws independently it knows the evidence, with an error.
        let evidence = model.Fit(rows, Engine.Marginal).LogEvidence

        if evidence.HasValue then
            holds $"a bound of {List.last bounds} is not above {evidence.Value.Value}" (List.last bounds <= evidence.Value.Value + 5.0 * evidence.Value.Error))

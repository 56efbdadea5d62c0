/// Predictions: at known scales against the joint normal distribution of all responses, at estimated ones draw by draw.
module TypedPooling.PropertyTests.PredictionLaws

open System
open FsCheck
open FsCheck.FSharp
open MathNet.Numerics.LinearAlgebra
open TypedPooling
open TypedPooling.Engines
open TypedPooling.PropertyTests.Cases
open TypedPooling.PropertyTests.Replay
open Xunit
open type TypedPooling.Prior

/// Every scale known, priors of coefficients Normal or fixed: responses and predictions are jointly normal.
let private known (case: Case) =
    let sigma, lambda, _ = Dense.scales { case with Correlation = Uncorrelated }

    { case with
        Population = case.Population |> List.map (fun (column, prior) -> column, (if prior :? FlatPrior then Normal(0.5, 2.0) else prior))
        Varying = case.Varying |> List.mapi (fun a (column, _) -> column, Fixed lambda[a, a])
        Sigma = case.Sigma |> Option.map (fun _ -> Fixed sigma)
        Correlation = Uncorrelated }

let private knownCases =
    Arb.fromGenShrink (Arb.toGen cases |> Gen.map known, Arb.toShrink cases >> Seq.map known)

/// Another row of the same kind, of a known group or not.
let private withTarget (cases: Arbitrary<Case>) =
    let target =
        gen {
            let! x = Gen.listOfLength 3 (onGrid -3 3)
            let! group = Gen.elements [ "g1"; "g2"; "nowhere" ]
            let! se = positive 0.3 3.0
            return { Group = group; X = List.toArray x; Y = nan; Se = se }
        }

    Arb.fromGenShrink (Gen.zip (Arb.toGen cases) target, fun (case, target) -> Arb.toShrink cases case |> Seq.map (fun case -> case, target))

let private residualVariance (case: Case) (row: Row) =
    match case.Sigma with
    | Some sigma -> sigma.Lower * sigma.Lower
    | None -> row.Se * row.Se

/// Mean and variance of the target's linear predictor given the rows; `groupVariance` says whether it shares, has or lacks effects.
let private conditional (case: Case) (target: Row) sharesGroup hasEffects =
    let rows = List.toArray case.Rows
    let n = rows.Length

    let prior (row: Row) =
        case.Population
        |> List.sumBy (fun (column, prior) ->
            value row column
            * (match prior with
               | :? NormalPrior as normal -> normal.Mean
               | :? FixedPrior as known -> known.Value
               | _ -> failwith "no such prior"))

    let population (a: Row) (b: Row) =
        case.Population
        |> List.sumBy (fun (column, prior) ->
            match prior with
            | :? NormalPrior as normal -> normal.Sd * normal.Sd * value a column * value b column
            | _ -> 0.0)

    let effects (a: Row) (b: Row) =
        case.Varying |> List.sumBy (fun (column, sd) -> sd.Lower * sd.Lower * value a column * value b column)

    let between i j =
        population rows[i] rows[j]
        + (if rows[i].Group = rows[j].Group then effects rows[i] rows[j] else 0.0)
        + (if i = j then residualVariance case rows[i] else 0.0)

    let cholesky = Matrix<float>.Build.Dense(n, n, between).Cholesky()
    let c =
        Vector<float>.Build.Dense(n, fun i -> population rows[i] target + (if sharesGroup && rows[i].Group = target.Group then effects rows[i] target else 0.0))
    let rest = Vector<float>.Build.Dense(n, fun i -> rows[i].Y - prior rows[i])
    let own = population target target + (if hasEffects then effects target target else 0.0)
    prior target + c * cholesky.Solve rest, own - c * cholesky.Solve c

let private same what (mean, variance) (quantity: Quantity) =
    let sd = sqrt (max 0.0 variance)
    near $"{what}: mean" (1e-7 * (1.0 + abs mean)) mean quantity.Mean
    // Variances are differences of larger ones.
    near $"{what}: variance" (1e-7 * (1.0 + sd * sd)) (sd * sd) (quantity.Sd * quantity.Sd)

[<Fact>]
let ``At known scales a prediction has the moments of the joint normal distribution, and a new group those of its own and of the noise`` () =
    check 901UL 150 (withTarget knownCases) (fun (case, target) ->
        let fit = (model case).Fit(case.Rows, momentsOnly)
        let noise = residualVariance case target
        let own = conditional case target true true
        same "own key" own (fit.PredictMean target)
        same "own key, new observation" (fst own, snd own + noise) (fit.PredictNew target)

        if not case.Varying.IsEmpty then
            let mean, variance = conditional case target false true
            same "new group" (mean, variance) (fit.PredictMean(target, group.New "nowhere"))
            same "new observation of a new group" (mean, variance + noise) (fit.PredictNew(target, group.New "nowhere"))
            same "average" (conditional case target false false) (fit.PredictMean(target, group.Average())))

/// Numbers that are independent and standard normal, whatever the draws they were made with.
let private areStandard what (numbers: float[]) =
    let n = float numbers.Length
    let mean, square = Array.average numbers, numbers |> Array.averageBy (fun e -> e * e)
    holds $"{what}: mean {mean:G3} within five standard errors of 0" (abs mean * sqrt n <= 5.0)
    holds $"{what}: mean square {square:G4} within five standard errors of 1" (abs (square - 1.0) * sqrt (n / 2.0) <= 5.0)

[<Fact>]
let ``In each draw a new group adds the variance of its effects and an observation that of the residual`` () =
    let varying = Arb.filter (fun (case: Case) -> not case.Varying.IsEmpty) cases

    check 902UL 25 (withTarget varying) (fun (case, target) ->
        let options = RunOptions(Chains = 1, Warmup = 150, Draws = 800, Seed = 3UL, Sampling = SamplingMethod.Nuts)
        let fit = (model case).Fit(case.Rows, options)
        let byGroup = fit.For group
        let names = case.Varying |> List.map (fst >> nameOf)
        let z = case.Varying |> List.map (fst >> value target)

        // z'Sigma z from the scales that the table reports.
        let effectVariance =
            [| for s in 0 .. options.Draws - 1 ->
                   let sd = names |> List.map (fun name -> byGroup.Sd(name).Draws[s])

                   List.sum
                       [ for a in 0 .. names.Length - 1 do
                             for b in 0 .. names.Length - 1 do
                                 let correlation =
                                     if a = b then 1.0
                                     elif case.Correlation :? UncorrelatedPrior then 0.0
                                     else byGroup.Correlation(names[a], names[b]).Draws[s]

                                 z[a] * z[b] * sd[a] * sd[b] * correlation ] |]

        let residualVariance =
            [| for s in 0 .. options.Draws - 1 ->
                   if case.Sigma.IsSome then fit.Sigma.Draws[s] ** 2.0 else target.Se ** 2.0 |]

        let average = fit.PredictMean(target, group.Average()).Draws
        let mean = fit.PredictMean(target, group.New "nowhere").Draws
        let observed = fit.PredictNew(target, group.New "nowhere").Draws
        let standard (draws: float seq) variances =
            Seq.map3 (fun draw centre variance -> (draw - centre) / sqrt variance) draws average variances |> Seq.toArray

        if List.exists (fun v -> v <> 0.0) z && Array.forall (fun v -> v > 1e-12) effectVariance then
            areStandard "effect of a new group" (standard mean effectVariance)

        areStandard "new observation" (standard observed (Array.map2 (+) effectVariance residualVariance)))

[<Fact>]
let ``The mean of a known group is the sum of its coefficients in every draw, and rows of one new group differ by its coefficients alone`` () =
    check 903UL 25 (withTarget cases) (fun (case, target) ->
        let options = RunOptions(Chains = 1, Warmup = 100, Draws = 20, Seed = 3UL, Sampling = SamplingMethod.Nuts)
        let fit = (model case).Fit(case.Rows, options)
        let target = { target with Group = case.Rows.Head.Group }

        let expected =
            fit.Derive(fun draw ->
                (case.Population |> List.sumBy (fun (column, _) -> value target column * draw.Of(fit.Coefficient(nameOf column))))
                + (case.Varying |> List.sumBy (fun (column, _) -> value target column * draw.Of((fit.For group).Level(target.Group).Effect(nameOf column)))))

        let actual = fit.PredictMean target

        for s in 0 .. options.Draws - 1 do
            near "sum of coefficients" (1e-11 * (1.0 + abs expected.Draws[s])) expected.Draws[s] actual.Draws[s]

        let row = { target with Group = "nowhere" }
        let other = { row with X = Array.map ((+) 1.0) row.X }
        let both = fit.PredictMean [ row; row; other ] |> Seq.map _.Draws |> Seq.toArray
        holds "rows of one new group with equal columns are predicted alike" (Seq.forall2 (=) both[0] both[1])

        // Linear in the columns: the middle of two rows is the middle of their predictions.
        let middle = fit.PredictMean { row with X = Array.map ((+) 0.5) row.X }

        for s in 0 .. options.Draws - 1 do
            let expected = 0.5 * (both[0][s] + both[2][s])
            near "middle of two rows" (1e-10 * (1.0 + abs (both[0][s]) + abs (both[2][s]))) expected middle.Draws[s])

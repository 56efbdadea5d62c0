/// A sampled fit against quadrature: models with one unknown scale, whose posterior a fine grid gives to many digits.
module TypedPooling.PropertyTests.EngineAgreement

open System
open FsCheck
open FsCheck.FSharp
open TypedPooling
open TypedPooling.Engines
open TypedPooling.PropertyTests.Cases
open TypedPooling.PropertyTests.Replay
open Xunit
open type TypedPooling.Prior

/// Posterior means and sds of tau, mu and every theta_j of y_j ~ Normal(theta_j, se_j), theta_j ~ Normal(mu, tau), mu ~ Normal(0, muSd), by a grid
/// over log tau.
let private quadrature (schools: Row list) muSd (tauPrior: IScalePrior) =
    let node z =
        let tau = exp z
        let weights = [ for s in schools -> 1.0 / (s.Se ** 2.0 + tau ** 2.0) ]
        let precision = muSd ** -2.0 + List.sum weights
        let mu = List.sum (List.map2 (fun w s -> w * s.Y) weights schools) / precision
        let squares = List.sum (List.map2 (fun w s -> w * s.Y * s.Y) weights schools) - precision * mu * mu
        let logWeight = z + tauPrior.LogScaleDensity tau - 0.5 * (squares + log precision) + 0.5 * List.sumBy log weights

        let levels =
            [ for s in schools ->
                  let share = tau ** 2.0 / (tau ** 2.0 + s.Se ** 2.0)
                  let mean = share * s.Y + (1.0 - share) * mu
                  mean, mean ** 2.0 + share * s.Se ** 2.0 + (1.0 - share) ** 2.0 / precision ]

        logWeight, (tau, tau ** 2.0) :: (mu, mu ** 2.0 + 1.0 / precision) :: levels

    let nodes = [ for i in 0..4000 -> node (-14.0 + 0.006 * float i) ]
    let largest = nodes |> List.map fst |> List.max
    let total = nodes |> List.sumBy (fun (w, _) -> exp (w - largest))
    let average f = (nodes |> List.sumBy (fun (w, values) -> exp (w - largest) * f values)) / total

    [ for i in 0 .. schools.Length + 1 ->
          let mean = average (fun values -> fst values[i])
          mean, sqrt (average (fun values -> snd values[i]) - mean ** 2.0) ]

let private agrees (schools: Row list) muSd (tauPrior: IScalePrior) seed =
    let fit =
        PooledModel.Of<Row>()
            .Normal((fun row -> row.Y), (fun row -> row.Se))
            .Intercept(Normal(0.0, muSd))
            .Varying(group, fun g -> g.Intercept tauPrior)
            .Fit(schools, RunOptions(Seed = seed, Warmup = 600, Draws = 1500))

    let byGroup = fit.For group
    let quantities = byGroup.InterceptSd :: fit.Intercept :: [ for row in schools -> byGroup.Level(row.Group).Intercept ]

    for (mean, sd), quantity in List.zip (quadrature schools muSd tauPrior) quantities do
        holds $"{quantity.Name} has an ESS of 400 or more, and it is {quantity.EssBulk:F0}" (quantity.EssBulk >= 400.0)
        near $"mean of {quantity.Name}" (5.0 * quantity.McseMean) mean quantity.Mean
        near $"sd of {quantity.Name}" (5.0 * quantity.McseSd) sd quantity.Sd

let private school index y se = { Group = $"School {index}"; X = [||]; Y = y; Se = se }

let private eightSchools =
    List.mapi2 school [ 28.0; 8.0; -3.0; 7.0; -1.0; 1.0; 18.0; 12.0 ] [ 15.0; 10.0; 16.0; 11.0; 9.0; 11.0; 10.0; 18.0 ]

[<Fact>]
let ``The grid gives the eight schools' known answer`` () =
    match quadrature eightSchools 5.0 (HalfCauchy 5.0) with
    | (tau, tauSd) :: (mu, muSd) :: (first, firstSd) :: _ ->
        for expected, actual in [ 3.5977, tau; 3.2200, tauSd; 4.3968, mu; 3.3177, muSd; 6.2119, first; 5.5931, firstSd ] do
            near "quadrature" 2e-4 expected actual
    | _ -> failwith "no result"

[<Fact>]
let ``The sampled fit of the eight schools agrees with the grid`` () =
    agrees eightSchools 5.0 (HalfCauchy 5.0) 3UL

[<Fact>]
let ``A sampled fit agrees with the grid where the sd is at its boundary`` () =
    agrees (List.mapi2 school [ 1.0; 1.1; 0.9; 1.0; 1.05; 0.95 ] [ 1.0; 0.5; 2.0; 1.0; 0.7; 1.5 ]) 3.0 (Exponential 1.0) 4UL

[<Fact>]
let ``A sampled fit agrees with the grid where few levels leave the sd skewed`` () =
    agrees (List.mapi2 school [ -2.0; 3.0; 6.0 ] [ 0.5; 1.0; 0.3 ]) 10.0 (HalfNormal 8.0) 5UL

[<Fact>]
let ``A sampled fit agrees with the grid where there is one level`` () =
    agrees [ school 0 2.0 1.0 ] 2.0 (HalfStudentT(5.0, 2.0)) 6UL

[<Fact>]
let ``A sampled fit of random known-error models agrees with the grid`` () =
    let models = Gen.zip3 (rows 0 9 1) (positive 1.0 10.0) (Gen.elements [ Exponential 1.0 :> IScalePrior; HalfNormal 2.0; Gamma(2.0, 1.0) ])

    check 601UL 3 (Arb.fromGen models) (fun (schools, muSd, tauPrior) -> agrees schools muSd tauPrior 7UL)

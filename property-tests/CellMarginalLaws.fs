/// Posteriors of proportions and counts whose varying effects are integrated out: what must not change them does not.
module TypedPooling.PropertyTests.CellMarginalLaws

open FsCheck
open FsCheck.FSharp
open MathNet.Numerics
open TypedPooling
open TypedPooling.Engines
open TypedPooling.PropertyTests.Replay
open Xunit
open type TypedPooling.Prior

[<StructuredFormatDisplay("{Text}")>]
type Tally =
    { Site: string
      X: float
      Successes: int
      Trials: int
      Exposure: float }

    /// On one line, for shrunk cases.
    member this.Text = $"{this.Site} x {this.X} {this.Successes}/{this.Trials} exposure {this.Exposure:R}"

let private site = Group.By(fun (row: Tally) -> row.Site)

let private tally name =
    gen {
        let! x = Gen.elements [ -1.0; 0.0; 0.5; 1.0 ]
        let! trials = Gen.choose (1, 6)
        let! successes = Gen.choose (0, trials)
        let! exposure = Gen.elements [ 0.5; 1.0; 3.0 ]

        return
            { Site = name
              X = x
              Successes = successes
              Trials = trials
              Exposure = exposure }
    }

/// Four to seven sites of two to five rows.
let private tallies =
    gen {
        let! counts = Gen.choose (4, 7) |> Gen.bind (fun sites -> Gen.listOfLength sites (Gen.choose (2, 5)))
        let rows = counts |> List.mapi (fun j count -> Gen.listOfLength count (tally $"site {j}"))
        let! rows = Gen.sequenceToList rows
        return List.concat rows
    }

/// Independent draws only: chains would part ways at the first rounding error.
let private options = RunOptions(Seed = 17UL, Draws = 500, Sampling = SamplingMethod.Importance)

/// Means and sds of the intercept, the slope and the sd of sites, and the log evidence.
let private summary (fit: Fit<Tally>) =
    let evidence = fit.Posterior.LogEvidence.Value.Value

    [ for quantity in [ fit.Intercept; fit.Coefficient(fun row -> row.X); fit.For(site).InterceptSd ] do
          quantity.Name, quantity.Mean
          "sd of " + quantity.Name, quantity.Sd ],
    evidence

let private same (first: (string * float) list) (second: (string * float) list) =
    for (name, expected), (_, actual) in List.zip first second do
        near name (1e-5 * (1.0 + abs expected)) expected actual

let private binomial =
    PooledModel.Of<Tally>()
        .Binomial((fun row -> row.Successes), (fun row -> row.Trials))
        .Intercept(Normal(0.0, 1.5))
        .Slope((fun row -> row.X), Normal(0.0, 1.0))
        .Varying(site, fun g -> g.Intercept(Exponential 1.0))

let private poisson shift =
    PooledModel.Of<Tally>()
        .Poisson((fun row -> row.Successes), exposure = (fun row -> row.Exposure))
        .Intercept(Normal(shift, 1.5))
        .Slope((fun row -> row.X), Normal(0.0, 1.0))
        .Varying(site, fun g -> g.Intercept(Exponential 1.0))

[<Fact>]
let ``Binomial rows and the yes-or-no rows they stand for have one posterior, and evidences apart by the orders of those`` () =
    check 31UL 8 (Arb.fromGen tallies) (fun rows ->
        let split =
            [ for row in rows do
                  for trial in 1 .. row.Trials do
                      { row with Successes = (if trial <= row.Successes then 1 else 0); Trials = 1 } ]

        let whole, evidence = summary (binomial.Fit(rows, Engine.Marginal, options))
        let parts, evidenceOfParts = summary (binomial.Fit(split, Engine.Marginal, options))
        same whole parts
        let orders = rows |> List.sumBy (fun row -> SpecialFunctions.BinomialLn(row.Trials, row.Successes))
        near "the evidence" 1e-6 evidence (evidenceOfParts + orders))

[<Fact>]
let ``The order of rows and of sites does not matter`` () =
    check 32UL 8 (Arb.fromGen tallies) (fun rows ->
        let first, evidence = summary ((poisson 0.0).Fit(rows, Engine.Marginal, options))
        let second, other = summary ((poisson 0.0).Fit(List.rev rows, Engine.Marginal, options))
        same first second
        near "the evidence" 1e-6 evidence other)

[<Fact>]
let ``An exposure in other units moves the intercept by the log of the unit, and nothing else`` () =
    check 33UL 8 (Arb.fromGen tallies) (fun rows ->
        let unit = 12.0
        let years, evidence = summary ((poisson 0.0).Fit(rows, Engine.Marginal, options))
        let inMonths = rows |> List.map (fun row -> { row with Exposure = unit * row.Exposure })
        let months, other = summary ((poisson (-log unit)).Fit(inMonths, Engine.Marginal, options))
        let (name, intercept) = months.Head
        same years ((name, intercept + log unit) :: months.Tail)
        near "the evidence" 1e-6 evidence other)

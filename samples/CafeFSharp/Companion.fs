/// What TypedPooling.FSharp adds: options and unions as columns and categories, pipelines, warnings as a union.
module TypedPooling.Samples.CafeFSharp.Companion

open TypedPooling.Randomness

// <readme rows>
open TypedPooling
open TypedPooling.FSharp

type Dose =
    | Placebo
    | Low
    | High

type Patient =
    { Clinic: string
      Dose: Dose
      Age: float option
      Pressure: float voption
      Change: float }
// </readme>

/// Twelve patients in each of eight clinics: a low dose adds 1, a high dose 2.5; every tenth age is not known.
let patients =
    let random = PhiloxStream(2UL, 0UL)

    [ for clinic in 1..8 do
          let effect = random.NextNormal()

          for patient in 0..11 do
              let dose, added = [| High, 2.5; Placebo, 0.0; Low, 1.0 |][patient % 3]
              let age, pressure = 50.0 + 10.0 * random.NextNormal(), 120.0 + 10.0 * random.NextNormal()

              { Clinic = $"clinic {clinic}"
                Dose = dose
                Age = if (12 * clinic + patient) % 10 = 0 then None else Some age
                Pressure = ValueSome pressure
                Change = effect + added + 0.05 * (age - 50.0) + random.NextNormal() } ]

let run () =
    // <readme columns>
    let clinic = Group.By(fun (p: Patient) -> p.Clinic)

    let model =
        PooledModel.Of<Patient>()
            .Normal(fun p -> p.Change)
            .Intercept()
            .Slope(fun p -> p.Age)
            .Slope(fun p -> p.Pressure)
            .Categorical(fun p -> p.Dose)
            .Varying(clinic, _.Intercept())
            .DropRowsWithMissingValues()
    // </readme>

    // <readme pipeline>
    let fit = model |> Model.fit patients
    fit |> Fit.table |> printfn "%O"
    fit |> Fit.level clinic "clinic 3" |> fun level -> printfn $"{level.Intercept}"
    printfn $"{fit.Coefficient(fun p -> p.Age)}"
    // </readme>

    // <readme warnings>
    for warning in Fit.warnings fit do
        match warning with
        | Warning.RHat message
        | Warning.LowEss message -> printfn $"Run longer: {message}"
        | Warning.Boundary message -> printfn $"An estimate lies on the boundary: {message}"
        | other -> printfn $"{other}"
    // </readme>

    // <readme keys>
    let byDose = Group.By(fun (p: Patient) -> p.Dose)

    PooledModel.Of<Patient>().Normal(fun p -> p.Change).Intercept().Varying(byDose, _.Intercept())
    |> Model.fit patients
    |> Fit.level byDose High
    |> fun level -> printfn $"{level.Intercept}"
    // </readme>

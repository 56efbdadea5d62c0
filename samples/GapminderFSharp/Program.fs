module TypedPooling.Samples.GapminderFSharp.Program

open System
open System.IO
open System.Text
open TypedPooling
open TypedPooling.Draws
open type TypedPooling.Prior

/// One country in one year; L is life expectancy, standardised over all rows, T counts steps of five years from 1952.
[<CLIMutable>]
type CountryYear = { Country: string; T: float; L: float }

/// The rows, and the years of life that one unit of L stands for. No field is empty; names with a comma are in quotes.
let rows, yearsPerUnit =
    let fields (line: string) =
        line.Split '"'
        |> Array.mapi (fun i part -> if i % 2 = 1 then [| part |] else part.Trim(',').Split(',', StringSplitOptions.RemoveEmptyEntries))
        |> Array.concat

    let records = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "gapminder.csv")) |> Array.skip 1 |> Array.map fields
    let life = records |> Array.map (fun record -> float record[3])
    let mean, sd = Diagnostics.Mean life, Diagnostics.Sd life
    Array.map2 (fun (record: string[]) years -> { Country = record[0]; T = (float record[2] - 1952.0) / 5.0; L = (years - mean) / sd }) records life, sd

let beside (name: string) (printed: float list) (ours: Quantity) =
    let interval = ours.Interval()
    let line source numbers = printfn "%-28s%s" $"{name}, {source}" (numbers |> List.map (sprintf "%9.4f") |> String.concat "")
    line "lecture" printed
    line "here" [ ours.Mean; ours.Sd; interval.Lower; interval.Upper ]

let run () =
    let country = Group.By(fun (v: CountryYear) -> v.Country)
    let shared = PooledModel.Of<CountryYear>().Normal((fun v -> v.L), sigma = Exponential 1).Slope((fun v -> v.T), Normal(0, 2))

    // Each country has a level and a pace of its own, or a level only.
    let slopes = shared.Varying(country, fun g -> g.Intercept(Exponential 1).Slope((fun v -> v.T), Exponential 1).Correlated(Lkj 1))
    let intercepts = shared.Varying(country, fun g -> g.Intercept(Exponential 1))
    let fit, simpler = slopes.Fit rows, intercepts.Fit rows
    let byCountry = fit.For country

    printfn $"{slopes}\n\n{fit}"
    printfn $"One pace for all leaves errors of %.1f{yearsPerUnit * simpler.Sigma.Mean} years about the lines; where paces vary they are %.1f{yearsPerUnit * fit.Sigma.Mean} years.\n"

    printfn "%-28s%9s%9s%9s%9s" "" "mean" "sd" "5.5%" "94.5%"
    beside "sd of intercepts" [ 1.1816; 0.0709; 1.0709; 1.2984 ] byCountry.InterceptSd
    beside "sd of slopes" [ 0.0648; 0.0046; 0.0579; 0.0726 ] (byCountry.Sd(fun v -> v.T))

    // Which model predicts another row of a known country better?
    let comparison = ModelComparison.Of(fit.Loo(rows, "slopes vary"), simpler.Loo(rows, "intercepts only"))
    printfn "\nExpected log predictive density of a row given all others (PSIS-LOO)"
    for compared in comparison.Models do
        printfn "%-28s%9.1f%9.1f" compared.Name compared.Difference compared.DifferenceSe

    // Two steps of five years: years of life gained in a decade.
    let pace =
        [ for name in byCountry.Keys do
              let slope = byCountry.Level(name).Slope(fun v -> v.T)
              fit.Derive((fun d -> 2.0 * yearsPerUnit * d.Of slope), name) ]
        |> List.sortByDescending _.Mean

    printfn "\nYears of life expectancy gained in a decade"
    for gain in List.take 3 pace @ List.skip (pace.Length - 3) pace do
        printfn $"{gain}; P(falling) = %.2f{gain.Probability(fun x -> x < 0.0)}"

[<EntryPoint>]
let main _ =
    Console.OutputEncoding <- Encoding.UTF8
    run ()
    0

module TypedPooling.Samples.CafeFSharp.Program

System.Console.OutputEncoding <- System.Text.Encoding.UTF8

// <readme cafe>
open System.IO
open TypedPooling
open type TypedPooling.Prior

type Visit = { Cafe: string; Afternoon: bool; Wait: float }

let visits =
    [ for line in File.ReadLines "tests/data/cafe.csv" |> Seq.skip 1 do
          let fields = line.Split ','
          { Cafe = $"Café {fields[0]}"; Afternoon = (fields[1] = "1"); Wait = float fields[2] } ]

let cafe = Group.By(fun (v: Visit) -> v.Cafe)

let model =
    PooledModel.Of<Visit>()
        .Normal((fun v -> v.Wait), sigma = Exponential 1)
        .Intercept(Normal(5, 2))
        .Slope((fun v -> v.Afternoon), Normal(-1, 0.5))
        .Varying(cafe, fun g -> g.Intercept(Exponential 1).Slope((fun v -> v.Afternoon), Exponential 1).Correlated(Lkj 2))

let fit = model.Fit visits
printfn $"{fit.Table}"

let byCafe = fit.For cafe
let first, second = byCafe.Level("Café 1").Intercept, byCafe.Level("Café 2").Intercept
let gap = fit.Derive((fun d -> d.Of first - d.Of second), "Café 1 - Café 2")
printfn $"{gap}; P(longer) = %.2f{gap.Probability(fun x -> x > 0.0)}"
// </readme>

let run () =
    // <readme predict>
    let visit = { Cafe = "Café 1"; Afternoon = true; Wait = nan }
    let known, fresh = fit.PredictMean visit, fit.PredictNew(visit, cafe.New "not built yet")
    printfn $"{known}"
    printfn $"{fit.PredictMean(visit, cafe.Average())}"
    printfn $"{fresh.Histogram 12}"

    for prediction in fit.PredictNew [ visit; { visit with Cafe = "not built yet" } ] do
        printfn $"{prediction}"
    // </readme>

    // <readme files>
    let file = Path.Combine(Path.GetTempPath(), "cafe.fit")
    fit.Thin(200).Save file
    let scorer = model.LoadFit file
    printfn $"{scorer.PredictMean visit}"
    // </readme>
    File.Delete file

[<EntryPoint>]
let main _ =
    run ()
    Companion.run ()
    0

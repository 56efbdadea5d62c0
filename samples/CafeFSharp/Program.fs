module TypedPooling.Samples.CafeFSharp.Program

open System
open System.IO
open System.Text
open TypedPooling
open TypedPooling.Randomness
open type TypedPooling.Prior

[<CLIMutable>]
type Visit = { Cafe: string; Afternoon: bool; Wait: float }

/// Ten visits to each of 20 cafés, with the lecture's values: waits of 3.5 minutes (sd 1), one less in the afternoon (sd 0.5), correlation -0.7,
/// visits with sd 0.5.
let visits =
    let random = PhiloxStream(1UL, 0UL)
    [ for cafe in 1..20 do
          let first = random.NextNormal()
          let second = -0.7 * first + sqrt (1.0 - 0.49) * random.NextNormal()
          for visit in 0..9 do
              let afternoon = visit % 2 = 1
              let difference = if afternoon then -1.0 + 0.5 * second else 0.0
              { Cafe = $"Café {cafe}"; Afternoon = afternoon; Wait = 3.5 + first + difference + 0.5 * random.NextNormal() } ]

let run () =
    // <readme cafe>
    let cafe = Group.By(fun (v: Visit) -> v.Cafe)

    let model =
        PooledModel.Of<Visit>()
            .Normal((fun v -> v.Wait), sigma = Exponential 1)
            .Intercept(Normal(5, 2))
            .Slope((fun v -> v.Afternoon), Normal(-1, 0.5))
            .Varying(cafe, fun g -> g.Intercept(Exponential 1).Slope((fun v -> v.Afternoon), Exponential 1).Correlated(Lkj 2))

    let fit = model.Fit visits
    printfn $"{fit}"

    let byCafe = fit.For cafe
    let first, second = byCafe.Level("Café 1").Intercept, byCafe.Level("Café 2").Intercept
    let gap = fit.Derive((fun d -> d.Of first - d.Of second), "Café 1 - Café 2")
    printfn $"{gap}; P(longer) = %.2f{gap.Probability(fun x -> x > 0.0)}"
    // </readme>

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
    Console.OutputEncoding <- Encoding.UTF8
    run ()
    0

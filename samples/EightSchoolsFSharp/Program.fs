module TypedPooling.Samples.EightSchoolsFSharp.Program

open System
open System.IO
open System.Text
open TypedPooling
open TypedPooling.Engines
open type TypedPooling.Prior

/// The estimated effect of a coaching course in one school, in points, and its standard error.
[<CLIMutable>]
type School = { Name: string; Effect: float; Se: float }

let schools =
    [ for line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "eight_schools.csv")) |> Seq.skip 1 do
          let fields = line.Split ','
          { Name = fields[0]; Effect = float fields[1]; Se = float fields[2] } ]

let beside (name: string) (mean: float, sd: float) (ours: Quantity) =
    printfn "%-24s%9.4f%9.4f" $"{name}, integrated" mean sd
    printfn "%-24s%9.4f%9.4f" $"{name}, here" ours.Mean ours.Sd

let run () =
    let school = Group.By((fun (s: School) -> s.Name), "School")

    // knownSd takes the place of sigma.
    let model =
        PooledModel.Of<School>()
            .Normal((fun s -> s.Effect), knownSd = fun s -> s.Se)
            .Intercept(Normal(0, 5))
            .Varying(school, fun g -> g.Intercept(HalfCauchy 5))

    let fit = model.Fit(schools, RunOptions(Draws = 4000))
    let bySchool = fit.For school
    printfn $"{model}\n\n{fit}"

    let effects = [ for s in schools -> bySchool.Level(s.Name).Intercept ]
    beside "mu" (4.3968, 3.3177) fit.Intercept
    beside "tau" (3.5977, 3.2200) bySchool.InterceptSd
    beside "theta_A" (6.2119, 5.5931) effects[0]
    beside "theta_H" (4.8543, 5.2908) effects[7]

    let complete = bySchool.Shrinkage().CompletePooling[0]
    let completeSe = 1.0 / sqrt (schools |> List.sumBy (fun s -> 1.0 / (s.Se * s.Se)))
    let text mean sd = sprintf "%.1f (%.1f)" mean sd
    let best (own: Quantity) = fit.Derive((fun d -> if effects |> List.forall (fun other -> d.Of other <= d.Of own) then 1.0 else 0.0), "best").Mean

    printfn "\n%-8s%13s%13s%13s%9s" "pooling" "none" "partial" "complete" "P(best)"
    for s, effect in List.zip schools effects do
        printfn "%-8s%13s%13s%13s%9.2f" s.Name (text s.Effect s.Se) (text effect.Mean effect.Sd) (text complete completeSe) (best effect)

    printfn $"\nP(A is the best of the eight) = %.2f{best effects[0]}, where chance alone gives %.2f{1.0 / float schools.Length}."

[<EntryPoint>]
let main _ =
    Console.OutputEncoding <- Encoding.UTF8
    run ()
    0

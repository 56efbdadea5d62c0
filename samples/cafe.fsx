// dotnet fsi samples/cafe.fsx, from the root of the checkout. Until a version is published, make the packages a source as README says.
#r "nuget: TypedPooling.FSharp, 0.1.0"
open TypedPooling
open TypedPooling.FSharp
open type TypedPooling.Prior

type Visit = { Cafe: string; Afternoon: bool; Wait: float }
let fields = [ for line in System.IO.File.ReadLines "tests/data/cafe.csv" |> Seq.skip 1 -> line.Split ',' ]
let visits = [ for f in fields -> { Cafe = $"Café {f[0]}"; Afternoon = (f[1] = "1"); Wait = float f[2] } ]
let byCafe (g: VaryingBuilder<Visit>) = g.Intercept(Exponential 1).Slope((fun v -> v.Afternoon), Exponential 1).Correlated(Lkj 2)
let waits = PooledModel.Of<Visit>().Normal((fun v -> v.Wait), sigma = Exponential 1).Intercept(Normal(5, 2))
let model = waits.Slope((fun v -> v.Afternoon), Normal(-1, 0.5)).Varying(Group.By(fun (v: Visit) -> v.Cafe), byCafe)
model |> Model.fit visits |> Fit.table |> printfn "%O"

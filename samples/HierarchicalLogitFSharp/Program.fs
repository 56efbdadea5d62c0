/// Has a house more than two bathrooms? One probability for all, and one for every zip code.
module TypedPooling.Samples.HierarchicalLogit

open System.Globalization
open System.IO
open TypedPooling

type House = { Zip: int; HasMoreThanTwoBaths: bool }

let houses =
    let lines = File.ReadAllLines(Path.Combine(System.AppContext.BaseDirectory, "seattle_housing.csv"))
    let header = lines[0].Split ','
    let zip, bathrooms = System.Array.IndexOf(header, "zipcode"), System.Array.IndexOf(header, "bathrooms")

    [ for line in Array.skip 1 lines do
          let fields = line.Split ','

          { Zip = int fields[zip]
            HasMoreThanTwoBaths = System.Double.Parse(fields[bathrooms], CultureInfo.InvariantCulture) > 2.0 } ]

let zip = Group.By(fun (h: House) -> h.Zip)
let model = PooledModel.Of<House>().Bernoulli(fun h -> h.HasMoreThanTwoBaths).Intercept()
let byZip = model.Varying(zip, fun g -> g.Intercept())

[<EntryPoint>]
let main _ =
    CultureInfo.CurrentCulture <- CultureInfo.InvariantCulture
    let glm = model.Fit(houses, Engine.MaximumLikelihood)
    printfn $"glm:   intercept %.4f{glm.Intercept.Mean} (lecture: -0.1963), deviance %.0f{glm.Likelihood.Deviance} (lecture: 1196)"
    let glmer = byZip.Fit(houses, Engine.MaximumLikelihood)
    printfn $"glmer: intercept %.6f{glmer.Intercept.Mean} (lecture: -0.116311), sd %.2f{glmer.For(zip).InterceptSd.Mean} (lecture: 0.60), deviance %.1f{glmer.Likelihood.Deviance} (lecture: 1138.2)"
    printfn ""

    for level in houses |> List.groupBy _.Zip |> List.sortBy fst do
        let key, own = level
        let share = own |> List.averageBy (fun h -> if h.HasMoreThanTwoBaths then 1.0 else 0.0)
        printfn $"{key}  {own.Length,3} houses, share %.3f{share}, pooled %.3f{glmer.PredictMean(own.Head).Mean}"

    let fit = byZip.Fit houses
    printfn $"\n{fit}"
    let larger = fit.Derive((fun d -> d.Of(fit.For(zip).Level(98039).Intercept) - d.Of(fit.For(zip).Level(98102).Intercept)), "98039 - 98102")
    printfn $"P(98039 has the larger share) = %.2f{larger.Probability(fun x -> x > 0.0)}"
    0

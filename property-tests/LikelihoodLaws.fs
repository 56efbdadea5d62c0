/// Maximum likelihood against closed forms, and what a change of units must do to it.
module TypedPooling.PropertyTests.LikelihoodLaws

open System
open FsCheck.FSharp
open TypedPooling
open TypedPooling.PropertyTests.Cases
open TypedPooling.PropertyTests.Replay
open Xunit
open type TypedPooling.Prior

let private ml = Engine.MaximumLikelihood :> Engines.ILikelihoodEngine
let private engines = [ ml; Engine.RestrictedMaximumLikelihood ]

/// Groups of one size, two or more rows each.
let private balanced =
    gen {
        let! groups = Gen.choose (2, 8)
        let! size = Gen.choose (2, 6)
        let! spread = Gen.elements [ 0.0; 0.3; 2.0 ]
        let! levels = Gen.listOfLength groups (onGrid -3 3)
        let! noise = Gen.listOfLength (groups * size) (onGrid -2 2)

        return
            [ for i, e in List.indexed noise ->
                  { Group = $"g{i % groups}"; X = [||]; Y = spread * levels[i % groups] + e; Se = 1.0 } ]
    }

let private model =
    PooledModel.Of<Row>().Normal(fun row -> row.Y).Intercept().Varying(group, fun g -> g.Intercept())

[<Fact>]
let ``In a balanced design REML gives the estimators of the analysis of variance, and an sd of exactly 0 where they would be negative`` () =
    check 701UL 60 (Arb.fromGen balanced) (fun rows ->
        let groups = rows |> List.groupBy _.Group |> List.map (fun (_, rows) -> rows |> List.map _.Y)
        let J, n = float groups.Length, float groups.Head.Length
        let mean = rows |> List.averageBy _.Y
        let within = groups |> List.sumBy (fun ys -> ys |> List.sumBy (fun y -> (y - List.average ys) ** 2.0))
        let between = groups |> List.sumBy (fun ys -> n * (List.average ys - mean) ** 2.0)

        if within + between > 1e-6 && within > 1e-6 then
            let fit = model.Fit(rows, Engine.RestrictedMaximumLikelihood)
            let variance = (between / (J - 1.0) - within / (J * (n - 1.0))) / n

            let sigma, sd, error =
                if variance > 0.0 then
                    sqrt (within / (J * (n - 1.0))), sqrt variance, sqrt (between / (J - 1.0) / (J * n))
                else
                    let sigma = sqrt ((within + between) / (J * n - 1.0))
                    sigma, 0.0, sigma / sqrt (J * n)

            near "intercept" 1e-9 mean fit.Intercept.Mean
            near "its standard error" (1e-6 * error) error fit.Intercept.Sd
            near "sigma" (1e-6 * sigma) sigma fit.Sigma.Mean
            let ours = fit.For(group).InterceptSd.Mean
            near "sd" (1e-5 * (sd + 0.01 * sigma)) sd ours
            holds "an sd of 0 is exact, and told" ((sd = 0.0) = (ours = 0.0) && (ours = 0.0) = fit.Likelihood.IsSingular))

[<Fact>]
let ``Other units of the response scale estimates, and move the log likelihood by what the density's units say`` () =
    let cases = Gen.zip3 balanced (onGrid -100 100) (positive 0.01 1000.0)

    check 702UL 40 (Arb.fromGen cases) (fun (rows, shift, scale) ->
        let within =
            rows |> List.groupBy _.Group |> List.sumBy (fun (_, rows) -> rows |> List.sumBy (fun row -> (row.Y - (rows |> List.averageBy _.Y)) ** 2.0))

        if within > 1e-6 then
            for engine in engines do
                let before = model.Fit(rows, engine)
                let after = model.Fit(rows |> List.map (fun row -> { row with Y = shift + scale * row.Y }), engine)
                let near what tolerance expected actual = near $"{what} by {before.Likelihood.Criterion}" tolerance expected actual
                let sigma = scale * before.Sigma.Mean
                near "sigma" (1e-6 * sigma) sigma after.Sigma.Mean
                near "sd" (2e-5 * sigma) (scale * before.For(group).InterceptSd.Mean) (after.For(group).InterceptSd.Mean)
                near "intercept" (1e-6 * sigma) (shift + scale * before.Intercept.Mean) after.Intercept.Mean
                let effects = if engine = ml then 0.0 else 1.0
                let moved = before.Likelihood.LogLikelihood - (float rows.Length - effects) * log scale
                near "log likelihood" (1e-8 * (1.0 + abs moved)) moved after.Likelihood.LogLikelihood)

[<Fact>]
let ``The order of rows and the names of levels do not matter, and a model with more never fits worse`` () =
    check 703UL 40 (Arb.fromGen (Gen.zip (rows 1 9 6) (Gen.choose (0, 1000)))) (fun (rows, seed) ->
        let slopes =
            PooledModel.Of<Row>().Normal(fun row -> row.Y).Intercept().Slope(fun row -> row.X[0]).Varying(group, fun g -> g.Intercept().Slope(fun row -> row.X[0]))

        let intercepts =
            PooledModel.Of<Row>().Normal(fun row -> row.Y).Intercept().Slope(fun row -> row.X[0]).Varying(group, fun g -> g.Intercept())

        let fitted (rows: Row list) =
            try
                Some(intercepts.Fit(rows, Engine.MaximumLikelihood), slopes.Fit(rows, Engine.MaximumLikelihood))
            with :? ModelException ->
                None // too few rows or levels, or a column that is constant: tested by name elsewhere

        match fitted rows with
        | None -> ()
        | Some(small, large) ->
            let random = Random seed
            let other = rows |> List.map (fun row -> { row with Group = "other " + row.Group }) |> List.sortBy (fun _ -> random.Next())
            let again = slopes.Fit(other, Engine.MaximumLikelihood)
            let height = large.Likelihood.LogLikelihood
            near "log likelihood" (1e-7 * (1.0 + abs height)) height again.Likelihood.LogLikelihood
            holds "more terms fit no worse" (height >= small.Likelihood.LogLikelihood - 1e-7 * (1.0 + abs height)))

/// Responses strictly between 0 and 1 on a grid on which 1 - y is exact, and rows on which y and the groups differ.
let private shares =
    gen {
        let! rows = rows 1 6 8
        return rows |> List.map (fun row -> { row with Y = (min 1023.0 (max 1.0 (round (1024.0 / (1.0 + exp -row.Y))))) / 1024.0 })
    }

let private beta = PooledModel.Of<Row>().Beta(fun row -> row.Y).Intercept().Slope(fun row -> row.X[0])

/// None where the likelihood has no maximum: too few rows, columns that depend on each other, or rows that are fitted exactly.
let private attempt (model: BetaModel<Row>) (rows: Row list) =
    try
        Some(model.Fit(rows, Engine.MaximumLikelihood))
    with :? ModelException ->
        None

[<Fact>]
let ``Beta rows have one likelihood, collapsed to cells or not`` () =
    let mutable fitted = 0

    check 704UL 40 (Arb.fromGen shares) (fun rows ->
        let twice = rows @ (rows |> List.map (fun row -> { row with Se = -row.Se }))

        // A coefficient that is 0 keeps the copies apart.
        let apart = beta.Slope((fun row -> row.Se), Fixed 0.0)

        match attempt beta twice with
        | None -> ()
        | Some cells ->
            fitted <- fitted + 1
            let whole = beta.Bind twice
            holds "the copies share cells, or do not" (whole.Cells.Count <= rows.Length && apart.Bind(twice).Cells.Count >= 2 * whole.Cells.Count)
            let alone = apart.Fit(twice, Engine.MaximumLikelihood)
            let height = cells.Likelihood.LogLikelihood
            let phi = cells.Precision.Mean

            let density (row: Row) =
                let mu = cells.PredictMean(row).Mean
                MathNet.Numerics.Distributions.Beta.PDFLn(mu * phi, (1.0 - mu) * phi, row.Y)

            near "log likelihood" (1e-7 * (1.0 + abs height)) height alone.Likelihood.LogLikelihood
            near "sum of the rows' log densities" (1e-7 * (1.0 + abs height)) (twice |> List.sumBy density) height
            near "precision" (1e-4 * phi) phi alone.Precision.Mean)

    Assert.True(fitted >= 20, $"{fitted} cases had a maximum.")

[<Fact>]
let ``Shares seen from the other end have the signs of their coefficients turned, and nothing else`` () =
    let mutable fitted = 0
    let varying = beta.Varying(group, fun g -> g.Intercept())

    check 705UL 40 (Arb.fromGen shares) (fun rows ->
        let mirrored = rows |> List.map (fun row -> { row with Y = 1.0 - row.Y })

        for model in [ beta; varying ] do
            match attempt model rows with
            | None -> ()
            | Some before ->
                fitted <- fitted + 1
                let after = model.Fit(mirrored, Engine.MaximumLikelihood)
                let height = before.Likelihood.LogLikelihood
                near "log likelihood" (1e-7 * (1.0 + abs height)) height after.Likelihood.LogLikelihood

                for term in [ "Intercept"; "X[0]" ] do
                    let own = before.Coefficient term
                    near term (1e-3 * own.Sd + 1e-9) (-own.Mean) (after.Coefficient term).Mean
                    near $"standard error of {term}" (1e-3 * own.Sd) own.Sd (after.Coefficient term).Sd)

    Assert.True(fitted >= 40, $"{fitted} cases had a maximum.")

/// Partial pooling as a formula: where every scale is known, the library's moments are exact and must be those of the textbook. Source:
/// [GelmanHill2007], ch. 12.
module TypedPooling.PropertyTests.ShrinkageLaws

open System
open FsCheck
open FsCheck.FSharp
open MathNet.Numerics.LinearAlgebra
open TypedPooling
open TypedPooling.Engines
open TypedPooling.Model
open TypedPooling.PropertyTests.Cases
open TypedPooling.PropertyTests.Replay
open Xunit
open type TypedPooling.Prior

/// Groups of responses, and the scales.
type private Known =
    { Groups: float list list
      Sigma: float
      Tau: float
      Mu: float
      MuSd: float }

let private knownScales =
    let generate =
        gen {
            let! count = Gen.choose (1, 7)
            let size = Gen.frequency [ 1, Gen.constant 1; 4, Gen.choose (1, 12); 1, Gen.choose (13, 60) ]
            let response = gen { let! level = onGrid -5 5 in let! noise = onGrid -3 3 in return level + noise }
            let! groups = Gen.listOfLength count (Gen.bind (fun n -> Gen.listOfLength n response) size)
            let! sigma = positive 0.05 20.0
            let! tau = positive 0.05 20.0
            let! mu = onGrid -8 8
            let! muSd = positive 0.05 20.0
            return { Groups = groups; Sigma = sigma; Tau = tau; Mu = mu; MuSd = muSd }
        }

    let smaller (known: Known) =
        seq {
            if known.Groups.Length > 1 then
                for j in 0 .. known.Groups.Length - 1 do
                    yield { known with Groups = List.removeAt j known.Groups }

            for j in 0 .. known.Groups.Length - 1 do
                if known.Groups[j].Length > 1 then
                    yield { known with Groups = List.updateAt j known.Groups[j].Tail known.Groups }
        }

    Arb.fromGenShrink (generate, smaller)

let private rowsOf groups =
    [ for j, responses in List.indexed groups do
          for y in responses -> { Group = $"g{j}"; X = [||]; Y = y; Se = 1.0 } ]

let private fit (known: Known) (mu: IRealPrior) =
    PooledModel.Of<Row>()
        .Normal((fun row -> row.Y), sigma = Fixed known.Sigma)
        .Intercept(mu)
        .Varying(group, fun g -> g.Intercept(Fixed known.Tau))
        .Fit(rowsOf known.Groups, momentsOnly)

/// Weight of a group's own mean: n/sigma^2 / (n/sigma^2 + 1/tau^2).
let private weight (known: Known) j =
    let own = float known.Groups[j].Length / known.Sigma ** 2.0
    own / (own + known.Tau ** -2.0)

let private levels (known: Known) =
    [ for j in 0 .. known.Groups.Length - 1 -> j, $"g{j}", List.average known.Groups[j] ]

[<Fact>]
let ``Given mu and the sds a level's mean is the precision-weighted mean of its rows and mu`` () =
    check 101UL 60 knownScales (fun known ->
        let byGroup = (fit known (Fixed known.Mu)).For group

        for j, key, own in levels known do
            let precision = float known.Groups[j].Length / known.Sigma ** 2.0
            let prior = 1.0 / known.Tau ** 2.0
            let alpha = (precision * own + prior * known.Mu) / (precision + prior)
            let intercept = byGroup.Level(key).Intercept
            near $"alpha of {key}" (1e-9 * (abs own + abs known.Mu)) alpha intercept.Mean
            near $"sd of {key}" (1e-9 * intercept.Sd) (1.0 / sqrt (precision + prior)) intercept.Sd
            near $"weight of {key}" 1e-12 (weight known j) (byGroup.Shrinkage().Levels[j].PoolingMatrix[0])

            // Between the two, up to rounding.
            let low, high = min own known.Mu, max own known.Mu
            let slack = 1e-12 * (abs own + abs known.Mu)
            holds $"{key} lies between its own mean and mu" (intercept.Mean >= low - slack && intercept.Mean <= high + slack))

[<Fact>]
let ``The weight of a level's own rows grows with their number`` () =
    check 102UL 40 knownScales (fun known ->
        let table = (fit known Flat).For(group).Shrinkage()

        for smaller, larger in table.Levels |> Seq.sortBy _.Rows |> Seq.pairwise do
            holds "more rows, no less weight" (larger.PoolingEigenvalues[0] >= smaller.PoolingEigenvalues[0])

            if larger.Rows > smaller.Rows then
                holds "more rows, more weight" (larger.PoolingEigenvalues[0] > smaller.PoolingEigenvalues[0])

            holds "strictly between 0 and 1" (smaller.PoolingEigenvalues[0] > 0.0 && larger.PoolingEigenvalues[0] < 1.0))

[<Fact>]
let ``As the sd of the levels goes to 0 a level goes to mu, and as it grows to its own mean`` () =
    check 103UL 40 knownScales (fun known ->
        let at tau =
            (fit { known with Tau = tau } (Fixed known.Mu)).For group

        let pooled, none, exactly = at 1e-6, at 1e6, at 0.0

        for j, key, own in levels known do
            let n = float known.Groups[j].Length
            let rounding = 1e-12 * (abs own + abs known.Mu)

            // w <= n tau^2 / sigma^2 and 1 - w <= sigma^2 / (n tau^2), whatever tau is.
            let distance = abs (own - known.Mu)
            near $"{key} pooled" (rounding + distance * n * 1e-12 / known.Sigma ** 2.0) known.Mu (pooled.Level(key).Intercept.Mean)
            near $"{key} not pooled" (rounding + distance * known.Sigma ** 2.0 / n * 1e-12) own (none.Level(key).Intercept.Mean)
            near $"{key} at tau = 0" rounding known.Mu (exactly.Level(key).Intercept.Mean)
            near $"sd of {key} at tau = 0" 0.0 0.0 (exactly.Level(key).Intercept.Sd))

[<Fact>]
let ``An unknown mu is the generalised least squares mean of the levels, and its doubt goes where the weights leave room`` () =
    check 104UL 60 knownScales (fun known ->
        for prior, priorPrecision in [ Flat :> IRealPrior, 0.0; Normal(known.Mu, known.MuSd), known.MuSd ** -2.0 ] do
            let fit = fit known prior
            let byGroup = fit.For group
            let precisions = [ for group in known.Groups -> 1.0 / (known.Tau ** 2.0 + known.Sigma ** 2.0 / float group.Length) ]
            let total = priorPrecision + List.sum precisions
            let size = abs known.Mu + (known.Groups |> List.sumBy (List.average >> abs))
            let mu = (priorPrecision * known.Mu + (levels known |> List.sumBy (fun (j, _, own) -> precisions[j] * own))) / total
            near "mu" (1e-9 * size) mu fit.Intercept.Mean
            near "sd of mu" (1e-9 * fit.Intercept.Sd) (1.0 / sqrt total) fit.Intercept.Sd

            for j, key, own in levels known do
                let w = weight known j
                let alpha = byGroup.Level(key).Intercept
                let variance = (1.0 - w) * known.Tau ** 2.0 + (1.0 - w) ** 2.0 / total
                near $"alpha of {key}" (1e-9 * size) (w * own + (1.0 - w) * mu) alpha.Mean
                near $"sd of {key}" (1e-9 * alpha.Sd) (sqrt variance) alpha.Sd
                near $"effect of {key}" (1e-9 * size) (w * (own - mu)) (byGroup.Level(key).Effect("Intercept").Mean))

[<Fact>]
let ``With known errors a level of one row keeps the share tau^2 / (tau^2 + se^2) of itself`` () =
    let schools =
        Arb.fromGenShrink (
            Gen.zip3 (rows 0 8 1) (positive 0.05 20.0) (onGrid -8 8),
            fun (rows, tau, mu) -> fewerRows rows |> Seq.map (fun rows -> rows, tau, mu)
        )

    check 105UL 40 schools (fun (rows, tau, mu) ->
        let fit =
            PooledModel.Of<Row>()
                .Normal((fun row -> row.Y), (fun row -> row.Se))
                .Intercept(Fixed mu)
                .Varying(group, fun g -> g.Intercept(Fixed tau))
                .Fit(rows, momentsOnly)

        for row in rows do
            let w = tau ** 2.0 / (tau ** 2.0 + row.Se ** 2.0)
            let alpha = fit.For(group).Level(row.Group).Intercept
            near $"alpha of {row.Group}" (1e-9 * (abs row.Y + abs mu)) (w * row.Y + (1.0 - w) * mu) alpha.Mean
            near $"sd of {row.Group}" (1e-9 * alpha.Sd) (sqrt w * row.Se) alpha.Sd)

[<Fact>]
let ``A row is worth k rows whose error is sqrt k times as large`` () =
    check 106UL 30 knownScales (fun known ->
        let copied = { known with Groups = known.Groups |> List.map (List.collect (List.replicate 3)); Sigma = known.Sigma * sqrt 3.0 }
        let once, thrice = fit known Flat, fit copied Flat
        near "mu" (1e-10 * (1.0 + abs once.Intercept.Mean)) once.Intercept.Mean thrice.Intercept.Mean

        for _, key, own in levels known do
            let a, b = once.For(group).Level(key).Intercept, thrice.For(group).Level(key).Intercept
            near $"alpha of {key}" (1e-10 * (1.0 + abs own)) a.Mean b.Mean
            near $"sd of {key}" (1e-10 * a.Sd) a.Sd b.Sd)

[<Fact>]
let ``The table shows the levels' own means, the grand mean and the population's`` () =
    check 107UL 30 knownScales (fun known ->
        let fit = fit known Flat
        let table = fit.For(group).Shrinkage()
        let grand = known.Groups |> List.concat |> List.average
        near "complete pooling" 1e-9 grand table.CompletePooling[0]
        near "population" 0.0 fit.Intercept.Mean table.Population[0]

        for j, key, own in levels known do
            let row = table.Levels[j]
            holds "levels in order of first appearance" (row.Key = key && row.Rows = int64 known.Groups[j].Length)
            near $"partial pooling of {key}" 0.0 (fit.For(group).Level(key).Intercept.Mean) row.PartialPooling[0]

            match Option.ofNullable row.NoPooling with
            | Some own' -> near $"no pooling of {key}" 1e-9 own own'[0]
            | None -> failwith $"{key} determines its own mean")

// Up to three terms; the population has all of them, known.
let private designs =
    let generate =
        gen {
            let! q = Gen.choose (1, 3)
            let! rows = rows 2 5 8
            let! sds = Gen.listOfLength q (positive 0.1 4.0)
            let! values = Gen.listOfLength q (onGrid -2 2)
            let! sigma = Gen.frequency [ 3, Gen.map (fun s -> Some(Fixed s :> IScalePrior)) (positive 0.2 4.0); 1, Gen.constant None ]

            return
                { Rows = rows
                  Population = values |> List.mapi (fun a value -> a - 1, Fixed value)
                  Varying = sds |> List.mapi (fun a sd -> a - 1, Fixed sd)
                  Correlation = Uncorrelated
                  Sigma = sigma
                  Theta = [] }
        }

    Arb.fromGenShrink (generate, (fun (case: Case) -> fewerRows case.Rows |> Seq.map (fun rows -> { case with Rows = rows })))

let private asMatrix q (values: seq<float>) = Matrix<float>.Build.DenseOfRowMajor(q, q, values)

let private isAPoolingMatrix (row: LevelShrinkage<string>) q =
    let eigenvalues = Seq.toArray row.PoolingEigenvalues
    holds "eigenvalues lie in [0, 1], in ascending order" (eigenvalues |> Array.forall (fun w -> w >= 0.0 && w <= 1.0) && Array.sort eigenvalues = eigenvalues)
    near "the trace is the sum of the eigenvalues" 1e-10 ((asMatrix q row.PoolingMatrix).Trace()) (Array.sum eigenvalues)

[<Fact>]
let ``Given the sds the effects of a level are its pooling matrix times its own least squares' deviation`` () =
    check 108UL 60 designs (fun case ->
        let q = case.Varying.Length
        let fit = (model case).Fit(case.Rows, momentsOnly)
        let byGroup = fit.For group
        let sigma, lambda, _ = Dense.scales case

        for row in byGroup.Shrinkage().Levels do
            isAPoolingMatrix row q
            let w = asMatrix q row.PoolingMatrix
            let dense = Dense.poolingMatrix case sigma (lambda * lambda.Transpose()) row.Key
            near $"W of {row.Key}" (1e-10 * (1.0 + dense.L2Norm())) 0.0 ((w - dense).L2Norm())
            let level = byGroup.Level row.Key
            let own = case.Rows |> Seq.filter (fun r -> r.Group = row.Key)
            let z = Matrix<float>.Build.DenseOfRows(own |> Seq.map (fun r -> case.Varying |> Seq.map (fst >> value r)))

            match Option.ofNullable row.NoPooling with
            | None -> holds $"{row.Key} does not determine its coefficients" (z.Rank() < q)
            | Some own ->
                holds $"{row.Key} determines its coefficients" (z.Rank() = q)
                let population = case.Population |> List.map (fun (_, prior) -> (prior :?> FixedPrior).Value)
                let deviation = Vector<float>.Build.DenseOfEnumerable(Seq.map2 (-) own population)
                let u = w * deviation

                for a in 0 .. q - 1 do
                    near $"u of {row.Key}" (1e-10 * (1.0 + deviation.L2Norm()) * (1.0 + w.L2Norm())) u[a] (level.Effect(nameOf (a - 1)).Mean))

[<Fact>]
let ``With correlations to estimate the pooling matrix is the average over their draws`` () =
    let estimated (case: Case) =
        { case with Correlation = Lkj 1.5; Varying = case.Varying |> List.map (fun (column, _) -> column, Exponential 1.0) }

    let sampled =
        Arb.fromGenShrink (
            Arb.toGen designs |> Gen.filter (fun case -> case.Varying.Length > 1) |> Gen.map estimated,
            Arb.toShrink designs
        )

    check 109UL 10 sampled (fun case ->
        let q = case.Varying.Length
        let fit = (model case).Fit(case.Rows, RunOptions(Seed = 7UL, Chains = 1, Warmup = 30, Draws = 12))
        let byGroup = fit.For group
        let sigma, _, _ = Dense.scales { case with Varying = [] }
        let names = case.Varying |> List.map (fst >> nameOf)

        let covariance s =
            Matrix<float>.Build.Dense(q, q, fun a b ->
                let sd name = byGroup.Sd(name: string).Draws[s]
                let r = if a = b then 1.0 else byGroup.Correlation(names[a], names[b]).Draws[s]
                r * sd names[a] * sd names[b])

        for row in byGroup.Shrinkage().Levels do
            isAPoolingMatrix row q
            let average = Seq.reduce (+) [ for s in 0..11 -> Dense.poolingMatrix case sigma (covariance s) row.Key ] / 12.0
            near $"W of {row.Key}" (1e-9 * (1.0 + average.L2Norm())) 0.0 ((asMatrix q row.PoolingMatrix - average).L2Norm()))

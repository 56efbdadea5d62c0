/// What must not matter: the order of rows and levels, the names of levels, the origin and unit of the response and of columns.
module TypedPooling.PropertyTests.InvarianceLaws

open FsCheck
open FsCheck.FSharp
open TypedPooling
open TypedPooling.Engines
open TypedPooling.Inference.Marginal
open TypedPooling.Model
open TypedPooling.PropertyTests.Cases
open TypedPooling.PropertyTests.Replay
open Xunit
open type TypedPooling.Prior

/// Relative rounding of a double.
let private eps = System.Math.BitIncrement 1.0 - 1.0

let private density (case: Case) =
    MarginalDensity.Of((model case).Bind case.Rows)

let private logDensity (case: Case) =
    let density = density case
    density.LogDensity(theta case density.Dimension, Array.zeroCreate<float> density.Dimension)

/// The case with every scale known, at the values theta gives it, and no correlations: its moments are exact.
let private known (case: Case) =
    let sigma, lambda, _ = Dense.scales { case with Correlation = Uncorrelated }

    { case with
        Varying = case.Varying |> List.mapi (fun a (column, _) -> column, Fixed lambda[a, a])
        Sigma = case.Sigma |> Option.map (fun _ -> Fixed sigma)
        Correlation = Uncorrelated }

let private fit (case: Case) = (model case).Fit(case.Rows, momentsOnly)

let private coefficients (fit: NormalFit<Row>) (case: Case) =
    [ for column, _ in case.Population -> nameOf column, fit.Coefficient(nameOf column)
      if not case.Varying.IsEmpty then
          let byGroup = fit.For group

          for key in Seq.sort byGroup.Keys do
              for column, _ in case.Varying -> $"{key} {nameOf column}", byGroup.Level(key).Coefficient(nameOf column) ]

/// Moments agree to a tolerance relative to the size of the numbers they come from; names may differ.
let private sameMoments tolerance (expected: (string * Quantity) list) (actual: (string * Quantity) list) =
    for (name, a), (_, b) in List.zip expected actual do
        near $"mean of {name}" (tolerance * (1.0 + abs a.Mean + a.Sd)) a.Mean b.Mean
        near $"sd of {name}" (tolerance * (1e-3 + a.Sd)) a.Sd b.Sd

/// A case and its rows in another order, so that levels too are met in another order.
let private reordered =
    let generate =
        gen {
            let! case = Arb.toGen cases
            let! order = case.Rows |> List.toArray |> Gen.shuffle
            return case, List.ofArray order
        }

    let smaller (case: Case, order: Row list) =
        Arb.toShrink cases case |> Seq.map (fun case -> case, order |> List.filter (fun row -> List.contains row case.Rows))

    Arb.fromGenShrink (generate, smaller)

[<Fact>]
let ``The order of rows and levels does not change the density`` () =
    check 201UL 80 reordered (fun (case, order) ->
        let expected = logDensity case
        near "log density" (1e-10 * (10.0 + abs expected)) expected (logDensity { case with Rows = order }))

[<Fact>]
let ``The order of rows and levels does not change exact moments`` () =
    check 202UL 50 reordered (fun (case, order) ->
        let case = known case
        let other = { case with Rows = order }
        sameMoments 1e-10 (coefficients (fit case) case) (coefficients (fit other) other))

[<Fact>]
let ``The names of levels change neither the density nor exact moments`` () =
    check 203UL 40 cases (fun case ->
        let rename (row: Row) = { row with Group = $"Zürich, \"{row.Group}\"" }
        let renamed = { case with Rows = List.map rename case.Rows }
        near "log density" 0.0 (logDensity case) (logDensity renamed)
        let case, renamed = known case, known renamed
        sameMoments 0.0 (coefficients (fit case) case) (coefficients (fit renamed) renamed))

[<Fact>]
let ``With known scales the draws of a level do not depend on the order of levels`` () =
    let options = RunOptions(Seed = 5UL, Chains = 1, Draws = 12)

    check 204UL 40 reordered (fun (case, order) ->
        let case = known case
        let other = { case with Rows = order }
        let before, after = (model case).Fit(case.Rows, options), (model other).Fit(other.Rows, options)

        for (name, a), (_, b) in List.zip (coefficients before case) (coefficients after other) do
            for s in 0..11 do
                near $"draw {s} of {name}" (1e-8 * (1.0 + abs a.Draws[s])) a.Draws[s] b.Draws[s])

[<Fact>]
let ``With a known population the draws of a level do not depend on the other levels' being there`` () =
    let options = RunOptions(Seed = 5UL, Chains = 1, Draws = 12)

    check 205UL 30 cases (fun case ->
        let case = known { case with Population = [ for column in -1 .. 2 -> column, Fixed(0.5 * float column) ] }

        if not case.Varying.IsEmpty then
            let all = ((model case).Fit(case.Rows, options)).For group

            for key in all.Keys do
                let alone = { case with Rows = case.Rows |> List.filter (fun row -> row.Group = key) }
                let byKey = ((model alone).Fit(alone.Rows, options)).For group

                for column, _ in case.Varying do
                    let a, b = all.Level(key).Effect(nameOf column).Draws, byKey.Level(key).Effect(nameOf column).Draws

                    for s in 0..11 do
                        near $"draw {s} of {key}" (1e-9 * (1.0 + abs a[s])) a[s] b[s])

/// Rows of some levels without columns, and a model with two unknown scales.
let private twoScales =
    PooledModel.Of<Row>()
        .Normal((fun row -> row.Y), sigma = InverseGammaOnVariance(2.0, 1.0))
        .Intercept(Normal(0.0, 3.0))
        .Varying(group, fun g -> g.Intercept(HalfNormal 1.0))

let private shuffledTwice =
    Arb.fromGenShrink (
        gen {
            let! rows = rows 0 6 6
            let! order = rows |> List.toArray |> Gen.shuffle
            let! others = rows |> List.map (fun row -> Gen.map (fun y -> { row with Y = y }) (onGrid -3 3)) |> Gen.sequenceToList
            return rows, List.ofArray order, others
        },
        fun (rows, order, others) ->
            let keep (rows: Row list) others = rows, List.filter (fun row -> List.contains row rows) order, others
            Seq.map2 keep (fewerRows rows) (fewerRows others)
    )

// Not the same bits: sums are added up in another order, and a sampler's path makes rounding grow without end. Only a short path stays near.
[<Fact>]
let ``With sampled scales the first draws of a level do not depend on the order of levels`` () =
    let options = RunOptions(Seed = 11UL, Chains = 1, Warmup = 20, Draws = 4)

    check 206UL 10 shuffledTwice (fun (rows, order, _) ->
        let before, after = twoScales.Fit(rows, options).For group, twoScales.Fit(order, options).For group

        for key in before.Keys do
            let a, b = before.Level(key).Effect("Intercept").Draws, after.Level(key).Effect("Intercept").Draws

            for s in 0..3 do
                near $"draw {s} of {key}" (1e-6 * (1.0 + abs a[s])) a[s] b[s])

// What holds for any length: u_j = E[u_j | scales, mu] + sd[u_j | scales, mu] z, where z depends on seed, draw and the level's text alone.
[<Fact>]
let ``With sampled scales a level's random numbers depend neither on the data nor on the order of levels`` () =
    let options = RunOptions(Seed = 11UL, Chains = 2, Warmup = 50, Draws = 25)

    check 211UL 10 shuffledTwice (fun (rows, order, others) ->
        let standardised (rows: Row list) key =
            let fit = twoScales.Fit(rows, options)
            let byGroup = fit.For group
            let own = rows |> List.filter (fun row -> row.Group = key)
            let n, mean = float own.Length, List.averageBy _.Y own

            [ for s in 0..49 ->
                  let sigma, tau, mu = fit.Sigma.Draws[s], byGroup.InterceptSd.Draws[s], fit.Intercept.Draws[s]
                  let precision = n / sigma ** 2.0 + tau ** -2.0
                  (byGroup.Level(key).Effect("Intercept").Draws[s] - n / sigma ** 2.0 * (mean - mu) / precision) * sqrt precision ]

        for key in rows |> List.map _.Group |> List.distinct do
            let expected = standardised rows key

            for other in [ order; others ] do
                for a, b in List.zip expected (standardised other key) do
                    near $"standard normal of {key}" 1e-6 a b)

/// The case with a population intercept, and a shift that is added to multiples of 1/1024 without rounding.
let private shifted =
    Arb.fromGenShrink (
        Gen.zip (Arb.toGen cases) (Gen.elements [ 1e3; -1e6; 1e9; -1e9 ]),
        (fun (case, c) -> Arb.toShrink cases case |> Seq.map (fun case -> case, c))
    )

let private withIntercept (case: Case) prior =
    if case.Population |> List.exists (fun (column, _) -> column = ModelSpec.Ones) then
        case
    else
        identified { case with Population = (ModelSpec.Ones, prior) :: case.Population }

let private mapIntercept change (case: Case) =
    { case with Population = case.Population |> List.map (fun (column, prior) -> column, (if column = ModelSpec.Ones then change prior else prior)) }

/// The size of residuals in units of their sd, from above: each response against 0 and every prior mean, over the least sd.
let private residualSize (case: Case) =
    let sigma, _, _ = Dense.scales case
    let sd = if case.Sigma.IsSome then sigma else case.Rows |> List.map _.Se |> List.min
    let reach = 1.0 + (case.Rows |> List.map (fun row -> abs row.Y + Array.sumBy abs row.X) |> List.max)
    sd, reach

/// What the digits of a response around c allow in the log density: a group's mean is stored with an error of eps |c|, and d log p / dy = -V^-1 r is
/// at most |r| / sigma^2.
let private shiftTolerance (case: Case) c =
    let sd, reach = residualSize case
    let n = float case.Rows.Length
    1e-9 * n + 4.0 * eps * abs c * n * 4.0 * reach / (sd * sd)

[<Fact>]
let ``A constant added to the response moves the intercept and nothing else`` () =
    let shiftPrior c (prior: IRealPrior) : IRealPrior =
        match prior with
        | :? NormalPrior as normal -> Normal(normal.Mean + c, normal.Sd)
        | :? FixedPrior as known -> Fixed(known.Value + c)
        | _ -> prior

    check 207UL 60 shifted (fun (case, c) ->
        let case = withIntercept case (Normal(0.5, 2.0))
        let move (case: Case) = { mapIntercept (shiftPrior c) case with Rows = case.Rows |> List.map (fun row -> { row with Y = row.Y + c }) }
        near "log density" (shiftTolerance case c) (logDensity case) (logDensity (move case))

        let case = known case
        let digits = 64.0 * eps * abs c

        for (name, a), (_, b) in List.zip (coefficients (fit case) case) (coefficients (fit (move case)) (move case)) do
            let expected = if name.EndsWith ModelSpec.InterceptName then a.Mean + c else a.Mean
            near $"mean of {name}" (1e-9 * (1.0 + abs a.Mean) + digits * (1.0 + a.Sd / fst (residualSize case))) expected b.Mean
            near $"sd of {name}" (1e-10 * (1e-3 + a.Sd)) a.Sd b.Sd)

/// A prior in a unit s times smaller, and theta in it.
let private rescaled s (case: Case) =
    let real (prior: IRealPrior) : IRealPrior =
        match prior with
        | :? NormalPrior as p -> Normal(s * p.Mean, s * p.Sd)
        | :? FixedPrior as p -> Fixed(s * p.Value)
        | _ -> prior

    let scale (prior: IScalePrior) : IScalePrior =
        match prior with
        | :? ExponentialPrior as p -> Exponential(p.Rate / s)
        | :? HalfNormalPrior as p -> HalfNormal(p.Scale * s)
        | :? HalfCauchyPrior as p -> HalfCauchy(p.Scale * s)
        | :? HalfStudentTPrior as p -> HalfStudentT(p.DegreesOfFreedom, p.Scale * s)
        | :? GammaPrior as p -> Gamma(p.Shape, p.Rate / s)
        | :? InverseGammaOnVariancePrior as p -> InverseGammaOnVariance(p.Shape, p.Scale * s * s)
        | :? UniformPrior as p -> Uniform(p.Lower * s, p.Upper * s)
        | :? FixedPrior as p -> Fixed(p.Value * s)
        | _ -> prior

    // Only the coordinate of an unbounded sd moves.
    let move (prior: IScalePrior) =
        if prior.Lower = prior.Upper then [] elif System.Double.IsInfinity prior.Upper then [ log s ] else [ 0.0 ]

    let moves = List.collect move (Option.toList case.Sigma @ List.map snd case.Varying)

    { case with
        Rows = case.Rows |> List.map (fun row -> { row with Y = s * row.Y; Se = s * row.Se })
        Population = case.Population |> List.map (fun (column, prior) -> column, real prior)
        Varying = case.Varying |> List.map (fun (column, prior) -> column, scale prior)
        Sigma = case.Sigma |> Option.map scale
        Theta = case.Theta |> List.mapi (fun i z -> if i < moves.Length then z + moves[i] else z) }

[<Fact>]
let ``In another unit of the response the density has the Jacobian of the unit and estimates have the unit`` () =
    let units =
        Arb.fromGenShrink (
            Gen.zip (Arb.toGen cases) (Gen.elements [ 1e-6; 0.3; 1024.0; 1e7 ]),
            (fun (case, s) -> Arb.toShrink cases case |> Seq.map (fun case -> case, s))
        )

    check 208UL 60 units (fun (case, s) ->
        let other = rescaled s case
        let flat = case.Population |> List.filter (fun (_, prior) -> prior :? FlatPrior) |> List.length
        let expected = logDensity case
        near "log density" (1e-9 * (10.0 + abs expected)) (expected - float (case.Rows.Length - flat) * log s) (logDensity other)

        let case = known case
        let other = rescaled s case

        for (name, a), (_, b) in List.zip (coefficients (fit case) case) (coefficients (fit other) other) do
            near $"mean of {name}" (1e-9 * (1.0 + abs a.Mean + a.Sd)) a.Mean (b.Mean / s)
            near $"sd of {name}" (1e-9 * (1e-3 + a.Sd)) a.Sd (b.Sd / s))

[<Fact>]
let ``A constant added to a column with a flat intercept moves the intercept by minus slope times constant`` () =
    check 209UL 60 shifted (fun (case, c) ->
        // The last column does not vary here.
        let column = 2
        let others = case.Population |> List.filter (fun (other, _) -> other = 0 || other = 1)
        let population = (ModelSpec.Ones, Flat :> IRealPrior) :: (column, Normal(0.5, 2.0)) :: others
        let case = identified { case with Population = population; Varying = case.Varying |> List.filter (fun (other, _) -> other <> column) }

        if case.Population |> List.exists (fun (other, prior) -> other = ModelSpec.Ones && prior :? FlatPrior) then
            let move (case: Case) =
                { case with Rows = case.Rows |> List.map (fun row -> { row with X = Array.updateAt column (row.X[column] + c) row.X }) }
            // A mean of the column is stored with an error of eps |c|, which the slope turns into one of the response.
            near "log density" (4.0 * shiftTolerance case c) (logDensity case) (logDensity (move case))

            let case = known case
            let before, after = fit case, fit (move case)
            let slope = before.Coefficient(nameOf column)
            let digits = 64.0 * eps * abs c * (1.0 + abs slope.Mean)
            near "slope" (1e-9 * (1.0 + abs slope.Mean) + digits) slope.Mean (after.Coefficient(nameOf column).Mean)
            near "sd of the slope" (1e-9 * slope.Sd + digits) slope.Sd (after.Coefficient(nameOf column).Sd)
            let slope' = after.Coefficient(nameOf column).Mean
            near "intercept" (1e-9 + 16.0 * digits + 4.0 * eps * abs (c * slope')) (before.Intercept.Mean - c * slope') after.Intercept.Mean)

[<Fact>]
let ``A varying slope on a shifted column is the same model with the intercepts' sd and correlation taken at the new origin`` () =
    let slopes =
        gen {
            let! rows = rows 1 6 6
            let! c = onGrid -6 6
            let! s0, s1, sigma = Gen.zip3 (positive 0.3 3.0) (positive 0.3 3.0) (positive 0.3 3.0)
            let! rho = between -0.9 0.9

            let case s0 s1 rho rows =
                { Rows = rows
                  Population = [ ModelSpec.Ones, Flat; 0, Normal(0.5, 2.0) ]
                  Varying = [ ModelSpec.Ones, HalfNormal 1.0; 0, HalfNormal 1.0 ]
                  Correlation = Lkj 1.0
                  Sigma = Some(Fixed sigma)
                  Theta = [ log s0; log s1; System.Math.Atanh rho ] }

            // u0 + u1 x = (u0 - c u1) + u1 (x + c)
            let moved = sqrt (s0 * s0 - 2.0 * c * rho * s0 * s1 + c * c * s1 * s1)
            return case s0 s1 rho rows, case moved s1 ((rho * s0 * s1 - c * s1 * s1) / (moved * s1)) [ for row in rows -> { row with X = [| row.X[0] + c |] } ]
        }

    // The same covariance about the point at which the density takes its scales: u0 + u1 x = (u0 + m u1) + u1 (x - m).
    let about m (case: Case) =
        let s0, s1, rho = exp case.Theta[0], exp case.Theta[1], tanh case.Theta[2]
        let there = sqrt (s0 * s0 + 2.0 * m * rho * s0 * s1 + m * m * s1 * s1)
        [| log there; log s1; System.Math.Atanh((rho * s0 * s1 + m * s1 * s1) / (there * s1)) |]

    let origin (case: Case) = ((model case).Bind case.Rows).Spec.Factors[0].OriginOf 1

    check 210UL 60 (Arb.fromGen slopes) (fun (case, moved) ->
        let likelihood (case: Case) = (density case).LogLikelihood(about (origin case) case)
        near "log likelihood" (1e-9 * (10.0 + abs (likelihood case))) (likelihood case) (likelihood moved))

/// The model by brute force: covariance matrices of all rows, no sums, nothing shared with the library.
module TypedPooling.PropertyTests.Dense

open System
open MathNet.Numerics.LinearAlgebra
open TypedPooling
open TypedPooling.PropertyTests.Cases

/// Residual sd, Cholesky factor of the covariance of the varying effects, and how many numbers of theta they took.
let scales (case: Case) =
    let mutable taken = 0

    let next () =
        taken <- taken + 1
        case.Theta[taken - 1]

    let scale (prior: IScalePrior) =
        if prior.Lower = prior.Upper then
            prior.Lower
        else
            let z = next ()

            if Double.IsPositiveInfinity prior.Upper then
                prior.Lower + exp z
            else
                prior.Lower + (prior.Upper - prior.Lower) / (1.0 + exp -z)

    let sigma = case.Sigma |> Option.map scale |> Option.defaultValue 1.0
    let q = case.Varying.Length
    let sds = case.Varying |> List.map (snd >> scale)
    let factor = Matrix<float>.Build.DenseIdentity(max 1 q)

    // Rows of the factor from partial correlations.
    if not (case.Correlation :? UncorrelatedPrior) then
        for r in 1 .. q - 1 do
            let mutable rest = 1.0

            for k in 0 .. r - 1 do
                let partial = tanh (next ())
                factor[r, k] <- partial * sqrt rest
                rest <- rest * (1.0 - partial * partial)

            factor[r, r] <- sqrt rest

    let lambda = Matrix<float>.Build.Dense(max 1 q, max 1 q, fun a b -> if q = 0 then 0.0 else sds[a] * factor[a, b])
    sigma, lambda, taken

let private residualVariance (case: Case) (sigma: float) (row: Row) =
    if case.Sigma.IsSome then sigma * sigma else row.Se * row.Se

let private columnOf (case: Case) column =
    Vector<float>.Build.DenseOfEnumerable(case.Rows |> Seq.map (fun row -> value row column))

/// log p(y | theta), coefficients integrated out, flat priors counted as density 1; sds and correlations of theta are those of effects of the columns
/// less an origin, a number a varying column.
let logLikelihoodAbout (origin: float list) (case: Case) =
    let sigma, lambda, _ = scales case
    let rows = List.toArray case.Rows
    let n = rows.Length
    let covariance = lambda * lambda.Transpose()
    let z =
        rows
        |> Array.map (fun row -> Vector<float>.Build.DenseOfEnumerable((case.Varying, origin) ||> Seq.map2 (fun (column, _) at -> value row column - at)))

    let between i j =
        let error = if i = j then residualVariance case sigma rows[i] else 0.0

        if case.Varying.IsEmpty || rows[i].Group <> rows[j].Group then error else error + z[i] * covariance * z[j]

    let mutable v = Matrix<float>.Build.Dense(n, n, between)
    let mutable y = Vector<float>.Build.DenseOfEnumerable(rows |> Seq.map _.Y)
    let flat = ResizeArray()

    for column, prior in case.Population do
        let x = columnOf case column

        match prior with
        | :? NormalPrior as normal ->
            y <- y - normal.Mean * x
            v <- v + normal.Sd * normal.Sd * x.OuterProduct x
        | :? FixedPrior as known -> y <- y - known.Value * x
        | _ -> flat.Add x

    let cholesky = v.Cholesky()
    let solved = cholesky.Solve y
    let log' = -0.5 * (float (n - flat.Count) * log (2.0 * Math.PI) + cholesky.DeterminantLn + y * solved)

    if flat.Count = 0 then
        log'
    else
        let x = Matrix<float>.Build.DenseOfColumnVectors flat
        let information = (x.Transpose() * cholesky.Solve x).Cholesky()
        let score = x.Transpose() * solved
        log' + 0.5 * (score * information.Solve score - information.DeterminantLn)

/// The same about 0.
let logLikelihood (case: Case) =
    logLikelihoodAbout (case.Varying |> List.map (fun _ -> 0.0)) case

/// Mean and sd of each level's coefficients (population plus varying effect) by level and column, and of the population effects, given theta.
let moments (case: Case) =
    let sigma, lambda, _ = scales case
    let rows = List.toArray case.Rows
    let q = case.Varying.Length
    let levels = rows |> Array.map _.Group |> Array.distinct
    let levelOf = levels |> Array.mapi (fun j level -> level, j) |> dict
    let free = case.Population |> List.filter (fun (_, prior) -> not (prior :? FixedPrior)) |> List.toArray
    let p = free.Length
    let size = p + q * levels.Length

    // A row of the whole design: free population effects, then the spherical effects v of every level, u = Lambda v.
    let design (row: Row) =
        let x = Vector<float>.Build.Dense size

        for k in 0 .. p - 1 do
            x[k] <- value row (fst free[k])

        for b in 0 .. q - 1 do
            for a in 0 .. q - 1 do
                x[p + levelOf[row.Group] * q + b] <- x[p + levelOf[row.Group] * q + b] + value row (fst case.Varying[a]) * lambda[a, b]

        x

    let mutable precision = Matrix<float>.Build.Dense(size, size)
    let mutable target = Vector<float>.Build.Dense size
    let known column =
        case.Population |> List.tryPick (fun (c, prior) -> match prior with :? FixedPrior as known when c = column -> Some known.Value | _ -> None)

    for row in rows do
        let x = design row
        let weight = 1.0 / residualVariance case sigma row
        let rest = row.Y - (case.Population |> List.sumBy (fun (column, _) -> (known column |> Option.defaultValue 0.0) * value row column))
        precision <- precision + weight * x.OuterProduct x
        target <- target + weight * rest * x

    for k in 0 .. size - 1 do
        if k >= p then
            precision[k, k] <- precision[k, k] + 1.0
        else
            match snd free[k] with
            | :? NormalPrior as normal ->
                precision[k, k] <- precision[k, k] + 1.0 / (normal.Sd * normal.Sd)
                target[k] <- target[k] + normal.Mean / (normal.Sd * normal.Sd)
            | _ -> ()

    let moments (constant: float) (weights: Vector<float>) =
        if size = 0 then
            constant, 0.0
        else
            let cholesky = precision.Cholesky()
            constant + weights * cholesky.Solve target, sqrt (weights * cholesky.Solve weights)

    let population column =
        let weights = Vector<float>.Build.Dense(max 1 size)
        free |> Array.tryFindIndex (fun (c, _) -> c = column) |> Option.iter (fun k -> weights[k] <- 1.0)
        known column |> Option.defaultValue 0.0, weights

    let ofPopulation column = population column ||> moments

    let ofLevel level column =
        let constant, weights = population column
        let a = case.Varying |> List.findIndex (fun (c, _) -> c = column)

        for b in 0 .. q - 1 do
            weights[p + levelOf[level] * q + b] <- lambda[a, b]

        moments constant weights

    ofPopulation, ofLevel

/// W = Sigma G (sigma^2 I + Sigma G)^-1 of a level, G = Z'Z / sigma^2 with each row's own variance.
let poolingMatrix (case: Case) (sigma: float) (covariance: Matrix<float>) level =
    let q = case.Varying.Length
    let mutable g = Matrix<float>.Build.Dense(q, q)

    for row in case.Rows do
        if row.Group = level then
            let z = Vector<float>.Build.DenseOfEnumerable(case.Varying |> Seq.map (fst >> value row))
            g <- g + z.OuterProduct z / residualVariance case sigma row

    let sg = covariance * g
    sg * (Matrix<float>.Build.DenseIdentity q + sg).Inverse()

/// Log likelihoods of random models by brute force: the full covariance matrix of a Normal response, a dense Laplace approximation, quadrature level
/// by level. Nothing is shared with the library.
/// Columns are taken about their centres and in their units. A unit triangular change of columns moves neither criterion; a unit moves REML by the
/// log of it.
module TypedPooling.PropertyTests.DenseCriterion

open System
open TypedPooling
open TypedPooling.Model
open TypedPooling.PropertyTests.RandomDensities
open TypedPooling.PropertyTests.RandomModels
open TypedPooling.Responses

/// Lower Cholesky factor in place, and log of the determinant; NaN where the matrix is not positive definite.
let private factorise (a: float[][]) =
    let n = a.Length
    let mutable logDeterminant = 0.0

    for j in 0 .. n - 1 do
        let row = a[j]

        for k in 0..j do
            let other = a[k]
            let mutable s = row[k]

            for i in 0 .. k - 1 do
                s <- s - row[i] * other[i]

            row[k] <- if k = j then sqrt s else s / other[k]

        logDeterminant <- logDeterminant + 2.0 * log row[j]

    logDeterminant

let private solveLower (l: float[][]) (b: float[]) =
    let x = Array.copy b

    for i in 0 .. x.Length - 1 do
        let row = l[i]
        let mutable s = x[i]

        for k in 0 .. i - 1 do
            s <- s - row[k] * x[k]

        x[i] <- s / row[i]

    x

let private solveUpper (l: float[][]) (b: float[]) =
    let x = Array.copy b

    for i in x.Length - 1 .. -1 .. 0 do
        let mutable s = x[i]

        for k in i + 1 .. x.Length - 1 do
            s <- s - l[k][i] * x[k]

        x[i] <- s / l[i][i]

    x

let dot (a: float[]) (b: float[]) = Array.fold2 (fun s x y -> s + x * y) 0.0 a b

/// A point of the parameters. Effects of a level are u = Loadings v, v ~ N(0, I), on the columns that `Design.Varying` holds.
type Point =
    { Beta: float[]
      Loadings: float[][][] // factor, term, spherical effect: lower triangular, diagonal where effects are uncorrelated
      Scale: float } // sigma, or the shape

/// Rows as arrays. Population columns are about their centres where there is an intercept, varying ones where their effects are correlated and the
/// intercept varies; all are in their units.
type Design =
    { Model: RandomModel
      Rows: RandomRow[]
      X: float[][] // row, population term
      Z: float[][][] // row, factor, term
      Level: int[][] // row, factor
      LevelCounts: int[]
      Response: float[] // Normal on the scale of the linear predictor, less the offset
      LogJacobian: float }

let private isCentred terms = List.contains ModelSpec.Ones terms

let private column (model: RandomModel) centred (row: RandomRow) term =
    if term = ModelSpec.Ones then 1.0
    elif centred then (row.X[term] - model.Centres[term]) / model.Units[term]
    else row.X[term] / model.Units[term]

let designOf (model: RandomModel) =
    let rows = List.toArray model.Rows

    let levels =
        model.Factors |> List.mapi (fun k _ -> rows |> Array.map (fun row -> row.Key k) |> Array.distinct |> Array.mapi (fun j key -> key, j) |> dict) |> List.toArray

    let weights = if model.UsesWeight then rows |> Array.map _.Weight else Array.create rows.Length 1.0

    { Model = model
      Rows = rows
      X = rows |> Array.map (fun row -> [| for term in model.Population -> column model model.HasIntercept row term |])
      Z =
        rows
        |> Array.map (fun row ->
            [| for factor in model.Factors -> [| for term in factor.Terms -> column model (factor.IsCorrelated && isCentred factor.Terms) row term |] |])
      Level = rows |> Array.map (fun row -> [| for k in 0 .. levels.Length - 1 -> levels[k][row.Key k] |])
      LevelCounts = levels |> Array.map _.Count
      Response = rows |> Array.map (fun row -> (if model.Family = LogNormal then log row.Y else row.Y) - (if model.UsesOffset then row.Offset else 0.0))
      LogJacobian =
        (if model.Family = LogNormal then -(rows |> Array.sumBy (fun row -> log row.Y)) else 0.0)
        - (if model.IsRestricted then
               // log det X'V^-1 X of the columns as they are.
               model.Population |> List.sumBy (fun term -> if term = ModelSpec.Ones then 0.0 else log (model.Units[term]))
           else
               0.0) }

/// Loadings of a row: the derivative of its linear predictor for the spherical effects of its levels, factor after factor.
let private loadings (design: Design) (point: Point) i =
    design.Z[i]
    |> Array.mapi (fun k z ->
        let m = point.Loadings[k]
        Array.init z.Length (fun b -> Seq.init z.Length (fun a -> z[a] * m[a][b]) |> Seq.sum))

/// What a Normal criterion is at a point; the best population effects there and their covariance.
let normal (design: Design) (point: Point) =
    let n = design.Rows.Length
    let w = Array.init n (loadings design point)

    let covariance i j =
        let mutable s = if i = j then point.Scale * point.Scale / (if design.Model.UsesWeight then design.Rows[i].Weight else 1.0) else 0.0

        for k in 0 .. design.LevelCounts.Length - 1 do
            if design.Level[i][k] = design.Level[j][k] then
                s <- s + dot (w[i][k]) (w[j][k])

        s

    let v = Array.init n (fun i -> Array.init (i + 1) (covariance i))
    let logDeterminant = factorise v
    let p = design.X[0].Length
    let white = Array.init p (fun k -> solveLower v (design.X |> Array.map (fun x -> x[k])))
    let y = solveLower v design.Response

    // Gram-Schmidt, twice, of the whitened columns: QR keeps what normal equations lose.
    let q = white |> Array.map Array.copy
    let r = Array.init p (fun _ -> Array.zeroCreate<float> p)

    for k in 0 .. p - 1 do
        for _ in 1..2 do
            for l in 0 .. k - 1 do
                let s = dot (q[l]) (q[k])
                r[l][k] <- r[l][k] + s
                q[k] <- Array.map2 (fun a b -> a - s * b) (q[k]) (q[l])

        r[k][k] <- sqrt (dot (q[k]) (q[k]))
        q[k] <- q[k] |> Array.map (fun a -> a / r[k][k])

    let mutable residual = y
    let target = Array.zeroCreate p

    for _ in 1..2 do
        for k in 0 .. p - 1 do
            let s = dot (q[k]) residual
            target[k] <- target[k] + s
            residual <- Array.map2 (fun a b -> a - s * b) residual (q[k])

    let back (b: float[]) =
        let x = Array.copy b

        for i in p - 1 .. -1 .. 0 do
            for k in i + 1 .. p - 1 do
                x[i] <- x[i] - r[i][k] * x[k]

            x[i] <- x[i] / r[i][i]

        x

    let best = back target
    let inverse = Array.init p (fun k -> back (Array.init p (fun l -> if l = k then 1.0 else 0.0))) // columns of R^-1
    let covarianceOfBest = Array.init p (fun a -> Array.init p (fun b -> Seq.init p (fun k -> inverse[k][a] * inverse[k][b]) |> Seq.sum))

    let value =
        if design.Model.IsRestricted then
            let logInformation = Seq.init p (fun k -> 2.0 * log (r[k][k])) |> Seq.sum
            -0.5 * (float (n - p) * log (2.0 * Math.PI) + logDeterminant + logInformation + dot residual residual)
        else
            let e = Array.init n (fun i -> design.Response[i] - dot (design.X[i]) point.Beta) |> solveLower v
            -0.5 * (float n * log (2.0 * Math.PI) + logDeterminant + dot e e)

    value + design.LogJacobian, best, covarianceOfBest

/// Newton's method for the mode of sum l(eta) - |v|^2 / 2 over some rows. Each row has a constant part of eta and its derivative for v. Returns the
/// mode, the value and the factor of the negative Hessian there, with the log of its determinant.
let private modeOf (density: int -> float -> struct (float * float * float)) (rows: int[]) (constant: float[]) (slopes: float[][]) size =
    let value (v: float[]) =
        let mutable s = -0.5 * dot v v

        for r in 0 .. rows.Length - 1 do
            let struct (l, _, _) = density (rows[r]) (constant[r] + dot (slopes[r]) v)
            s <- s + l

        s

    let rec curvature damping (v: float[]) =
        let gradient = v |> Array.map (~-)
        let h = Array.init size (fun i -> Array.init (i + 1) (fun k -> if i = k then 1.0 else 0.0))

        for r in 0 .. rows.Length - 1 do
            let z = slopes[r]
            let struct (_, d, dd) = density (rows[r]) (constant[r] + dot z v)

            for i in 0 .. size - 1 do
                if z[i] <> 0.0 then
                    gradient[i] <- gradient[i] + d * z[i]
                    let hi = h[i]

                    for k in 0..i do
                        hi[k] <- hi[k] - dd * z[i] * z[k]

        for i in 0 .. size - 1 do
            h[i][i] <- h[i][i] * (1.0 + damping)

        // Far from the mode rounding of large weights may leave no factor; on the way a shorter step does.
        let logDeterminant = factorise h
        if Double.IsNaN logDeterminant && damping < 1.0 then curvature (if damping = 0.0 then 1e-14 else 10.0 * damping) v else gradient, h, logDeterminant

    let mutable v = Array.zeroCreate<float> size
    let mutable current = value v
    let mutable isDone = false
    let mutable steps = 0

    while not isDone do
        let gradient, h, _ = curvature 0.0 v
        let step = solveUpper h (solveLower h gradient)
        let gain = dot gradient step
        let mutable length = 1.0
        let mutable next = Array.map2 (fun a b -> a + length * b) v step
        let mutable reached = value next

        // A tiny step is taken as it is: values no longer tell.
        while gain > 1e-9 && not (reached >= current) && length > 1e-10 do
            length <- 0.5 * length
            next <- Array.map2 (fun a b -> a + length * b) v step
            reached <- value next

        v <- next
        current <- reached
        steps <- steps + 1
        isDone <- not (gain > 1e-18) || steps = 200

    let _, h, logDeterminant = curvature 0.0 v
    v, value v, h, logDeterminant

let private densityAt (design: Design) (point: Point) =
    let densities = design.Rows |> Array.map (fun row -> logDensity design.Model.Family row point.Scale)
    fun i eta -> densities[i] eta

let private fixedPart (design: Design) (point: Point) i =
    dot (design.X[i]) point.Beta + (if design.Model.UsesOffset then design.Rows[i].Offset else 0.0)

/// Laplace's approximation with the effects of all factors in one dense system. Curvatures are the observed ones.
let laplace (design: Design) (point: Point) =
    let n = design.Rows.Length
    let terms = design.Model.Factors |> List.map _.Terms.Length |> List.toArray
    let starts = Array.scan (+) 0 (Array.map2 (*) terms design.LevelCounts)

    let slopes =
        Array.init n (fun i ->
            let z = Array.zeroCreate<float> (Array.last starts)

            loadings design point i
            |> Array.iteri (fun k w -> Array.blit w 0 z (starts[k] + terms[k] * design.Level[i][k]) w.Length)

            z)

    let rows = [| 0 .. n - 1 |]
    let _, value, _, logDeterminant = modeOf (densityAt design point) rows (rows |> Array.map (fixedPart design point)) slopes (Array.last starts)
    value - 0.5 * logDeterminant

/// Nodes and weights of Gauss-Hermite quadrature for the density of N(0, 1), by Newton's method on the orthonormal Hermite polynomials; zeros
/// interlace, so each starts from a bracket.
let private gaussHermite count =
    // Orthonormal polynomials: sqrt(k + 1) h(k+1) = x h(k) - sqrt(k) h(k-1).
    let polynomials x =
        let h = Array.create (count + 1) 1.0

        for k in 0 .. count - 1 do
            h[k + 1] <- (x * h[k] - (if k = 0 then 0.0 else sqrt (float k) * h[k - 1])) / sqrt (float (k + 1))

        h

    let zeros =
        let mutable zeros = [| 0.0 |]

        for degree in 2..count do
            let bound = 2.0 * sqrt (float degree) + 1.0
            let ends = Array.concat [ [| -bound |]; zeros; [| bound |] ]

            zeros <-
                Array.pairwise ends
                |> Array.map (fun (low, high) ->
                    let mutable a, b = low, high
                    let positive x = (polynomials x)[degree] > 0.0
                    let sign = positive a

                    while (let middle = 0.5 * (a + b) in middle > a && middle < b) do
                        let middle = 0.5 * (a + b)
                        if positive middle = sign then a <- middle else b <- middle

                    a)

        zeros

    // The weight of a zero is 1 / sum of squares of all lower polynomials there.
    zeros, zeros |> Array.map (fun x -> 1.0 / ((polynomials x)[.. count - 1] |> Array.sumBy (fun h -> h * h)))

let private rules = System.Collections.Concurrent.ConcurrentDictionary<int, float[] * float[]>()

/// A level's modes, and the log of its integrand relative to that at the mode in coordinates t of the curvature there: v = mode + L'^-1 t. What is
/// left of the log integral is the log of the mean of exp(relative + t't / 2) over N(0, I).
let private levelAt (design: Design) (point: Point) level =
    let density = densityAt design point
    let q = design.Model.Factors.Head.Terms.Length
    let rows = [| for i in 0 .. design.Rows.Length - 1 do if design.Level[i][0] = level then i |]
    let constant = rows |> Array.map (fixedPart design point)
    let slopes = rows |> Array.map (fun i -> (loadings design point i)[0])
    let mode, peak, h, logDeterminant = modeOf density rows constant slopes q

    let relative (t: float[]) =
        let v = Array.map2 (+) mode (solveUpper h t)
        let mutable s = -0.5 * dot v v - peak

        for r in 0 .. rows.Length - 1 do
            let struct (l, _, _) = density (rows[r]) (constant[r] + dot (slopes[r]) v)
            s <- s + l

        s

    relative, peak - 0.5 * logDeterminant

/// Adaptive Gauss-Hermite quadrature of one factor with one or two effects.
let adaptive (design: Design) (point: Point) =
    let q = design.Model.Factors.Head.Terms.Length
    let nodes, weights = rules.GetOrAdd(design.Model.Nodes, gaussHermite)

    let ofLevel level =
        let relative, height = levelAt design point level

        let terms =
            if q = 1 then
                Array.map2 (fun x w -> w * exp (relative [| x |] + 0.5 * x * x)) nodes weights
            else
                Array.allPairs (Array.zip nodes weights) (Array.zip nodes weights)
                |> Array.map (fun ((x, w), (y, u)) -> w * u * exp (relative [| x; y |] + 0.5 * (x * x + y * y)))

        height + log (Array.sum terms)

    Seq.init design.LevelCounts[0] ofLevel |> Seq.sum

/// The likelihood itself, of one factor with one or two effects, by a trapezoidal rule about each level's mode in coordinates of the curvature there.
let exact (design: Design) (point: Point) =
    let q = design.Model.Factors.Head.Terms.Length
    let step = if q = 1 then 0.2 else 0.4

    let ofLevel level =
        let relative, height = levelAt design point level

        // Log-concave densities fall on either side of a mode: each line is summed outwards from where it is highest until nothing is added.
        let line (at: float -> float[]) centre =
            let mutable sum = 0.0
            let mutable highest = -infinity
            let mutable peakAt = centre

            for direction in [ 1.0; -1.0 ] do
                let mutable t = if direction > 0.0 then centre else centre - step
                let mutable value = relative (at t)
                let mutable best = value
                let mutable count = 0

                while value > -40.0 && count < 4000 || count < 4000 && value > best - 1e-3 && value > -200.0 do
                    sum <- sum + exp value

                    if value > highest then
                        highest <- value
                        peakAt <- t

                    best <- max best value
                    count <- count + 1
                    t <- t + direction * step
                    value <- relative (at t)

            step * sum, highest, peakAt

        let integral =
            if q = 1 then
                let sum, _, _ = line (fun t -> [| t |]) 0.0
                sum
            else
                let mutable sum = 0.0

                for direction in [ 1.0; -1.0 ] do
                    let mutable s = if direction > 0.0 then 0.0 else -step
                    let mutable centre = 0.0
                    let mutable isDone = false

                    while not isDone do
                        let outer = s
                        let part, highest, peakAt = line (fun t -> [| t; outer |]) centre
                        sum <- sum + step * part
                        centre <- peakAt
                        isDone <- not (highest > -36.0) || abs s > 400.0
                        s <- s + direction * step

                sum

        height + log integral - 0.5 * float q * log (2.0 * Math.PI)

    Seq.init design.LevelCounts[0] ofLevel |> Seq.sum

/// The sum of log densities where nothing varies.
let private withoutEffects (design: Design) (point: Point) =
    let density = densityAt design point

    Seq.init design.Rows.Length (fun i ->
        let struct (l, _, _) = density i (fixedPart design point i)
        l)
    |> Seq.sum

/// The criterion of a model at a point: REML, the log likelihood, or an approximation to it.
let criterion (design: Design) (point: Point) =
    let model = design.Model

    if model.Family.HasSums then
        let value, _, _ = normal design point
        value
    elif model.Factors.IsEmpty then
        withoutEffects design point
    elif model.Nodes > 1 then
        adaptive design point
    else
        laplace design point

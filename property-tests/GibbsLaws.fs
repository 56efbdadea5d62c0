/// The Gibbs engine against dense algebra, against fine quadrature of the dense likelihood, and against the Marginal engine; the others against the
/// same dense algebra.
module TypedPooling.PropertyTests.GibbsLaws

open System
open FsCheck
open FsCheck.FSharp
open MathNet.Numerics.LinearAlgebra
open TypedPooling
open TypedPooling.Draws
open TypedPooling.Engines
open TypedPooling.Model
open TypedPooling.PropertyTests.Cases
open TypedPooling.PropertyTests.MonteCarlo
open TypedPooling.PropertyTests.Replay
open TypedPooling.Tests.Lanes
open Xunit
open type TypedPooling.Prior

let private run seed draws = RunOptions(Seed = seed, Chains = chains, Warmup = 300, Draws = draws)

let private draws (quantity: Quantity) = Seq.toArray quantity.Draws

/// All draws of a block, a parameter after another, by name.
let private parameters (block: DrawBlock) =
    [ for i in 0 .. block.ParameterCount - 1 ->
          let destination = Array.zeroCreate<float> block.DrawCount
          block.CopyDraws(i, destination.AsSpan())
          block.Parameter(i).Name, destination ]

let private all (posterior: Posterior) =
    parameters posterior.Population @ parameters posterior.Scales @ (posterior.Effects |> Seq.toList |> List.collect (fun effects -> parameters effects))

// Posteriors of few rows may have tails without moments: what is compared is bounded, and tells location, spread and skewness.
let private boundedMoments what (first: float[]) (second: float[]) =
    let centre = Diagnostics.Quantile(second, 0.5)
    let spread = Diagnostics.Quantile(second, 0.75) - Diagnostics.Quantile(second, 0.25)

    if spread = 0.0 then
        [ compareMeans what first second ]
    else
        let scaled = Array.map (fun x -> atan ((x - centre) / spread))

        [ for power in 1.0 .. 3.0 -> compareMeans $"power {power} of {what}" (scaled first |> Array.map (fun x -> x ** power)) (scaled second |> Array.map (fun x -> x ** power)) ]

[<Fact>]
let ``Gibbs and Marginal agree on random models of one factor`` () =
    let count = Lane.Of(4, 60)
    let varying = Arb.toGen cases |> Gen.filter (fun case -> not case.Varying.IsEmpty && case.Rows.Length > 3)

    check 701UL count (Arb.fromGenShrink (varying, Arb.toShrink cases)) (fun case ->
        let bound = (model case).Bind case.Rows
        let gibbs = Engine.Gibbs.RunNormal(bound, run 11UL 2500) |> all
        let marginal =
            Engine.Marginal.RunNormal(bound, RunOptions(Seed = 12UL, Chains = chains, Warmup = 500, Draws = 1000, Sampling = SamplingMethod.Nuts, TargetAcceptance = 0.95)) |> all

        List.zip gibbs marginal
        |> List.collect (fun ((name, own), (other, theirs)) ->
            holds $"{name} is {other}" (name = other)
            boundedMoments name own theirs)
        |> withinMonteCarloError count)

// Rows of two factors, crossed; a column.
type private Crossed =
    { G: int
      H: int
      X: float
      Y: float }

let private byG = Group.By((fun (row: Crossed) -> row.G), "G")
let private byH = Group.By((fun (row: Crossed) -> row.H), "H")

/// Rows and scales: sigma, sd of the intercepts of G and of its slopes, sd of the intercepts of H.
let private crossed =
    let generate =
        gen {
            let! first = Gen.choose (1, 5)
            let! second = Gen.choose (1, 4)
            let! count = Gen.choose (1, 30)

            let! rows =
                Gen.listOfLength
                    count
                    (gen {
                        let! g = Gen.choose (1, first)
                        let! h = Gen.choose (1, second)
                        let! x = onGrid -2 2
                        let! y = onGrid -5 5
                        return { G = g; H = h; X = x; Y = y }
                    })

            let! scales = Gen.listOfLength 4 (positive 0.1 5.0)
            return rows, scales
        }

    Arb.fromGenShrink (generate, (fun (rows, scales) -> if rows.Length > 1 then Seq.init rows.Length (fun i -> List.removeAt i rows, scales) else Seq.empty))

[<Fact>]
let ``Given all scales every engine's draws of two crossed factors have the mean and the covariance of dense algebra`` () =
    let count = Lane.Of(10, 150)

    check 702UL count crossed (fun (rows, scales) ->
        let sigma, tau, slope, omega = scales[0], scales[1], scales[2], scales[3]

        let model =
            PooledModel.Of<Crossed>()
                .Normal((fun row -> row.Y), sigma = Fixed sigma)
                .Intercept(Normal(1.0, 2.0))
                .Slope((fun row -> row.X), Normal(-0.5, 1.0))
                .Varying(byG, fun g -> g.Intercept(Fixed tau).Slope((fun row -> row.X), Fixed slope).Uncorrelated())
                .Varying(byH, fun h -> h.Intercept(Fixed omega))

        let fits = [ for engine in [ Engine.Gibbs; Engine.Marginal; Engine.Variational ] -> engine.Name, model.Fit(rows, engine, run 21UL 1000) ]
        let fit = snd fits.Head

        // Coefficients: two of the population, intercept and slope of each level of G, the levels of H.
        let gs, hs = Seq.toArray (fit.For byG).Keys, Seq.toArray (fit.For byH).Keys
        let size = 2 + 2 * gs.Length + hs.Length
        let mutable precision = Matrix<float>.Build.Dense(size, size)
        let mutable target = Vector<float>.Build.Dense size

        let prior k mean (sd: float) =
            precision[k, k] <- precision[k, k] + 1.0 / (sd * sd)
            target[k] <- target[k] + mean / (sd * sd)

        prior 0 1.0 2.0
        prior 1 -0.5 1.0

        for j in 0 .. gs.Length - 1 do
            prior (2 + 2 * j) 0.0 tau
            prior (3 + 2 * j) 0.0 slope

        for k in 0 .. hs.Length - 1 do
            prior (2 + 2 * gs.Length + k) 0.0 omega

        for row in rows do
            let z = Vector<float>.Build.Dense size
            let j, k = Array.IndexOf(gs, row.G), Array.IndexOf(hs, row.H)
            z[0] <- 1.0
            z[1] <- row.X
            z[2 + 2 * j] <- 1.0
            z[3 + 2 * j] <- row.X
            z[2 + 2 * gs.Length + k] <- 1.0
            precision <- precision + z.OuterProduct z / (sigma * sigma)
            target <- target + row.Y / (sigma * sigma) * z

        let covariance = precision.Inverse()
        let mean = covariance * target

        let quantities (fit: NormalFit<Crossed>) =
            [| fit.Intercept
               fit.Coefficient "X"
               for g in gs do
                   (fit.For byG).Level(g).Effect "Intercept"
                   (fit.For byG).Level(g).Effect "X"
               for h in hs do
                   (fit.For byH).Level(h).Effect "Intercept" |]

        // The Marginal engine knows the moments in closed form.
        for name, fit in fits do
            if name = "Marginal" then
                quantities fit
                |> Array.iteri (fun i quantity ->
                    near $"mean of coefficient {i}" (1e-8 * (1.0 + abs mean[i])) mean[i] quantity.Mean
                    near $"sd of coefficient {i}" (1e-7 * sqrt covariance[i, i]) (sqrt covariance[i, i]) quantity.Sd)

        [ for name, fit in fits do
              let deviations =
                  quantities fit |> Array.mapi (fun i quantity -> draws quantity |> Array.map (fun value -> (value - mean[i]) / sqrt covariance[i, i]))

              for i in 0 .. size - 1 do
                  compareMean $"coefficient {i} by {name}" 0.0 deviations[i]

                  for j in 0..i do
                      let correlation = covariance[i, j] / sqrt (covariance[i, i] * covariance[j, j])
                      compareMean $"covariance of {i} and {j} by {name}" correlation (Array.map2 (*) deviations[i] deviations[j]) ]
        |> withinMonteCarloError count)

[<Fact>]
let ``Given mu and the sds a level's draws have the precision-weighted mean of its rows and mu`` () =
    let count = Lane.Of(10, 150)

    let known =
        Gen.zip (rows 0 5 8) (Gen.zip3 (positive 0.1 8.0) (positive 0.1 8.0) (onGrid -6 6)) |> fun generate ->
            Arb.fromGenShrink (generate, (fun (rows, scales) -> fewerRows rows |> Seq.map (fun rows -> rows, scales)))

    check 703UL count known (fun (rows, (sigma, tau, mu)) ->
        let fit =
            PooledModel.Of<Row>()
                .Normal((fun row -> row.Y), sigma = Fixed sigma)
                .Intercept(Fixed mu)
                .Varying(group, fun g -> g.Intercept(Fixed tau))
                .Fit(rows, Engine.Gibbs, run 31UL 4000)

        rows
        |> List.groupBy _.Group
        |> List.collect (fun (key, own) ->
            let precision, prior = float own.Length / sigma ** 2.0, tau ** -2.0
            let mean = (precision * (own |> List.averageBy _.Y) + prior * mu) / (precision + prior)
            let deviations = draws ((fit.For group).Level(key).Intercept) |> Array.map (fun x -> (x - mean) * sqrt (precision + prior))

            [ compareMean $"{key}" 0.0 deviations
              compareMean $"variance of {key}" 1.0 (Array.map (fun x -> x * x) deviations) ])
        |> withinMonteCarloError count)

/// Log density of an sd, up to a constant.
let private logDensity (prior: IScalePrior) (sd: float) =
    match prior with
    | :? InverseGammaOnVariancePrior as p -> -(2.0 * p.Shape + 1.0) * log sd - p.Scale / (sd * sd)
    | :? HalfCauchyPrior as p -> -log (1.0 + (sd / p.Scale) ** 2.0)
    | :? ExponentialPrior as p -> -p.Rate * sd
    | other -> failwith $"{other.Text} is not written here"

/// Comparisons of draws of an sd with weights on a grid of equal steps of its log: means of the log and of its square, and shares below points of the
/// grid.
let private againstGrid what (grid: float[]) (logWeights: float[]) (draws: float[]) =
    let largest = Array.max logWeights
    let weights = logWeights |> Array.map (fun w -> exp (w - largest))
    let total = Array.sum weights
    holds $"the grid of {what} holds the posterior" (max weights[0] weights[weights.Length - 1] < 1e-7 * total)
    let average f = (Array.map2 (fun z w -> w * f z) grid weights |> Array.sum) / total
    let mean = average id
    let sd = sqrt (average (fun z -> (z - mean) ** 2.0))
    let scaled = draws |> Array.map (fun x -> (log x - mean) / sd)
    let half = 0.5 * (grid[1] - grid[0])

    // Between two points of the grid the share is exact to the accuracy of the sum.
    let edges = [ for p in [ -1.5; -0.5; 0.5; 1.5 ] -> (grid |> Array.findBack (fun z -> z <= mean + p * sd)) + half ]

    [ compareMean $"log {what}" 0.0 scaled
      compareMean $"spread of log {what}" 1.0 (scaled |> Array.map (fun x -> x * x))
      for edge in edges do
          compareMean $"share of log {what} below {edge:F3}" (average (fun z -> if z < edge then 1.0 else 0.0)) (draws |> Array.map (fun x -> if log x < edge then 1.0 else 0.0)) ]

[<Fact>]
let ``One unknown variance has the posterior of quadrature over the dense likelihood`` () =
    let count = Lane.Of(6, 80)

    let models =
        gen {
            let! rows = rows 1 6 5
            let! shape, scale = Gen.zip (positive 0.7 4.0) (positive 0.3 3.0)

            let! prior =
                Gen.frequency
                    [ 3, Gen.constant (InverseGammaOnVariance(shape, scale) :> IScalePrior)
                      1, Gen.constant (Exponential scale)
                      1, Gen.constant (HalfCauchy scale) ]

            let! isSigma = Gen.elements [ true; false ]
            let! known = positive 0.3 2.0

            // sigma may go to 0 with a row a level under priors that do not keep it away.
            let prior = if isSigma then InverseGammaOnVariance(shape, scale) :> IScalePrior else prior
            let! second = Gen.elements [ []; [ 0, Fixed 0.7 :> IScalePrior ] ]

            return
                { Rows = rows
                  Population = [ ModelSpec.Ones, Normal(0.5, 2.0) ]
                  Varying = (ModelSpec.Ones, (if isSigma then Fixed known :> IScalePrior else prior)) :: second
                  Correlation = Uncorrelated
                  Sigma = Some(if isSigma then prior else Fixed known)
                  Theta = [] }
        }

    check 704UL count (Arb.fromGenShrink (models, (fun case -> fewerRows case.Rows |> Seq.map (fun rows -> { case with Rows = rows })))) (fun case ->
        let fit = (model case).Fit(case.Rows, Engine.Gibbs, run 41UL 4000)
        let isSigma = not (case.Sigma.Value :? FixedPrior)
        let prior = if isSigma then case.Sigma.Value else snd case.Varying.Head
        // Of an sd, wide enough for one row under an Exponential prior, whose density is flat at 0, and for the tail of a half-Cauchy one.
        let grid = if isSigma then [| for i in 0..600 -> -12.0 + 0.03 * float i |] else [| for i in 0..1000 -> -20.0 + 0.03 * float i |]
        let weights = grid |> Array.map (fun z -> Dense.logLikelihood { case with Theta = [ z ] } + logDensity prior (exp z) + z)
        let quantity = if isSigma then fit.Sigma else (fit.For group).InterceptSd
        againstGrid quantity.Name grid weights (draws quantity) |> withinMonteCarloError count)

/// Two varying terms with a prior of their whole covariance, by a grid over the logs of the sds and the inverse hyperbolic tangent of the
/// correlation.
let private covarianceCase (prior: ICovariancePrior) (logPrior: float -> float -> float -> float) seed =
    let sigma, mu, slope = 0.8, 0.5, 0.2
    let noise = [| 0.3; -0.9; 1.1; 0.1; -0.4; 0.8; -1.2; 0.6; 0.2; -0.7; 0.9; -0.1; 0.5; -0.6; 1.3; -0.3 |]
    let levels = [ 1.4, 0.9; -1.1, -0.3; 0.3, -0.8; 0.9, 1.0; -0.6, -1.2 ]

    let rows =
        [ for j, (a, b) in List.indexed levels do
              for i in 0..2 ->
                  let x = float i - 0.7
                  { Group = $"g{j}"; X = [| x |]; Y = mu + a + (slope + b) * x + sigma * noise[3 * j + i]; Se = 1.0 } ]

    let fit =
        PooledModel.Of<Row>()
            .Normal((fun row -> row.Y), sigma = Fixed sigma)
            .Intercept(Fixed mu)
            .Slope((fun row -> row.X[0]), Fixed slope)
            .Varying(group, fun g -> g.Intercept().Slope(fun row -> row.X[0]).Covariance prior)
            .Fit(rows, Engine.Gibbs, run seed 5000)

    // A level: residuals of its rows and their columns, whose covariance is Z Sigma Z' + sigma^2.
    let blocks =
        [ for _, own in List.groupBy _.Group rows ->
              Matrix<float>.Build.DenseOfRows(own |> Seq.map (fun row -> [ 1.0; row.X[0] ])),
              Vector<float>.Build.DenseOfEnumerable(own |> Seq.map (fun row -> row.Y - mu - slope * row.X[0])) ]

    let logLikelihood (s: float) (t: float) (c: float) =
        let covariance = Matrix<float>.Build.DenseOfRowMajor(2, 2, [ s * s; c; c; t * t ])

        blocks
        |> List.sumBy (fun (z, y) ->
            let v = (z * covariance * z.Transpose() + Matrix<float>.Build.DenseIdentity(y.Count) * (sigma * sigma)).Cholesky()
            -0.5 * (v.DeterminantLn + y * v.Solve y))

    // d(s^2, t^2, c) is 4 s^3 t^3 (1 - rho^2) d(log s, log t, atanh rho).
    let step = 0.25

    let nodes =
        [| for a in -9.0 .. step .. 4.0 do
               for b in -9.0 .. step .. 4.0 do
                   for z in -4.5 .. step .. 4.5 do
                       let s, t, rho = exp a, exp b, tanh z
                       a, b, rho, logLikelihood s t (rho * s * t) + logPrior s t rho + 3.0 * (a + b) + log (1.0 - rho * rho) |]

    let largest = nodes |> Array.map (fun (_, _, _, w) -> w) |> Array.max
    let total = nodes |> Array.sumBy (fun (_, _, _, w) -> exp (w - largest))
    let average f = (nodes |> Array.sumBy (fun (a, b, rho, w) -> exp (w - largest) * f a b rho)) / total
    let byGroup = fit.For group
    let a, b = draws byGroup.InterceptSd |> Array.map log, draws (byGroup.Sd(fun row -> row.X[0])) |> Array.map log
    let rho = draws (byGroup.Correlation(fun row -> row.X[0]))

    [ compareMean "log sd of the intercepts" (average (fun a _ _ -> a)) a
      compareMean "log sd of the slopes" (average (fun _ b _ -> b)) b
      compareMean "correlation" (average (fun _ _ rho -> rho)) rho
      compareMean "square of log sd of the intercepts" (average (fun a _ _ -> a * a)) (Array.map (fun x -> x * x) a)
      compareMean "square of log sd of the slopes" (average (fun _ b _ -> b * b)) (Array.map (fun x -> x * x) b)
      compareMean "square of the correlation" (average (fun _ _ rho -> rho * rho)) (Array.map (fun x -> x * x) rho)
      compareMean "correlation and log sd" (average (fun a _ rho -> a * rho)) (Array.map2 (*) a rho) ]
    |> withinMonteCarloError 1

[<Fact>]
let ``An inverse Wishart covariance has the posterior of quadrature`` () =
    // p(Sigma) = |Sigma|^-(nu + 3)/2 exp(-trace(Psi Sigma^-1) / 2), Psi = 1.5 I.
    let nu, psi = 4.0, 1.5

    covarianceCase (InverseWishart(nu, psi)) (fun s t rho ->
        let det = s * s * t * t * (1.0 - rho * rho)
        -0.5 * (nu + 3.0) * log det - 0.5 * psi * (s * s + t * t) / det) 51UL

[<Fact>]
let ``A covariance with the prior of Huang and Wand has the posterior of quadrature`` () =
    // Integrated over its auxiliary scales: p(Sigma) = |Sigma|^-(nu + 4)/2 prod_k (nu (Sigma^-1)_kk + A_k^-2)^-(nu + 2)/2.
    let nu, first, second = 2.0, 2.0, 1.5

    covarianceCase (HuangWand(nu, first, second)) (fun s t rho ->
        let det = s * s * t * t * (1.0 - rho * rho)
        -0.5 * (nu + 4.0) * log det - 0.5 * (nu + 2.0) * (log (nu * t * t / det + first ** -2.0) + log (nu * s * s / det + second ** -2.0))) 52UL

// A class within a school, under a number of its own and under one that only tells it apart within the school.
type private Pupil =
    { School: string
      Class: int
      Room: string
      Score: float }

let private school = Group.By(fun (pupil: Pupil) -> pupil.School)
let private room = Group.By(fun (pupil: Pupil) -> pupil.Room)
let private schoolClass = school.Nested(fun pupil -> pupil.Class)

[<Fact>]
let ``Classes that are nested by their keys alone have the posterior of classes declared nested`` () =
    let count = Lane.Of(3, 50)

    let pupils =
        gen {
            let! schools = Gen.choose (2, 4)
            let! classes = Gen.choose (1, 3)
            let! effects = Gen.listOfLength (schools * (1 + classes)) (onGrid -2 2)

            let! rows =
                Gen.listOfLength
                    (schools * classes * 3)
                    (gen {
                        let! s = Gen.choose (0, schools - 1)
                        let! c = Gen.choose (0, classes - 1)
                        let! noise = onGrid -1 1
                        return { School = $"S{s}"; Class = c; Room = $"room {10 * s + c}"; Score = effects[s] + effects[schools + s * classes + c] + noise }
                    })

            return rows
        }

    check 705UL count (Arb.fromGen pupils) (fun rows ->
        let model =
            PooledModel.Of<Pupil>().Normal((fun pupil -> pupil.Score), sigma = Exponential 1.0).Intercept(Normal(0.0, 2.0)).Varying(school, fun g -> g.Intercept(Exponential 1.0))
        let crossed = model.Varying(room, fun g -> g.Intercept(Exponential 1.0)).Fit(rows, Engine.Gibbs, run 61UL 2500)
        let byNuts = RunOptions(Seed = 62UL, Chains = chains, Warmup = 500, Draws = 1000, Sampling = SamplingMethod.Nuts, TargetAcceptance = 0.95)
        let nested = model.Varying(schoolClass, fun g -> g.Intercept(Exponential 1.0)).Fit(rows, Engine.Marginal, byNuts)
        let rooms = rows |> List.distinctBy _.Room
        holds "a room is a class" (Seq.length (crossed.For room).Keys = rooms.Length && Seq.length (nested.For schoolClass).Keys = rooms.Length)

        [ "intercept", crossed.Intercept, nested.Intercept
          "sigma", crossed.Sigma, nested.Sigma
          "sd of schools", (crossed.For school).InterceptSd, (nested.For school).InterceptSd
          "sd of classes", (crossed.For room).InterceptSd, (nested.For schoolClass).InterceptSd
          for pupil in rooms do
              pupil.Room, (crossed.For room).Level(pupil.Room).Effect "Intercept", (nested.For schoolClass).Level(struct (pupil.School, pupil.Class)).Effect "Intercept" ]
        |> List.collect (fun (what, first, second) -> boundedMoments what (draws first) (draws second))
        |> withinMonteCarloError count)

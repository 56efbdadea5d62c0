/// The marginal density against dense algebra on the covariance of all rows, and its gradient against finite differences.
module TypedPooling.PropertyTests.DensityLaws

open FsCheck
open FsCheck.FSharp
open TypedPooling
open TypedPooling.Inference.Marginal
open TypedPooling.PropertyTests.Cases
open TypedPooling.PropertyTests.Replay
open Xunit
open type TypedPooling.Prior

let private density (case: Case) =
    MarginalDensity.Of((model case).Bind case.Rows)

/// The point of the columns about which the density takes its scales: a number a varying column.
let private origin (case: Case) =
    let spec = (model case).Bind(case.Rows).Spec
    case.Varying |> List.mapi (fun a _ -> spec.Factors[0].OriginOf a)

[<Fact>]
let ``The marginal likelihood is the dense normal density of all rows`` () =
    check 401UL 250 cases (fun case ->
        let density = density case
        let _, _, taken = Dense.scales case
        holds "theta has a number for each unknown scale and correlation" (density.Dimension = taken)
        let expected = Dense.logLikelihoodAbout (origin case) case
        near "log likelihood" (1e-9 * (1.0 + abs expected)) expected (density.LogLikelihood(theta case taken)))

[<Fact>]
let ``The density is likelihood times prior`` () =
    check 402UL 40 cases (fun case ->
        let density = density case
        let theta = theta case density.Dimension
        let expected = density.LogLikelihood theta + density.LogPrior theta
        near "log density" (1e-12 * (10.0 + abs expected)) expected (density.LogDensity(theta, Array.zeroCreate<float> theta.Length)))

/// The case with known scales, some of them 0.
let private known =
    let fix (case: Case, zero) =
        let sigma, lambda, _ = Dense.scales { case with Correlation = Uncorrelated }

        { case with
            Varying = case.Varying |> List.mapi (fun a (column, _) -> column, Fixed(if a = zero then 0.0 else lambda[a, a]))
            Sigma = case.Sigma |> Option.map (fun _ -> Fixed sigma)
            Correlation = Uncorrelated }

    let generate = Gen.zip (Arb.toGen cases) (Gen.choose (0, 5)) |> Gen.map fix
    Arb.fromGenShrink (generate, Arb.toShrink cases)

[<Fact>]
let ``Given the scales the coefficients have the moments of the dense normal posterior`` () =
    check 403UL 150 known (fun case ->
        let fit = (model case).Fit(case.Rows, momentsOnly)
        let ofPopulation, ofLevel = Dense.moments case

        let agree what (expectedMean: float, expectedSd: float) (quantity: Quantity) =
            near $"mean of {what}" (1e-9 * (1.0 + abs expectedMean + expectedSd)) expectedMean quantity.Mean
            near $"sd of {what}" (1e-9 * (1.0 + expectedSd)) expectedSd quantity.Sd

        for column, _ in case.Population do
            agree (nameOf column) (ofPopulation column) (fit.Coefficient(nameOf column))

        if not case.Varying.IsEmpty then
            let byGroup = fit.For group

            for key in byGroup.Keys do
                for column, _ in case.Varying do
                    agree $"{key} {nameOf column}" (ofLevel key column) (byGroup.Level(key).Coefficient(nameOf column)))

/// The gradient at a point of theta is that of Richardson's extrapolation of central differences, whose own error is about h^4 and eps |log density|
/// / h.
let private hasTheGradientOfDifferences (case: Case) (theta: float[]) =
    let density = density case
    let gradient = Array.zeroCreate<float> theta.Length
    let scratch = Array.zeroCreate<float> theta.Length
    let log' = density.LogDensity(theta, gradient)
    holds "the density is finite" (System.Double.IsFinite log')

    for d in 0 .. theta.Length - 1 do
        let at step =
            let moved: float[] = Array.updateAt d (theta[d] + step) theta
            density.LogDensity(moved, scratch)

        let central h = (at h - at -h) / (2.0 * h)
        let h = 2e-3
        let difference = (4.0 * central (h / 2.0) - central h) / 3.0
        near $"derivative for theta[{d}]" (1e-7 * (1.0 + abs difference) + 1e-12 * abs log') difference gradient[d]

/// log p(y | sigma, tau) of groups of responses with a varying intercept, mu ~ Normal(0, muSd): means and squares within groups, no matrix to lose
/// digits in.
/// Returns the size of the terms it adds up too.
let private closedForm (groups: float list list) muSd sigma tau =
    let n = groups |> List.map (List.length >> float)
    let means = groups |> List.map List.average
    let within = List.map2 (fun group mean -> group |> List.sumBy (fun y -> (y - mean) ** 2.0)) groups means |> List.sum
    let precisions = n |> List.map (fun n -> 1.0 / (tau * tau + sigma * sigma / n))
    let total = muSd ** -2.0 + List.sum precisions
    let mu = List.sum (List.map2 (*) precisions means) / total
    let between = mu * mu / (muSd * muSd) + List.sum (List.map2 (fun w mean -> w * (mean - mu) ** 2.0) precisions means)

    let terms =
        [ -0.5 * List.sum n * log (2.0 * System.Math.PI)
          -(List.sum n - float groups.Length) * log sigma
          -0.5 * List.sumBy log n
          -0.5 * within / (sigma * sigma)
          0.5 * List.sumBy log precisions
          -0.5 * log (total * muSd * muSd)
          -0.5 * between ]

    List.sum terms, List.sumBy abs terms

[<Fact>]
let ``At extreme scales the density of a varying intercept keeps its digits`` () =
    let extremes =
        gen {
            let responses = Gen.choose (1, 8) |> Gen.bind (fun n -> Gen.listOfLength n (onGrid -4 4))
            let! groups = Gen.choose (1, 6) |> Gen.bind (fun count -> Gen.listOfLength count responses)
            let! muSd = positive 0.1 10.0
            let! logSigma = between -18.0 18.0
            let! logTau = between -25.0 18.0
            return groups, muSd, [| logSigma; logTau |]
        }

    check 408UL 150 (Arb.fromGen extremes) (fun (groups, muSd, theta) ->
        let model =
            PooledModel.Of<Row>()
                .Normal((fun row -> row.Y), sigma = InverseGammaOnVariance(1.0, 1.0))
                .Intercept(Normal(0.0, muSd))
                .Varying(group, fun g -> g.Intercept(HalfNormal 1.0))

        let rows = [ for j, group in List.indexed groups do for y in group -> { Group = $"g{j}"; X = [||]; Y = y; Se = 1.0 } ]
        let density = MarginalDensity.Of(model.Bind rows)
        let expected, size = closedForm groups muSd (exp theta[0]) (exp theta[1])
        near "log likelihood" (1e-10 * size) expected (density.LogLikelihood theta))

/// Where the sds of a case are in theta, and its correlations.
let private layout (case: Case) =
    let isFree (prior: IScalePrior) = prior.Lower < prior.Upper
    let first = if case.Sigma |> Option.exists isFree then 1 else 0
    first, first + (case.Varying |> List.filter (snd >> isFree) |> List.length)

[<Fact>]
let ``The gradient is that of finite differences`` () =
    check 404UL 80 cases (fun case -> hasTheGradientOfDifferences case (theta case (density case).Dimension))

[<Fact>]
let ``The gradient is that of finite differences where the sds are nearly 0`` () =
    check 405UL 40 cases (fun case ->
        let first, last = layout case
        let theta = case.Theta[.. (density case).Dimension - 1] |> List.mapi (fun i z -> if i >= first && i < last then -12.0 + 0.1 * z else z)
        hasTheGradientOfDifferences case (List.toArray theta))

[<Fact>]
let ``The gradient is that of finite differences where correlations are nearly 1 or -1`` () =
    check 406UL 40 cases (fun case ->
        let _, last = layout case
        let theta = case.Theta[.. (density case).Dimension - 1] |> List.mapi (fun i z -> if i >= last then (if z < 0.0 then -8.0 else 8.0) else z)
        hasTheGradientOfDifferences case (List.toArray theta))

[<Fact>]
let ``A point that cannot be evaluated is minus infinity, never NaN, and all others have a gradient`` () =
    check 407UL 30 cases (fun case ->
        let density = density case

        if density.Dimension > 0 then
            for z in [ -800.0; -740.0; -400.0; 300.0; 800.0 ] do
                for d in 0 .. density.Dimension - 1 do
                    let theta: float[] = theta case density.Dimension |> Array.updateAt d z
                    let gradient = Array.zeroCreate<float> theta.Length
                    let log' = density.LogDensity(theta, gradient)

                    // At -740 an sd is below the least normal double and a prior's derivative in it overflows; the density still is one.
                    if System.Double.IsFinite log' && abs z < 700.0 then
                        holds $"the gradient at theta[{d}] = {z} is finite" (Array.forall System.Double.IsFinite gradient)

                    holds $"theta[{d}] = {z} gives a number or minus infinity, and it gave {log'}" (System.Double.IsFinite log' || System.Double.IsNegativeInfinity log'))

// Found by the law above, and shrunk: the prior's density is infinite at the sd 0 to which exp(-800) underflows, and so was the density of theta.
[<Fact>]
let ``An sd that underflows to 0 under a Gamma prior of shape below 1 has no density`` () =
    let model =
        PooledModel.Of<Row>().Normal((fun row -> row.Y), sigma = Fixed 0.8).Varying(group, fun g -> g.Intercept(Gamma(0.95, 2.0)))

    let density = MarginalDensity.Of(model.Bind [ { Group = "g1"; X = [||]; Y = 0.7; Se = 1.0 } ])
    let theta, gradient = [| -800.0 |], [| 0.0 |]
    Assert.Equal(System.Double.NegativeInfinity, density.LogDensity(theta, gradient))

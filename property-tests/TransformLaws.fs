/// The maps between unconstrained coordinates and scales or correlations, and the densities of the priors.
module TypedPooling.PropertyTests.TransformLaws

open System
open FsCheck
open FsCheck.FSharp
open MathNet.Numerics
open MathNet.Numerics.LinearAlgebra
open TypedPooling
open TypedPooling.PropertyTests.Cases
open TypedPooling.PropertyTests.Replay
open Xunit
open type TypedPooling.Prior
open TypedPooling.Inference.Scales

let private properScalePriors: Arbitrary<IScalePrior> =
    let size = positive 0.01 100.0

    Gen.oneof
        [ Gen.map (fun rate -> Exponential rate :> IScalePrior) size
          Gen.map (fun scale -> HalfNormal scale :> IScalePrior) size
          Gen.map (fun scale -> HalfCauchy scale :> IScalePrior) size
          Gen.map2 (fun df scale -> HalfStudentT(df, scale) :> IScalePrior) (positive 0.7 40.0) size
          Gen.map2 (fun shape rate -> Gamma(shape, rate) :> IScalePrior) (positive 0.4 30.0) size
          Gen.map2 (fun shape rate -> Gamma(shape, rate).Above(0.5 / rate) :> IScalePrior) (positive 0.4 30.0) size
          Gen.map (fun rate -> ExponentialOnInverseRoot rate :> IScalePrior) (positive 0.3 3.0)
          Gen.map2 (fun shape scale -> InverseGammaOnVariance(shape, scale) :> IScalePrior) (positive 0.4 30.0) size
          Gen.map2 (fun lower width -> Uniform(lower, lower + width) :> IScalePrior) (Gen.oneof [ Gen.constant 0.0; size ]) size ]
    |> Arb.fromGen

let private scalePriors =
    Gen.frequency [ 8, Arb.toGen properScalePriors; 1, Gen.constant (Flat :> IScalePrior) ] |> Arb.fromGen

/// A derivative by Richardson's extrapolation of central differences.
let private derivative (f: float -> float) x h =
    let central h = (f (x + h) - f (x - h)) / (2.0 * h)
    (4.0 * central (h / 2.0) - central h) / 3.0

let private withCoordinate priors = Arb.fromGen (Gen.zip (Arb.toGen priors) (between -6.0 6.0))

[<Fact>]
let ``A scale and its coordinate determine each other`` () =
    check 501UL 300 (withCoordinate scalePriors) (fun (prior, z) ->
        let transform = ScaleTransform prior
        let sd = transform.Constrain z
        holds "inside the support" (sd > prior.Lower && sd < prior.Upper)
        // A lower bound of the size of sd takes the digits of the difference.
        let lost =
            4e-15 * (1.0 + prior.Lower / (sd - prior.Lower)) * (if Double.IsInfinity prior.Upper then 1.0 else prior.Upper / (prior.Upper - sd))
        near "z" (lost * (1.0 + abs z)) z (transform.Unconstrain sd))

[<Fact>]
let ``The density of a coordinate is that of the scale times the Jacobian`` () =
    check 502UL 300 (withCoordinate scalePriors) (fun (prior, z) ->
        let transform = ScaleTransform prior
        let sd = transform.Constrain z
        let slope = derivative (fun z -> transform.Constrain z - sd) z 1e-3
        near "slope" (1e-9 * slope + 1e-12 * prior.Lower) slope (transform.Slope(z, sd))
        let expected = prior.LogScaleDensity sd + log (transform.Slope(z, sd))
        near "log density" (1e-11 * (1.0 + abs expected)) expected (transform.LogDensity(z, sd)))

[<Fact>]
let ``The derivatives of scale priors are those of finite differences`` () =
    check 503UL 300 (withCoordinate scalePriors) (fun (prior, z) ->
        let transform = ScaleTransform prior
        let sd = transform.Constrain z
        let h = 1e-3 * (if Double.IsInfinity prior.Upper then sd else min (sd - prior.Lower) (prior.Upper - sd))
        let slope = derivative prior.LogScaleDensity sd h
        let noise = 1e-13 * (1.0 + abs (prior.LogScaleDensity sd)) / h
        near "in sd" (1e-8 * abs slope + noise) slope (prior.LogScaleDensityDerivative sd)
        let logDensity z = transform.LogDensity(z, transform.Constrain z)
        let slope = derivative logDensity z 1e-3
        near "in z" (1e-8 * (1.0 + abs slope) + 1e-9 * abs (logDensity z)) slope (transform.LogDensityDerivative(z, sd)))

// The trapezoidal rule converges geometrically for densities that are analytic and fade at both ends.
let private integral f low high step =
    let n = int (ceil ((high - low) / step))
    step * Seq.sum (seq { for i in 0..n -> f (low + float i * step) })

[<Fact>]
let ``The density of every proper scale prior integrates to one through its transform`` () =
    check 504UL 40 properScalePriors (fun prior ->
        let transform = ScaleTransform prior
        let total = integral (fun z -> exp (transform.LogDensity(z, transform.Constrain z))) -90.0 90.0 0.01
        near $"integral of {prior.Text}" 1e-9 1.0 total)

[<Fact>]
let ``The density of every proper scale prior integrates to one in the sd`` () =
    // On the scale itself, by double exponential quadrature; heavy tails and poles at 0 are those of the test above.
    let priors: IScalePrior list =
        [ Exponential 2.0; HalfNormal 0.7; HalfStudentT(4.0, 2.0); Gamma(2.5, 1.5); InverseGammaOnVariance(3.0, 2.0); Uniform(0.5, 3.0) ]

    for prior in priors do
        let low, high = prior.Lower, min prior.Upper 1e4
        let density sd = if sd <= 0.0 then 0.0 else exp (prior.LogScaleDensity sd)
        let pieces = [ 0.0; 0.01; 0.1; 0.5; 1.0; 2.0; 3.0; 5.0; 10.0; 30.0; 100.0; 1e3; 1e4 ] |> List.filter (fun x -> x > low && x < high)
        let piece (a, b) = Integration.DoubleExponentialTransformation.Integrate(density, a, b, 1e-10)
        let total = List.pairwise (low :: pieces @ [ high ]) |> List.sumBy piece
        near $"integral of {prior.Text}" 1e-8 1.0 total

[<Fact>]
let ``The density of every proper real prior integrates to one`` () =
    let priors =
        Gen.oneof
            [ Gen.map2 (fun mean sd -> (Normal(mean, sd) :> IRealPrior), mean - 40.0 * sd, mean + 40.0 * sd) (between -50.0 50.0) (positive 0.01 100.0)
              Gen.map2 (fun lower width -> (Uniform(lower, lower + width) :> IRealPrior), lower - width, lower + 2.0 * width) (between -50.0 50.0) (positive 0.01 100.0) ]

    check 505UL 60 (Arb.fromGen priors) (fun (prior, low, high) ->
        // Midpoints of 3,000 equal pieces: none falls on a bound of the uniform, a third of the range.
        let step = (high - low) / 3000.0
        let total = step * Seq.sum (seq { for i in 0..2999 -> exp (prior.LogDensity(low + (float i + 0.5) * step)) })
        near $"integral of {prior.Text}" 1e-9 1.0 total)

let private heavyTailed: Arbitrary<IRealPrior> =
    let location = between -50.0 50.0
    let scale = positive 0.01 100.0

    Gen.oneof
        [ Gen.map3 (fun df location scale -> StudentT(df, location, scale) :> IRealPrior) (positive 0.7 1e4) location scale
          Gen.map2 (fun location scale -> Cauchy(location, scale) :> IRealPrior) location scale
          Gen.map2 (fun location scale -> Laplace(location, scale) :> IRealPrior) location scale ]
    |> Arb.fromGen

let private located (prior: IRealPrior) =
    match prior with
    | :? StudentTPrior as p -> p.Location, p.Scale
    | :? CauchyPrior as p -> p.Location, p.Scale
    | :? LaplacePrior as p -> p.Location, p.Scale
    | other -> failwith $"{other.Text} has no location"

[<Fact>]
let ``The density of every heavy-tailed real prior integrates to one`` () =
    // b = m + s (exp z - exp -z) spreads the tails out, and the kink of a Laplace lies on a node, to both sides of which the rule is applied.
    check 506UL 60 heavyTailed (fun prior ->
        let location, scale = located prior

        let density z =
            exp (prior.LogDensity(location + scale * (exp z - exp -z))) * scale * (exp z + exp -z)

        let side sign =
            let step = 0.002
            let inner = Seq.sum (seq { for i in 1..44999 -> density (sign * step * float i) })
            // Euler and Maclaurin's first correction, for the end at the kink has a slope.
            let slope = (density (sign * 1e-4) - density (sign * 1e-9)) / 1e-4
            step * (0.5 * density (sign * 1e-9) + inner) + step * step / 12.0 * slope

        near $"integral of {prior.Text}" 1e-7 1.0 (side 1.0 + side -1.0))

[<Fact>]
let ``The derivatives of real priors are those of finite differences`` () =
    check 507UL 200 (Arb.fromGen (Gen.zip (Arb.toGen heavyTailed) (between -8.0 8.0))) (fun (prior, z) ->
        let location, scale = located prior
        let z = if abs z < 0.01 then z + 0.5 else z
        let slope = derivative prior.LogDensity (location + scale * z) (1e-3 * scale)
        near "derivative" (1e-7 * (abs slope + 1.0 / scale) + 1e-10 * abs location / (scale * scale)) slope (prior.LogDensityDerivative(location + scale * z)))

let private size = Gen.choose (2, 5)

let private correlations low high =
    gen {
        let! q = size
        let! eta = positive 0.5 6.0
        let! z = Gen.arrayOfLength (q * (q - 1) / 2) (between low high)
        return q, eta, z
    }
    |> Arb.fromGen

let private factorAt (transform: CorrelationTransform) q (z: float[]) =
    let factor = Array.zeroCreate<float> (q * q)
    let log' = transform.Constrain(z, factor)
    Matrix<float>.Build.DenseOfRowMajor(q, q, factor), factor, log'

[<Fact>]
let ``A correlation factor has rows of length one, a positive diagonal and zeros above it`` () =
    check 511UL 200 (correlations -15.0 15.0) (fun (q, eta, z) ->
        let factor, _, log' = factorAt (CorrelationTransform(q, eta)) q z
        holds "the density is finite" (Double.IsFinite log')

        for r in 0 .. q - 1 do
            near $"length of row {r}" 1e-14 1.0 (factor.Row(r).L2Norm())
            holds "positive diagonal" (factor[r, r] > 0.0)

            for c in r + 1 .. q - 1 do
                near "above the diagonal" 0.0 0.0 factor[r, c])

[<Fact>]
let ``A correlation factor and its coordinates determine each other`` () =
    check 512UL 200 (correlations -3.0 3.0) (fun (q, eta, z) ->
        let transform = CorrelationTransform(q, eta)
        let _, factor, _ = factorAt transform q z
        let back = Array.zeroCreate<float> z.Length
        transform.Unconstrain(factor, back)

        // atanh near 1 multiplies rounding by cosh^2, and each further column of a row divides by what is left of its length.
        for i in 0 .. z.Length - 1 do
            near $"z[{i}]" 1e-8 z[i] back[i])

/// Normalising constant of det(R)^(eta - 1) over q x q correlation matrices. Source: [Lewandowski2009], eq. 16.
let private logLkjConstant q eta =
    Seq.sum (
        seq {
            for k in 1 .. q - 1 do
                let b = eta + 0.5 * float (q - k - 1)
                float (q - k) * ((2.0 * eta - 2.0 + float (q - k)) * log 2.0 + SpecialFunctions.BetaLn(b, b))
        }
    )

[<Fact>]
let ``The density of correlation coordinates is LKJ's times the Jacobian of the matrix`` () =
    check 513UL 100 (correlations -2.0 2.0) (fun (q, eta, z) ->
        let transform = CorrelationTransform(q, eta)
        let pairs = [| for r in 1 .. q - 1 do for c in 0 .. r - 1 -> r, c |]

        let correlation z =
            let factor, _, _ = factorAt transform q z
            factor * factor.Transpose()

        let jacobian =
            Matrix<float>.Build.Dense(z.Length, z.Length, fun i j ->
                let r, c = pairs[i]
                derivative (fun step -> (correlation (Array.updateAt j step z))[r, c]) z[j] 1e-3)

        let expected = (eta - 1.0) * log ((correlation z).Determinant()) - logLkjConstant q eta + log (abs (jacobian.Determinant()))
        let _, _, log' = factorAt transform q z
        near "log density" (1e-6 * (1.0 + abs expected)) expected log')

[<Fact>]
let ``The gradient of correlation coordinates is that of finite differences`` () =
    let withWeights =
        gen {
            let! q, eta, z = Arb.toGen (correlations -9.0 9.0)
            let! weights = Gen.arrayOfLength (q * q) (between -2.0 2.0)
            return q, eta, z, weights
        }

    check 514UL 150 (Arb.fromGen withWeights) (fun (q, eta, z, weights) ->
        let transform = CorrelationTransform(q, eta)

        let value z =
            let _, factor, log' = factorAt transform q z
            log' + Array.sum (Array.map2 (*) weights factor)

        let gradient = Array.zeroCreate<float> z.Length
        transform.Backward(z, weights, gradient)

        for i in 0 .. z.Length - 1 do
            let difference = derivative (fun step -> value (Array.updateAt i step z)) z[i] 1e-3
            near $"derivative for z[{i}]" (1e-8 * (1.0 + abs difference) + 1e-12 * abs (value z)) difference gradient[i])

/// Moments of every correlation under the density, by the trapezoidal rule in all coordinates.
let private moments q eta =
    let transform = CorrelationTransform(q, eta)
    let step, reach = if q = 2 then 0.1, 12.0 else 0.25, 10.0
    let nodes = [| for i in 0 .. int (2.0 * reach / step) -> -reach + step * float i |]
    let d = q * (q - 1) / 2
    let z, factor = Array.zeroCreate<float> d, Array.zeroCreate<float> (q * q)
    let sums = Array2D.zeroCreate d 3

    let rec visit k =
        if k < d then
            for node in nodes do
                z[k] <- node
                visit (k + 1)
        else
            let weight = exp (transform.Constrain(z, factor)) * step ** float d
            let mutable at = 0

            for r in 1 .. q - 1 do
                for c in 0 .. r - 1 do
                    let mutable rho = 0.0

                    for k in 0..c do
                        rho <- rho + factor[r * q + k] * factor[c * q + k]

                    sums[at, 0] <- sums[at, 0] + weight
                    sums[at, 1] <- sums[at, 1] + weight * rho * rho
                    sums[at, 2] <- sums[at, 2] + weight * rho ** 4.0
                    at <- at + 1

    visit 0
    sums

[<Theory>]
[<InlineData(2, 1.0)>]
[<InlineData(2, 2.0)>]
[<InlineData(2, 4.5)>]
[<InlineData(3, 1.0)>]
[<InlineData(3, 2.0)>]
let ``Under LKJ every correlation is a Beta on (-1, 1)`` q eta =
    // (rho + 1) / 2 ~ Beta(a, a), a = eta + q/2 - 1: E rho^2 = 1 / (2a + 1), E rho^4 = 3 / ((2a + 1)(2a + 3)).
    let a = eta + 0.5 * float q - 1.0
    let moments = moments q eta

    for i in 0 .. q * (q - 1) / 2 - 1 do
        near "total" 1e-7 1.0 moments[i, 0]
        near "second moment" 1e-7 (1.0 / (2.0 * a + 1.0)) moments[i, 1]
        near "fourth moment" 1e-7 (3.0 / ((2.0 * a + 1.0) * (2.0 * a + 3.0))) moments[i, 2]

[<Fact>]
let ``The prior of theta is the product of its parts, and what is reported is where theta is`` () =
    check 515UL 80 cases (fun case ->
        let spec = (model case).Spec
        let coordinates = ScaleCoordinates spec
        let theta = theta case coordinates.Dimension
        let point = coordinates.NewPoint()
        let log' = coordinates.Constrain(theta, point)
        let priors = Option.toList case.Sigma @ List.map snd case.Varying |> List.filter (fun prior -> prior.Lower < prior.Upper)

        let logDensity (prior: IScalePrior) z =
            let transform = ScaleTransform prior
            transform.LogDensity(z, transform.Constrain z)

        let ofScales = List.map2 logDensity priors case.Theta[.. priors.Length - 1] |> List.sum
        let q = case.Varying.Length

        let ofCorrelations =
            match case.Correlation with
            | :? LkjPrior as lkj when q > 1 ->
                let _, _, log' = factorAt (CorrelationTransform(q, lkj.Eta)) q theta[priors.Length ..]
                log'
            | _ -> 0.0

        near "log prior" (1e-12 * (1.0 + abs log')) (ofScales + ofCorrelations) log'

        let values = Array.zeroCreate<float> coordinates.Parameters.Length
        coordinates.Report(point, values)
        let sigma, lambda, _ = Dense.scales case
        let covariance = lambda * lambda.Transpose()
        let sds = [| for a in 0 .. q - 1 -> sqrt covariance[a, a] |]

        let expected =
            [ if case.Sigma.IsSome then
                  yield sigma
              yield! sds
              if q > 1 && not (case.Correlation :? UncorrelatedPrior) then
                  for a in 1 .. q - 1 do
                      for b in 0 .. a - 1 do
                          yield covariance[a, b] / (sds[a] * sds[b]) ]

        holds "as many values as parameters" (expected.Length = values.Length)

        for i in 0 .. values.Length - 1 do
            near coordinates.Parameters[i].Name (1e-12 * (1.0 + abs expected[i])) expected[i] values[i])

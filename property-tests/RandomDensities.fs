/// Densities of the responses of random models, from their textbook forms, written so that counts of 1e9 and shapes of 1e7 keep their digits. Nothing
/// is shared with the library.
module TypedPooling.PropertyTests.RandomDensities

open System
open MathNet.Numerics
open TypedPooling
open TypedPooling.PropertyTests.RandomModels

/// log(1 + x) with all digits near 0.
let private log1p x =
    let u = 1.0 + x
    if u = 1.0 then x else log u * x / (u - 1.0)

/// exp(x) - 1 with all digits near 0.
let private expm1 (x: float) =
    if abs x < 1e-5 then
        x + x * x / 2.0 + x * x * x / 6.0
    else
        let u = exp x
        if abs x > 0.5 then u - 1.0 else (u - 1.0) * x / log u

/// log Gamma(a) less Stirling's (a - 1/2) log a - a + log(2 pi) / 2: all digits are kept where a is large.
let rec private stirlingRest a =
    if a < 15.0 then
        // Gamma(a + 1) = a Gamma(a): (a + 1/2) log(1 + 1/a) - 1 is what a step adds.
        stirlingRest (a + 1.0) + (a + 0.5) * log1p (1.0 / a) - 1.0
    else
        let r = 1.0 / (a * a)
        (1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r * (1.0 / 1188.0 - r * 691.0 / 360360.0))))) / a

/// log Phi(x) and its derivative.
let private logPhi x =
    if x > -6.0 then
        let p = 0.5 * SpecialFunctions.Erfc(-x / sqrt 2.0)
        log p, exp (-0.5 * x * x) / (sqrt (2.0 * Math.PI) * p)
    else
        // Mills' ratio by its continued fraction.
        let mutable fraction = -x

        for k in 80 .. -1 .. 1 do
            fraction <- -x + float k / fraction

        -0.5 * x * x - 0.5 * log (2.0 * Math.PI) - log fraction, fraction

/// Log density of a response as a function of the linear predictor, all constants included, with its first and second derivative. The shape counts
/// where the family has one.
let logDensity family (row: RandomRow) (shape: float) : float -> struct (float * float * float) =
    let y = row.Y
    let half = 0.5 * log (2.0 * Math.PI)

    match family with
    | RandomFamily.Poisson ->
        let exposure = log row.Weight

        if y = 0.0 then
            fun eta ->
                let mu = exp (eta + exposure)
                struct (-mu, -mu, -mu)
        else
            // About the saturated density, so that large counts keep their digits.
            let saturated = -half - 0.5 * log y - stirlingRest y
            let logY = log y

            fun eta ->
                let less1 = expm1 (eta + exposure - logY)
                struct (saturated + y * (eta + exposure - logY - less1), -y * less1, -exp (eta + exposure))
    | RandomFamily.NegativeBinomial ->
        if y = 0.0 then
            fun eta ->
                let mu = exp eta
                struct (-shape * log1p (mu / shape), -mu / (1.0 + mu / shape), -mu / (1.0 + mu / shape) / (1.0 + mu / shape))
        else
            let k = shape + y
            let saturated = 0.5 * log (shape / k) - half - 0.5 * log y - stirlingRest y + stirlingRest k - stirlingRest shape
            let logY = log y

            fun eta ->
                let mu = exp eta
                let share = 1.0 + mu / shape
                let less1 = expm1 (eta - logY)
                struct (saturated - k * log1p (y * less1 / k) + y * (eta - logY), -y * less1 / share, -mu * (1.0 + y / shape) / (share * share))
    | RandomFamily.Gamma ->
        let saturated = 0.5 * log shape - half - stirlingRest shape - log y
        let logY = log y

        fun eta ->
            let less1 = expm1 (logY - eta)
            struct (saturated + shape * (logY - eta - less1), shape * less1, -shape * (1.0 + less1))
    | RandomFamily.Bernoulli link
    | RandomFamily.Binomial link ->
        let n = row.Trials
        let m = n - y

        // log p, log(1 - p) and their derivatives.
        let logs =
            match link with
            | Link.Logit ->
                fun eta ->
                    let p = 1.0 / (1.0 + exp -eta)
                    let q = 1.0 / (1.0 + exp eta)
                    let softplus x = if x > 0.0 then x + log1p (exp -x) else log1p (exp x)
                    struct (-softplus -eta, q, -p * q, -softplus eta, -p, -p * q)
            | Link.Probit ->
                fun eta ->
                    let a, da = logPhi eta
                    let b, db = logPhi -eta
                    struct (a, da, -da * (da + eta), b, -db, -db * (db - eta))
            | _ ->
                fun eta ->
                    let e = exp (min eta 600.0)

                    if e < 1e-10 then
                        struct (eta - 0.5 * e, 1.0 - 0.5 * e, -0.5 * e, -e, -e, -e)
                    else
                        let r = e / expm1 e
                        struct (log -(expm1 -e), r, r * (1.0 + e / expm1 -e), -e, -e, -e)

        let plus w value = if w = 0.0 then 0.0 else w * value

        // log of the binomial coefficient, by Stirling's formula where nothing is 0.
        let choose =
            if y = 0.0 || m = 0.0 then
                0.0
            else
                let entropy = y * log (y / n) + m * log (m / n)
                -entropy + 0.5 * log (n / (y * m)) - half + stirlingRest n - stirlingRest y - stirlingRest m

        fun eta ->
            let struct (logP, first, second, logQ, firstQ, secondQ) = logs eta
            struct (choose + plus y logP + plus m logQ, plus y first + plus m firstQ, plus y second + plus m secondQ)
    | _ -> invalidOp "A Normal response has no cells."

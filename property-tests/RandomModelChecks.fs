/// What is asked of a fit of a random model: its log likelihood is the dense criterion at its estimates, no point near them is higher, units and origins of columns move nothing, and nothing is NaN.
module TypedPooling.PropertyTests.RandomModelChecks

open System
open MathNet.Numerics.LinearAlgebra
open TypedPooling
open TypedPooling.Draws
open TypedPooling.Model
open TypedPooling.PropertyTests.DenseCriterion
open TypedPooling.PropertyTests.RandomModels
open TypedPooling.Responses

type Verdict =
    | Agrees
    | NotConverged
    | Refused of string
    | Fails of string list

/// Lower triangular root of a matrix that may be singular; what rounding makes negative is 0.
let private root (a: float[][]) =
    let n = a.Length
    let l = Array.init n (fun _ -> Array.zeroCreate<float> n)

    for j in 0 .. n - 1 do
        let rest i = a[i][j] - (Seq.init j (fun k -> l[i][k] * l[j][k]) |> Seq.sum)
        let pivot = rest j

        if pivot > 1e-13 * a[j][j] then
            l[j][j] <- sqrt pivot

            for i in j + 1 .. n - 1 do
                l[i][j] <- rest i / l[j][j]

    l

/// The estimates of a fit in the coordinates of the design, and by how much the rounding of what the fit reports may move a linear predictor.
let pointOf (design: Design) (fit: Fit<RandomRow>) =
    let model = design.Model
    let unit term = if term = ModelSpec.Ones then 1.0 else model.Units[term]
    let centre term = if term = ModelSpec.Ones then 0.0 else model.Centres[term]
    let mutable rounding = 0.0

    // b0 + sum b_k (c_k + x) = (b0 + sum b_k c_k) + sum b_k x.
    let centred (terms: int list) (value: int -> float) =
        terms
        |> List.map (fun term ->
            if term = ModelSpec.Ones then
                let parts = terms |> List.map (fun term -> (if term = ModelSpec.Ones then 1.0 else centre term) * value term)
                rounding <- max rounding (4e-16 * (parts |> List.map abs |> List.max))
                List.sum parts
            else
                unit term * value term)

    let raw (terms: int list) (value: int -> float) =
        terms |> List.map (fun term -> unit term * value term)

    let coefficient term = (fit.Coefficient(termName term)).Mean
    let beta = model.Population |> (fun terms -> (if model.HasIntercept then centred else raw) terms coefficient)

    let loadings k (factor: RandomFactor) =
        let byLevel = fit.For groups[k]
        let q = factor.Terms.Length
        let sd = factor.Terms |> List.map (fun term -> (byLevel.Sd(termName term)).Mean) |> List.toArray

        let correlation a b =
            if a = b then 1.0
            elif factor.IsCorrelated && sd[a] > 0.0 && sd[b] > 0.0 then (byLevel.Correlation(termName factor.Terms[a], termName factor.Terms[b])).Mean
            else 0.0

        let r = root (Array.init q (fun a -> Array.init q (correlation a)))
        let isCentred = factor.IsCorrelated && List.contains ModelSpec.Ones factor.Terms

        // Spherical effect b adds column b of diag(sd) R^(1/2) to the coefficients.
        let columns =
            List.init q (fun b ->
                let value term = sd[List.findIndex ((=) term) factor.Terms] * r[List.findIndex ((=) term) factor.Terms][b]
                // The root of 1 - r^2 holds half of the digits that r has.
                (if isCentred then centred else raw) factor.Terms value |> List.toArray)

        if isCentred then
            let far = factor.Terms |> List.mapi (fun a term -> abs (centre term) * sd[a]) |> List.max
            rounding <- max rounding (3e-8 * far)
        elif factor.IsCorrelated then
            let far = factor.Terms |> List.mapi (fun a term -> (abs (centre term) + unit term) * sd[a]) |> List.max
            rounding <- max rounding (3e-8 * far)

        Array.init q (fun a -> Array.init q (fun b -> columns[b][a]))

    let scale =
        let scales = fit.Posterior.Scales

        Seq.init scales.ParameterCount scales.Parameter
        |> Seq.tryFindIndex (fun p -> p.Kind = ParameterKind.Sigma || p.Kind = ParameterKind.Shape)
        |> Option.map (fun i -> (nonNull fit.Posterior.Point).Scales[i])
        |> Option.defaultValue 1.0

    let point =
        { Beta = List.toArray beta
          Loadings = model.Factors |> List.mapi loadings |> List.toArray
          Scale = scale }

    point, rounding

/// The free numbers of a point, each a way to read and to replace it. Rotated, loadings are lower triangular again.
let private coordinates (model: RandomModel) (point: Point) =
    let lower =
        point.Loadings
        |> Array.mapi (fun k m ->
            if model.Factors[k].IsCorrelated then
                root (Array.init m.Length (fun a -> Array.init m.Length (fun b -> dot (m[a]) (m[b]))))
            else
                m)

    let start = { point with Loadings = lower }

    let elements =
        [ if not model.IsRestricted then
              for j in 0 .. point.Beta.Length - 1 do
                  fun (p: Point) step -> { p with Beta = p.Beta |> Array.mapi (fun i b -> if i = j then b + step else b) }
          for k in 0 .. lower.Length - 1 do
              for a in 0 .. lower[k].Length - 1 do
                  for b in 0..a do
                      if a = b || model.Factors[k].IsCorrelated then
                          fun p step ->
                              { p with
                                  Loadings =
                                      p.Loadings
                                      |> Array.mapi (fun l m -> if l <> k then m else m |> Array.mapi (fun i row -> if i <> a then row else row |> Array.mapi (fun j x -> if j = b then x + step else x))) }
          match model.Family with
          | NegativeBinomial when point.Scale >= 1e12 -> () // the limit, a Poisson model
          | Normal
          | LogNormal
          | NegativeBinomial
          | Gamma -> fun p step -> { p with Scale = p.Scale * exp step }
          | _ -> () ]

    start, elements

/// A step along a coordinate that costs from 0.02 to 2 of the criterion: a fifth to two standard errors.
let private stepOf (model: RandomModel) (point: Point) value start move =
    let highest = value start
    let mutable step = if model.Family = Normal then 0.01 * point.Scale else 0.01
    let mutable cost = highest - value (move start step)
    let mutable tries = 0

    while not (cost > 0.02 && cost < 2.0) && tries < 20 do
        step <- if cost > 0.02 then step / 3.0 else step * 3.0
        cost <- highest - value (move start step)
        tries <- tries + 1

    step

/// Standard errors of population effects by the curvature of the criterion in all coordinates, second differences of two sizes extrapolated; none on a boundary or where the curvature is not that of a maximum.
let private standardErrors (design: Design) (point: Point) =
    let value p = criterion design p
    let start, elements = coordinates design.Model point
    let moves = List.toArray elements
    let height = value start

    // Of a cost of about 0.02, a fifth of a standard error.
    let steps =
        moves
        |> Array.map (fun move ->
            let step = stepOf design.Model point value start move
            step * sqrt (0.02 / (height - value (move start step))))

    let d = moves.Length

    let curvature size =
        let at (changes: (int * float) list) =
            value (List.fold (fun p (k, sign: float) -> moves[k] p (sign * size * steps[k])) start changes)

        let single = Array.init d (fun k -> at [ k, 1.0 ] + at [ k, -1.0 ] - 2.0 * height)

        Matrix<float>.Build.Dense(
            d,
            d,
            fun i j ->
                if i = j then -single[i] / (size * size)
                elif i < j then 0.0
                else -(at [ i, 1.0; j, 1.0 ] + at [ i, -1.0; j, -1.0 ] - 2.0 * height - single[i] - single[j]) / (2.0 * size * size)
        )

    let errorsOf (lower: Matrix<float>) =
        let information = lower + lower.StrictlyLowerTriangle().Transpose()

        if information.Exists(fun x -> not (Double.IsFinite x)) || information.Evd(Symmetricity.Symmetric).EigenValues |> Seq.exists (fun e -> not (e.Real > 1e-6)) then
            None
        else
            let inverse = information.Inverse()
            Some(Array.init point.Beta.Length (fun j -> abs steps[j] * sqrt inverse[j, j]))

    let coarse, fine = curvature 1.0, curvature 0.5

    match errorsOf coarse, errorsOf fine, errorsOf ((4.0 * fine - coarse) / 3.0) with
    | Some coarse, Some fine, Some errors when Array.forall2 (fun c f -> abs (c / f - 1.0) < 0.02) coarse fine -> Some errors
    | _ -> None // not quadratic enough to be told from differences

/// Looks about a point for a higher one: along every coordinate by steps of which the criterion hardly tells, and in 20 random directions. Returns the most that is gained and in how many evaluations.
let private gainNear (design: Design) (point: Point) (height: float) seed =
    let model = design.Model
    let value p =
        let value = criterion design p
        if Double.IsNaN value then -infinity else value

    let start, elements = coordinates model point
    let random = Random(seed: int)
    let mutable best = start
    let mutable highest = value start
    let first = highest
    let mutable report = ""

    let steps = elements |> List.map (stepOf model point value start)

    for _ in 1..2 do
        for at, (move, step) in List.indexed (List.zip elements steps) do
            let up, down = value (move best step), value (move best -step)
            let slope, curvature = 0.5 * (up - down), 2.0 * highest - up - down
            let ahead = if curvature > 0.0 && Double.IsFinite curvature then Math.Clamp(slope / curvature, -3.0, 3.0) elif up > down then 1.0 else -1.0
            let candidates = [ ahead, value (move best (ahead * step)); 1.0, up; -1.0, down ]
            let by, reached = candidates |> List.filter (fun (_, v) -> not (Double.IsNaN v)) |> List.fold (fun a b -> if snd b > snd a then b else a) (0.0, highest)

            if reached > highest + 1e-9 then
                report <- report + $" coordinate {at} by {by * step:G3}: +{reached - highest:G3};"
                best <- move best (by * step)
                highest <- reached

    for at in 1..20 do
        let size = [| 0.03; 0.1; 0.3; 1.0 |][at % 4]
        let moved = List.fold2 (fun p move step -> move p (size * step * (2.0 * random.NextDouble() - 1.0))) best elements steps
        let reached = value moved

        if reached > highest + 1e-9 then
            report <- report + $" direction {at}: +{reached - highest:G3};"
            best <- moved
            highest <- reached

    highest - first, report, best

/// Every number a point fit reports. A correlation with an effect whose sd is 0 is none.
let private numbersOf (fit: Fit<RandomRow>) =
    let point = nonNull fit.Posterior.Point
    let population = fit.Posterior.Population
    let scales = [ for i in 0 .. point.Scales.Length - 1 -> fit.Posterior.Scales.Parameter i, point.Scales[i] ]

    let isUndefined (parameter: Parameter) =
        parameter.Kind = ParameterKind.VaryingCorrelation
        && scales
           |> List.exists (fun (other, value) ->
               other.Kind = ParameterKind.VaryingSd
               && other.Factor = parameter.Factor
               && (other.Term = parameter.Term || Some other.Term = Option.ofObj parameter.OtherTerm)
               && value = 0.0)

    [ "log likelihood", point.LogLikelihood
      "deviance", point.Deviance
      for i in 0 .. point.Population.Length - 1 do
          population.Parameter(i).Name, point.Population[i]
          $"standard error of {population.Parameter(i).Name}", sqrt (point.PopulationCovariance[i * point.Population.Length + i])
      for parameter, value in scales do
          if not (isUndefined parameter) then
              parameter.Name, value ]

/// The verdict of a fit on its own search, which a warning must say too.
let private isConverged (fit: Fit<RandomRow>) =
    let warns = fit.Warnings |> Seq.exists (fun warning -> warning.Code = FitWarningCode.NotConverged)

    if warns = (likelihoodOf fit).IsConverged then
        failwith "IsConverged and the warning NotConverged contradict each other."

    (likelihoodOf fit).IsConverged

/// The tolerance on log likelihoods that are compared with each other: what a search may leave, and what rounding takes from a sum of this size.
let private tolerance (height: float) = 1e-6 + 1e-10 * (abs height + 100.0)

/// What rounding takes from the determinant of crossed effects: of information as large as the sum of counts or trials a part of the order of 1 is left where effects of two factors cancel.
let private roundingOfCrossing (model: RandomModel) =
    let information (row: RandomRow) =
        match model.Family with
        | Poisson -> row.Y
        | Binomial _ -> row.Trials
        | _ -> 0.0

    if model.Factors.Length > 1 then 2e-16 * List.sumBy information model.Rows else 0.0

/// What is wrong with a fit at its estimates: they are `point` in coordinates of the design, and its log likelihood there is `height`.
let private failuresAt (design: Design) (fit: Fit<RandomRow>) (point: Point) height =
    let model = design.Model
    let failures = ResizeArray<string>()
    let allowed = tolerance height
    let dense = criterion design point

    // Nodes for two effects depend on how the plane of effects is turned, so there the rule's own error is allowed.
    let integral = if model.Nodes > 1 then exact design point else dense
    let ofRule = if model.Nodes > 1 && model.Factors.Head.Terms.Length > 1 then 4.0 * abs (integral - dense) else 0.0

    if not (abs (dense - height) <= allowed + ofRule + roundingOfCrossing model) then
        failures.Add $"log likelihood {height:R}, and by the dense criterion {dense:R} ({dense - height:G3})"

    if model.Nodes = 25 && not (abs (integral - height) <= 0.02) then
        failures.Add $"log likelihood {height:R}, and by the trapezoidal rule {integral:R} ({integral - height:G3})"

    let gain, report, best = gainNear design point dense model.Seed

    if not (gain <= allowed + ofRule) then
        failures.Add $"{gain:G3} higher near the estimates:{report} ({point}) -> ({best})"

    // Standard errors of slopes; those of intercepts too where no origin is another one.
    let compareErrors what tolerance (errors: float[]) =
        for j, term in List.indexed model.Population do
            if term <> ModelSpec.Ones || Array.forall ((=) 0.0) model.Centres then
                let reported = (fit.Coefficient(termName term)).Sd * (if term = ModelSpec.Ones then 1.0 else model.Units[term])

                if not (abs (reported - errors[j]) <= tolerance * errors[j]) then
                    failures.Add $"standard error of {termName term} is {reported:G6}, and {errors[j]:G6} by {what}"

    if model.Family.HasSums then
        if not model.Population.IsEmpty then
            let _, best, covariance = normal design point
            let errors = Array.init best.Length (fun j -> sqrt (covariance[j][j]))

            for j in 0 .. best.Length - 1 do
                if not (abs (best[j] - point.Beta[j]) <= 1e-4 * errors[j] + 1e-12 * abs (best[j])) then
                    failures.Add $"effect {j} is {point.Beta[j]:R}, and {best[j]:R} by generalised least squares, with standard error {errors[j]:G4}"

            compareErrors "generalised least squares" 1e-4 errors
    elif not (likelihoodOf fit).IsSingular then
        standardErrors design point |> Option.iter (compareErrors "the curvature of the dense criterion" 0.01)

    failures

/// Fits the model, the same in other units, and asks all that the module says.
let verdictOf (model: RandomModel) =
    try
        let fit = fit model

        if not (isConverged fit) then
            NotConverged
        else
            let failures = ResizeArray<string>()

            for name, value in numbersOf fit do
                if not (Double.IsFinite value) then
                    failures.Add $"{name} is {value}"

            let height = (likelihoodOf fit).LogLikelihood
            let allowed = tolerance height

            // In their own units, and about their centres where that is the same model.
            let own = inOwnUnits model.IsInvariant model
            let twin = try Ok(RandomModels.fit own) with :? ModelException as e -> Error e.Message
            let moved = if model.IsRestricted then model.Population |> List.sumBy (fun term -> if term = ModelSpec.Ones then 0.0 else log (model.Units[term])) else 0.0

            match twin with
            | Error message -> failures.Add $"refused in its own units: {message}"
            | Ok twin when not (isConverged twin) -> ()
            | Ok twin ->
                if not (abs ((likelihoodOf twin).LogLikelihood - moved - height) <= allowed) then
                    failures.Add $"log likelihood {height:R}, and {(likelihoodOf twin).LogLikelihood - moved:R} with columns in their own units ({(likelihoodOf twin).LogLikelihood - moved - height:G3})"

            match inOtherUnitOfResponse (2.0 ** float (model.Seed % 41 - 20)) model with
            | None -> ()
            | Some(other, moves) ->
                match (try Ok(RandomModels.fit other) with :? ModelException as e -> Error e.Message) with
                | Error message -> failures.Add $"refused with a response in another unit: {message}"
                | Ok other when not (isConverged other) -> ()
                | Ok other ->
                    if not (abs ((likelihoodOf other).LogLikelihood - moves - height) <= allowed) then
                        failures.Add $"log likelihood {height:R}, and {(likelihoodOf other).LogLikelihood - moves:R} with the response in another unit"

            // At the estimates, or at those of the other origin where sds and correlations at x = 0 no longer hold the digits. Where neither has them the checks above are all.
            let design = designOf model
            let point, rounding = pointOf design fit
            let isReadable = rounding <= 1e-7 * (if model.Family.HasSums then point.Scale else 0.01)

            match twin with
            | _ when isReadable -> failures.AddRange(failuresAt design fit point height)
            | Ok twin when model.IsInvariant && isConverged twin ->
                let design = designOf own
                failures.AddRange(failuresAt design twin (fst (pointOf design twin)) (height + moved))
            | _ -> ()

            if failures.Count = 0 then Agrees else Fails(List.ofSeq failures)
    with :? ModelException as e ->
        Refused e.Message

/// The smallest model, of those that steps of `smaller` lead to, that fails too.
let rec shrink (model: RandomModel) =
    let fails candidate = match verdictOf candidate with Fails _ -> true | _ -> false

    match smaller model |> Seq.tryFind fails with
    | Some next -> shrink next
    | None -> model

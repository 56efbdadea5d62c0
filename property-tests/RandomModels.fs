/// Random models with data simulated from them: every family that maximum likelihood fits, up to three grouping factors, columns of any unit and
/// origin. A seed is a model.
module TypedPooling.PropertyTests.RandomModels

open System
open TypedPooling
open TypedPooling.Inference.MaximumLikelihood
open TypedPooling.Model
open TypedPooling.Responses

[<StructuredFormatDisplay("{Text}")>]
type RandomRow =
    { A: string
      B: string
      C: string
      X: float[]
      Y: float
      Trials: float
      Weight: float // a precision weight or an exposure, where the model uses one
      Offset: float }

    /// All digits on one line.
    member this.Text =
        let columns = this.X |> Array.map (fun x -> x.ToString "R") |> String.concat "; "
        $"{this.A} {this.B} {this.C} [{columns}] y {this.Y:R} of {this.Trials:R} weight {this.Weight:R} offset {this.Offset:R}"

    /// The key of a factor.
    member this.Key factor =
        match factor with
        | 0 -> this.A
        | 1 -> this.B
        | _ -> this.C

type RandomFamily =
    | Normal
    | LogNormal
    | Bernoulli of Link
    | Binomial of Link
    | Poisson
    | NegativeBinomial
    | Gamma

    member this.HasSums = this = Normal || this = LogNormal

/// What varies over the levels of a factor. A term is an index of X, or ModelSpec.Ones.
type RandomFactor =
    { Terms: int list
      IsCorrelated: bool }

type RandomModel =
    { Seed: int
      Family: RandomFamily
      IsRestricted: bool // REML
      Nodes: int // 1 is Laplace's approximation
      Population: int list
      Factors: RandomFactor list
      UsesWeight: bool
      UsesOffset: bool
      Centres: float[] // where the values of a column lie
      Units: float[] // powers of 2: how far they lie apart
      Rows: RandomRow list }

    member this.HasIntercept = List.contains ModelSpec.Ones this.Population

    /// Whether other origins of columns make the same model: each is fitted beside a population intercept, and varies beside a correlated varying
    /// intercept.
    member this.IsInvariant =
        let isFree terms = List.forall ((=) ModelSpec.Ones) terms

        (this.HasIntercept || isFree this.Population)
        && this.Factors
           |> List.forall (fun factor -> isFree factor.Terms || (factor.IsCorrelated && List.contains ModelSpec.Ones factor.Terms))

    member this.Text =
        let term column = if column = ModelSpec.Ones then "1" else $"x{column}"
        let sum terms = terms |> List.map term |> String.concat " + "

        let factor number (factor: RandomFactor) =
            let bars = if factor.IsCorrelated then "|" else "||"
            $" + ({sum factor.Terms} {bars} {'A' + char number})"

        let criterion = if this.IsRestricted then "REML" elif this.Nodes > 1 then $"ML, {this.Nodes} nodes" else "ML"
        let factors = this.Factors |> List.mapi factor |> String.concat ""
        let origins = Array.map2 (fun c u -> $"{c / u:G4} units of {u:G4}") this.Centres this.Units |> String.concat ", "
        let weight = if this.UsesWeight then ", weights" else ""
        let offset = if this.UsesOffset then ", offset" else ""
        $"seed {this.Seed}: {this.Family} ~ {sum this.Population}{factors} by {criterion}{weight}{offset}; {this.Rows.Length} rows; columns at {origins}"

let groupA = Group.By(fun (row: RandomRow) -> row.A)
let groupB = Group.By(fun (row: RandomRow) -> row.B)
let groupC = Group.By(fun (row: RandomRow) -> row.C)

let groups = [ groupA; groupB; groupC ]

/// The value of a column, the column of ones included.
let valueOf (row: RandomRow) column =
    if column = ModelSpec.Ones then 1.0 else row.X[column]

/// The name the library gives the term of a column.
let termName column =
    if column = ModelSpec.Ones then ModelSpec.InterceptName else $"X[{column}]"

/// Random numbers of a seed.
type private Source(seed: int) =
    let random = Random seed
    member _.Uniform(low: float, high: float) = low + (high - low) * random.NextDouble()
    member _.Whole(low: int, high: int) = random.Next(low, high + 1)
    member _.Chance probability = random.NextDouble() < probability
    member _.Pick(items: 'T list) = items[random.Next items.Length]

    member _.Normal() =
        sqrt (-2.0 * log (1.0 - random.NextDouble())) * cos (2.0 * Math.PI * random.NextDouble())

    /// Exact for small means; rounded normal numbers for large ones.
    member this.Count mean =
        if mean > 500.0 then
            max 0.0 (Math.Round(mean + sqrt mean * this.Normal()))
        else
            let mutable product = 1.0
            let mutable count = -1.0

            while product > exp -mean do
                product <- product * random.NextDouble()
                count <- count + 1.0

            max 0.0 count

    /// Of mean 1.
    member this.Gamma shape =
        if shape < 1.0 then
            // Boosted, in logs: of small shapes it may be as small as it likes.
            exp (max -600.0 (log (this.Gamma(shape + 1.0) * (shape + 1.0)) + log (1.0 - random.NextDouble()) / shape)) / shape
        else
            // Marsaglia and Tsang's.
            let d = shape - 1.0 / 3.0
            let mutable value = nan

            while Double.IsNaN value do
                let x = this.Normal()
                let v = (1.0 + x / sqrt (9.0 * d)) ** 3.0

                if v > 0.0 && log (1.0 - random.NextDouble()) < 0.5 * x * x + d - d * v + d * log v then
                    value <- d * v / shape

            value

let private probabilityOf link eta =
    match link with
    | Link.Logit -> 1.0 / (1.0 + exp -eta)
    | Link.Probit -> MathNet.Numerics.Distributions.Normal.CDF(0.0, 1.0, eta)
    | _ -> -(exp eta |> (~-) |> fun x -> exp x - 1.0)

/// The model and data of a seed.
let modelOf seed =
    let source = Source seed
    let links = [ Link.Logit; Link.Probit; Link.ComplementaryLogLog ]

    let family =
        match source.Whole(0, 9) with
        | 0
        | 1
        | 2 -> Normal
        | 3 -> LogNormal
        | 4 -> Bernoulli(source.Pick links)
        | 5 -> Binomial(source.Pick links)
        | 6
        | 7 -> Poisson
        | 8 -> NegativeBinomial
        | _ -> Gamma

    let columnCount = source.Whole(0, 2)
    let units = Array.init columnCount (fun _ -> 2.0 ** float (source.Whole(-20, 20)))

    let centres =
        units
        |> Array.map (fun unit -> if source.Chance 0.5 then 0.0 else unit * source.Pick [ -1.0; 1.0 ] * 10.0 ** source.Uniform(0.0, 6.0))

    let columns = [ 0 .. columnCount - 1 ]
    let factorCount = source.Pick [ 0; 1; 1; 1; 1; 2; 2; 3 ]

    let factor () =
        let slopes = columns |> List.filter (fun _ -> source.Chance 0.4)
        let terms = if slopes.IsEmpty || source.Chance 0.9 then ModelSpec.Ones :: slopes else slopes
        { Terms = terms; IsCorrelated = terms.Length > 1 && source.Chance 0.7 }

    let factors = List.init factorCount (fun _ -> factor ())
    let slopes = columns |> List.filter (fun _ -> source.Chance 0.8)
    let population = if slopes.IsEmpty || source.Chance 0.9 then ModelSpec.Ones :: slopes else slopes

    let nodes =
        if not family.HasSums && factorCount = 1 && factors.Head.Terms.Length <= 2 && source.Chance 0.5 then [| 5; 9; 25 |][seed % 3] else 1

    // Data.
    let n = source.Whole(max 20 (20 * factorCount), 120)
    let levelCounts = List.init 3 (fun _ -> source.Whole(4, 14))
    let isNested = source.Chance 0.3
    let kinds = columns |> List.map (fun _ -> source.Whole(0, 3))
    let ownValues = columns |> List.map (fun _ -> Array.init 14 (fun _ -> source.Normal()))

    let levels =
        [ for i in 0 .. n - 1 ->
              let a = if source.Chance 0.5 then i % levelCounts[0] else int (float levelCounts[0] * source.Uniform(0.0, 1.0) ** 1.5)
              let b = source.Whole(0, levelCounts[1] - 1)
              let b = if isNested then 3 * a + b % 3 else b
              [| a; b; source.Whole(0, levelCounts[2] - 1) |] ]

    // In units of the column, about its centre.
    let value kind (own: float[]) (level: int[]) =
        match kind with
        | 0 -> float (source.Whole(0, 1))
        | 1 -> 0.7 * own[level[0]] + 0.7 * source.Normal()
        | _ -> source.Normal()

    let local = levels |> List.map (fun level -> List.map2 (fun kind own -> value kind own level) kinds ownValues)

    let column (values: float list) =
        values |> List.mapi (fun k u -> centres[k] + units[k] * u) |> List.toArray

    let size = if family.HasSums then 1.0 else 0.5
    let spread () = size * source.Pick [ 0.0; 0.3; 1.0; 1.0; 3.0 ]

    let effects =
        factors
        |> List.map (fun factor ->
            let spreads = factor.Terms |> List.map (fun _ -> spread ())
            Array.init 60 (fun _ -> spreads |> List.map (fun spread -> spread * source.Normal())))

    let beta = population |> List.map (fun _ -> size * source.Normal())

    let largest = if source.Chance 0.6 then 3.0 else 20.0

    let origin =
        match family with
        | Poisson
        | NegativeBinomial -> source.Uniform(0.0, largest)
        | Normal -> if source.Chance 0.3 then 10.0 ** source.Uniform(0.0, 6.0) else 0.0
        | Gamma
        | LogNormal -> source.Uniform(-14.0, 14.0)
        | _ -> 0.0

    let origin = if List.contains ModelSpec.Ones population then origin else 0.0

    let usesWeight =
        (family.HasSums || family = Poisson) && source.Chance 0.3

    let usesOffset = source.Chance 0.2
    let unit = if family = Normal then 10.0 ** source.Uniform(-6.0, 6.0) else 1.0
    let shape = 10.0 ** source.Uniform(-1.3, 7.0)
    let mostTrials = source.Pick [ 5; 20; 1000; 1000000 ]

    let row (level: int[]) (local: float list) =
        let at column = if column = ModelSpec.Ones then 1.0 else local[column]
        let offset = if usesOffset then source.Normal() * (if family = Normal then unit else 0.3) else 0.0
        let weight = if usesWeight then source.Pick [ 0.25; 1.0; 3.0; 10.0 ] else 1.0
        let varying k (factor: RandomFactor) = List.map2 (fun term effect -> at term * effect) factor.Terms (effects[k][level[k]]) |> List.sum
        let eta = origin + (List.map2 (fun column b -> b * at column) population beta |> List.sum) + (factors |> List.mapi varying |> List.sum)
        let trials = float (source.Whole(1, mostTrials))

        let successes link trials eta =
            let p = probabilityOf link eta

            if trials > 1000.0 then
                Math.Clamp(Math.Round(trials * p + sqrt (trials * p * (1.0 - p)) * source.Normal()), 0.0, trials)
            else
                Seq.init (int trials) (fun _ -> if source.Chance p then 1.0 else 0.0) |> Seq.sum

        let y =
            match family with
            | Normal -> offset + unit * (eta + source.Normal() / sqrt weight)
            | LogNormal -> exp (offset + eta + source.Normal() / sqrt weight)
            | Bernoulli link -> successes link 1.0 (offset + eta)
            | Binomial link -> successes link trials (offset + eta)
            | Poisson -> source.Count(weight * exp (offset + eta))
            | NegativeBinomial -> source.Count(exp (offset + eta) * source.Gamma shape)
            | Gamma -> exp (offset + eta) * source.Gamma shape

        { A = $"a{level[0]}"
          B = $"b{level[1]}"
          C = $"c{level[2]}"
          X = column local
          Y = y
          Trials = (match family with Binomial _ -> trials | _ -> 1.0)
          Weight = weight
          Offset = offset }

    { Seed = seed
      Family = family
      IsRestricted = family.HasSums && source.Chance 0.5
      Nodes = nodes
      Population = population
      Factors = factors
      UsesWeight = usesWeight
      UsesOffset = usesOffset
      Centres = centres
      Units = units
      Rows = List.map2 row levels local }

/// The same data with each column in its own unit, and, if asked for, about its centre.
let inOwnUnits isCentred (model: RandomModel) =
    let own k x =
        ((if isCentred then x - model.Centres[k] else x) / model.Units[k])

    { model with
        Rows = model.Rows |> List.map (fun row -> { row with X = row.X |> Array.mapi own })
        Centres = Array.map2 (fun c u -> if isCentred then 0.0 else c / u) model.Centres model.Units
        Units = model.Units |> Array.map (fun _ -> 1.0) }

/// The same data with the response in another unit, where that is the same model: the log likelihood falls by the log of the unit for each row, and
/// REML by that less the population effects.
let inOtherUnitOfResponse (unit: float) (model: RandomModel) =
    let rescaled = { model with Rows = model.Rows |> List.map (fun row -> { row with Y = unit * row.Y }) }
    let n = float model.Rows.Length

    match model.Family with
    | Normal ->
        let freedom = if model.IsRestricted then n - float model.Population.Length else n
        Some({ rescaled with Rows = rescaled.Rows |> List.map (fun row -> { row with Offset = unit * row.Offset }) }, -freedom * log unit)
    | LogNormal
    | Gamma when model.HasIntercept -> Some(rescaled, -n * log unit)
    | _ -> None

/// Smaller models that may show the same failure: fewer levels, rows, factors, terms.
let smaller (model: RandomModel) =
    seq {
        for k in 0 .. model.Factors.Length - 1 do
            if k = model.Factors.Length - 1 then
                yield { model with Factors = List.removeAt k model.Factors; Nodes = 1 }

            let factor = model.Factors[k]

            if factor.Terms.Length > 1 then
                for t in 0 .. factor.Terms.Length - 1 do
                    let terms = List.removeAt t factor.Terms
                    yield { model with Factors = List.updateAt k { Terms = terms; IsCorrelated = factor.IsCorrelated && terms.Length > 1 } model.Factors }

        if model.Population.Length > 1 then
            for t in 0 .. model.Population.Length - 1 do
                yield { model with Population = List.removeAt t model.Population }

        if model.UsesWeight && model.Family.HasSums then
            yield { model with UsesWeight = false }

        if model.UsesOffset then
            yield { model with UsesOffset = false }

        for k in 0 .. model.Factors.Length - 1 do
            let keys = model.Rows |> List.map (fun row -> row.Key k) |> List.distinct

            if keys.Length > 2 then
                for key in keys do
                    yield { model with Rows = model.Rows |> List.filter (fun row -> row.Key k <> key) }

        let n = model.Rows.Length

        if n > 8 then
            for part in 0..3 do
                yield { model with Rows = model.Rows |> List.indexed |> List.filter (fun (i, _) -> i * 4 / n <> part) |> List.map snd }
    }

let private declare<'M when 'M :> PooledModel<RandomRow, 'M>> (model: RandomModel) (response: 'M) : 'M =
    let population (declared: 'M) column =
        if column = ModelSpec.Ones then declared.Intercept() else declared.Slope(fun row -> row.X[column])

    let varying (effects: VaryingBuilder<RandomRow>) column : VaryingBuilder<RandomRow> =
        if column = ModelSpec.Ones then effects.Intercept() else effects.Slope(fun row -> row.X[column])

    let factor (declared: 'M) (k, factor: RandomFactor) =
        declared.Varying(
            groups[k],
            fun effects ->
                let effects = List.fold varying effects factor.Terms
                if factor.IsCorrelated || factor.Terms.Length = 1 then effects else effects.Correlated Prior.Uncorrelated
        )

    let declared = List.fold population response model.Population
    let declared = List.fold factor declared (List.indexed model.Factors)
    if model.UsesOffset then declared.Offset(fun row -> row.Offset) else declared

/// A fit of the model by one of two engines: the first where the response, or its log, is Normal.
let fitBy (normal: Engines.INormalEngine) (cells: Engines.IEngine) options (model: RandomModel) : Fit<RandomRow> =
    let response = PooledModel.Of<RandomRow>()

    match model.Family with
    | Normal when model.UsesWeight -> (declare model (response.Normal(fun row -> row.Y).PrecisionWeight(fun row -> row.Weight))).Fit(model.Rows, normal, options)
    | Normal -> (declare model (response.Normal(fun row -> row.Y))).Fit(model.Rows, normal, options)
    | LogNormal when model.UsesWeight -> (declare model (response.LogNormal(fun row -> row.Y).PrecisionWeight(fun row -> row.Weight))).Fit(model.Rows, normal, options)
    | LogNormal -> (declare model (response.LogNormal(fun row -> row.Y))).Fit(model.Rows, normal, options)
    | Bernoulli link -> (declare model (response.Bernoulli((fun row -> row.Y), link))).Fit(model.Rows, cells, options)
    | Binomial link -> (declare model (response.Binomial((fun row -> row.Y), (fun row -> row.Trials), link))).Fit(model.Rows, cells, options)
    | Poisson when model.UsesWeight -> (declare model (response.Poisson((fun row -> row.Y), (fun row -> row.Weight)))).Fit(model.Rows, cells, options)
    | Poisson -> (declare model (response.Poisson(fun row -> row.Y))).Fit(model.Rows, cells, options)
    | NegativeBinomial -> (declare model (response.NegativeBinomial(fun row -> row.Y))).Fit(model.Rows, cells, options)
    | Gamma -> (declare model (response.Gamma(fun row -> row.Y))).Fit(model.Rows, cells, options)

/// The fit by the criterion that the model names.
let fit (model: RandomModel) =
    let engine = if model.IsRestricted then Engine.RestrictedMaximumLikelihood else Engine.MaximumLikelihood
    fitBy engine (MaximumLikelihoodEngine(QuadraturePoints = model.Nodes)) Engines.RunOptions.Default model

/// The likelihood of a fit whose engine was given as any engine.
let likelihoodOf (fit: Fit<RandomRow>) =
    match box fit with
    | :? ILikelihoodFit as likely -> likely.Likelihood
    | _ -> failwith "The fit is not by maximum likelihood."

/// Population effects, sds and correlations of a fit.
let quantitiesOf (model: RandomModel) (fit: Fit<RandomRow>) =
    [ for term in model.Population do
          yield fit.Coefficient(termName term)

      for k, factor in List.indexed model.Factors do
          let byLevel = fit.For groups[k]

          for term in factor.Terms do
              yield byLevel.Sd(termName term)

          if factor.IsCorrelated then
              for a, b in List.allPairs factor.Terms factor.Terms do
                  if a < b then
                      yield byLevel.Correlation(termName a, termName b) ]

/// Standardised models: origins and units do not matter, and the model is the plain one of standardised rows.
module TypedPooling.PropertyTests.StandardizationLaws

open FsCheck
open FsCheck.FSharp
open TypedPooling
open TypedPooling.Model
open TypedPooling.PropertyTests.Cases
open TypedPooling.PropertyTests.Replay
open Xunit
open type TypedPooling.Prior

/// Every scale known and no flat prior: moments are exact, and no column can be too much.
let private known (case: Case) =
    let sigma, lambda, _ = Dense.scales { case with Correlation = Uncorrelated }

    { case with
        Population = case.Population |> List.map (fun (column, prior) -> column, (if prior :? FlatPrior then Normal(0.5, 2.0) else prior))
        Varying = case.Varying |> List.mapi (fun a (column, _) -> column, Fixed lambda[a, a])
        Sigma = case.Sigma |> Option.map (fun _ -> Fixed sigma)
        Correlation = Uncorrelated }

let private isConstant (case: Case) column =
    case.Rows |> List.forall (fun row -> row.X[column] = case.Rows.Head.X[column])

let private has column terms = terms |> List.exists (fst >> (=) column)

/// The rule: what an intercept can carry is centred, a constant is left alone.
let private isCentred (case: Case) column =
    not (isConstant case column)
    && (has ModelSpec.Ones case.Population || not (has column case.Population))
    && (has ModelSpec.Ones case.Varying || not (has column case.Varying))

/// Origin and scale of values: mean or 0, and sd or 1.
let private scaling centred (values: float list) =
    let mean = List.average values
    let sd = if values.Length < 2 then 0.0 else sqrt ((values |> List.sumBy (fun v -> (v - mean) ** 2.0)) / float (values.Length - 1))
    (if centred then mean else 0.0), (if Seq.forall ((=) values.Head) values then 1.0 else sd)

let private fit (case: Case) = (model case).Standardized().Fit(case.Rows, momentsOnly)

/// Coefficients by name, those of the levels too: of one term all together, so that a map of coefficients can be applied.
let private coefficients (fit: NormalFit<Row>) (case: Case) =
    [ yield "population", [ for column, _ in case.Population -> column, fit.Coefficient(nameOf column) ]
      if not case.Varying.IsEmpty then
          let byGroup = fit.For group

          for key in Seq.sort byGroup.Keys do
              yield key, [ for column, _ in case.Varying -> column, byGroup.Level(key).Effect(nameOf column) ] ]

/// Means b of columns (x - m) / s and response (y - my) / sy, as those of x and y; deviations know no my.
let private restore (x: (float * float)[]) (my, sy) isPopulation (means: (int * float) list) =
    let shift = means |> List.sumBy (fun (column, b) -> if column = ModelSpec.Ones then 0.0 else b * fst x[column] / snd x[column])

    [ for column, b in means ->
          if column = ModelSpec.Ones then (if isPopulation then my else 0.0) + sy * (b - shift) else sy * b / snd x[column] ]

let private sameMeans tolerance x y expected actual =
    for (name, own), (_, other: (int * Quantity) list) in List.zip expected actual do
        let means = own |> List.map (fun (column, q: Quantity) -> column, q.Mean)
        let size = 1.0 + (restore x y true (means |> List.map (fun (column, b) -> column, abs b)) |> List.sumBy abs)

        for (column, actual), mean in List.zip other (restore x y (name = "population") means) do
            near $"{name} {nameOf column}" (tolerance * size * (1.0 + (x |> Array.sumBy (fun (m, s) -> abs m / s)))) mean actual.Mean

/// Cases, and for each column and the response another origin and unit.
let private moved =
    let change = Gen.zip (Gen.choose (-50, 50) |> Gen.map float) (positive 0.02 50.0)
    let changes = Gen.zip (Arb.toGen cases |> Gen.map known) (Gen.zip (Gen.listOfLength 3 change) change)
    Arb.fromGenShrink (changes, fun (case, change) -> Arb.toShrink cases case |> Seq.map (fun case -> known case, change))

[<Fact>]
let ``A standardised model is the plain model of standardised rows`` () =
    check 801UL 80 (Arb.fromGenShrink (Arb.toGen cases |> Gen.map known, Arb.toShrink cases >> Seq.map known)) (fun case ->
        let x =
            [| for column in 0..2 -> if isConstant case column then 0.0, 1.0 else scaling (isCentred case column) (case.Rows |> List.map _.X[column]) |]
        let my, sy = scaling (has ModelSpec.Ones case.Population) (case.Rows |> List.map _.Y)

        let rows =
            [ for row in case.Rows ->
                  { row with
                      X = row.X |> Array.mapi (fun column v -> (v - fst x[column]) / snd x[column])
                      Y = (row.Y - my) / sy
                      Se = row.Se / sy } ]

        let byHand = (model case).Fit(rows, momentsOnly)
        sameMeans 1e-9 x (my, sy) (coefficients byHand case) (coefficients (fit case) case))

[<Fact>]
let ``Other origins and units of a standardised model give the same coefficients in those units`` () =
    check 802UL 80 moved (fun (case, (changes, (d, c))) ->
        // What is not centred keeps its origin, and a constant its unit too. v' = d + c v.
        let x =
            [| for column in 0..2 ->
                   if isConstant case column then 0.0, 1.0
                   elif isCentred case column then changes[column]
                   else 0.0, snd changes[column] |]

        let d = if has ModelSpec.Ones case.Population then d else 0.0
        let isSteady = case.Rows |> List.forall (fun row -> row.Y = case.Rows.Head.Y)
        let c = if isSteady then 1.0 else c

        let rows =
            [ for row in case.Rows ->
                  { row with
                      X = row.X |> Array.mapi (fun column v -> fst x[column] + snd x[column] * v)
                      Y = d + c * row.Y
                      Se = c * row.Se } ]

        let own = fit case
        let other = fit { case with Rows = rows }

        // b' of x' = d + c x is to b of x as b of a column standardised by (d, c) is to that of the column itself.
        sameMeans 1e-8 x (d, c) (coefficients own case) (coefficients other case))

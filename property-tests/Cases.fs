module TypedPooling.PropertyTests.Cases

open FsCheck
open FsCheck.FSharp
open MathNet.Numerics.LinearAlgebra
open TypedPooling
open TypedPooling.Engines
open TypedPooling.Model
open type TypedPooling.Prior

[<StructuredFormatDisplay("{Text}")>]
type Row =
    { Group: string
      X: float[]
      Y: float
      Se: float }

    /// All digits on one line, for shrunk cases.
    member this.Text =
        let columns = this.X |> Array.map string |> String.concat "; "
        $"{this.Group} [{columns}] y {this.Y:R} se {this.Se:R}"

/// A run where only moments in closed form are read: the fewest draws there may be.
let momentsOnly = RunOptions(Chains = 1, Draws = 4)

let group = Group.By(fun (row: Row) -> row.Group)

/// The value of a column, the column of ones included.
let value (row: Row) column =
    if column = ModelSpec.Ones then 1.0 else row.X[column]

/// The name the library gives the term of a column.
let nameOf column =
    if column = ModelSpec.Ones then ModelSpec.InterceptName else $"X[{column}]"

/// Multiples of 1/1024, to which integers up to 2^40 are added without rounding.
let onGrid low high =
    Gen.choose (low * 1024, high * 1024) |> Gen.map (fun k -> float k / 1024.0)

let between (low: float) (high: float) =
    Gen.choose (0, 1_000_000) |> Gen.map (fun k -> low + (high - low) * float k / 1e6)

/// Positive numbers whose logarithm is uniform.
let positive low high = between (log low) (log high) |> Gen.map exp

let private columnKinds =
    let binary = Gen.elements [ 0.0; 1.0 ]
    let likeGroup own = Gen.constant own

    Gen.frequency
        [ 2, Gen.constant (fun (_: float) -> binary)
          4, Gen.constant (fun _ -> onGrid -3 3)
          1, Gen.constant (fun own -> Gen.frequency [ 4, likeGroup own; 1, onGrid -3 3 ])
          1, Gen.constant likeGroup ]

/// Rows of a few groups of uneven size (many of one row), mixed; columns are 0 or 1, continuous, or constant in groups, so that some groups determine
/// few coefficients.
let rows columns mostGroups mostRows =
    gen {
        let! kinds = Gen.listOfLength columns columnKinds
        let! groupCount = Gen.choose (1, mostGroups)

        let rowsOf number =
            gen {
                let! size = Gen.frequency [ 1, Gen.constant 1; 3, Gen.choose (1, mostRows) ]
                let! level = onGrid -4 4
                let! own = Gen.listOfLength columns (onGrid -3 3)

                return!
                    Gen.listOfLength
                        size
                        (gen {
                            let! x = List.map2 (fun kind own -> kind own) kinds own |> Gen.sequenceToList
                            let! noise = onGrid -2 2
                            let! se = Gen.choose (256, 2048)
                            return { Group = $"g{number}"; X = List.toArray x; Y = level + noise; Se = float se / 1024.0 }
                        })
            }

        let! all = [ 1..groupCount ] |> List.map rowsOf |> Gen.sequenceToList
        let! mixed = all |> List.concat |> List.toArray |> Gen.shuffle
        return List.ofArray mixed
    }

/// Fewer groups, then fewer rows.
let fewerRows (rows: Row list) =
    seq {
        let groups = rows |> List.map _.Group |> List.distinct

        if groups.Length > 1 then
            for dropped in groups do
                yield rows |> List.filter (fun row -> row.Group <> dropped)

        if rows.Length > 1 then
            for i in 0 .. rows.Length - 1 do
                yield List.removeAt i rows
    }

/// A model, its data and a point of theta. A column is an index into X, or ModelSpec.Ones.
type Case =
    { Rows: Row list
      Population: (int * IRealPrior) list
      Varying: (int * IScalePrior) list
      Correlation: ICorrelationPrior
      Sigma: IScalePrior option // none where the error of each row is known
      Theta: float list } // longer than needed

let private realPrior: Gen<IRealPrior> =
    Gen.frequency
        [ 3, Gen.map2 (fun mean sd -> Normal(mean, sd) :> IRealPrior) (onGrid -3 3) (positive 0.2 5.0)
          2, Gen.constant Flat
          1, Gen.map (fun value -> Fixed value :> IRealPrior) (onGrid -2 2) ]

let private scalePrior: Gen<IScalePrior> =
    let size = positive 0.3 3.0

    Gen.oneof
        [ Gen.map (fun rate -> Exponential rate :> IScalePrior) size
          Gen.map (fun scale -> HalfNormal scale :> IScalePrior) size
          Gen.map (fun scale -> HalfCauchy scale :> IScalePrior) size
          Gen.map2 (fun df scale -> HalfStudentT(df, scale) :> IScalePrior) (positive 1.0 8.0) size
          Gen.map2 (fun shape rate -> Gamma(shape, rate) :> IScalePrior) (positive 0.5 4.0) size
          Gen.map (fun upper -> Uniform(0.0, 2.0 * upper) :> IScalePrior) size
          Gen.map (fun known -> Fixed known :> IScalePrior) size ]

// Priors that keep sigma away from 0, so that no data are refused.
let private sigmaPrior: Gen<IScalePrior> =
    Gen.oneof
        [ Gen.map2 (fun shape scale -> InverseGammaOnVariance(shape, scale) :> IScalePrior) (positive 0.5 4.0) (positive 0.3 3.0)
          Gen.map (fun upper -> Uniform(0.05, 0.05 + upper) :> IScalePrior) (positive 1.0 6.0)
          Gen.map (fun known -> Fixed known :> IScalePrior) (positive 0.3 3.0) ]

/// Flat priors that the data do not determine well become Normal ones: the library refuses the first, and digits go in the second.
let identified (case: Case) =
    let flat = case.Population |> List.filter (fun (_, prior) -> prior :? FlatPrior) |> List.map fst

    let areDetermined =
        flat.IsEmpty
        || (case.Rows.Length >= flat.Length
            && (let x = Matrix<float>.Build.DenseOfColumns(flat |> List.map (fun column -> case.Rows |> Seq.map (fun row -> value row column)))
                x.ConditionNumber() < 1e3))

    if areDetermined then
        case
    else
        { case with Population = case.Population |> List.map (fun (column, prior) -> column, (if prior :? FlatPrior then Normal(0.5, 2.0) else prior)) }

/// Models with up to three varying terms, correlated or not, over any choice of population terms and priors.
let cases =
    let columns = 3

    let generate =
        gen {
            let! rows = rows columns 6 6
            let! varyingCount = Gen.choose (0, 3)
            let! firstVarying = Gen.frequency [ 3, Gen.constant ModelSpec.Ones; 1, Gen.constant 0 ]
            let! sds = Gen.listOfLength varyingCount scalePrior
            let varying = sds |> List.mapi (fun i sd -> firstVarying + i, sd)
            let! choices = Gen.listOfLength (columns + 1) (Gen.frequency [ 3, Gen.map Some realPrior; 1, Gen.constant None ])
            let population = choices |> List.mapi (fun i prior -> prior |> Option.map (fun prior -> i - 1, prior)) |> List.choose id
            let! eta = positive 0.5 4.0
            let! correlation = Gen.frequency [ 3, Gen.constant (Lkj eta :> ICorrelationPrior); 1, Gen.constant Uncorrelated ]
            let! sigma = Gen.frequency [ 3, Gen.map Some sigmaPrior; 1, Gen.constant None ]
            let! theta = Gen.listOfLength 7 (between -1.5 1.5)

            return
                identified
                    { Rows = rows
                      Population = (if population.IsEmpty && varying.IsEmpty then [ ModelSpec.Ones, Normal(1.0, 2.0) ] else population)
                      Varying = varying
                      Correlation = correlation
                      Sigma = sigma
                      Theta = theta }
        }

    let fewerTerms (case: Case) =
        seq {
            for i in 0 .. case.Population.Length - 1 do
                yield { case with Population = List.removeAt i case.Population }

            for i in 0 .. case.Varying.Length - 1 do
                yield { case with Varying = List.removeAt i case.Varying }
        }
        |> Seq.filter (fun case -> not (case.Population.IsEmpty && case.Varying.IsEmpty))

    let smaller (case: Case) =
        Seq.append (fewerRows case.Rows |> Seq.map (fun rows -> { case with Rows = rows })) (fewerTerms case) |> Seq.map identified

    Arb.fromGenShrink (generate, smaller)

/// The first coordinates of theta.
let theta (case: Case) dimension : float[] =
    List.toArray case.Theta[.. dimension - 1]

/// The case as a user declares it.
let model (case: Case) =
    let response =
        match case.Sigma with
        | Some sigma -> PooledModel.Of<Row>().Normal((fun row -> row.Y), sigma = sigma)
        | None -> PooledModel.Of<Row>().Normal((fun row -> row.Y), (fun row -> row.Se))

    let add (model: NormalModel<Row>) (column, prior: IRealPrior) =
        if column = ModelSpec.Ones then model.Intercept prior else model.Slope((fun row -> row.X[column]), prior)

    let population = List.fold add response case.Population

    let addVarying (effects: VaryingBuilder<Row>) (column, sd: IScalePrior) : VaryingBuilder<Row> =
        if column = ModelSpec.Ones then effects.Intercept sd else effects.Slope((fun row -> row.X[column]), sd)

    if case.Varying.IsEmpty then
        population
    else
        population.Varying(group, fun effects -> (List.fold addVarying effects case.Varying).Correlated case.Correlation)

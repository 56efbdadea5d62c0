/// Sums of rows: however rows are split, ordered or added, the sums are those of all rows, to the digits the columns allow. Source: [Chan1983].
module TypedPooling.PropertyTests.SumsLaws

open FsCheck
open FsCheck.FSharp
open TypedPooling
open TypedPooling.Data
open TypedPooling.Engines
open TypedPooling.Inference.Marginal
open TypedPooling.PropertyTests.Cases
open TypedPooling.PropertyTests.Replay
open Xunit
open type TypedPooling.Prior

let private eps = System.Math.BitIncrement 1.0 - 1.0

let private model =
    PooledModel.Of<Row>()
        .Normal((fun row -> row.Y), sigma = Fixed 1.0)
        .Slope((fun row -> row.X[0]), Normal(0.0, 1.0))
        .Slope((fun row -> row.X[1]), Normal(0.0, 1.0))
        .Varying(group, fun g -> g.Intercept(HalfNormal 1.0))

/// The columns and the response as decimal numbers of 28 digits, which hold multiples of 1/1024 exactly.
let private exactly (rows: Row list) =
    let n = decimal rows.Length
    let columns = [ for c in 0..2 -> [ for row in rows -> decimal (int64 (1024.0 * (if c = 2 then row.Y else row.X[c]))) / 1024m ] ]
    let means = [ for column in columns -> List.sum column / n ]
    let centred = List.map2 (fun mean column -> column |> List.map (fun v -> v - mean)) means columns
    let products = [ for a in 0..2 do for b in 0..a -> List.sum (List.map2 (*) centred[a] centred[b]) ]
    let widths = [ for column in columns -> float (List.max column - List.min column) ]
    means |> List.map float, products |> List.map float, widths

/// The sums of a set of rows are right, level by level. Parts: into how many pieces the rows were split.
///
/// Within a piece of 256 rows nothing is lost: 1e-12 of n times the widths of the columns. A mean is stored as a double, so that joining pieces sees
/// a difference of means
/// wrong by eps |c| for a column around c.
let private areSumsOf (rows: Row list) parts (sums: ModelData<Row>) =
    let bound = model.Bind sums
    holds "the number of rows" (sums.RowCount = int64 rows.Length)

    for cell in 0 .. bound.Cells.CellCount - 1 do
        let key = bound.Levels[0].Text(bound.CellLevels(0)[cell])
        let own = rows |> List.filter (fun row -> row.Group = key)
        let n = float own.Length
        let means, products, widths = exactly own
        let digits = [ for a in 0..2 -> (if widths[a] = 0.0 then 0.0 else 4.0 * eps * float parts * abs means[a]) ]
        holds $"rows of {key}" (bound.Cells.Rows cell = int64 own.Length && bound.Cells.Weight cell = n)

        for a in 0..2 do
            near $"mean of {key}" (1e-12 * widths[a] + digits[a] + eps * abs means[a]) means[a] (bound.Cells.Means(cell)[a])

            for b in 0..a do
                let at = a * (a + 1) / 2 + b
                let tolerance = 1e-12 * n * widths[a] * widths[b] + n * (digits[a] * widths[b] + digits[b] * widths[a] + digits[a] * digits[b])
                near $"product {a}, {b} of {key}" tolerance products[at] (bound.Cells.CrossProducts(cell)[at])

/// Rows, and for each the part it goes to. Columns around 0, or far from it.
let private split =
    let generate =
        gen {
            let! rows = rows 2 5 12
            let! parts = Gen.choose (1, 5)
            let! where = Gen.listOfLength rows.Length (Gen.choose (0, parts - 1))
            let! shift = Gen.elements [ 0.0; 0.0; 1e4; -1e9 ]
            let move (row: Row) = { row with X = [| row.X[0] + shift; row.X[1] - 2.0 * shift |]; Y = row.Y - shift }
            return List.zip where (List.map move rows)
        }

    let smaller (placed: (int * Row) list) =
        seq {
            if placed.Length > 1 then
                for i in 0 .. placed.Length - 1 do
                    yield List.removeAt i placed
        }

    Arb.fromGenShrink (generate, smaller)

let private partsOf placed =
    placed |> List.groupBy fst |> List.map (fun (_, part) -> List.map snd part)

[<Fact>]
let ``The sums of parts merge into the sums of the whole`` () =
    check 301UL 100 split (fun placed ->
        let rows = List.map snd placed
        let parts = partsOf placed |> List.map model.Read
        areSumsOf rows parts.Length (List.reduce (fun a b -> a.Merge b) parts)
        areSumsOf rows parts.Length (List.reduceBack (fun a b -> a.Merge b) parts))

[<Fact>]
let ``Rows added in pieces give the sums of the whole`` () =
    check 302UL 100 split (fun placed ->
        let start = model.Read Seq.empty<Row>
        let parts = partsOf placed
        areSumsOf (List.map snd placed) parts.Length (List.fold (fun (sums: ModelData<Row>) part -> sums.Add part) start parts))

[<Fact>]
let ``One pass over any sequence gives the same bits`` () =
    check 303UL 30 split (fun placed ->
        let rows = List.map snd placed
        let bits (sums: ModelData<Row>) =
            let cells = (model.Bind sums).Cells
            [ for cell in 0 .. cells.CellCount - 1 -> cells.Weight cell, cells.Means(cell).ToArray(), cells.CrossProducts(cell).ToArray() ]

        let expected = bits (model.Read rows)
        holds "array" (bits (model.Read(List.toArray rows)) = expected)
        holds "List<T>" (bits (model.Read(ResizeArray rows)) = expected)
        holds "lazy sequence" (bits (model.Read(Seq.map id rows)) = expected))

[<Fact>]
let ``Sums hold their digits over long groups far from zero`` () =
    let long =
        gen {
            let! n = Gen.elements [ 255; 256; 257; 600; 1300 ]
            let! start = rows 2 1 1

            return!
                Gen.listOfLength n (gen {
                    let! a, b, y = Gen.zip3 (onGrid -3 3) (onGrid -3 3) (onGrid -3 3)
                    return { start.Head with X = [| a + 1e9; b - 1e9 |]; Y = y + 1e9 }
                })
        }

    check 304UL 8 (Arb.fromGen long) (fun rows -> areSumsOf rows (1 + rows.Length / 256) (model.Read rows))

/// A category whose levels are met in another order in each part.
type private Sale =
    { Shop: string
      Kind: string
      Price: System.Nullable<float> }

[<Fact>]
let ``Merged sums know the categories and the dropped rows of both parts`` () =
    let sale =
        gen {
            let! shop = Gen.elements [ "A"; "B"; "C" ]
            let! kind = Gen.elements [ "x"; "y"; "z"; "w" ]
            let! price = Gen.frequency [ 6, Gen.map System.Nullable (onGrid -3 3); 1, Gen.constant (System.Nullable()) ]
            return { Shop = shop; Kind = kind; Price = price }
        }

    let model =
        PooledModel.Of<Sale>()
            .Normal((fun v -> v.Price), sigma = Fixed 1.0)
            .Intercept(Normal(0.0, 3.0))
            .Categorical((fun v -> v.Kind), Normal(0.0, 2.0))
            .Varying(Group.By(fun (v: Sale) -> v.Shop), fun g -> g.Intercept(Fixed 0.7))
            .DropRowsWithMissingValues()

    let isThere sales = sales |> List.exists (fun sale -> sale.Price.HasValue)

    check 305UL 40 (Arb.fromGen (Gen.zip (Gen.listOf sale) (Gen.listOf sale) |> Gen.filter (fun (a, b) -> isThere (a @ b)))) (fun (first, second) ->
        let whole = model.Fit(first @ second, momentsOnly)
        let merged = model.Fit((model.Read first).Merge(model.Read second), momentsOnly)
        let turned = model.Fit((model.Read second).Merge(model.Read first), momentsOnly)
        let dropped = first @ second |> List.filter (fun sale -> not sale.Price.HasValue) |> List.length
        let names (fit: NormalFit<Sale>) = [ for term in fit.Spec.Population -> term.Name ]
        holds "the same terms" (names whole = names merged && names whole = names turned)

        for fit in [ whole; merged; turned ] do
            holds "dropped rows" (fit.DroppedRowCount = int64 dropped)

            for name in names whole do
                near $"mean of {name}" 1e-11 (whole.Coefficient(name: string).Mean) (fit.Coefficient(name: string).Mean)
                near $"sd of {name}" 1e-11 (whole.Coefficient(name: string).Sd) (fit.Coefficient(name: string).Sd))

[<Fact>]
let ``Levels of equal design in other row orders give the density of the same rows in one order`` () =
    let equalDesigns =
        gen {
            let! design = Gen.choose (1, 6) |> Gen.bind (fun n -> Gen.listOfLength n (Gen.zip (onGrid -3 3) (Gen.elements [ 0.0; 1.0 ])))
            let! count = Gen.choose (1, 5)
            let! shift = Gen.elements [ 0.0; 1e6 ]

            let! groups =
                [ for g in 1..count ->
                      gen {
                          let! ys = Gen.listOfLength design.Length (onGrid -3 3)
                          return [ for (a, b), y in List.zip design ys -> { Group = $"g{g}"; X = [| a + shift; b |]; Y = y; Se = 1.0 } ]
                      } ]
                |> Gen.sequenceToList

            let! mixed = groups |> List.concat |> List.toArray |> Gen.shuffle
            let! theta = Gen.listOfLength 4 (between -1.5 1.5)
            return List.concat groups, List.ofArray mixed, List.toArray theta
        }

    let model =
        PooledModel.Of<Row>()
            .Normal((fun row -> row.Y), sigma = InverseGammaOnVariance(1.0, 1.0))
            .Intercept(Normal(0.5, 2.0))
            .Slope((fun row -> row.X[1]), Normal(0.0, 1.0))
            .Varying(group, fun g -> g.Intercept(HalfNormal 1.0).Slope((fun row -> row.X[1]), HalfNormal 1.0))

    check 306UL 60 (Arb.fromGen equalDesigns) (fun (ordered, mixed, theta) ->
        let log' (rows: Row list) = MarginalDensity.Of(model.Bind rows).LogDensity(theta, Array.zeroCreate<float> 4)
        near "log density" (1e-10 * (10.0 + abs (log' ordered))) (log' ordered) (log' mixed))

/// Rows to fit by a function that knows no family: its own type parameters are left to inference.
let private fitted (model: #FittedModel<'Row, 'Self, 'Fit, 'Likelihood>) (parts: 'Row list list) =
    let data = parts |> List.map model.Read |> List.reduce (fun a b -> a.Merge b)
    model.Fit(data, Engine.Nuts, RunOptions(Chains = 1, Warmup = 20, Draws = 20)).RowCount

[<Fact>]
let ``One function fits data of every family`` () =
    let rows = [ for i in 0..39 -> { X = [| float i; float (i % 7) |]; Y = float (i % 5); Se = 1.0; Group = $"g{i % 4}" } ]
    let counts = PooledModel.Of<Row>().Poisson(fun row -> row.Y).Intercept().Varying(group, fun g -> g.Intercept())
    holds "sums" (fitted model [ rows[..9]; rows[10..] ] = 40L)
    holds "cells" (fitted counts [ rows[..9]; rows[10..] ] = 40L)

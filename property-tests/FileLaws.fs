/// Data and fits as files from F#: what is saved, loaded and added to is what one reading gives; keys of F# come back.
module TypedPooling.PropertyTests.FileLaws

open System.IO
open FsCheck.FSharp
open TypedPooling
open TypedPooling.Engines
open TypedPooling.PropertyTests.Replay
open Xunit

type Place =
    | Nowhere
    | Town of name: string
    | Spot of north: float * east: float

[<Struct>]
type Code =
    | Number of number: int
    | Text of text: string

type Key = { Place: Place; Code: Code }

type Row = { Key: Key; X: float; Y: float }

let private key = Group.By(fun (row: Row) -> row.Key)

let private model =
    PooledModel.Of<Row>().Normal(fun row -> row.Y).Intercept().Slope(fun row -> row.X).Varying(key, fun g -> g.Intercept())

let private bytes (save: Stream -> unit) =
    use stream = new MemoryStream()
    save stream
    stream.ToArray()

let private loaded (data: ModelData<Row>) = model.LoadData(new MemoryStream(bytes data.Save))

let private rows =
    gen {
        let! place = Gen.elements [ Nowhere; Town "a, (b)"; Town "null"; Spot(0.5, -2.0); Spot(1e-12, 3.0) ]
        let! code = Gen.elements [ Number 1; Number -7; Text "1"; Text "x = {y}" ]
        let! x = Gen.choose (-30, 30)
        let! y = Gen.choose (-1000, 1000)
        return { Key = { Place = place; Code = code }; X = float x / 7.0; Y = float y / 9.0 }
    }
    |> Gen.listOf
    |> Gen.resize 900
    |> Arb.fromGen

[<Fact>]
let ``Data that are saved, loaded and added to are those of one reading, bit by bit`` () =
    check 2901UL 60 rows (fun rows ->
        let first, second = List.splitAt (rows.Length * 2 / 5) rows
        let whole = bytes (model.Read rows).Save
        holds "saved and loaded" (bytes (loaded (model.Read rows)).Save = whole)
        holds "added to" (bytes ((loaded (model.Read first)).Add second).Save = whole))

[<Fact>]
let ``Loaded parts merge into the cells of the whole in any order`` () =
    check 2902UL 40 rows (fun rows ->
        let first, second = List.splitAt (rows.Length / 3) rows
        let merged = (loaded (model.Read second)).Merge(loaded (model.Read first))
        let whole = model.Read rows
        holds "rows" (merged.RowCount = whole.RowCount && merged.CellCount = whole.CellCount))

[<Fact>]
let ``A fit of keys of unions and records comes back and predicts`` () =
    let places = [ Nowhere; Town "a, (b)"; Spot(0.5, -2.0) ]

    let data =
        [ for i in 0..59 ->
              { Key = { Place = places[i % 3]; Code = (if i % 2 = 0 then Number i else Text "t") }
                X = float (i % 5)
                Y = float (i % 7) + float (i % 3) } ]

    let fit = model.Fit(data, options = RunOptions(Chains = 2, Draws = 50))
    let scorer = model.LoadFit(new MemoryStream(bytes (fit.Thin 20).Save))
    let known = fit.For(key).Keys |> Seq.toList

    Assert.Equal<Key list>(known, scorer.For(key).Keys |> Seq.toList)
    Assert.Equal(20, scorer.Posterior.DrawCount)

    for row in [ data[0]; { data[0] with Key = { Place = Town "new"; Code = Number 0 } } ] do
        let all, some = fit.PredictNew(row).Draws, scorer.PredictNew(row).Draws
        Assert.Equal<float list>([ for s in 0..19 -> all[s * 5 + 2] ], List.ofSeq some)

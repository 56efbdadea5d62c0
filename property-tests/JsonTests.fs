/// Answers as JSON and CSV from F#.
module TypedPooling.PropertyTests.JsonTests

open System
open System.IO
open System.Text.Json
open TypedPooling
open TypedPooling.Engines
open Xunit

type Shop =
    | Corner
    | Market of name: string

type Sale = { Shop: Shop; Price: float }

type Answer = { Mean: QuantitySummary; Range: Interval; Rows: SummaryRow list }

let shop = Group.By(fun (s: Sale) -> s.Shop)

let sales =
    [ for i in 0..39 -> { Shop = (if i % 3 = 0 then Corner else Market $"no. {i % 3} \"é\""); Price = float (i % 7) + 0.5 * float (i % 3) } ]

// <readme json>
let model = PooledModel.Of<Sale>().Normal(fun s -> s.Price).Intercept().Varying(shop, fun g -> g.Intercept())
let fit = model.Fit(sales, options = RunOptions(Chains = 2, Draws = 100))

let json = JsonSerializer.Serialize fit.Sigma
let sigma = nonNull (JsonSerializer.Deserialize<QuantitySummary> json)
// </readme>

[<Fact>]
let ``A quantity reads back as its summary`` () = Assert.Equal(fit.Sigma.Summary(), sigma)

[<Fact>]
let ``Answers are fields of records and items of lists`` () =
    let answer = { Mean = fit.Intercept.SummaryWithDraws 0.5; Range = fit.Sigma.Interval(); Rows = List.ofSeq fit.Table.Rows }

    Assert.Equal(answer, nonNull (JsonSerializer.Deserialize<Answer>(JsonSerializer.Serialize answer)))

[<Fact>]
let ``Keys that are unions are their texts, and read back as text`` () =
    let table = fit.For(shop).Coefficients()
    let back = nonNull (JsonSerializer.Deserialize<CoefficientTable<string>>(JsonSerializer.Serialize table))

    Assert.Equal<string list>([ "Corner"; "Market(\"no. 1 \"\"é\"\"\")"; "Market(\"no. 2 \"\"é\"\"\")" ], [ for level in back.Levels -> level.Key ])
    Assert.Equal<CoefficientEstimate list>(
        [ for level in table.Levels -> level.Coefficients[0] ],
        [ for level in back.Levels -> level.Coefficients[0] ])

[<Fact>]
let ``A refusal is an object of problem details`` () =
    let refusal = Assert.Throws<ModelException>(fun () -> fit.For(shop).Level(Market "none") |> ignore)
    use document = JsonDocument.Parse(JsonSerializer.Serialize refusal)

    Assert.Equal("UnknownTerm", document.RootElement.GetProperty("code").GetString())
    Assert.Equal("Market(none)", document.RootElement.GetProperty("level").GetString())

[<Fact>]
let ``Draws are columns by name`` () =
    use writer = new StringWriter()
    fit.Draws().WriteCsv writer

    Assert.Equal<float list>(List.ofSeq fit.Sigma.Draws, List.ofSeq (fit.Draws()["sigma"]))
    Assert.Contains(".chain,.iteration,.draw,Intercept,sigma,sd(Shop: Intercept)\n", writer.ToString(), StringComparison.Ordinal)

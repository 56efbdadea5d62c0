/// Cells of proportions and counts: collapsing rows loses nothing of the likelihood, however rows are ordered, split or added.
module TypedPooling.PropertyTests.CellLaws

open FsCheck
open FsCheck.FSharp
open MathNet.Numerics
open TypedPooling
open TypedPooling.Data
open TypedPooling.PropertyTests.Cases
open TypedPooling.PropertyTests.Replay
open Xunit
open type TypedPooling.Prior

[<StructuredFormatDisplay("{Text}")>]
type Count =
    { Site: string
      Kind: string
      X: float
      Known: float
      Happened: bool
      Successes: int
      Trials: int
      Events: int
      Exposure: float }

    /// On one line, for shrunk cases.
    member this.Text =
        $"{this.Site} {this.Kind} x {this.X} offset {this.Known} {this.Happened} {this.Successes}/{this.Trials} {this.Events}/{this.Exposure:R}"

let private site = Group.By(fun (row: Count) -> row.Site)

/// Few values of everything, so that rows share cells.
let private counts =
    gen {
        let! site = Gen.elements [ "a"; "b"; "c" ]
        let! kind = Gen.elements [ "k"; "l"; "m" ]
        let! x = Gen.elements [ -1.0; 0.0; 0.5 ]
        let! known = Gen.frequency [ 3, Gen.constant 0.0; 1, Gen.constant 0.7 ]
        let! happened = Gen.elements [ true; false ]
        let! trials = Gen.frequency [ 3, Gen.choose (1, 9); 1, Gen.choose (100, 1000) ]
        let! successes = Gen.choose (0, trials)
        let! events = Gen.frequency [ 3, Gen.choose (0, 5); 1, Gen.choose (100, 400) ]
        let! exposure = positive 0.01 100.0

        return
            { Site = site
              Kind = kind
              X = x
              Known = known
              Happened = happened
              Successes = successes
              Trials = trials
              Events = events
              Exposure = exposure }
    }

let private someRows = Arb.fromGen (Gen.nonEmptyListOf counts)

/// Rows, and an order of them.
let private shuffled =
    Arb.fromGen (
        gen {
            let! rows = Gen.nonEmptyListOf counts
            let! other = Gen.shuffle rows
            return rows, List.ofArray other
        }
    )

/// A linear predictor of a row: whatever tells columns, offsets and levels apart.
let private eta x known kind site =
    let number (text: string) = float (int text[0] - int 'j')
    0.3 + 0.8 * x + known - 0.4 * number kind + 0.1 * number site

let private etaOf (row: Count) = eta row.X row.Known row.Kind row.Site

/// The linear predictor of a cell: its columns are x, and the indicators of kinds but the first of the data.
let private etaOfCell (bound: CellBoundModel) cell =
    let cells = bound.Cells
    let column c = cells.Columns[cell * cells.ColumnCount + c]

    let kind =
        seq { 1 .. cells.ColumnCount - 1 }
        |> Seq.tryFind (fun c -> column c = 1.0)
        |> Option.bind (fun c -> Option.ofObj bound.Spec.Columns[c].CategoryLevel)

    let reference =
        bound.Spec.Columns |> Seq.tryPick (fun c -> Option.ofObj c.ReferenceLevel)

    let kind = kind |> Option.orElse reference
    kind, column 0, cells.Offsets[cell], bound.Levels[0].Text(cells.Levels[cell * cells.FactorCount])

let private logit eta = 1.0 / (1.0 + exp -eta)

let private proportion successes trials eta =
    let p = logit eta
    successes * log p + (trials - successes) * log (1.0 - p)

/// By MathNet's own densities, cell by cell of rows that are alike, with a shape of 2.5.
let private shape = 2.5

let private manyCounts (events: float) rows eta =
    let mu = exp eta

    rows
    * (Distributions.NegativeBinomial.PMFLn(shape, shape / (shape + mu), int events)
       + SpecialFunctions.FactorialLn(int events))

let private heavy response rows eta =
    rows * Distributions.StudentT.PDFLn(eta, 0.7, shape, response)

/// What a cell of Gamma responses holds beside the sum of logs: their sum and number.
let private positiveSum sum rows eta =
    shape * (-rows * eta - sum * exp -eta)

let private rate events exposure eta = events * eta - exposure * exp eta

/// The log likelihood of cells, their constant included.
let private ofCells (bound: CellBoundModel) (rows: Count list) cellLikelihood =
    let cells = bound.Cells

    let sum =
        Seq.init cells.Count (fun cell ->
            let kind, x, known, site = etaOfCell bound cell
            let kind = kind |> Option.defaultValue rows.Head.Kind
            cellLikelihood cells.Responses[cell] cells.Sizes[cell] (eta x known kind site))
        |> Seq.sum

    sum + cells.LogConstant

let private agree what expected actual =
    near what (1e-12 * (1.0 + abs expected)) expected actual

let private bernoulli =
    PooledModel.Of<Count>()
        .Bernoulli(fun row -> row.Happened)
        .Slope(fun row -> row.X)
        .Offset(fun row -> row.Known)
        .Categorical(fun row -> row.Kind)
        .Varying(site, fun g -> g.Intercept())

let private binomial =
    PooledModel.Of<Count>()
        .Binomial((fun row -> row.Successes), (fun row -> row.Trials), Link.Probit)
        .Slope(fun row -> row.X)
        .Offset(fun row -> row.Known)
        .Categorical(fun row -> row.Kind)
        .Varying(site, fun g -> g.Intercept())

let private poisson =
    PooledModel.Of<Count>()
        .Poisson((fun row -> row.Events), exposure = (fun row -> row.Exposure))
        .Slope(fun row -> row.X)
        .Offset(fun row -> row.Known)
        .Categorical(fun row -> row.Kind)
        .Varying(site, fun g -> g.Intercept())

let private counted =
    PooledModel.Of<Count>()
        .NegativeBinomial((fun row -> row.Events), exposure = (fun row -> row.Exposure), shape = Exponential 0.1)
        .Slope(fun row -> row.X)
        .Offset(fun row -> row.Known)
        .Categorical(fun row -> row.Kind)
        .Varying(site, fun g -> g.Intercept())

let private sized =
    PooledModel.Of<Count>()
        .Gamma((fun row -> row.Exposure), shape = Gamma(2.0, 0.1))
        .Slope(fun row -> row.X)
        .Offset(fun row -> row.Known)
        .Categorical(fun row -> row.Kind)
        .Varying(site, fun g -> g.Intercept())

let private tailed =
    PooledModel.Of<Count>()
        .StudentT((fun row -> row.Events), sigma = Fixed 0.7, degreesOfFreedom = Fixed 2.5)
        .Slope(fun row -> row.X)
        .Offset(fun row -> row.Known)
        .Categorical(fun row -> row.Kind)
        .Varying(site, fun g -> g.Intercept())

let private ofCountedRows rows =
    rows
    |> List.sumBy (fun row ->
        let mu = row.Exposure * exp (etaOf row)
        Distributions.NegativeBinomial.PMFLn(shape, shape / (shape + mu), row.Events))

let private ofSizedRows rows =
    rows
    |> List.sumBy (fun row -> Distributions.Gamma.PDFLn(shape, shape * exp -(etaOf row), row.Exposure))

let private ofTailedRows rows =
    rows
    |> List.sumBy (fun row -> Distributions.StudentT.PDFLn(etaOf row, 0.7, shape, float row.Events))

let private ofBernoulliRows rows =
    rows |> List.sumBy (fun row -> proportion (if row.Happened then 1.0 else 0.0) 1.0 (etaOf row))

let private ofBinomialRows rows =
    rows
    |> List.sumBy (fun row ->
        SpecialFunctions.BinomialLn(row.Trials, row.Successes)
        + proportion (float row.Successes) (float row.Trials) (etaOf row))

/// By MathNet's own probabilities, with the mean in full.
let private ofPoissonRows rows =
    rows
    |> List.sumBy (fun row -> Distributions.Poisson.PMFLn(row.Exposure * exp (etaOf row), row.Events))

[<Fact>]
let ``The likelihood of cells is that of the rows`` () =
    check 701UL 100 someRows (fun rows ->
        agree "Bernoulli" (ofBernoulliRows rows) (ofCells (bernoulli.Bind rows) rows proportion)
        agree "Binomial" (ofBinomialRows rows) (ofCells (binomial.Bind rows) rows proportion)
        agree "Poisson" (ofPoissonRows rows) (ofCells (poisson.Bind rows) rows rate))

[<Fact>]
let ``The likelihood of cells of responses with a shape is that of the rows`` () =
    check 706UL 100 someRows (fun rows ->
        let counts, sizes, tails = counted.Bind rows, sized.Bind rows, tailed.Bind rows
        agree "NegativeBinomial" (ofCountedRows rows) (ofCells counts rows manyCounts)
        agree "StudentT" (ofTailedRows rows) (ofCells tails rows heavy)
        let number = float rows.Length

        let logs =
            number * (shape * log shape - SpecialFunctions.GammaLn shape)
            + shape * sizes.Cells.LogResponseSum

        agree "Gamma" (ofSizedRows rows) (logs + ofCells sizes rows positiveSum)
        holds "all rows" (counts.RowCount = int64 rows.Length && tails.RowCount = int64 rows.Length))

[<Fact>]
let ``The order of rows changes no cell`` () =
    check 702UL 100 shuffled (fun (rows, other) ->
        let sorted (bound: CellBoundModel) =
            [ for cell in 0 .. bound.Cells.Count - 1 ->
                  etaOfCell bound cell, (bound.Cells.Responses[cell], bound.Cells.Rows[cell], bound.Cells.Sizes[cell]) ]
            |> List.sortBy fst

        for (key, (events, number, size)), (otherKey, (otherEvents, otherNumber, otherSize)) in
            List.zip (sorted (poisson.Bind rows)) (sorted (poisson.Bind other)) do
            holds "the cell" (key = otherKey && events = otherEvents && number = otherNumber)
            agree "the exposure" size otherSize

        agree "the constant" (poisson.Bind(rows).Cells.LogConstant) (poisson.Bind(other).Cells.LogConstant)
        holds "cells of proportions" (sorted (binomial.Bind rows) = sorted (binomial.Bind other)))

[<Fact>]
let ``Cells of parts merge into the cells of the whole`` () =
    check 703UL 100 someRows (fun rows ->
        let first, second = List.splitAt (rows.Length / 2) rows
        let merged = poisson.Bind(poisson.Read(first).Merge(poisson.Read second))
        let added = poisson.Bind(poisson.Read(first).Add second)
        let whole = poisson.Bind rows

        for parts in [ merged; added ] do
            holds "columns" (parts.Cells.Columns.ToArray() = whole.Cells.Columns.ToArray())
            holds "levels" (parts.Cells.Levels.ToArray() = whole.Cells.Levels.ToArray())
            holds "events" (parts.Cells.Responses.ToArray() = whole.Cells.Responses.ToArray())
            holds "rows" (parts.Cells.Rows.ToArray() = whole.Cells.Rows.ToArray())
            agree "likelihood" (ofPoissonRows rows) (ofCells parts rows rate))

[<Fact>]
let ``Bernoulli rows are Binomial rows of one trial each`` () =
    check 704UL 50 someRows (fun rows ->
        let ones = rows |> List.map (fun row -> { row with Trials = 1; Successes = (if row.Happened then 1 else 0) })
        let a, b = bernoulli.Bind(rows).Cells, binomial.Bind(ones).Cells
        holds "successes" (a.Responses.ToArray() = b.Responses.ToArray())
        holds "trials" (a.Sizes.ToArray() = b.Sizes.ToArray())
        holds "no constant" (a.LogConstant = 0.0 && b.LogConstant = 0.0))

[<Fact>]
let ``A row given twice is a row of twice the trials but for the constant`` () =
    check 705UL 50 someRows (fun rows ->
        let twice = rows |> List.collect (fun row -> [ row; row ])
        let doubled = rows |> List.map (fun row -> { row with Trials = 2 * row.Trials; Successes = 2 * row.Successes })
        let a, b = binomial.Bind(twice).Cells, binomial.Bind(doubled).Cells
        holds "successes" (a.Responses.ToArray() = b.Responses.ToArray())
        holds "trials" (a.Sizes.ToArray() = b.Sizes.ToArray()))

/// Shares of variance: bounds, order, and what a change of units does to them.
module TypedPooling.PropertyTests.VarianceShareLaws

open FsCheck
open FsCheck.FSharp
open TypedPooling
open TypedPooling.PropertyTests.Cases
open TypedPooling.PropertyTests.Replay
open Xunit
open type TypedPooling.Prior

/// Rows of two columns.
let private manyRows = Arb.fromGen (rows 2 5 6)

/// Known scales in units of the response: what is left to draw are coefficients.
let private fit (unit: float) (shift: float) (rows: Row list) =
    PooledModel.Of<Row>()
        .Normal((fun row -> shift + unit * row.Y), sigma = Fixed(0.7 * unit))
        .Intercept(Flat)
        .Slope((fun row -> row.X[0]), Normal(0.0, 2.0 * unit))
        .Varying(group, (fun g -> g.Intercept(Fixed(1.3 * unit)).Slope((fun row -> row.X[1]), Fixed(0.4 * unit)).Uncorrelated()))
        .Fit(rows, momentsOnly)

let private shares (fit: NormalFit<Row>) =
    [ fit.MarginalRSquared; fit.ConditionalRSquared; fit.Icc group ]

[<Fact>]
let ``Shares lie between 0 and 1 and varying effects add to what is explained`` () =
    check 801UL 100 manyRows (fun rows ->
        let fit = fit 1.0 0.0 rows

        for share in shares fit do
            holds $"{share.Name} in [0, 1]" (share.Draws |> Seq.forall (fun x -> x >= 0.0 && x <= 1.0))

        holds "conditional at least marginal" (Seq.forall2 (<=) fit.MarginalRSquared.Draws fit.ConditionalRSquared.Draws))

[<Fact>]
let ``Shares know no unit and no origin of the response`` () =
    check 802UL 100 (Arb.fromGen (Gen.zip (Arb.toGen manyRows) (positive 0.01 100.0))) (fun (rows, unit) ->
        for expected, moved in List.zip (shares (fit 1.0 0.0 rows)) (shares (fit unit 12.5 rows)) do
            for a, b in Seq.zip expected.Draws moved.Draws do
                near expected.Name 1e-8 a b)

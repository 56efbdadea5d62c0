module TypedPooling.PropertyTests.SelectorTests

open System
open System.Linq.Expressions
open Microsoft.FSharp.Linq.NullableOperators
open TypedPooling
open TypedPooling.Data
open TypedPooling.Selectors
open Xunit

[<Measure>]
type kg

type Colour =
    | Red = 0
    | Blue = 1

type Address = { City: string; Height: float }

type Row =
    { X: float
      Y: float
      N: int
      Year: int
      Small: float32
      Price: decimal
      Flag: bool
      Opt: float option
      VOpt: float voption
      Maybe: Nullable<float>
      Shop: string
      Weight: float<kg>
      Readings: float[]
      Address: Address
      Pair: float * string
      When: DateTime
      Colour: Colour
      ``blood pressure``: float }

let private row =
    { X = 3.0
      Y = 5.0
      N = 4
      Year = 1962
      Small = 0.5f
      Price = 2.5M
      Flag = true
      Opt = Some 7.0
      VOpt = ValueSome 8.0
      Maybe = Nullable 9.0
      Shop = "A"
      Weight = 80.0<kg>
      Readings = [| 1.0; 2.0 |]
      Address = { City = "Zürich"; Height = 408.0 }
      Pair = (11.0, "p")
      When = DateTime(2000, 1, 3)
      Colour = Colour.Blue
      ``blood pressure`` = 120.0 }

/// Everything in a tree that F# put there and that would be slow: witnesses, invocations, assignments, dynamic operators.
type private Leftovers() =
    inherit ExpressionVisitor()
    member val Found = ResizeArray<string>()

    override this.VisitMethodCall node =
        let owner = string node.Method.DeclaringType

        if owner.StartsWith "Microsoft.FSharp.Core.Operators" || node.Method.Name.EndsWith "$W" || node.Method.Name = "Invoke" then
            this.Found.Add node.Method.Name

        base.VisitMethodCall node

    override this.VisitInvocation node =
        this.Found.Add "Invoke"
        base.VisitInvocation node

    override this.VisitBlock node =
        this.Found.Add "Block"
        base.VisitBlock node

    override this.VisitUnary node =
        this.Operator node.Method
        base.VisitUnary node

    override this.VisitBinary node =
        this.Operator node.Method
        base.VisitBinary node

    member private this.Operator(operator: Reflection.MethodInfo | null) =
        match operator with
        | null -> ()
        | dynamic when (string dynamic.DeclaringType).StartsWith "Microsoft.FSharp" -> this.Found.Add dynamic.Name
        | _ -> ()

/// Compiled code and closed delegates.
let private readers columns keys =
    [ RowReader<Row>.Compiled(columns, keys); RowReader<Row>.Closed(columns, keys) ]

let private read (column: ColumnSelector) row =
    let values =
        [ for reader in readers [| column |] [||] do
              let values = [| 0.0 |]
              reader.Read.Invoke(row, values, [||], [||])
              values[0] ]

    Assert.Equal(BitConverter.DoubleToInt64Bits values[0], BitConverter.DoubleToInt64Bits values[1])
    values[1]

let private holds formula (value: float) (column: ColumnSelector) =
    Assert.Equal(formula, column.Formula)
    let leftovers = Leftovers()
    leftovers.Visit column.Body |> ignore
    Assert.Empty leftovers.Found
    Assert.Equal(value, read column row, 14)

type private Column =
    static member Of<'V when 'V: struct and 'V :> ValueType and 'V: (new: unit -> 'V)>(selector: Expression<Func<Row, 'V>>) =
        ColumnSelector.Numeric(selector, null)

    static member Maybe<'V when 'V: struct and 'V :> ValueType and 'V: (new: unit -> 'V)>(selector: Expression<Func<Row, Nullable<'V>>>) =
        ColumnSelector.NumericOrMissing(selector, null)

let private plusOne (x: float) = x + 1.0
let private origin = 1952.0

[<Fact>]
let ``Members and casts print as names`` () =
    Column.Of(fun v -> v.X) |> holds "X" 3.0
    Column.Of(fun v -> float v.N) |> holds "N" 4.0
    Column.Of(fun v -> float v.Price) |> holds "Price" 2.5
    Column.Of(fun v -> float v.Small) |> holds "Small" 0.5
    Column.Of(fun v -> v.N |> float) |> holds "N" 4.0
    Column.Of(fun v -> v.Address.Height) |> holds "Address.Height" 408.0
    Column.Of(fun v -> v.Weight) |> holds "Weight" 80.0
    Column.Of(fun v -> v.Readings[1]) |> holds "Readings[1]" 2.0
    Column.Of(fun v -> fst v.Pair) |> holds "Pair.Item1" 11.0
    Column.Of(fun v -> float (int v.Colour)) |> holds "Colour" 1.0
    Column.Of(fun v -> float (int v.X)) |> holds "trunc(X)" 3.0

[<Fact>]
let ``Functions and powers of F# become plain mathematics`` () =
    Column.Of(fun v -> log v.X) |> holds "log(X)" (Math.Log 3.0)
    Column.Of(fun v -> v.X |> log |> exp) |> holds "exp(log(X))" 3.0
    Column.Of(fun v -> log <| v.X) |> holds "log(X)" (Math.Log 3.0)
    Column.Of(fun v -> v.X ** 2.0) |> holds "X^2" 9.0
    Column.Of(fun v -> float v.N ** 0.5) |> holds "N^0.5" 2.0
    Column.Of(fun v -> v.X ** v.Y) |> holds "X^Y" 243.0
    Column.Of(fun v -> pown v.X 3) |> holds "X^3" 27.0
    Column.Of(fun v -> pown v.N 2) |> holds "N * N" 16.0
    Column.Of(fun v -> -v.X) |> holds "-X" -3.0
    Column.Of(fun v -> +v.X) |> holds "X" 3.0
    Column.Of(fun v -> abs (v.X - v.Y)) |> holds "abs(X - Y)" 2.0
    Column.Of(fun v -> abs v.N) |> holds "abs(N)" 4.0
    Column.Of(fun v -> sqrt v.X) |> holds "sqrt(X)" (sqrt 3.0)
    Column.Of(fun v -> exp v.X) |> holds "exp(X)" (exp 3.0)
    Column.Of(fun v -> log10 v.X) |> holds "log10(X)" (log10 3.0)
    Column.Of(fun v -> log v.Small) |> holds "log(Small)" (float (log 0.5f))
    Column.Of(fun v -> min v.X v.Y) |> holds "min(X, Y)" 3.0
    Column.Of(fun v -> max v.X 4.0) |> holds "max(X, 4)" 4.0
    Column.Of(fun v -> atan2 v.X v.Y) |> holds "atan2(X, Y)" (atan2 3.0 5.0)
    Column.Of(fun v -> ceil (v.X / 2.0)) |> holds "ceil(X / 2)" 2.0
    Column.Of(fun v -> round (v.X / 2.0)) |> holds "round(X / 2)" 2.0
    Column.Of(fun v -> floor v.X + truncate v.Y) |> holds "floor(X) + trunc(Y)" 8.0
    Column.Of(fun v -> sign v.X) |> holds "sign(X)" 1.0
    Column.Of(fun v -> sin v.X + cos v.X * tanh v.Y) |> holds "sin(X) + cos(X) * tanh(Y)" (sin 3.0 + cos 3.0 * tanh 5.0)

[<Fact>]
let ``Arithmetic keeps its parentheses and no others`` () =
    Column.Of(fun v -> v.X * v.Y) |> holds "X * Y" 15.0
    Column.Of(fun v -> (float v.Year - 1952.0) / 5.0) |> holds "(Year - 1952) / 5" 2.0
    Column.Of(fun v -> float (v.Year - 1952) / 5.0) |> holds "(Year - 1952) / 5" 2.0
    Column.Of(fun v -> v.Price * 2M + 1M) |> holds "Price * 2 + 1" 6.0
    Column.Of(fun v -> v.Year / 10) |> holds "trunc(Year / 10)" 196.0
    Column.Of(fun v -> log (v.X + 1.0) * sqrt v.Y) |> holds "log(X + 1) * sqrt(Y)" (log 4.0 * sqrt 5.0)
    Column.Of(fun v -> (fun x -> x * 2.0) v.X) |> holds "X * 2" 6.0
    Column.Of(fun v -> let z = v.X + 1.0 in z * z) |> holds "(X + 1) * (X + 1)" 16.0
    Column.Of(fun v -> (v.When - DateTime(2000, 1, 1)).TotalDays) |> holds "(When - 2000-01-01).TotalDays" 2.0

[<Fact>]
let ``Conditions print as indicators and choices`` () =
    Column.Of(fun v -> v.Flag) |> holds "Flag" 1.0
    Column.Of(fun v -> if v.Flag then 1.0 else 0.0) |> holds "Flag" 1.0
    Column.Of(fun v -> if v.Shop = "A" then 1.0 else 0.0) |> holds "Shop == \"A\"" 1.0
    Column.Of(fun v -> v.Colour = Colour.Blue) |> holds "Colour == Colour.Blue" 1.0
    Column.Of(fun v -> v.Colour <> Colour.Blue) |> holds "Colour != Colour.Blue" 0.0
    Column.Of(fun v -> if v.X > 2.0 && not v.Flag then v.X else v.Y) |> holds "if(X > 2 and not Flag, X, Y)" 5.0
    Column.Of(fun v -> match v.Colour with Colour.Blue -> 1.0 | _ -> 0.0) |> holds "Colour == Colour.Blue" 1.0

[<Fact>]
let ``Captured values are constants`` () =
    let shift = 2.5
    let address = { City = "B"; Height = 8.0 }
    let cell = ref 1.0
    Column.Of(fun v -> v.X - shift) |> holds "X - 2.5" 0.5
    Column.Of(fun v -> v.X - address.Height) |> holds "X - 8" -5.0
    Column.Of(fun v -> v.X - cell.Value) |> holds "X - 1" 2.0
    Column.Of(fun v -> (float v.Year - origin) / 5.0) |> holds "(Year - 1952) / 5" 2.0
    Column.Of(fun v -> v.X - Math.Sqrt 4.0) |> holds "X - 2" 1.0
    Column.Of(fun v -> v.X - log 1.0) |> holds "X - 0" 3.0

[<Fact>]
let ``Selectors that differ in names, casts or closures have one key`` () =
    let shift start = Column.Of(fun v -> (float v.Year - start) / 5.0)
    Assert.Equal((shift 1952.0).Key, (Column.Of(fun other -> float (other.Year - 1952) / 5.0)).Key)
    Assert.NotEqual<string>((shift 1952.0).Key, (shift 1953.0).Key)
    Assert.Equal((Column.Of(fun v -> v.X ** 2.0)).Key, (Column.Of(fun v -> Math.Pow(v.X, 2.0))).Key)
    Assert.Equal((Column.Of(fun v -> log v.X)).Key, (Column.Of(fun v -> v.X |> log)).Key)

[<Fact>]
let ``Options and nullables are missing where they hold nothing`` () =
    let missing (column: ColumnSelector) formula value row' =
        Assert.True column.IsNullable
        column |> holds formula value
        Assert.Equal(ValueFault.Missing, ValueFaults.Of(read column row'))

        for reader in readers [| column |] [||] do
            Assert.Equal(ValueFault.Missing, reader.Diagnose(row', 0))

    missing (Column.Maybe(fun v -> v.Maybe)) "Maybe" 9.0 { row with Maybe = Nullable() }
    missing (Column.Maybe(fun v -> Option.toNullable v.Opt)) "Opt" 7.0 { row with Opt = None }
    missing (Column.Maybe(fun v -> v.Opt |> Option.toNullable)) "Opt" 7.0 { row with Opt = None }
    missing (Column.Maybe(fun v -> ValueOption.toNullable v.VOpt)) "VOpt" 8.0 { row with VOpt = ValueNone }
    missing (Column.Of(fun v -> v.VOpt)) "VOpt" 8.0 { row with VOpt = ValueNone }
    missing (Column.Of(fun v -> log v.Opt.Value)) "log(Opt)" (log 7.0) { row with Opt = None }
    missing (Column.Of(fun v -> v.VOpt.Value + 1.0)) "VOpt + 1" 9.0 { row with VOpt = ValueNone }
    missing (Column.Of(fun v -> v.Maybe.Value * v.X)) "Maybe * X" 27.0 { row with Maybe = Nullable() }
    missing (Column.Of(fun v -> float v.Maybe)) "Maybe" 9.0 { row with Maybe = Nullable() }
    missing (Column.Maybe(fun v -> v.Opt |> Option.map log |> Option.toNullable)) "if(Opt != null, log(Opt), null)" (log 7.0) { row with Opt = None }
    Column.Of(fun v -> match v.Opt with Some x -> x * 2.0 | None -> 0.0) |> holds "if(Opt == null, 0, Opt * 2)" 14.0
    missing (Column.Maybe(fun v -> v.Maybe ?* 2.0)) "Maybe * 2" 18.0 { row with Maybe = Nullable() }
    Column.Of(fun v -> Option.defaultValue 0.0 v.Opt) |> holds "Opt ?? 0" 7.0
    Column.Of(fun v -> Option.isSome v.Opt) |> holds "Opt != null" 1.0

[<Fact>]
let ``NaN and infinity are not missing`` () =
    for reader in readers [| Column.Of(fun v -> v.X); Column.Of(fun v -> log v.Y) |] [||] do
        let row' = { row with X = nan; Y = 0.0 }
        Assert.Equal(ValueFault.NotANumber, reader.Diagnose(row', 0))
        Assert.Equal(ValueFault.Infinite, reader.Diagnose(row', 1))
        Assert.Equal(ValueFault.None, reader.Diagnose(row, 1))

[<Fact>]
let ``Types that are not numbers are refused with the remedy`` () =
    let refusal (build: unit -> ColumnSelector) = Assert.Throws<ModelException>(fun () -> build () |> ignore)
    let enum = refusal (fun () -> Column.Of(fun v -> v.Colour))
    Assert.Equal(ProblemCode.UnsupportedType, enum.Code)
    Assert.Contains("Categorical", enum.Message)
    Assert.Contains("TotalDays", (refusal (fun () -> Column.Of(fun v -> v.When))).Message)

[<Fact>]
let ``A call of one's own function needs a name`` () =
    let e = Assert.Throws<ModelException>(fun () -> Column.Of(fun v -> plusOne v.X) |> ignore)
    Assert.Equal(ProblemCode.NameNeeded, e.Code)
    let local = fun (x: float) -> x * 2.0
    let e = Assert.Throws<ModelException>(fun () -> Column.Of(fun v -> local v.X) |> ignore)
    Assert.Equal(ProblemCode.NameNeeded, e.Code)
    let named = ColumnSelector.Numeric((fun (v: Row) -> plusOne v.X), "next")
    Assert.Equal("next", named.Name)
    Assert.Equal(4.0, read named row)

[<Fact>]
let ``A name with blanks stays a name and cannot be taken for a formula`` () =
    Assert.Equal("blood pressure", (Column.Of(fun v -> v.``blood pressure``)).Name)
    Assert.Equal("log(`blood pressure`)", (Column.Of(fun v -> log v.``blood pressure``)).Name)

[<Fact>]
let ``Keys may be of any F# type`` () =
    let keys: KeySelector[] =
        [| KeySelector.Of(fun (v: Row) -> v.Shop)
           KeySelector.Of(fun (v: Row) -> v.Shop, v.N)
           KeySelector.Of(fun (v: Row) -> struct (v.Shop, v.N))
           KeySelector.Of(fun (v: Row) -> {| City = v.Shop; N = v.N |})
           KeySelector.Of(fun (v: Row) -> v.Address)
           KeySelector.Of(fun (v: Row) -> v.Opt)
           KeySelector.Of(fun (v: Row) -> string v.N)
           KeySelector.Of(fun (v: Row) -> snd v.Pair)
           KeySelector.Of(fun (v: Row) -> v.Colour) |]

    let names = keys |> Array.map _.Name
    Assert.Equal<string[]>([| "Shop"; "(Shop, N)"; "(Shop, N)"; "(Shop, N)"; "Address"; "Opt"; "string(N)"; "Pair.Item2"; "Colour" |], names)
    for reader in readers [||] keys do
        let indexes = reader.NewIndexes()
        let levels = Array.zeroCreate keys.Length
        let read row = reader.Read.Invoke(row, [||], levels, indexes)
        read row
        read { row with Shop = "B"; Opt = None; N = 5; Colour = Colour.Red }
        Assert.Equal<int[]>([| 1; 1; 1; 1; 0; -1; 1; 0; 1 |], levels)
        read { row with Address = { City = "Zürich"; Height = 408.0 } }
        Assert.Equal<int[]>(Array.zeroCreate keys.Length, levels)
        Assert.Equal("(A, 4)", indexes[2].Text 0)

[<Fact>]
let ``A factor nested in another has struct tuples as keys`` () =
    let shop = Group.By(fun (v: Row) -> v.Shop)
    let numbers: Group<Row, struct (string * int)> = shop.Nested(fun v -> v.N)
    let boxes = numbers.Nested((fun v -> v.Opt), "box")
    Assert.Equal("Shop/N", numbers.Name)
    Assert.Equal("box", boxes.Name)
    let model =
        PooledModel.Of<Row>().Normal((fun v -> v.Y), sigma = Prior.Exponential 1).Intercept().Varying(numbers, fun g -> g.Intercept(Prior.Exponential 1))

    let rows =
        [ for i in 0..23 -> { row with Shop = (if i % 2 = 0 then "A" else "B"); N = 1 + i / 2 % 3; Y = float (i * i % 7); Opt = (if i < 12 then Some 1.0 else None) } ]

    let fit = model.Fit(rows, Engines.RunOptions(Seed = 2UL, Warmup = 100, Draws = 100))
    Assert.Equal<struct (string * int) list>([ struct ("A", 1); struct ("B", 1); struct ("A", 2); struct ("B", 2); struct ("A", 3); struct ("B", 3) ], List.ofSeq (fit.For(numbers).Keys))
    Assert.Equal("(B, 3)", fit.For(numbers).Level(struct ("B", 3)).Text)
    let e = Assert.Throws<ModelException>(fun () -> model.Varying(boxes, fun g -> g.Intercept()).Fit rows |> ignore)
    Assert.Equal(Nullable 13L, e.Problems[0].Row)

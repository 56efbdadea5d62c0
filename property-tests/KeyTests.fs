/// Keys of F#: one line of text for each, the same in every culture.
module TypedPooling.PropertyTests.KeyTests

open System
open System.Globalization
open TypedPooling
open TypedPooling.Data
open TypedPooling.Engines
open Xunit
open TypedPooling.Keys

type Place = { Name: string; Height: float }

type Visit = { Place: Place; Day: DateOnly; Tags: string list }

type Shape =
    | Point
    | Circle of radius: float
    | Box of width: float * height: float
    | Named of Place

[<Struct>]
type Code =
    | Number of number: float
    | Text of text: string

[<Struct>]
type Pair = { First: int; Second: float }

type Single = Single of float

type Loud =
    { Size: float }
    override this.ToString() = $"size {this.Size}"

type KeyRow = { Key: Visit; Y: float }

let foreign () =
    let culture = CultureInfo.InvariantCulture.Clone() :?> CultureInfo
    culture.NumberFormat <- NumberFormatInfo(NumberDecimalSeparator = ",", NegativeSign = "~")
    culture.DateTimeFormat <- DateTimeFormatInfo(ShortDatePattern = "d.M.y", DateSeparator = ".", TimeSeparator = ".")
    culture

let inCulture (culture: CultureInfo) (work: unit -> 'a) =
    let before = CultureInfo.CurrentCulture
    CultureInfo.CurrentCulture <- culture

    try
        work ()
    finally
        CultureInfo.CurrentCulture <- before

let textOf (key: 'a) () = KeyText.Of(box key)

let texts: (string * (unit -> string)) list =
    [ "{ Name = a; Height = 1.5 }", textOf { Name = "a"; Height = 1.5 }
      "{ Name = ; Height = 0 }", textOf { Name = ""; Height = -0.0 }
      "{ Name = \"x; Height = 2\"; Height = 1.5 }", textOf { Name = "x; Height = 2"; Height = 1.5 }
      "{ Place = { Name = a; Height = 1.5 }; Day = 2024-03-01; Tags = [x; \"y; z\"] }",
      textOf
          { Place = { Name = "a"; Height = 1.5 }
            Day = DateOnly(2024, 3, 1)
            Tags = [ "x"; "y; z" ] }
      "Point", textOf Point
      "Circle(1.5)", textOf (Circle 1.5)
      "Box(1.5, -2)", textOf (Box(1.5, -2.0))
      "Named({ Name = a; Height = 1.5 })", textOf (Named { Name = "a"; Height = 1.5 })
      "Number(1.5)", textOf (Number 1.5)
      "Text(\"a, b\")", textOf (Text "a, b")
      "{ First = 1; Second = 2.5 }", textOf { First = 1; Second = 2.5 }
      "Single(1.5)", textOf (Single 1.5)
      "Some(1.5)", textOf (Some 1.5)
      "Some(Some(1.5))", textOf (Some(Some 1.5))
      "ValueSome(1.5)", textOf (ValueSome 1.5)
      "ValueNone", textOf (ValueNone: float voption)
      "(Some(1.5), null)", textOf (struct (Some 1.5, (None: float option)))
      "(a, Circle(1.5))", textOf ("a", Circle 1.5)
      "[1.5; 2.5]", textOf [ 1.5; 2.5 ]
      "[1; 2]", textOf (Set.ofList [ 2; 1 ])
      "Ok(1.5)", textOf (Ok 1.5: Result<float, string>)
      "{ A = 1.5; B = x }", textOf {| A = 1.5; B = "x" |}
      "size 1.5", textOf { Size = 1.5 } ]

[<Fact>]
let ``A key of F# has one line of text in every culture`` () =
    for expected, text in texts do
        Assert.Equal(expected, text ())
        Assert.Equal(expected, inCulture (foreign ()) text)

[<Fact>]
let ``Draws of levels with keys of F# are the same bits in every culture`` () =
    let key i =
        { Place = { Name = "p"; Height = 0.5 + float i }
          Day = DateOnly(2024, 1 + i, 2)
          Tags = [] }

    let rows = [ for i in 0..29 -> { Key = key (i % 4); Y = sin (float i) } ]
    let group = Group.By(fun (r: KeyRow) -> r.Key)
    let model = PooledModel.Of<KeyRow>().Normal(fun r -> r.Y).Intercept().Varying(group, fun g -> g.Intercept())

    let bits () =
        let fit = model.Fit(rows, RunOptions(Chains = 2, Draws = 50))
        let known = fit.For(group).Level(key 1).Intercept.Draws
        let added = fit.PredictMean(rows[0], group.New(key 7)).Draws
        [ for draw in Seq.append known added -> BitConverter.DoubleToInt64Bits draw ]

    Assert.Equal<int64 list>(bits (), inCulture (foreign ()) bits)

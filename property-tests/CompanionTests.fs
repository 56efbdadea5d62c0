/// What TypedPooling.FSharp adds to the library: options and unions as columns, categories and keys, pipelines, warnings as a union.
module TypedPooling.PropertyTests.CompanionTests

open System
open System.IO
open System.Reflection
open System.Xml.Linq
open TypedPooling
open TypedPooling.Draws
open TypedPooling.Engines
open TypedPooling.FSharp
open Xunit

type Dose =
    | Placebo
    | Low
    | High

/// The same levels in the same order, as the library knows them already.
type DoseEnum =
    | Placebo = 0
    | Low = 1
    | High = 2

type Region =
    | Known of name: string
    | Unknown

type Row =
    { Clinic: string
      Dose: Dose
      Enum: DoseEnum
      MaybeDose: Dose option
      MaybeEnum: Nullable<DoseEnum>
      Region: Region
      Note: string option
      NoteText: string | null
      X: float option
      V: float voption
      N: Nullable<float>
      F: float
      Y: float option
      Positive: float option
      Share: float option
      Count: int option
      Trials: int option
      Flag: bool option }

let private rows =
    [ for i in 0..59 ->
          let x = sin (float i)
          let y = float (i % 6) + cos (3.0 * float i)
          let dose, number = [| High, DoseEnum.High; Dose.Placebo, DoseEnum.Placebo; Low, DoseEnum.Low |][i % 3]

          { Clinic = $"clinic {i % 6}"
            Dose = dose
            Enum = number
            MaybeDose = if i = 7 then None else Some dose
            MaybeEnum = if i = 7 then Nullable() else Nullable number
            Region = if i % 4 = 0 then Unknown else Known $"r{i % 4}"
            Note = if i = 9 then None else Some $"note {i % 2}"
            NoteText = if i = 9 then null else $"note {i % 2}"
            X = if i = 3 then None else Some x
            V = if i = 3 then ValueNone else ValueSome x
            N = if i = 3 then Nullable() else Nullable x
            F = y + 0.3 * x
            Y = if i = 5 then None else Some y
            Positive = if i = 5 then None else Some(exp (0.2 * y))
            Share = if i = 5 then None else Some(1.0 / (1.0 + exp (0.2 * y)))
            Count = if i = 5 then None else Some(3 + i % 5)
            Trials = if i = 5 then None else Some(5 + i % 5)
            Flag = if i = 5 then None else Some(i % 7 < 3) } ]

let private clinic = Group.By(fun row -> row.Clinic)
let private options = RunOptions(Chains = 1, Draws = 100, Warmup = 100)
let private start = PooledModel.Of<Row>().Normal(fun row -> row.F).Intercept()

/// The table of a fit, digit by digit; the same text means the same draws.
let private table (model: #FittedModel<Row, 'Self, 'Fit, 'Likelihood>) =
    let fit = model.DropRowsWithMissingValues().Fit(rows, options)
    string fit.Table + $"\n{fit.DroppedRowCount} dropped"

let private same (expected: string) (actual: string) = Assert.Equal<string>(expected, actual)

let private refusal (work: unit -> 'a) = Assert.Throws<ModelException>(fun () -> work () |> ignore).Problems[0]

[<Fact>]
let ``Columns of options are those of nullables`` () =
    let expected = start.Slope((fun row -> row.N), name = "X") |> table
    Assert.Contains("1 dropped", expected)
    same expected (start.Slope(fun row -> row.X) |> table)

    same
        (start.Slope((fun row -> ValueOption.toNullable (if row.F > 3.0 then ValueNone else row.V)), name = "X") |> table)
        (start.Slope((fun row -> if row.F > 3.0 then ValueNone else row.V), name = "X") |> table)
    same expected (start.Slope((fun row -> row.V), name = "X") |> table)
    Assert.Contains("\nV ", start.Slope(fun row -> row.V) |> table)
    Assert.Contains("\nexp(X) ", start.Slope((fun row -> row.X |> Option.map exp), name = "exp(X)") |> table)

[<Fact>]
let ``A value that is None is refused by the name of its column and its row`` () =
    for model in [ start.Slope(fun row -> row.X); start.Slope((fun row -> row.V), name = "X") ] do
        let problem = refusal (fun () -> model.Fit rows)
        Assert.Equal(ProblemCode.MissingValues, problem.Code)
        Assert.Equal("X", problem.Term)
        Assert.Equal(Nullable 4L, problem.Row)

[<Fact>]
let ``Priors and names of option columns arrive`` () =
    let text = string (start.Slope((fun row -> row.X), Prior.Normal(1, 2), "slope").Offset((fun row -> row.X), "known"))
    Assert.Contains("slope", text)
    Assert.Contains("Normal(1, 2)", text)
    Assert.Contains("known", text)

[<Fact>]
let ``Offsets counts and group-level predictors may be options`` () =
    same (start.Offset((fun row -> row.N), "X") |> table) (start.Offset(fun row -> row.X) |> table)
    same (start.Count((fun row -> Option.toNullable row.Count), "Count") |> table) (start.Count(fun row -> row.Count) |> table)

    let size row = Option.map (fun (_: float) -> 1.0) row.X
    let predicted = start.Varying(clinic, fun g -> g.Intercept().PredictedBy((fun row -> size row), name = "size"))
    Assert.Equal(ProblemCode.MissingValues, (refusal (fun () -> predicted.Fit rows)).Code)

[<Fact>]
let ``A fit answers for option columns by the lambdas of the model`` () =
    let fit =
        start
            .Slope(fun row -> row.X)
            .Varying(clinic, fun g -> g.Intercept().Slope(fun row -> row.X))
            .DropRowsWithMissingValues()
            .Fit(rows, options)

    let byClinic = fit.For clinic
    Assert.Equal(fit.Coefficient("X").Mean, fit.Coefficient(fun row -> row.X).Mean)
    Assert.Equal(byClinic.Sd("X").Mean, byClinic.Sd(fun row -> row.X).Mean)
    Assert.Equal(byClinic.Correlation("Intercept", "X").Mean, byClinic.Correlation(fun row -> row.X).Mean)
    Assert.Equal(byClinic.Level("clinic 2").Coefficient("X").Mean, byClinic.Level("clinic 2").Slope(fun row -> row.X).Mean)

[<Fact>]
let ``Responses of every family may be options`` () =
    let builder = PooledModel.Of<Row>()
    same (builder.Normal(fun row -> Option.toNullable row.Y).Intercept() |> table) (builder.Normal(fun row -> row.Y).Intercept() |> table)

    same
        (builder.Normal((fun row -> Option.toNullable row.Y), sigma = Prior.Exponential 2).Intercept() |> table)
        (builder.Normal((fun row -> row.Y), sigma = Prior.Exponential 2).Intercept() |> table)

    same
        (builder.Normal((fun row -> Option.toNullable row.Y), knownSd = fun row -> Option.toNullable row.Positive).Intercept() |> table)
        (builder.Normal((fun row -> row.Y), knownSd = fun row -> row.Positive).Intercept() |> table)

    same
        (builder.LogNormal(fun row -> Option.toNullable row.Positive).Intercept() |> table)
        (builder.LogNormal(fun row -> row.Positive).Intercept() |> table)

    same (builder.Gamma(fun row -> Option.toNullable row.Positive).Intercept() |> table) (builder.Gamma(fun row -> row.Positive).Intercept() |> table)
    same (builder.Beta(fun row -> Option.toNullable row.Share).Intercept() |> table) (builder.Beta(fun row -> row.Share).Intercept() |> table)
    same (builder.StudentT(fun row -> Option.toNullable row.Y).Intercept() |> table) (builder.StudentT(fun row -> row.Y).Intercept() |> table)
    same (builder.Poisson(fun row -> Option.toNullable row.Count).Intercept() |> table) (builder.Poisson(fun row -> row.Count).Intercept() |> table)

    same
        (builder.NegativeBinomial(fun row -> Option.toNullable row.Count).Intercept() |> table)
        (builder.NegativeBinomial(fun row -> row.Count).Intercept() |> table)

    same
        (builder.Bernoulli((fun row -> Option.toNullable row.Flag), Link.Probit).Intercept() |> table)
        (builder.Bernoulli((fun row -> row.Flag), Link.Probit).Intercept() |> table)

    same
        (builder.Binomial((fun row -> Option.toNullable row.Count), (fun row -> Option.toNullable row.Trials), name = "Count").Intercept()
         |> table)
        (builder.Binomial((fun row -> row.Count), (fun row -> row.Trials)).Intercept() |> table)

[<Fact>]
let ``A union without fields is a category with levels in the order of declaration`` () =
    let expected = (start.Categorical((fun row -> row.Enum), name = "Dose") |> table)
    Assert.Contains("Dose[Low]", expected)
    Assert.True(expected.IndexOf "Dose[Low]" < expected.IndexOf "Dose[High]")
    same expected (start.Categorical(fun row -> row.Dose) |> table)

    same
        (start.Categorical((fun row -> row.Enum), Prior.Normal(0, 2), DoseEnum.High, "arm") |> table)
        (start.Categorical((fun row -> row.Dose), Prior.Normal(0, 2), High, "arm") |> table)

[<Fact>]
let ``Options of unions and of text are categories`` () =
    same (start.Categorical((fun row -> row.MaybeEnum), name = "MaybeDose") |> table) (start.Categorical(fun row -> row.MaybeDose) |> table)
    same (start.Categorical((fun row -> row.NoteText), name = "Note") |> table) (start.Categorical(fun row -> row.Note) |> table)
    let turned = start.Categorical((fun row -> row.Note), reference = "note 1") |> table
    Assert.Contains("Note[note 0]", turned)
    let problem = refusal (fun () -> start.Categorical(fun row -> row.MaybeDose).Fit rows)
    Assert.Equal(Nullable 8L, problem.Row)

[<Fact>]
let ``A union with fields or another class as a category is refused with the remedy`` () =
    let problem = refusal (fun () -> start.Categorical(fun row -> row.Region))
    Assert.Equal(ProblemCode.UnsupportedType, problem.Code)
    Assert.Equal("Region", problem.Term)
    Assert.Contains("cases with fields (Known)", problem.Sentence)
    Assert.Contains("Group.By", problem.Remedy)
    let problem = refusal (fun () -> start.Categorical((fun row -> [ row.F ]), name = "list"))
    Assert.Contains("cases with fields", problem.Sentence)
    let problem = refusal (fun () -> start.Categorical((fun row -> Version(1, row.Clinic.Length)), name = "version"))
    Assert.Equal("version", problem.Term)
    Assert.Contains("unions without fields, enums and text", problem.Remedy)

[<Fact>]
let ``Unions are keys and come back from files`` () =
    let byDose = Group.By(fun row -> row.Dose)
    let byRegion = Group.By(fun row -> row.Region)
    let model = start.Varying(byDose, _.Intercept()).Varying(byRegion, _.Intercept())
    let fit = model.Fit(rows, options)
    Assert.Equal<Dose list>([ High; Dose.Placebo; Low ], List.ofSeq (fit.For(byDose).Keys))
    Assert.Equal("Known(r1)", (fit |> Fit.level byRegion (Known "r1")).Text)
    use file = new MemoryStream()
    fit.Save file
    file.Position <- 0L
    let loaded = model.LoadFit file
    Assert.Equal<float>(fit.For(byDose).Level(High).Intercept.Draws, loaded.For(byDose).Level(High).Intercept.Draws)
    Assert.Equal<Region list>(List.ofSeq (fit.For(byRegion).Keys), List.ofSeq (loaded.For(byRegion).Keys))

[<Fact>]
let ``A fit with a category of a union comes back from a file and predicts`` () =
    let model = start.Categorical(fun row -> row.Dose)
    let fit = model.Fit(rows, options)
    use file = new MemoryStream()
    fit.Save file
    file.Position <- 0L
    let high = rows |> List.find (fun row -> row.Dose = High)
    Assert.Equal<float>(fit.PredictMean(row = high).Draws, (model.LoadFit file).PredictMean(row = high).Draws)

[<Fact>]
let ``Pipelines are the methods of their names`` () =
    let fit = start |> Model.fitWith options rows
    let typed: NormalFit<Row> = fit
    Assert.Equal(string (start.Fit(rows, options).Table), fit |> Fit.table |> string)
    Assert.Equal(string (start.Fit(rows).Table), start |> Model.fit rows |> Fit.table |> string)
    Assert.Equal(start.Describe rows, start |> Model.describe rows)
    Assert.Equal(60L, (start |> Model.read rows).RowCount)
    Assert.Equal(fit.PredictMean(row = rows[0]).Mean, (fit |> Fit.predictMean rows[0]).Mean)
    Assert.Equal(fit.PredictNew(row = rows[0]).Mean, (fit |> Fit.predictNew rows[0]).Mean)
    Assert.True(typed.Sigma.Mean > 0.0)

    let levels = start.Varying(clinic, _.Intercept()) |> Model.fitWith options rows
    Assert.Equal(levels.For(clinic).Level("clinic 1").Intercept.Mean, (levels |> Fit.level clinic "clinic 1").Intercept.Mean)

[<Fact>]
let ``Every code of a warning has a case of its name`` () =
    for code in Enum.GetValues<FitWarningCode>() do
        let case = Warning.Of(FitWarning(code, "what to do"))
        let described, fields = FSharp.Reflection.FSharpValue.GetUnionFields(case, typeof<Warning>)
        Assert.Equal(string code, described.Name)
        Assert.Equal("what to do", string fields[0])

    Assert.Equal(Enum.GetValues<FitWarningCode>().Length, (FSharp.Reflection.FSharpType.GetUnionCases typeof<Warning>).Length)
    Assert.Throws<ArgumentOutOfRangeException>(fun () -> Warning.Of(FitWarning(enum 99, "")) |> ignore) |> ignore

[<Fact>]
let ``Warnings and notes of a fit are cases`` () =
    let short = start |> Model.fitWith (RunOptions(Chains = 1, Draws = 100, Warmup = 100)) rows
    let codes = [ for warning in short.Warnings -> string warning.Code ]
    Assert.Equal<string list>(codes, [ for warning in Fit.warnings short -> string(warning).Split(' ')[0] ])
    let origin = PooledModel.Of<Row>().Normal(fun row -> row.F).Slope(fun row -> row.Count.Value).DropRowsWithMissingValues()

    match origin |> Model.fitWith options rows |> Fit.notes with
    | [ Warning.NoIntercept message ] -> Assert.NotEmpty message
    | others -> Assert.Fail $"{others}"

[<Fact>]
let ``The companion sees only what is public and documents what it shows`` () =
    let companion = typeof<Warning>.Assembly

    for name in [ "TypedPooling"; "TypedPooling.Core"; "TypedPooling.Inference" ] do
        let friends = Assembly.Load(name).GetCustomAttributes<System.Runtime.CompilerServices.InternalsVisibleToAttribute>()
        Assert.DoesNotContain(friends, fun friend -> friend.AssemblyName.StartsWith "TypedPooling.FSharp")

    let documented =
        XDocument.Load(Path.Combine(AppContext.BaseDirectory, "TypedPooling.FSharp.xml")).Descendants(XName.Get "member")
        |> Seq.filter (fun entry -> entry.Element(XName.Get "summary") |> isNull |> not)
        |> Seq.map (fun entry -> (nonNull (entry.Attribute(XName.Get "name"))).Value)
        |> Seq.toList

    let wanted =
        [ for shown in companion.GetExportedTypes() do
              if not shown.IsNested then
                  $"T:{string shown.FullName}"

                  for verb in shown.GetMethods(BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.DeclaredOnly) do
                      if not verb.IsSpecialName && not (verb.Name.StartsWith "New") && shown.Name <> "Warning" then
                          $"M:{string shown.FullName}.{verb.Name}"

          "M:TypedPooling.FSharp.Warning.Of"
          for case in FSharp.Reflection.FSharpType.GetUnionCases typeof<Warning> do
              $"T:TypedPooling.FSharp.Warning.{case.Name}" ]

    Assert.True(wanted.Length > 40)

    for name in wanted do
        Assert.True(
            documented |> List.exists (fun id -> id = name || id.StartsWith(name + "(") || id.StartsWith(name + "``")),
            $"{name} has no documentation.")

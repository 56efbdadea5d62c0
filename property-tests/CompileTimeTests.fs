/// What must not compile in F#, each with the words that help and with a twin that compiles: the twin shows that the code fails for its own reason.
/// All pairs are one file, which the compiler of the SDK checks in one run.
module TypedPooling.PropertyTests.CompileTimeTests

open System
open System.Diagnostics
open System.IO
open System.Reflection
open Xunit

let private before =
    """module Pairs

open TypedPooling
open TypedPooling.FSharp
open TypedPooling.Engines
open type TypedPooling.Prior

type Dose = Low | High
type Region = Known of name: string | Unknown
type Address = { City: string }
type Row = { Clinic: string; Dose: Dose; Region: Region; Address: Address; Note: string option; X: float option; Flag: bool; Y: float }
type Pupil = { School: string; Score: float }

let rows: Row list = []
let pupils: Pupil list = []
let clinic = Group.By(fun (r: Row) -> r.Clinic)
let byDose = Group.By(fun (r: Row) -> r.Dose)
let school = Group.By(fun (p: Pupil) -> p.School)
let normal = PooledModel.Of<Row>().Normal(fun r -> r.Y)
let flags = PooledModel.Of<Row>().Bernoulli(fun r -> r.Flag)
"""

/// What the pair is about, the code that fails, words of its message, the twin.
let private pairs =
    [ "a key of another type",
      "normal.Fit(rows).For(clinic).Level 3",
      [ "string"; "int" ],
      "normal.Fit(rows).For(clinic).Level \"3\""

      "a case of another union as a key",
      "normal.Fit(rows).For(byDose).Level Unknown",
      [ "Dose"; "Region" ],
      "normal.Fit(rows).For(byDose).Level High"

      "a key of another type in a pipeline",
      "normal |> Model.fit rows |> Fit.level clinic 3",
      [ "string"; "int" ],
      "normal |> Model.fit rows |> Fit.level clinic \"3\""

      "a sigma of a Bernoulli fit",
      "flags.Fit(rows).Sigma",
      [ "BernoulliFit"; "Sigma" ],
      "normal.Fit(rows).Sigma"

      "a sigma of a Bernoulli fit in a pipeline",
      "flags |> Model.fit rows |> _.Sigma",
      [ "BernoulliFit"; "Sigma" ],
      "normal |> Model.fit rows |> _.Sigma"

      "a string as a slope",
      "normal.Slope(fun r -> r.Clinic)",
      [ "A string is not a number. Use Categorical" ],
      "normal.Categorical(fun r -> r.Clinic)"

      "a string as a varying slope",
      "normal.Varying(clinic, _.Slope(fun r -> r.Clinic))",
      [ "A string is not a number. Let an indicator" ],
      "normal.Varying(clinic, _.Slope(fun r -> r.Clinic = \"a\"))"

      "an option of a string as a slope",
      "normal.Slope(fun r -> r.Note)",
      [ "This column is not a number. Use Categorical" ],
      "normal.Slope(fun r -> r.X)"

      "a union as a slope",
      "normal.Slope(fun r -> r.Dose)",
      [ "This column is not a number. Use Categorical" ],
      "normal.Categorical(fun r -> r.Dose)"

      "a record as a varying slope",
      "normal.Varying(clinic, _.Slope(fun r -> r.Address))",
      [ "This column is not a number. Let an indicator" ],
      "normal.Varying(clinic, _.Slope(fun r -> r.Address.City = \"a\"))"

      "a number as a category",
      "normal.Categorical(fun r -> r.Y)",
      [ "This column is not a category" ],
      "normal.Slope(fun r -> r.Y)"

      "a reference of another union",
      "normal.Categorical((fun r -> r.Dose), reference = Unknown)",
      [ "Categorical" ],
      "normal.Categorical((fun r -> r.Dose), reference = High)"

      "a lambda without parentheses before a prior",
      "normal.Slope(fun r -> r.Y, Normal(0, 1))",
      [ "Put it in parentheses" ],
      "normal.Slope((fun r -> r.Y), Normal(0, 1))"

      "an option without parentheses before a prior",
      "normal.Slope(fun r -> r.X, Normal(0, 1))",
      [ "Put it in parentheses" ],
      "normal.Slope((fun r -> r.X), Normal(0, 1))"

      "a prior of scales on a slope of an option",
      "normal.Slope((fun r -> r.X), Exponential 1)",
      [ "Slope" ],
      "normal.Varying(clinic, _.Slope((fun r -> r.X), Exponential 1))"

      "a correlation prior where a scale prior is due",
      "normal.Varying(clinic, _.Intercept(Lkj 2))",
      [ "LkjPrior"; "IScalePrior" ],
      "normal.Varying(clinic, _.Intercept(Exponential 2))"

      "a group of another row type",
      "normal.Varying(school, _.Intercept())",
      [ "Pupil"; "Row" ],
      "normal.Varying(clinic, _.Intercept())"

      "rows of another type",
      "normal |> Model.fit pupils",
      [ "Pupil"; "Row" ],
      "normal |> Model.fit rows"

      "a pipeline before a response is chosen",
      "PooledModel.Of<Row>() |> Model.fit rows",
      [ "ModelBuilder" ],
      "PooledModel.Of<Row>().Normal(fun r -> r.Y) |> Model.fit rows"

      "an engine of Normal models on a Bernoulli model",
      "flags.Fit(rows, Engine.Gibbs)",
      [ "Fit" ],
      "normal.Fit(rows, Engine.Gibbs)"

      "a match that forgets warnings",
      "function Warning.RHat message -> message",
      [ "FS0025"; "Incomplete pattern matches" ],
      "function Warning.RHat message -> message | other -> string other" ]

let private script: string =
    [ before
      for number, (_, wrong, _, right) in List.indexed pairs do
          $"# 1 \"wrong{number}\"\nlet wrong{number} () = {wrong}\n# 1 \"right{number}\"\nlet right{number} () = {right}" ]
    |> String.concat "\n"

/// What a program may refer to: the runtime, FSharp.Core and the library.
let private references =
    [ for path in (string (AppContext.GetData "TRUSTED_PLATFORM_ASSEMBLIES")).Split Path.PathSeparator do
          match Path.GetFileNameWithoutExtension path with
          | "mscorlib"
          | "netstandard"
          | "FSharp.Core"
          | "TypedPooling"
          | "TypedPooling.Core"
          | "TypedPooling.Inference"
          | "TypedPooling.FSharp" -> $"-r:{path}"
          | name when name |> nonNull |> _.StartsWith("System") -> $"-r:{path}"
          | _ -> () ]

/// What the compiler says of the file, in one run for all pairs.
let private said =
    lazy
        (let folder = Directory.CreateTempSubdirectory "typedpooling-fsharp"

         try
             let source, options = Path.Combine(folder.FullName, "Pairs.fs"), Path.Combine(folder.FullName, "options.rsp")
             File.WriteAllText(source, script)
             let switches = [ "--nologo"; "-a"; "--typecheckonly"; "--noframework"; "--simpleresolution"; "--targetprofile:netcore" ]
             File.WriteAllLines(options, switches @ references @ [ source ])

             let compiler =
                 Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>()
                 |> Seq.pick (fun fact -> if fact.Key = "FSharpCompiler" then Some(string fact.Value) else None)

             let host = Environment.GetEnvironmentVariable "DOTNET_HOST_PATH" |> Option.ofObj |> Option.defaultValue "dotnet"
             let start = ProcessStartInfo(host, [ compiler; $"@{options}" ], RedirectStandardOutput = true, RedirectStandardError = true)
             start.Environment["DOTNET_CLI_UI_LANGUAGE"] <- "en"
             use running = nonNull (Process.Start start)
             let output = running.StandardOutput.ReadToEndAsync()
             let errors = running.StandardError.ReadToEnd()
             running.WaitForExit()
             output.Result + errors
         finally
             folder.Delete true)

/// The messages about one line: from where its name begins to where the next one does.
let private about (name: string) =
    let text = said.Value.ReplaceLineEndings "\n"
    let starts = text.Split $"{name}("
    [ for part in Array.skip 1 starts -> (part.Split "\n\n")[0] ] |> String.concat "\n"

let names () : TheoryData<int, string> =
    let data = TheoryData<int, string>()
    for number, (name, _, _, _) in List.indexed pairs do
        data.Add(number, name)
    data

[<Theory>]
[<MemberData(nameof names)>]
let ``Wrong use is refused with words that help and its twin compiles`` (number: int, name: string) =
    let _, _, words, _ = pairs[number]
    let refused = about $"wrong{number}"
    Assert.True(refused.Contains "FS", $"{name} compiles:\n{said.Value}")

    for word in words do
        Assert.Contains(word, refused)

    Assert.Equal("", about $"right{number}")

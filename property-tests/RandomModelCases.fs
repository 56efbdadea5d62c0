/// Shrunk failures of random models, kept: each was below its maximum, or away from it, without a warning.
module TypedPooling.PropertyTests.RandomModelCases

open TypedPooling.Model
open TypedPooling.PropertyTests.RandomModels
open TypedPooling.PropertyTests.RandomModelChecks
open Xunit

let private case family isRestricted population factors centres units rows =
    { Seed = 0
      Family = family
      IsRestricted = isRestricted
      Nodes = 1
      Population = population
      Factors = factors |> List.map (fun (terms, isCorrelated) -> { Terms = terms; IsCorrelated = isCorrelated })
      UsesWeight = false
      UsesOffset = false
      Centres = centres
      Units = units
      Rows = rows |> List.map (fun (a, b, x, y) -> { A = a; B = b; C = ""; X = x; Y = y; Trials = 1.0; Weight = 1.0; Offset = 0.0 }) }

let private cases =
    [ // A correlated slope on a column at 190,000 units from 0.
      case LogNormal false [ ModelSpec.Ones ] [ [ ModelSpec.Ones; 0 ], true ] [| 3148066203.2941275 |] [| 16384.0 |]
        [ "a3", "b1", [| 3148066203.2941275 |], 0.27817849996100774
          "a5", "b2", [| 3148082587.2941275 |], 1046.3312319682932
          "a3", "b3", [| 3148082587.2941275 |], 33.41495007804283
          "a3", "b5", [| 3148066203.2941275 |], 0.16774334319449813
          "a3", "b5", [| 3148082587.2941275 |], 2.676178177041273
          "a5", "b0", [| 3148066203.2941275 |], 3.2762325423511864
          "a5", "b2", [| 3148066203.2941275 |], 235.36490859114153
          "a3", "b5", [| 3148082587.2941275 |], 0.3180216268170597 ]
      // REML, correlated effects beside a population without an intercept.
      case Normal true [ 1 ] [ [ ModelSpec.Ones; 0 ], true ] [| 0.32591112984107956; -420278.2656220617 |] [| 1.0 / 16384.0; 8192.0 |]
        [ "a3", "b3", [| 0.32597216499732956; -420278.2656220617 |], 0.5436038005843306
          "a8", "b0", [| 0.32591112984107956; -420278.2656220617 |], 0.5424627123949979
          "a8", "b3", [| 0.32591112984107956; -428470.2656220617 |], 0.5425967431308817
          "a3", "b3", [| 0.32597216499732956; -428470.2656220617 |], 0.5438660190031417
          "a8", "b1", [| 0.32597216499732956; -428470.2656220617 |], 0.5432932299631273
          "a3", "b3", [| 0.32591112984107956; -428470.2656220617 |], 0.5423900295988123
          "a8", "b4", [| 0.32591112984107956; -428470.2656220617 |], 0.5417977296906294 ]
      // A far column in the population and in the second factor, without a population intercept.
      case Normal false [ 0 ] [ [ ModelSpec.Ones ], false; [ ModelSpec.Ones; 0 ], true ] [| 1718095995.8728566 |] [| 8192.0 |]
        [ "a0", "b0", [| 1718091995.8728566 |], 1.5691347383319205
          "a4", "b0", [| 1718095030.4532485 |], 2.3181583642042716
          "a0", "b0", [| 1718093370.349742 |], 3.8575725916258228
          "a0", "b1", [| 1718102716.646421 |], 6.402864703244458
          "a4", "b0", [| 1718089743.933821 |], -1.2458646774869768
          "a0", "b0", [| 1718093230.671781 |], 1.608216925006707 ]
      // A far column that varies twice, without and with an intercept.
      case LogNormal false [ 0 ] [ [ 0 ], false; [ ModelSpec.Ones; 0 ], true ] [| 100154.0 |] [| 128.0 |]
        [ "a8", "b25", [| 100152.99295144167 |], 0.23195769341321393
          "a8", "b25", [| 100454.27196040266 |], 0.002299288335663734
          "a5", "b17", [| 100146.58059408636 |], 0.40569695477683687
          "a5", "b17", [| 99920.78880283554 |], 16011.03472750981
          "a8", "b25", [| 100095.96363110232 |], 1.030102717862421
          "a8", "b25", [| 100124.18382482824 |], 0.19947667138155054
          "a8", "b26", [| 100157.39224887775 |], 1.1903712282780083 ] ]

[<Fact>]
let ``Shrunk random models agree with the dense criterion`` () =
    for case in cases do
        match verdictOf case with
        | Agrees -> ()
        | verdict -> failwith $"{case.Text}: {verdict}"

/// Exact engines against each other on random models. A module of its own, so that it runs beside the other laws of random models.
module TypedPooling.PropertyTests.RandomModelEngines

open TypedPooling
open TypedPooling.Engines
open TypedPooling.PropertyTests.RandomModels
open TypedPooling.PropertyTests.Replay
open Xunit

/// Small models of one factor: 10038 NegativeBinomial, 10044 Gamma with correlated slopes, 10070 Binomial, 10092 Normal with correlated slopes,
/// 10098 Normal with an uncorrelated slope, 10120 Poisson, 10127 LogNormal; and with a correlated slope on a column far from 0, 10056 Normal,
/// 10214 Poisson and 10261 LogNormal.
[<Theory>]
[<InlineData(10038)>]
[<InlineData(10044)>]
[<InlineData(10070)>]
[<InlineData(10092)>]
[<InlineData(10098)>]
[<InlineData(10120)>]
[<InlineData(10127)>]
[<InlineData(10056)>]
[<InlineData(10214)>]
[<InlineData(10261)>]
let ``Two exact engines agree on a random model`` (seed: int) =
    let model = modelOf seed
    let options = RunOptions(Seed = 1UL)
    let marginal = fitBy Engine.Marginal Engine.Marginal options model
    let other = fitBy Engine.Gibbs Engine.Nuts options model

    for a, b in List.zip (quantitiesOf model marginal) (quantitiesOf model other) do
        for quantity in [ a; b ] do
            holds $"{quantity.Name} of {model.Text} has an ESS of 400 or more, and it is {quantity.EssBulk:F0}" (quantity.EssBulk >= 400.0)

        near $"mean of {a.Name}, {model.Text}" (5.0 * sqrt (a.McseMean ** 2.0 + b.McseMean ** 2.0)) a.Mean b.Mean
        near $"sd of {a.Name}, {model.Text}" (5.0 * sqrt (a.McseSd ** 2.0 + b.McseSd ** 2.0)) a.Sd b.Sd

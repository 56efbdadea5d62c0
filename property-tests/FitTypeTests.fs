/// What F# makes of the overloads and types of fits: it looks at every overload of a type and its parents at once, and ignores the variance of
/// interfaces.
module TypedPooling.PropertyTests.FitTypeTests

open System
open TypedPooling
open TypedPooling.Engines
open TypedPooling.Inference.MaximumLikelihood
open Xunit

type Row =
    { Clinic: string
      X: float
      Y: float
      Count: int
      Flag: bool }

let private rows =
    [ for i in 0..59 ->
          { Clinic = $"clinic {i % 6}"
            X = sin (float i)
            Y = float (i % 6) + cos (3.0 * float i)
            Count = 2 + i % 5
            Flag = i % 3 = 0 } ]

let private clinic = Group.By(fun row -> row.Clinic)
let private normal = PooledModel.Of<Row>().Normal(fun row -> row.Y).Intercept().Varying(clinic, _.Intercept())
let private counts = PooledModel.Of<Row>().Poisson(fun row -> row.Count).Intercept()

[<Fact>]
let ``the type of the engine says what a fit can be asked`` () =
    let ml: NormalLikelihoodFit<Row> = normal.Fit(rows, Engine.MaximumLikelihood)
    let reml: NormalLikelihoodFit<Row> = normal.Fit(rows, Engine.RestrictedMaximumLikelihood)
    let named: PoissonLikelihoodFit<Row> = counts.Fit(rows, MaximumLikelihoodEngine(QuadraturePoints = 1))
    let data: PoissonLikelihoodFit<Row> = counts.Fit(counts.Read rows, Engine.MaximumLikelihood, RunOptions(Draws = 100))
    let drawn: NormalFit<Row> = normal.Fit(rows, Engine.Gibbs, RunOptions(Chains = 1, Draws = 100, Warmup = 100))
    Assert.False ml.Likelihood.RemlCriterion.HasValue
    Assert.True reml.Likelihood.RemlCriterion.HasValue
    Assert.Equal(named.Likelihood.LogLikelihood, data.Likelihood.LogLikelihood, 1e-9)
    Assert.False(box drawn :? ILikelihoodFit)

[<Fact>]
let ``an engine of a wider type gives a fit that is by likelihood at run time`` () =
    for engine in [ Engine.MaximumLikelihood :> INormalEngine; Engine.RestrictedMaximumLikelihood ] do
        let fit: NormalFit<Row> = normal.Fit(rows, engine)

        match box fit with
        | :? ILikelihoodFit as likely -> Assert.True likely.Likelihood.IsConverged
        | _ -> Assert.Fail "The fit is not by likelihood."

[<Fact>]
let ``levels of a likelihood fit have conditional variances`` () =
    let fit = normal.Fit(rows, Engine.MaximumLikelihood)
    let level: LikelihoodLevelFit<Row> = fit.For(clinic).Level "clinic 1"
    Assert.Equal(level.ConditionalSd "Intercept", fit.For(clinic).["clinic 1"].ConditionalSd "Intercept")
    Assert.InRange(level.ConditionalSd "Intercept", 0.0, level.Effect("Intercept").Sd)

[<Fact>]
let ``levels of intervals are named or left out`` () =
    let fit = normal.Fit(rows, Engine.MaximumLikelihood)
    Assert.Equal(fit.ProfileInterval(fit.Sigma, 0.89), fit.ProfileInterval fit.Sigma)
    Assert.Equal(0.5, fit.Intercept.Interval(0.5).Probability)
    Assert.Equal(0.89, fit.Intercept.Interval().Probability)
    Assert.Equal(0.5, fit.For(clinic).Coefficients(0.5).Probability)
    Assert.Equal(0.95, fit.ToTable(0.95).Probability)

[<Fact>]
let ``likelihood-ratio tests take fits of both types`` () =
    let small = PooledModel.Of<Row>().Normal(fun row -> row.Y).Intercept().Fit(rows, Engine.MaximumLikelihood)
    let large = normal.Fit(rows, Engine.MaximumLikelihood)
    let test = LikelihoodRatio.Test(small, large)
    Assert.Equal(test, LikelihoodRatio.Test(small :> Fit<Row>, large :> Fit<Row>))
    Assert.Equal(1, test.DegreesOfFreedom)

[<Fact>]
let ``leaving groups out names its arguments`` () =
    let fit = normal.Fit(rows, RunOptions(Chains = 1, Draws = 200))
    let estimate = fit.LeaveGroupOut(clinic, refit = false, name = "clinics")
    Assert.Equal("clinics", estimate.Name)

[<Fact>]
let ``quantities are added and compared by name`` () =
    let fit = normal.Fit(rows, RunOptions(Draws = 200))
    let first, second = fit.For(clinic).Level("clinic 0").Intercept, fit.For(clinic).Level("clinic 1").Intercept
    let gap: Quantity = second - first
    let expected = fit.Derive(fun draw -> draw.Of second - draw.Of first)
    Assert.Equal<float>(expected.Draws, gap.Draws)
    Assert.Equal(expected.Probability(fun x -> x > 0.5), gap.ProbabilityAbove 0.5, 1e-12)
    Assert.Equal((-gap / 2.0 + 1.0).Mean, 1.0 - 0.5 * gap.Mean, 1e-9)
    Assert.Equal(fit.Sigma.Mean, (fit.Quantity "sigma").Mean)

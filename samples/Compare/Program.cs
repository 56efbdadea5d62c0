using System.Globalization;
using System.Text;
using TypedPooling;
using TypedPooling.Engines;
#if INFERNET
using TypedPooling.Inference.InferNet;
#endif
using TypedPooling.Samples.Compare;
using static TypedPooling.Prior;

Console.OutputEncoding = Encoding.UTF8;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

// One model of waiting times, its intercepts and slopes correlated. The priors are those the Variational engine has closed forms for.
var cafe = Group.By((Visit v) => v.Cafe, "Cafe");
Show(
    "Cafés: intercepts and slopes of 20 cafés",
    PooledModel.Of<Visit>()
        .Normal(v => v.Wait, sigma: HalfStudentT(3, 1))
        .Intercept(Normal(5, 2))
        .Slope(v => v.Afternoon, Normal(-1, 0.5))
        .Varying(cafe, g => g.Intercept().Slope(v => v.Afternoon).Covariance(HuangWand(2, 1))),
    Data.Visits());

// Thirty young rats weighed five times. The example of BUGS: growth curves that vary, uncorrelated.
var rat = Group.By((Weighing w) => w.Rat, "Rat");
Show(
    "Rats: growth of 30 rats",
    PooledModel.Of<Weighing>()
        .Normal(w => w.Grams, sigma: HalfCauchy(10))
        .Intercept(Normal(240, 100))
        .Slope(w => w.Day - 22, Normal(0, 10), name: "Day")
        .Varying(rat, g => g.Intercept(HalfCauchy(20)).Slope(w => w.Day - 22, HalfCauchy(2), name: "Day").Correlated(Uncorrelated)),
    Data.Weighings());

// Eight schools: errors are known and the sd of the schools may well be 0.
var school = Group.By((School s) => s.Name, "School");
Show(
    "Eight schools",
    PooledModel.Of<School>().Normal(s => s.Effect, knownSd: s => s.Se).Intercept(Normal(0, 5)).Varying(school, g => g.Intercept(HalfCauchy(5))),
    Data.Schools());

// The same schools with a prior that every engine takes as it is, those of Infer.NET too where its package is there (docs/engines.md).
Show(
    "Eight schools, a conjugate prior",
    PooledModel.Of<School>().Normal(s => s.Effect, knownSd: s => s.Se).Intercept(Normal(0, 5)).Varying(
        school, g => g.Intercept(InverseGammaOnVariance(2, 25))),
    Data.Schools(),
    InferNetEngines());

static INormalEngine[] InferNetEngines() =>
#if INFERNET
    [new InferNetEngine(), new InferNetEngine { Algorithm = InferNetAlgorithm.ExpectationPropagation }];
#else
    [];
#endif

static void Show<TRow>(string title, NormalModel<TRow> model, IReadOnlyList<TRow> rows, params INormalEngine[] more)
{
    // The first comparison compiles each engine, the second shows how long it takes.
    INormalEngine[] engines = [Engine.Marginal, Engine.Gibbs, Engine.Variational, .. more];
    model.Compare(rows, engines);
    Console.WriteLine(title);
    Console.WriteLine(model.Compare(rows, engines));
    Console.WriteLine();
}

using TypedPooling.Data;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.JointPosterior;
using TypedPooling.Inference.Marginal;
using TypedPooling.Randomness;

namespace TypedPooling.Bench;

/// <summary>The benchmarks. Each is one entry of the list; bench/README.md has one row for it.</summary>
internal static class Benchmarks
{
    public static IReadOnlyList<Benchmark> All { get; } =
    [
        new("hash", "cost of keying a level's random stream: hash of 1,000 keys of 12 letters", () =>
        {
            var keys = Enumerable.Range(0, 1000).Select(i => $"level {i:D6}").ToArray();
            return () =>
            {
                var all = 0UL;
                foreach (var key in keys)
                    all ^= StableHash.Of(key);
                return all;
            };
        }),
        new("sums", "one pass over 100,000 rows of 2 columns in 1,000 cells: what reading data costs", () =>
        {
            const int rowCount = 100_000, cellCount = 1000;
            return () =>
            {
                var sums = new CellMomentsBuilder(columnCount: 2);
                Span<double> values = stackalloc double[3]; // two columns, then the response
                for (var row = 0; row < rowCount; row++)
                {
                    values[0] = row % 2;
                    values[1] = row % 7 - 3;
                    values[2] = Math.Sin(row);
                    sums.Add(row % cellCount, values);
                }

                return sums.Build().Weight(0);
            };
        }),
        new("read", "a million rows of 2 columns and a text key out of 1,000 into sums through the typed model, checks included", () =>
        {
            var names = Enumerable.Range(0, 1000).Select(i => $"County {i}").ToArray();
            var rows =
                Enumerable.Range(0, 1_000_000).Select(i => new Models.Home(names[(int)(i * 7919L % 1000)], Math.Sin(i), i % 2, i % 1000 * 0.001))
                    .ToArray();
            var model = PooledModel.Of<Models.Home>().Normal(h => h.LogRadon).Intercept().Slope(h => h.Floor)
                .Varying(Group.By((Models.Home h) => h.County), g => g.Intercept().Slope(h => h.Floor));
            return () => model.Read(rows).RowCount;
        })
        { Amount = _ => 1e6, Unit = "rows" },
        .. SelectorBenchmarks.All,
        .. LooBenchmarks.All,
        .. VarianceBenchmarks.All,
        .. ReplicateBenchmarks.All,
        Density("density-cafe", "log density and gradient, one class of designs", () => MarginalDensity.Of(Models.CafeModel.Bind(Models.Visits()))),
        Density(
            "density-radon",
            "log density and gradient, 85 counties of different designs",
            () => MarginalDensity.Of(Models.RadonModel.Bind(Models.Homes()))),
        Joint(
            "density-nuts-tadpoles",
            "log density and gradient of all parameters, 48 cells in 48 tanks",
            () => Models.TadpoleModel.Bind(Models.Tanks())),
        Joint("density-nuts-bathrooms", "the same, 18 cells in 9 zip codes", () => Models.BathroomModel.Bind(Models.Houses())),
        Joint("density-nuts-counts", "the same, 337 cells in 30 groups and a slope", () => Models.CountModel.Bind(Models.Counts())),
        Joint(
            "density-nuts-radon",
            "the same, a Normal response from sums of 85 counties, correlated slopes",
            () => Models.RadonModel.Bind(Models.Homes())),
        Fit(
            "fit-cafe",
            "rows to table, 4 chains of 1,000 draws: 400 rows, 20 cafés",
            () => Models.CafeModel.Read(Models.Visits()), Models.CafeModel),
        Fit(
            "fit-gapminder",
            "the same: 1,704 rows, 142 countries, intercepts and slopes",
            () => Models.GapminderModel.Read(Models.Lives()),
            Models.GapminderModel),
        Fit("fit-radon", "the same: 919 rows, 85 counties, group-level predictors", () => Models.RadonModel.Read(Models.Homes()), Models.RadonModel),
        Fit("fit-schools", "the same: eight schools, errors known", () => Models.SchoolsModel.Read(Models.Schools()), Models.SchoolsModel),
        new("million", "1,000 draws of a million groups of 1 to 20 rows, intercepts and slopes, from their sums to a table", () =>
        {
            var data = Models.ManyModel.Read(Models.Many(1_000_000));
            var seed = 0UL;
            return () => Models.WorstEss(Models.ManyModel.Fit(data, RunOptions.Default with { Draws = 250, Seed = ++seed }));
        })
        { Amount = value => value, Unit = "worst ess" },
        Fit(
            "fit-cafe-gibbs",
            "the café model by Gibbs",
            () => Models.CafeModel.Read(Models.Visits()),
            Models.CafeModel,
            Engine.Gibbs,
            RunOptions.Default),
        Fit(
            "fit-cafe-variational",
            "the café model with conjugate priors by coordinate ascent, 4,000 draws",
            () => Models.ConjugateCafeModel.Read(Models.Visits()),
            Models.ConjugateCafeModel,
            Engine.Variational,
            RunOptions.Default),
        new("ascent-cafe", "the same without draws to speak of: 16 of them", () =>
        {
            var model = Models.ConjugateCafeModel.Bind(Models.Visits());
            var options = RunOptions.Default with { Chains = 1, Draws = 16 };
            return () => Engine.Variational.RunNormal(model, options).EvidenceBound!.Value;
        }),
        Fit(
            "fit-penicillin",
            "24 plates crossed with 6 samples: coefficients of both factors integrated out",
            () => Models.PenicillinModel.Read(Models.Diameters()),
            Models.PenicillinModel),
        Fit("fit-pastes", "30 casks in 10 batches", () => Models.PastesModel.Read(Models.Strengths()), Models.PastesModel),
        Density(
            "density-crossed",
            "log density and gradient, 3,000 crossed with 1,100 levels: a dense factor and inverse of order 1,102",
            () => MarginalDensity.Of(Models.RatingModel.Bind(Models.Ratings()))),
        Fit(
            "fit-crossed",
            "73,000 rows of 3,000 crossed with 1,100 levels by Gibbs, 2 chains of 1,000 draws",
            () => Models.RatingModel.Read(Models.Ratings()),
            Models.RatingModel,
            Engine.Gibbs,
            new() { Chains = 2, Warmup = 300 }),
        Likelihood(
            "reml-sleepstudy",
            "REML of 180 rows, 18 subjects, correlated intercepts and slopes, from sums",
            () => Models.SleepModel.Read(Models.Readings()),
            Models.SleepModel),
        Likelihood(
            "reml-penicillin", "REML of two small crossed factors", () => Models.PenicillinModel.Read(Models.Diameters()), Models.PenicillinModel),
        Likelihood(
            "reml-crossed",
            "REML of 73,000 rows of 3,000 crossed with 1,100 levels",
            () => Models.RatingModel.Read(Models.Ratings()),
            Models.RatingModel),
        new("refusal-crossed", "saying that 8,000 levels crossed with 8,000 at random are too many for REML", () =>
        {
            var model = (NormalBoundModel)Models.RatingModel.Bind(Models.Links(8000));
            return () =>
            {
                try
                {
                    return Engine.RestrictedMaximumLikelihood.RunNormal(model, RunOptions.Default).Point!.LogLikelihood;
                }
                catch (ModelException refusal)
                {
                    return refusal.Message.Length;
                }
            };
        }),
        new("bootstrap-cbpp", "1,000 replicates of that model, simulated and fitted again", () =>
        {
            var fit = Models.CattleModel.Fit(Models.Cattle(), Engine.MaximumLikelihood);
            return () => fit.Bootstrap().Count;
        }),
        new("profile-cbpp", "the profile interval of its sd", () =>
        {
            var fit = Models.CattleModel.Fit(Models.Cattle(), Engine.MaximumLikelihood);
            return () => fit.ProfileInterval(fit.Quantity("sd(Name: Intercept)"), 0.95).Upper;
        }),
        new("glmer-cbpp", "Laplace's approximation: 56 rows, 15 herds, 4 periods, standard errors included", () =>
        {
            var data = Models.CattleModel.Read(Models.Cattle());
            return () => Models.CattleModel.Fit(data, Engine.MaximumLikelihood).Likelihood.LogLikelihood;
        }),
        .. FileBenchmarks.All,
        .. Lme4Models.All.Select(lme4 => lme4.Benchmark),
        CellFit(
            "fit-tadpoles",
            "48 tanks of tadpoles, a binomial model, by the default engine",
            () => Models.TadpoleModel.Read(Models.Tanks()),
            (data, options) => Models.TadpoleModel.Fit(data, options)),
        new("check-tadpoles", "1,000 replicates of 48 tanks and six statistics of each", () =>
        {
            var fit = Models.TadpoleModel.Fit(Models.Tanks());
            return () => fit.Check(Models.Tanks()).Rows[0].Mean;
        }),
        new("residuals-tadpoles", "leave-one-out residuals of 48 tanks, 4,000 draws", () =>
        {
            var fit = Models.TadpoleModel.Fit(Models.Tanks());
            return () => fit.Residuals(Models.Tanks()).Rows[0].Mean;
        }),
        CellFit(
            "fit-tadpoles-nuts",
            "the same by NUTS",
            () => Models.TadpoleModel.Read(Models.Tanks()),
            (data, options) => Models.TadpoleModel.Fit(data, Engine.Nuts, options)),
        CellFit(
            "fit-bathrooms",
            "869 houses in 9 zip codes, yes or no, flat priors, by the default engine",
            () => Models.BathroomModel.Read(Models.Houses()),
            (data, options) => Models.BathroomModel.Fit(data, options)),
        CellFit(
            "fit-bathrooms-nuts",
            "the same by NUTS",
            () => Models.BathroomModel.Read(Models.Houses()),
            (data, options) => Models.BathroomModel.Fit(data, Engine.Nuts, options)),
        CellFit(
            "fit-counts",
            "337 counts in 30 groups, Poisson with exposures, by the default engine",
            () => Models.CountModel.Read(Models.Counts()),
            (data, options) => Models.CountModel.Fit(data, options)),
        CellFit(
            "fit-counts-nuts",
            "the same by NUTS",
            () => Models.CountModel.Read(Models.Counts()),
            (data, options) => Models.CountModel.Fit(data, Engine.Nuts, options)),
        Growth("rows", 1_000_000, 1000, 1),
        Growth("groups", 1_000_000, 100_000, 1),
        Growth("columns", 100_000, 1000, 8),
        new("levels", "4,000 draws of every coefficient of 85 counties, regenerated", () =>
        {
            var fit = Models.RadonModel.Fit(Models.Homes());
            var block = fit.Posterior.Effects[0];
            var draws = new double[block.TermCount * block.DrawCount];
            return () =>
            {
                for (var level = 0; level < block.LevelCount; level++)
                    block.CopyLevel(level, draws);
                return draws[0];
            };
        }),
    ];

    // What a table of lmer costs: bound model, maximum, standard errors.
    private static Benchmark Likelihood<TRow>(string name, string purpose, Func<ModelData<TRow>> sums, NormalModel<TRow> model) =>
        new(name, purpose, () =>
    {
        var data = sums();
        return () => model.Fit(data, Engine.RestrictedMaximumLikelihood).Likelihood.LogLikelihood;
    });

    // Intercepts and one slope vary, further columns do not; rows to table, reading included.
    private static Benchmark Growth(string what, int rowCount, int groupCount, int columnCount) => new(
        $"reml-{what}",
        FormattableString.Invariant(
            $"rows to REML estimates: {rowCount:N0} rows, {groupCount:N0} groups, {columnCount} {(columnCount == 1 ? "column" : "columns")}"),
        () =>
        {
            var rows = Models.Wide(rowCount, groupCount, columnCount);
            var model = Models.WideModel(columnCount);
            return () => model.Fit(rows, Engine.RestrictedMaximumLikelihood).Likelihood.LogLikelihood;
        })
    { Amount = _ => rowCount, Unit = "rows" };

    private static Benchmark Density(string name, string purpose, Func<MarginalDensity> make) => new(name, purpose, () =>
    {
        var density = make();
        var theta = new double[density.Dimension];
        var gradient = new double[density.Dimension];
        Array.Fill(theta, -0.5);
        return () => density.LogDensity(theta, gradient) + gradient[0];
    });

    // The joint density of all parameters, in the coordinates the engine Nuts chooses.
    private static Benchmark Joint(string name, string purpose, Func<BoundModel> bind) => new(name, purpose, () =>
    {
        var density = new JointDensity(JointStart.Of(bind()).System);
        var position = new double[density.Dimension];
        var gradient = new double[density.Dimension];
        Array.Fill(position, 0.1);
        return () => density.LogDensity(position, gradient) + gradient[0];
    });

    private static Benchmark Fit<TRow>(
        string name,
        string purpose,
        Func<ModelData<TRow>> sums,
        NormalModel<TRow> model,
        INormalEngine engine,
        RunOptions options) => new(name, purpose, () =>
    {
        var data = sums();
        var seed = 0UL;
        return () => Models.WorstEss(model.Fit(data, engine, options with { Seed = ++seed }));
    })
        { Amount = value => value, Unit = "worst ess" };

    // A fit as a user has it: from sums to a table whose worst effective sample size has been read. Each call takes another seed.
    private static Benchmark Fit<TRow>(string name, string purpose, Func<ModelData<TRow>> sums, NormalModel<TRow> model) => new(name, purpose, () =>
    {
        var data = sums();
        var seed = 0UL;
        return () => Models.WorstEss(model.Fit(data, RunOptions.Default with { Seed = ++seed }));
    })
    { Amount = value => value, Unit = "worst ess" };

    // Cells to draws, 4 chains of 1,000 + 1,000 where there are chains; bulk effective sample sizes alone, as stan_speed.R counts them for Stan. Each
    // call takes another seed.
    private static Benchmark CellFit<TData, TRow>(string name, string purpose, Func<TData> cells, Func<TData, RunOptions, Fit<TRow>> fit) =>
        new(name, purpose, () =>
    {
        var data = cells();
        var seed = 0UL;
        return () => Models.WorstBulkEss(fit(data, RunOptions.Default with { Seed = ++seed }).Posterior);
    })
        { Amount = value => value, Unit = "worst bulk ess" };
}

using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Model;
using TypedPooling.Randomness;

namespace TypedPooling.Tests.Dsl.Support;

/// <summary>An engine that looks at no data: its draws are normal about 0.4 (population effects), uniform between 0.3 and 1.3 (sds) and -0.5 and 0.5
/// (correlations), and normal with the sds drawn (varying effects).</summary>
internal class DrawnEngine(int draws = 400) : IEngine
{
    public BoundModel? Last { get; private set; }

    public string Name => "Drawn";

    public TypedPooling.Engines.Support Supports(ModelSpec spec) => new(Exactness.Approximate, []);

    public Posterior RunNormal(NormalBoundModel model, RunOptions options) => Run(model, options);

    public Posterior Run(BoundModel model, RunOptions options)
    {
        Last = model;
        var stream = new PhiloxStream(options.Seed, 5);
        var spec = model.Spec;
        var population = Draw(spec.Population.Length, () => 0.4 + 0.3 * stream.NextNormal());
        var scales = new List<(Parameter Parameter, double[] Draws)>();
        if (model is CellBoundModel && spec.Response.HasSigma)
            scales.Add((new Parameter(ParameterKind.Sigma, string.Empty), Draw(1, () => 0.3 + stream.NextDouble())));
        if (spec.Response.Family.Shape is { } shape)
            scales.Add((Parameter.OfShape(shape), Draw(1, () => 3 + 2 * stream.NextDouble())));
        var effects = new List<EffectsBlock>();
        for (var k = 0; k < spec.Factors.Length; k++)
        {
            var factor = spec.Factors[k];
            var sds = factor.Terms.Select(term => Draw(1, () => term.Sd is FixedPrior known ? known.Value : 0.3 + stream.NextDouble())).ToArray();
            scales.AddRange(factor.Terms.Select((term, a) => (new Parameter(ParameterKind.VaryingSd, term.Name) { Factor = factor.Name }, sds[a])));
            for (var a = 1; factor.HasCorrelations && a < factor.Terms.Length; a++)
            {
                for (var b = 0; b < a; b++)
                    scales.Add(
                        (new Parameter(
                            ParameterKind.VaryingCorrelation,
                            factor.Terms[b].Name)
                        { Factor = factor.Name, OtherTerm = factor.Terms[a].Name },
                            Draw(1, () => stream.NextDouble() - 0.5)));
            }

            var (q, index) = (factor.Terms.Length, 0);
            var values = Draw(model.Levels[k].Count * q, () => stream.NextNormal() * sds[index / draws % q][index++ % draws]);
            effects.Add(new Effects(k, model.Levels[k], factor, new StoredBlock([.. Enumerable.Range(0, values.Length / draws).Select(i =>
                new Parameter(
                    ParameterKind.VaryingEffect,
                    factor.Terms[i % q].Name) { Factor = factor.Name, Level = i / q, LevelText = model.Levels[k].Text(i / q) })], values, draws)));
        }

        return new Posterior
        {
            Spec = spec,
            Engine = Name,
            Exactness = Exactness.Approximate,
            DrawKind = DrawKind.Independent,
            ChainCount = 1,
            DrawsPerChain = draws,
            Seed = options.Seed,
            Population = new StoredBlock(
                [.. spec.Population.Select(term => new Parameter(ParameterKind.PopulationEffect, term.Name))], population, draws),
            Scales = new StoredBlock([.. scales.Select(scale => scale.Parameter)], [.. scales.SelectMany(scale => scale.Draws)], draws),
            Effects = [.. effects],
            Timings = new Timings(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero),
        };
    }

    private double[] Draw(int count, Func<double> next) => [.. Enumerable.Range(0, count * draws).Select(_ => next())];

    private sealed class Effects(int factor, LevelTable levels, FactorSpec spec, StoredBlock block) : EffectsBlock
    {
        public override int Factor => factor;

        public override int LevelCount => levels.Count;

        public override int TermCount => spec.Terms.Length;

        public override int DrawCount => block.DrawCount;

        public override Parameter Parameter(int index) => block.Parameter(index);

        public override void CopyDraws(int index, Span<double> destination) => block.CopyDraws(index, destination);

        public override void CopyLevel(int level, Span<double> destination)
        {
            for (var a = 0; a < TermCount; a++)
                block.CopyDraws(level * TermCount + a, destination.Slice(a * DrawCount, DrawCount));
        }
    }
}

/// <summary>The same as an engine that knows no priors.</summary>
internal sealed class DrawnLikelihoodEngine : DrawnEngine, ILikelihoodEngine
{
    public LikelihoodCriterion Criterion => LikelihoodCriterion.MaximumLikelihood;
}

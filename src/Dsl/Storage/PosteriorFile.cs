using System.Collections.Immutable;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Files;
using TypedPooling.Inference;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;
using TypedPooling.Randomness;

namespace TypedPooling.Storage;

/// <summary>A posterior in a file, as the engine returned it: what its draws are made from, or the draws; and what the engine says of its
/// run.</summary>
internal static class PosteriorFile
{
    /// <summary>Writes a posterior.</summary>
    /// <param name="writer">The file.</param>
    /// <param name="model">The model with its data, as it was bound.</param>
    /// <param name="posterior">What the engine returned.</param>
    /// <exception cref="ModelException">NotStorable: an engine of another author returned what cannot be made again.</exception>
    public static void Write(FileWriter writer, BoundModel model, Posterior posterior)
    {
        var recipe = posterior.Recipe;
        Check(posterior, recipe);
        writer.Text(RandomAddresses.Scheme);
        writer.Text(posterior.Engine);
        writer.Byte((byte)FittedSpec.VariantOf(model.Spec, posterior.Spec));
        writer.Byte((byte)posterior.Exactness);
        writer.Byte((byte)posterior.DrawKind);
        writer.Count(posterior.ChainCount);
        writer.Count(posterior.DrawsPerChain);
        writer.Bits(posterior.Seed);
        writer.Number(posterior.Probability);
        writer.Flag(posterior.Numbers is not null);
        if (posterior.Numbers is { } numbers)
            writer.Counts(numbers);
        RunFile.Write(writer, posterior);

        writer.Text(recipe?.Kind ?? string.Empty);
        recipe?.Write(writer);
        if (recipe is not { MakesPopulation: true })
            WriteDraws(writer, posterior.Population);
        if (recipe is not { MakesScales: true })
            WriteBlock(writer, posterior.Scales);
        if (recipe is null)
            WriteEffects(writer, posterior.Effects);
        writer.Flag(posterior.Weighted is not null);
        if (posterior.Weighted is { } weighted)
        {
            RunFile.Write(writer, weighted.Weights);
            WriteDraws(writer, weighted.Population);
            WriteBlock(writer, weighted.Scales);
        }
    }

    /// <summary>Reads a posterior and makes its blocks.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="bound">The model with its data, bound as it was then.</param>
    /// <exception cref="ModelException">FileDamaged.</exception>
    public static Posterior Read(FileReader reader, BoundModel bound)
    {
        var scheme = reader.Text();
        var engine = reader.Text();
        var variant = Known<SpecVariant>(reader.Byte());
        var model = With(bound, FittedSpec.Of(bound.Spec, variant));
        FileDamage.Unless(FittedSpec.VariantOf(bound.Spec, model.Spec) == variant, "the model that was fitted has another name");
        var exactness = Known<Exactness>(reader.Byte());
        var kind = Known<DrawKind>(reader.Byte());
        var chains = reader.Count(RunOptions.MostChains);
        var drawsPerChain = reader.Count(RunOptions.MostDraws);
        var count = chains * (long)drawsPerChain;
        FileDamage.Unless(chains > 0 && count <= RunOptions.MostDraws, "the number of draws is out of range");
        var draws = (int)count;
        var seed = reader.Bits();
        var probability = reader.Number();
        FileDamage.Unless(probability is > 0 and < 1, "the probability of intervals is out of range");
        var numbers = reader.Flag() ? reader.Counts(draws, RunOptions.MostDraws - 1) : null;
        var none = new StoredBlock([], [], draws);
        var posterior = new Posterior
        {
            Spec = model.Spec,
            Engine = engine,
            Exactness = exactness,
            DrawKind = kind,
            ChainCount = chains,
            DrawsPerChain = drawsPerChain,
            Seed = seed,
            Numbers = numbers,
            Probability = probability,
            Population = none,
            Scales = none,
            Effects = [],
            Timings = new Timings(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero),
            Notes = scheme == RandomAddresses.Scheme ? [] : [OtherScheme(scheme)],
        };
        posterior = RunFile.Read(reader, posterior);

        var recipeKind = reader.Text();
        var recipe = recipeKind.Length == 0 ? null : DrawsRecipes.Read(recipeKind, reader, model.Spec, draws);
        if (recipe is not { MakesPopulation: true })
            posterior = posterior with { Population = ReadDraws(reader, PosteriorBuilder.PopulationOf(model.Spec), draws) };
        if (recipe is not { MakesScales: true })
            posterior = posterior with { Scales = ReadBlock(reader, model.Spec, draws) };
        if (recipe is null)
            posterior = posterior with { Effects = ReadEffects(reader, model, draws) };
        FileDamage.Unless(recipe is not null || posterior.Point is null, "an estimate has no moments");
        if (reader.Flag())
        {
            var weights = RunFile.ReadWeights(reader);
            posterior = posterior with
            {
                Weighted = new WeightedDraws(
                    weights,
                    ReadDraws(reader, PosteriorBuilder.PopulationOf(model.Spec), weights.Count),
                    ReadBlock(reader, model.Spec, weights.Count)),
            };
        }

        return recipe?.Complete(model, posterior) ?? posterior;
    }

    /// <summary>The model that an engine fitted.</summary>
    public static BoundModel With(BoundModel model, ModelSpec spec) =>
        ReferenceEquals(model.Spec, spec) ? model : model is NormalBoundModel normal ? normal.With(spec) : ((CellBoundModel)model).With(spec);

    /// <summary>The value of an enumeration that a file holds.</summary>
    /// <exception cref="ModelException">FileDamaged: it has no such value.</exception>
    public static T Known<T>(byte value)
        where T : struct, Enum
    {
        var known = (T)Enum.ToObject(typeof(T), value);
        FileDamage.Unless(Enum.IsDefined(known), "a name is not one of the known ones");
        return known;
    }

    private static FitWarning OtherScheme(string scheme) => new(
        FitWarningCode.OtherDrawScheme,
        $"The fit was saved by a version with other random numbers (scheme {scheme}, here {RandomAddresses.Scheme}): effects of groups and "
            + $"predictions are draws of the same distribution, and other bits.");

    private static void Check(Posterior posterior, DrawsRecipe? recipe)
    {
        if (recipe is not null)
            return;
        if (posterior.Exact is not null || posterior.Point is not null || posterior.Weights is { Replicates.IsEmpty: false })
            throw NotStorable($"Engine {posterior.Engine} gave moments that a file cannot hold.");
        if (!IsOf(posterior.Spec, posterior.Scales) || posterior.Population.ParameterCount != posterior.Spec.Population.Length)
            throw NotStorable($"Engine {posterior.Engine} reports other parameters than the model has.");
    }

    private static ModelException NotStorable(string sentence) =>
        new(new Problem(ProblemCode.NotStorable, sentence, "Fit with an engine of this library, or save its draws by means of your own."));

    // Correlations may name their terms in either order.
    private static bool IsOf(ModelSpec spec, DrawBlock scales)
    {
        var expected = new ScaleCoordinates(spec).Parameters;
        if (expected.Length != scales.ParameterCount)
            return false;
        var own = Enumerable.Range(0, scales.ParameterCount).Select(scales.Parameter).ToArray();
        return expected.All(one => own.Count(other => other == one || other == Turned(one)) == 1);

        static Parameter Turned(Parameter one) => one.OtherTerm is null ? one : one with { Term = one.OtherTerm, OtherTerm = one.Term };
    }

    private static void WriteDraws(FileWriter writer, DrawBlock block)
    {
        var draws = new double[block.DrawCount];
        for (var i = 0; i < block.ParameterCount; i++)
        {
            block.CopyDraws(i, draws);
            writer.Numbers(draws);
        }
    }

    private static StoredBlock ReadDraws(FileReader reader, ImmutableArray<Parameter> parameters, int count)
    {
        FileDamage.Unless((long)parameters.Length * count <= Math.Min(reader.Left, Array.MaxLength), "draws are longer than the file");
        var draws = new double[parameters.Length * count];
        for (var i = 0; i < parameters.Length; i++)
            reader.Numbers(count).CopyTo(draws, i * count);
        return new StoredBlock(parameters, draws, count);
    }

    private static void WriteBlock(FileWriter writer, DrawBlock block)
    {
        writer.Count(block.ParameterCount);
        for (var i = 0; i < block.ParameterCount; i++)
        {
            var parameter = block.Parameter(i);
            writer.Byte((byte)parameter.Kind);
            writer.Text(parameter.Term);
            writer.Text(parameter.Factor ?? string.Empty);
            writer.Text(parameter.OtherTerm ?? string.Empty);
        }

        WriteDraws(writer, block);
    }

    private static StoredBlock ReadBlock(FileReader reader, ModelSpec spec, int count)
    {
        var parameters = new Parameter[reader.Room(reader.Count(), 4)];
        for (var i = 0; i < parameters.Length; i++)
        {
            parameters[i] = new Parameter(Known<ParameterKind>(reader.Byte()), reader.Text());
            var (factor, otherTerm) = (reader.Text(), reader.Text());
            parameters[i] = parameters[i] with
            {
                Factor = factor.Length == 0 ? null : factor,
                OtherTerm = otherTerm.Length == 0 ? null : otherTerm,
            };
        }

        var block = ReadDraws(reader, [.. parameters], count);
        FileDamage.Unless(IsOf(spec, block), "the scales are not those of the model");
        for (var i = 0; i < block.ParameterCount; i++)
        {
            foreach (var value in block.Draws(i))
                FileDamage.Unless(IsPossible(parameters[i].Kind, value), "a scale is out of range");
        }

        return block;
    }

    // What is drawn as a standard deviation can be 0, and a correlation exceeds 1 by rounding.
    private static bool IsPossible(ParameterKind kind, double value) => kind switch
    {
        ParameterKind.VaryingCorrelation => Math.Abs(value) <= 1 + 1e-9,
        ParameterKind.Sigma or ParameterKind.VaryingSd => value >= 0,
        _ => value > 0,
    };

    private static void WriteEffects(FileWriter writer, ImmutableArray<EffectsBlock> effects)
    {
        foreach (var block in effects)
        {
            var level = new double[block.TermCount * block.DrawCount];
            for (var j = 0; j < block.LevelCount; j++)
            {
                block.CopyLevel(j, level);
                for (var a = 0; a < block.TermCount; a++)
                    writer.Numbers(level.AsSpan(a * block.DrawCount, block.DrawCount));
            }
        }
    }

    private static ImmutableArray<EffectsBlock> ReadEffects(FileReader reader, BoundModel model, int count)
    {
        var blocks = ImmutableArray.CreateBuilder<EffectsBlock>();
        for (var k = 0; k < model.Levels.Length; k++)
        {
            var effects = (long)model.Levels[k].Count * model.Spec.Factors[k].Terms.Length;
            FileDamage.Unless(effects * count <= reader.Left, "effects are longer than the file");
            var draws = new double[reader.Room(effects, 1)][];
            for (var i = 0; i < draws.Length; i++)
                draws[i] = reader.Numbers(count);
            blocks.Add(new StoredEffects(model, k, draws, count));
        }

        return blocks.ToImmutable();
    }
}

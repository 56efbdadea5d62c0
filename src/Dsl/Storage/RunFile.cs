using System.Collections.Immutable;
using TypedPooling.Draws;
using TypedPooling.Files;

namespace TypedPooling.Storage;

/// <summary>What an engine says of its run, in a file: reasons, times, warnings, statistics, weights, evidence and estimates.</summary>
internal static class RunFile
{
    /// <summary>Writes what a posterior says of its run.</summary>
    public static void Write(FileWriter writer, Posterior posterior)
    {
        writer.Text(posterior.SamplingReason);
        writer.Count(Math.Max(0, posterior.Timings.Setup.Ticks));
        writer.Count(Math.Max(0, posterior.Timings.Warmup.Ticks));
        writer.Count(Math.Max(0, posterior.Timings.Sampling.Ticks));
        writer.Count(posterior.Warnings.Length);
        foreach (var warning in posterior.Warnings)
        {
            writer.Text(warning.Code.ToString());
            writer.Text(warning.Message);
        }

        writer.Optional(posterior.EvidenceBound);
        writer.Flag(posterior.LogEvidence is not null);
        if (posterior.LogEvidence is { } evidence)
        {
            writer.Number(evidence.Value);
            writer.Number(evidence.Error);
        }

        writer.Flag(posterior.Quadrature is not null);
        if (posterior.Quadrature is { } quadrature)
        {
            writer.Count(quadrature.Points);
            writer.Number(quadrature.LogDensityError);
        }

        writer.Flag(posterior.Importance is not null);
        if (posterior.Importance is { } importance)
        {
            writer.Count(importance.ProposalCount);
            writer.Number(importance.WeightEss);
            writer.Number(importance.ParetoK);
            writer.Number(importance.HalvesDifference);
            writer.Numbers(importance.Efficiencies.AsSpan());
            writer.Count(importance.DensityEvaluations);
            writer.Count(importance.ReplicateCount);
        }

        writer.Flag(posterior.Sampler is not null);
        if (posterior.Sampler is { } sampler)
            Write(writer, sampler);
        writer.Flag(posterior.Weights is not null);
        if (posterior.Weights is { } weights)
            Write(writer, weights);
        writer.Flag(posterior.Point is not null);
        if (posterior.Point is { } point)
            Write(writer, point);
    }

    /// <summary>Reads what a posterior says of its run.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="posterior">The posterior without it.</param>
    /// <exception cref="ModelException">FileDamaged.</exception>
    public static Posterior Read(FileReader reader, Posterior posterior)
    {
        var reason = reader.Text();
        var timings = new Timings(Time(reader), Time(reader), Time(reader));
        var warnings = new FitWarning[reader.Room(reader.Count(), 2)];
        for (var i = 0; i < warnings.Length; i++)
        {
            var name = reader.Text();
            FileDamage.Unless(
                Enum.TryParse<FitWarningCode>(name, out var code) && code.ToString() == name, "a name is not one of the known ones");
            warnings[i] = new(code, reader.Text());
        }

        return posterior with
        {
            SamplingReason = reason,
            Timings = timings,
            Warnings = [.. warnings],
            EvidenceBound = reader.Optional(),
            LogEvidence = reader.Flag() ? new LogEvidence(reader.Number(), reader.Number()) : null,
            Quadrature = reader.Flag() ? new QuadratureStatistics(reader.Count(int.MaxValue), reader.Number()) : null,
            Importance = reader.Flag()
                ? new ImportanceStatistics(
                    reader.Count(int.MaxValue),
                    reader.Number(),
                    reader.Number(),
                    reader.Number(),
                    [.. reader.Numbers()],
                    reader.Count(),
                    reader.Count(int.MaxValue))
                : null,
            Sampler = reader.Flag() ? ReadSampler(reader, posterior) : null,
            Weights = reader.Flag() ? ReadWeights(reader, posterior.DrawCount) : null,
            Point = reader.Flag() ? ReadPoint(reader, posterior) : null,
        };
    }

    /// <summary>Writes weights; those that are all equal as one yes.</summary>
    public static void Write(FileWriter writer, DrawWeights weights)
    {
        writer.Count(weights.Count);
        var equal = AreEqual(weights);
        writer.Flag(equal);
        if (!equal)
            writer.Numbers(weights.Weights);
        writer.Numbers(weights.ErrorWeights);
        writer.Count(weights.ReplicateCount);
        if (weights.ReplicateCount > 0)
            writer.Counts(weights.Replicates);
    }

    /// <summary>Reads weights.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="count">How many there must be; null where the file says.</param>
    /// <exception cref="ModelException">FileDamaged.</exception>
    public static DrawWeights ReadWeights(FileReader reader, int? count = null)
    {
        var own = reader.Room(reader.Count(), 1);
        FileDamage.Unless(count is null || own == count, "there are not as many weights as draws");
        double[] weights;
        if (reader.Flag())
        {
            weights = new double[own];
            Array.Fill(weights, 1.0 / own);
        }
        else
        {
            weights = reader.FiniteNumbers(own);
        }

        var errorWeights = reader.FiniteNumbers(own);
        FileDamage.Unless(Array.TrueForAll(weights, weight => weight >= 0), "a weight is negative");
        FileDamage.Unless(Array.TrueForAll(errorWeights, weight => weight >= 0), "a weight of an error is negative");
        var replicates = reader.Count(own);
        FileDamage.Unless(replicates is 0 or >= 4, "the number of replicates is out of range");
        return replicates == 0
            ? new DrawWeights(weights, errorWeights)
            : new DrawWeights(weights, errorWeights, reader.Counts(own, replicates - 1), replicates);
    }

    private static bool AreEqual(DrawWeights weights)
    {
        foreach (var weight in weights.Weights)
        {
            if (weight != 1.0 / weights.Count)
                return false;
        }

        return true;
    }

    private static TimeSpan Time(FileReader reader) => TimeSpan.FromTicks(reader.Count());

    private static void Write(FileWriter writer, SamplerStatistics sampler)
    {
        writer.Numbers(sampler.LogDensity.AsSpan());
        writer.Numbers(sampler.AcceptanceRate.AsSpan());
        writer.Flags(sampler.Divergent.AsSpan());
        writer.Counts(sampler.TreeDepth.AsSpan());
        writer.Counts(sampler.Leapfrogs.AsSpan());
        writer.Numbers(sampler.StepSize.AsSpan());
        writer.Numbers(sampler.EnergyBfmi.AsSpan());
        writer.Count(sampler.MaximumTreeDepth);
    }

    private static SamplerStatistics ReadSampler(FileReader reader, Posterior posterior)
    {
        var (draws, chains) = (posterior.DrawCount, posterior.ChainCount);
        return new(
            [.. reader.Numbers(draws)],
            [.. reader.Numbers(draws)],
            [.. reader.Flags(draws)],
            [.. reader.Counts(draws, int.MaxValue)],
            [.. reader.Counts(draws, int.MaxValue)],
            [.. reader.Numbers(chains)],
            [.. reader.Numbers(chains)],
            reader.Count(int.MaxValue));
    }

    private static void Write(FileWriter writer, PointEstimate point)
    {
        writer.Byte((byte)point.Criterion);
        writer.Number(point.LogLikelihood);
        writer.Number(point.Deviance);
        writer.Number(point.SaturatedLogLikelihood);
        writer.Count(point.ParameterCount);
        writer.Numbers(point.Population.AsSpan());
        writer.Numbers(point.PopulationCovariance.AsSpan());
        writer.Numbers(point.Scales.AsSpan());
        writer.Numbers(point.Theta.AsSpan());
        writer.Count(point.Boundary.Length);
        foreach (var sentence in point.Boundary)
            writer.Text(sentence);
        writer.Count(point.Evaluations);
        writer.Number(point.RemainingGain);
        writer.Flag(point.IsConverged);
    }

    // The recipe of the draws gives the moments.
    private static PointEstimate ReadPoint(FileReader reader, Posterior posterior)
    {
        var p = posterior.Spec.Population.Length;
        return new PointEstimate
        {
            Criterion = PosteriorFile.Known<LikelihoodCriterion>(reader.Byte()),
            LogLikelihood = reader.Number(),
            Deviance = reader.Number(),
            SaturatedLogLikelihood = reader.Number(),
            ParameterCount = reader.Count(int.MaxValue),
            Population = [.. reader.FiniteNumbers(p)],
            PopulationCovariance = [.. reader.Numbers((long)p * p)],
            Scales = [.. reader.Numbers()],
            Theta = [.. reader.Numbers()],
            Boundary = [.. Enumerable.Range(0, reader.Room(reader.Count(), 1)).Select(_ => reader.Text()).ToArray()],
            Moments = MissingMoments.Instance,
            Evaluations = reader.Count(int.MaxValue),
            RemainingGain = reader.Number(),
            IsConverged = reader.Flag(),
        };
    }

    private sealed class MissingMoments : ExactMoments
    {
        public static readonly MissingMoments Instance = new();

        public override NormalMoments Of(ReadOnlySpan<double> population, ReadOnlySpan<LevelWeights> levels) =>
            throw new InvalidOperationException("The recipe of an estimate made no moments.");

        public override NormalMoments GivenPopulation(int factor, int level, ReadOnlySpan<double> effects) => Of(default, default);
    }
}

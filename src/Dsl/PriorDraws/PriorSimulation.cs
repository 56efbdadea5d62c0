using System.Collections.Immutable;
using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Model;
using TypedPooling.Predictions;
using TypedPooling.PriorDraws;
using TypedPooling.Randomness;
using TypedPooling.Standardizing;

namespace TypedPooling;

/// <summary>The prior predictive distribution at given rows: responses simulated from the model, parameters drawn from their prior. Immutable;
/// responses are made when they are asked for.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
/// <remarks>Thread-safe: any number of threads may read it at once.</remarks>
public sealed class PriorSimulation<TRow>
{
    private readonly PriorSampler sampler;
    private readonly RowDesign design;
    private readonly RowDistribution distribution;
    private readonly ulong[][] hashes;   // by factor and level: addresses the random numbers of the level's effects
    private readonly CoefficientMap? populationMap;
    private readonly ImmutableArray<CoefficientMap> factorMaps;

    internal PriorSimulation(PriorSampler sampler, PriorDesign design, int draws, ulong seed)
    {
        this.sampler = sampler;
        this.design = design.Rows;
        distribution = new(sampler.Spec.Response.Family, design.WeightKind);
        Parameters = new PriorSample<TRow>(sampler, draws, seed);
        populationMap = sampler.Standardization?.MapOf(sampler.Spec.Population.Select(term => term.Column));
        factorMaps = OriginalScale.Factors(sampler.Spec, sampler.Standardization);

        // Apart from the levels' numbers in a posterior of the same seed, and from equal keys of other factors.
        hashes =
            [.. design.Rows.Tables.Select(
                (table, k) =>
                    Enumerable.Range(0, table.Count).Select(level => RandomAddresses.PriorLevel(sampler.Spec.Factors[k].Name, table.Text(level)))
                        .ToArray())];
    }

    /// <summary>The parameters each draw was simulated with: those of <c>SamplePrior</c> with the same seed.</summary>
    public PriorSample<TRow> Parameters { get; }

    /// <summary>Number of draws.</summary>
    public int DrawCount => Parameters.DrawCount;

    /// <summary>Number of rows.</summary>
    public int RowCount => design.RowCount;

    /// <summary>The simulated responses of one draw.</summary>
    /// <param name="draw">Number of the draw, from 0.</param>
    /// <returns>A new array, a response for each row in the order of the rows, in units of the response. Length <see cref="RowCount"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such draw.</exception>
    /// <remarks>
    /// A pure function of the seed and the draw. Rows of one level share the level's effects, which are drawn anew in each draw. A row with a count
    /// gets one response. O(rows (p + q) + levels q^2).
    /// </remarks>
    public double[] Responses(int draw)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(draw);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(draw, DrawCount);
        var spec = sampler.Spec;
        var stream = RandomAddresses.PriorDraw(Parameters.Seed, draw);
        var parameters = sampler.Draw(stream);
        populationMap?.Restore(parameters.Population);
        var scales = parameters.Scales with { Sigma = parameters.Scales.Sigma * (sampler.Standardization?.ResponseScale ?? 1) };
        double[][] effects = [.. spec.Factors.Select((factor, k) => Effects(parameters.Factors[k], factorMaps[k], hashes[k], draw))];
        var responses = new double[RowCount];
        for (var i = 0; i < responses.Length; i++)
            responses[i] = distribution.Draw(Predictor(i, parameters, effects), design.Weights?[i], scales, stream);

        return responses;
    }

    /// <summary>The simulated responses of every draw, one array of <see cref="RowCount"/> responses after the other.</summary>
    /// <returns>A lazy sequence of <see cref="DrawCount"/> new arrays.</returns>
    public IEnumerable<double[]> Responses() => Enumerable.Range(0, DrawCount).Select(Responses);

    // u = diag(sd) L z for each level, on the original scale. Length levels * q.
    private double[] Effects(PriorDraw.Factor factor, CoefficientMap map, ulong[] levels, int draw)
    {
        var q = factor.Sds.Length;
        var effects = new double[levels.Length * q];
        for (var level = 0; level < levels.Length; level++)
        {
            var u = effects.AsSpan(level * q, q);
            PhiloxNormals.Fill(Parameters.Seed, (ulong)draw, levels[level], u);
            for (var a = q - 1; a >= 0; a--)
            {
                var sum = 0.0;
                for (var b = 0; b <= a; b++)
                    sum += factor.Root[a * q + b] * u[b];
                u[a] = factor.Sds[a] * sum;
            }

            map.RestoreEffects(u);
        }

        return effects;
    }

    private double Predictor(int row, PriorDraw draw, double[][] effects)
    {
        var spec = sampler.Spec;
        var columns = design.Matrix.AsSpan(row * spec.Columns.Length, spec.Columns.Length);
        var eta = design.Offsets[row];
        for (var t = 0; t < draw.Population.Length; t++)
            eta += draw.Population[t] * Value(columns, spec.Population[t].Column);
        for (var k = 0; k < effects.Length; k++)
        {
            var terms = spec.Factors[k].Terms;
            var level = design.Levels[row * effects.Length + k];
            for (var a = 0; a < terms.Length; a++)
                eta += effects[k][level * terms.Length + a] * Value(columns, terms[a].Column);
        }

        return eta;
    }

    private static double Value(ReadOnlySpan<double> columns, int column) => column == ModelSpec.Ones ? 1 : columns[column];
}

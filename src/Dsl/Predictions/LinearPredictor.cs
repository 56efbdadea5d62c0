using System.Collections.Immutable;
using TypedPooling.Declarations;
using TypedPooling.Draws;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;
using TypedPooling.Randomness;

namespace TypedPooling.Predictions;

/// <summary>The linear predictor and the residual error of rows, draw by draw, from a posterior on the original scale, whatever its engine. Immutable
/// but for what it keeps of the levels asked for last; thread-safe.</summary>
internal sealed class LinearPredictor
{
    private readonly ModelSpec spec;
    private readonly Posterior posterior;
    private readonly RowWeight weightKind;
    private readonly Lazy<double[]> population;                                   // effect after effect, each with all its draws
    private readonly Lazy<double[]> sigma;
    private readonly Lazy<ScaleValues>[] scales;                                  // by factor
    private readonly Lazy<double> pointSigma;                                     // those at which moments hold
    private readonly Lazy<ScaleValues>[] pointScales;
    private readonly RecentItems<(LevelKind, int, string), double[]>[] effects;   // by factor: term after term, each with all its draws

    public LinearPredictor(Posterior posterior, RowWeight weightKind)
    {
        this.posterior = posterior;
        this.weightKind = weightKind;
        spec = posterior.Spec;
        population = new(() => All(posterior.Population));
        sigma = new(Sigma);
        pointSigma = new(PointSigma);
        scales = [.. Enumerable.Range(0, spec.Factors.Length).Select(k => new Lazy<ScaleValues>(() => ScaleValues.Read(spec, posterior, k)))];
        pointScales = [.. Enumerable.Range(0, spec.Factors.Length).Select(k => new Lazy<ScaleValues>(() => ScaleValues.AtPoint(spec, posterior, k)))];
        effects = [.. spec.Factors.Select(_ => new RecentItems<(LevelKind, int, string), double[]>())];
    }

    /// <summary>Draws of eta: offset + x'beta + sum of z'u.</summary>
    /// <returns>A new array. Length: number of draws. O(draws (p + q)), and O(draws q^2) once a level.</returns>
    public double[] Draws(PredictedRow row)
    {
        var count = posterior.DrawCount;
        var eta = new double[count];
        Array.Fill(eta, row.Offset);
        for (var t = 0; t < spec.Population.Length; t++)
            Add(eta, Value(row, spec.Population[t].Column), population.Value.AsSpan(t * count, count));
        for (var k = 0; k < row.Levels.Length; k++)
        {
            if (row.Levels[k].Kind is LevelKind.Average or LevelKind.Any)
                continue;
            var (factor, level) = (k, row.Levels[k]);
            var u = effects[k].GetOrAdd(
                (level.Kind, level.Level, level.Kind == LevelKind.New ? level.Text : string.Empty), () => Effects(factor, level));
            for (var a = 0; a < spec.Factors[k].Terms.Length; a++)
                Add(eta, Value(row, spec.Factors[k].Terms[a].Column), u.AsSpan(a * count, count));
        }

        return eta;
    }

    /// <summary>Draws of a population effect. Length: number of draws.</summary>
    public ReadOnlySpan<double> PopulationOf(int term) => population.Value.AsSpan(term * posterior.DrawCount, posterior.DrawCount);

    /// <summary>Draws of the effects of a level, new or known: term after term, each with all its draws.</summary>
    public double[] EffectsOf(int factor, PredictedLevel level) => Effects(factor, level);

    /// <summary>The standard normal number of a row's residual noise in a draw.</summary>
    /// <param name="noise">Of <see cref="PredictedRow.NoiseHash"/>.</param>
    /// <param name="draw">Number of the draw.</param>
    public double NoiseOf(ulong noise, int draw)
    {
        Span<double> normal = stackalloc double[1];
        PhiloxNormals.Fill(posterior.Seed, posterior.NumberOf(draw), noise, normal);
        return normal[0];
    }

    /// <summary>The residual sd of a row in a draw.</summary>
    public double ResidualSd(PredictedRow row, int draw) => ResidualSd(row, weightKind == RowWeight.KnownSd ? 1 : sigma.Value[draw]);

    /// <summary>The residual sd of a row at the scales at which <see cref="Moments"/> hold.</summary>
    public double ResidualSdOfMoments(PredictedRow row) => ResidualSd(row, weightKind == RowWeight.KnownSd ? 1 : pointSigma.Value);

    /// <summary>Adds residual noise to draws of eta: a pure function of the seed of the fit, the draw and the row.</summary>
    public void AddNoise(PredictedRow row, double[] eta) => AddNoise(row, eta, s => ResidualSd(row, s));

    /// <summary>Adds the same noise with the residual sd at which <see cref="Moments"/> hold.</summary>
    public void AddNoiseAtEstimates(PredictedRow row, double[] eta)
    {
        var sd = ResidualSdOfMoments(row);
        AddNoise(row, eta, _ => sd);
    }

    /// <summary>eta where all that was estimated stands at its estimate, a value a draw: only the effects of new groups differ, which are those of
    /// the draw with the estimated Lambda.</summary>
    /// <returns>A new array. Length: number of draws.</returns>
    public double[] ValuesAtEstimates(PredictedRow row)
    {
        var eta = new double[posterior.DrawCount];
        Array.Fill(eta, Moments(row, withNoise: false)!.Value.Mean);
        for (var k = 0; k < row.Levels.Length; k++)
        {
            if (row.Levels[k].Kind != LevelKind.New)
                continue;
            var u = NewEffects(k, row.Levels[k], pointScales[k].Value);
            for (var a = 0; a < spec.Factors[k].Terms.Length; a++)
                Add(eta, Value(row, spec.Factors[k].Terms[a].Column), u.AsSpan(a * eta.Length, eta.Length));
        }

        return eta;
    }

    /// <summary>Moments of eta, or of eta with residual noise, in closed form: exact where every scale is known, at the estimated scales where the
    /// fit is one of maximum likelihood; null where scales are drawn.</summary>
    public NormalMoments? Moments(PredictedRow row, bool withNoise)
    {
        if ((posterior.Exact ?? posterior.Point?.Moments) is not { } exact)
            return null;
        var weights = spec.Population.Select(term => Value(row, term.Column)).ToArray();
        var known = new List<LevelWeights>();
        var variance = 0.0;
        for (var k = 0; k < row.Levels.Length; k++)
        {
            ImmutableArray<double> z = [.. spec.Factors[k].Terms.Select(term => Value(row, term.Column))];
            if (row.Levels[k].Kind == LevelKind.Known)
                known.Add(new(k, row.Levels[k].Level, z));
        }

        variance += NewGroupVarianceOfMoments(row);
        if (withNoise)
            variance += Math.Pow(ResidualSdOfMoments(row), 2);
        var moments = exact.Of(weights, known.ToArray());
        return new(moments.Mean + row.Offset, variance == 0 ? moments.Sd : Math.Sqrt(moments.Sd * moments.Sd + variance));
    }

    /// <summary>The variance that the effects of the groups averaged over add to eta, in a draw: the sum of z'Sigma z over such factors.</summary>
    public double VarianceOverGroups(PredictedRow row, int draw) => VarianceOf(LevelKind.Any, row, k => scales[k].Value.LambdaOf(draw));

    /// <summary>The same at the scales at which <see cref="Moments"/> hold.</summary>
    public double VarianceOverGroupsOfMoments(PredictedRow row) => VarianceOf(LevelKind.Any, row, k => pointScales[k].Value.LambdaOf(0));

    /// <summary>The variance that the effects of new groups add to eta at the scales at which <see cref="Moments"/> hold: the sum of z'Sigma z over
    /// such factors.</summary>
    public double NewGroupVarianceOfMoments(PredictedRow row) => VarianceOf(LevelKind.New, row, k => pointScales[k].Value.LambdaOf(0));

    private double VarianceOf(LevelKind kind, PredictedRow row, LambdaOfFactor lambda)
    {
        var variance = 0.0;
        for (var k = 0; k < row.Levels.Length; k++)
        {
            if (row.Levels[k].Kind == kind)
                variance += NewGroupVariance(lambda(k), [.. spec.Factors[k].Terms.Select(term => Value(row, term.Column))]);
        }

        return variance;
    }

    private delegate ReadOnlySpan<double> LambdaOfFactor(int factor);

    // |Lambda'z|^2
    private static double NewGroupVariance(ReadOnlySpan<double> lambda, ReadOnlySpan<double> z)
    {
        var variance = 0.0;
        for (var b = 0; b < z.Length; b++)
        {
            var sum = 0.0;
            for (var a = 0; a < z.Length; a++)
                sum += lambda[a * z.Length + b] * z[a];
            variance += sum * sum;
        }

        return variance;
    }

    private static double Value(PredictedRow row, int column) => row.Value(column);

    private static void Add(double[] eta, double value, ReadOnlySpan<double> draws)
    {
        for (var s = 0; s < eta.Length; s++)
            eta[s] += value * draws[s];
    }

    private static double[] All(DrawBlock block)
    {
        var draws = new double[block.ParameterCount * block.DrawCount];
        for (var t = 0; t < block.ParameterCount; t++)
            block.CopyDraws(t, draws.AsSpan(t * block.DrawCount, block.DrawCount));
        return draws;
    }

    private double ResidualSd(PredictedRow row, double sigmaOfDraw) => weightKind switch
    {
        RowWeight.KnownSd => row.Weight!.Value,
        RowWeight.Precision => sigmaOfDraw / Math.Sqrt(row.Weight!.Value),
        _ => sigmaOfDraw,
    };

    private void AddNoise(PredictedRow row, double[] eta, Func<int, double> sdOfDraw)
    {
        var noise = row.NoiseHash();
        for (var s = 0; s < eta.Length; s++)
            eta[s] += sdOfDraw(s) * NoiseOf(noise, s);
    }

    private double[] Effects(int factor, PredictedLevel level)
    {
        if (level.Kind != LevelKind.Known)
            return NewEffects(factor, level, scales[factor].Value);
        var draws = new double[spec.Factors[factor].Terms.Length * posterior.DrawCount];
        posterior.Effects[factor].CopyLevel(level.Level, draws);
        return draws;
    }

    private double[] NewEffects(int factor, PredictedLevel level, ScaleValues values)
    {
        var q = spec.Factors[factor].Terms.Length;
        var count = posterior.DrawCount;
        var draws = new double[q * count];

        // Apart from the levels' numbers in the posterior, which have the same seed, and from equal keys of other factors.
        var hash = RandomAddresses.NewLevel(spec.Factors[factor].Name, level.Text);
        var normals = new double[q];
        for (var s = 0; s < count; s++)
        {
            PhiloxNormals.Fill(posterior.Seed, posterior.NumberOf(s), hash, normals);
            var lambda = values.LambdaOf(s);
            for (var a = 0; a < q; a++)
            {
                for (var b = 0; b < q; b++)
                    draws[a * count + s] += lambda[a * q + b] * normals[b];
            }
        }

        return draws;
    }

    private double[] Sigma()
    {
        var draws = new double[posterior.DrawCount];
        for (var i = 0; i < posterior.Scales.ParameterCount; i++)
        {
            if (posterior.Scales.Parameter(i).Kind == ParameterKind.Sigma)
                posterior.Scales.CopyDraws(i, draws);
        }

        return draws;
    }

    private double PointSigma()
    {
        for (var i = 0; posterior.Point is not null && i < posterior.Scales.ParameterCount; i++)
        {
            if (posterior.Scales.Parameter(i).Kind == ParameterKind.Sigma)
                return posterior.Point.Scales[i];
        }

        return sigma.Value[0];
    }
}

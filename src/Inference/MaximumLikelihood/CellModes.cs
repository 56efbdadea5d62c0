using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>The normal approximation at the maximum of a model of cells: beta~ from its covariance, and effects given beta~ from the curvature at
/// their modes, which move with beta~. Thread-safe.</summary>
/// <remarks>
/// u = T^-1 Lambda v, Lambda the root for the centred columns C = Z T^-1, and v = v^ + D (beta~ - beta^) + K'^-1 times standard normals, with A = K
/// K' of the block and D = dv^/dbeta~ = -A^-1 sum w_i b_i x_i', b = Lambda'c (<see cref="PenalizedLeastSquares"/>). Scales stand at their estimates.
/// D is computed once, and so is what levels need of A^-1: moments of one level then take O(q p + q^2), those of several levels together one
/// solution. Source: [Bates2015].
/// </remarks>
internal sealed class CellModes : ExactMoments
{
    private readonly CellSystem system;
    private readonly LaplaceLikelihood function;
    private readonly double[] maximum;          // beta^
    private readonly double[] covariance;       // of beta~, p x p
    private readonly double[] root;             // of covariance
    private readonly Lazy<double[]> onPopulation;   // D, p x effects by rows
    private readonly double[] modes;            // v^, block after block

    public CellModes(CellSystem system, LaplaceLikelihood function, ReadOnlySpan<double> best, double[] covariance)
    {
        this.system = system;
        this.function = function;
        this.covariance = covariance;
        maximum = best.ToArray();
        var plan = system.Plan;
        modes = new double[plan.BlockCount * plan.BlockSize];
        for (var block = 0; block < plan.BlockCount; block++)
            function.Modes.Of(block).CopyTo(modes.AsSpan(block * plan.BlockSize));
        onPopulation = new Lazy<double[]>(function.OnPopulation);
        var p = maximum.Length;
        root = new double[p * p];
        for (var a = 0; a < p; a++)
        {
            for (var c = 0; c <= a; c++)
            {
                var sum = covariance[a * p + c];
                for (var e = 0; e < c; e++)
                    sum -= root[a * p + e] * root[c * p + e];
                root[a * p + c] = a == c ? Math.Sqrt(Math.Max(0, sum)) : root[c * p + c] > 0 ? sum / root[c * p + c] : 0;
            }
        }

        Beta = Restore(maximum);
        var terms = system.Model.Spec.Population.Length;
        PopulationCovariance = new double[terms * terms];
        for (var a = 0; a < p; a++)
        {
            for (var c = 0; c < p; c++)
            {
                var sum = 0.0;
                for (var i = 0; i < p; i++)
                {
                    for (var j = 0; j < p; j++)
                        sum += system.Map[a * p + i] * covariance[i * p + j] * system.Map[c * p + j];
                }

                PopulationCovariance[system.EstimatedTerms[a] * terms + system.EstimatedTerms[c]] = sum;
            }
        }
    }

    /// <summary>Population effects, fixed ones included, in the order of the model.</summary>
    public double[] Beta { get; }

    /// <summary>Their covariance, zeros for fixed ones.</summary>
    public double[] PopulationCovariance { get; }

    /// <summary>The cells.</summary>
    public CellSystem System => system;

    public override NormalMoments Of(ReadOnlySpan<double> population, ReadOnlySpan<LevelWeights> levels)
    {
        var p = maximum.Length;
        var centre = 0.0;
        for (var t = 0; t < population.Length; t++)
            centre += population[t] * Beta[t];
        var weights = new double[p];
        for (var i = 0; i < p; i++)
        {
            for (var a = 0; a < p; a++)
                weights[i] += population[system.EstimatedTerms[a]] * system.Map[a * p + i];
        }

        var spherical = new double[levels.Length][];
        for (var i = 0; i < levels.Length; i++)
            spherical[i] = AddLevel(levels[i].Factor, levels[i].Level, levels[i].Weights.AsSpan(), weights, ref centre);
        var variance = VarianceAtModes(levels, spherical);
        for (var i = 0; i < p; i++)
        {
            for (var j = 0; j < p; j++)
                variance += weights[i] * covariance[i * p + j] * weights[j];
        }

        return new NormalMoments(centre, Math.Sqrt(Math.Max(0, variance)));
    }

    public override NormalMoments GivenPopulation(int factor, int level, ReadOnlySpan<double> effects)
    {
        var centre = 0.0;
        LevelWeights[] levels = [new(factor, level, [.. effects])];
        var variance = VarianceAtModes(levels, [AddLevel(factor, level, effects, new double[maximum.Length], ref centre)]);
        return new NormalMoments(centre, Math.Sqrt(Math.Max(0, variance)));
    }

    /// <summary>Draws of beta~ - beta^, draw after draw.</summary>
    /// <param name="count">Number of draws.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="numberOf">The number that addresses the random numbers of a draw.</param>
    public double[] DrawCoordinates(int count, ulong seed, Func<int, ulong> numberOf)
    {
        var p = maximum.Length;
        var draws = new double[count * p];
        var normals = new double[p];
        for (var s = 0; s < count; s++)
        {
            PhiloxNormals.Fill(seed, numberOf(s), RandomAddresses.PopulationEffects, normals);
            for (var a = 0; a < p; a++)
            {
                for (var c = 0; c <= a; c++)
                    draws[s * p + a] += root[a * p + c] * normals[c];
            }
        }

        return draws;
    }

    /// <summary>The population effects of drawn coordinates.</summary>
    public StoredBlock Population(double[] coordinates, int count)
    {
        var p = maximum.Length;
        var draws = DrawTable.OfPopulation(system.Model.Spec, count);
        var at = new double[p];
        for (var s = 0; s < count; s++)
        {
            for (var a = 0; a < p; a++)
                at[a] = maximum[a] + coordinates[s * p + a];
            draws.Set(s, Restore(at));
        }

        return draws.ToBlock();
    }

    /// <summary>T^-1 Lambda of a factor, q x q by rows: effects from spherical ones.</summary>
    public double[] RootOf(int factor)
    {
        var q = system.TermCounts[factor];
        var triangle = function.Root(factor);
        var back = system.Bases[factor].Back;
        var lambda = new double[q * q];
        for (var a = 0; a < q; a++)
        {
            for (var c = 0; c < q; c++)
            {
                for (var b = 0; b <= c; b++)
                    lambda[a * q + b] += back[a * q + c] * triangle[c * q + b];
            }
        }

        return lambda;
    }

    /// <summary>v^ of a level. Length q.</summary>
    public ReadOnlySpan<double> ModeOf(int factor, int level) => modes.AsSpan(PlaceOf(factor, level), system.TermCounts[factor]);

    /// <summary>A level's part of D for one population effect. Length q.</summary>
    public ReadOnlySpan<double> OnPopulation(int factor, int level, int effect) =>
        onPopulation.Value.AsSpan(effect * modes.Length + PlaceOf(factor, level), system.TermCounts[factor]);

    /// <summary>The least squares at the modes, to be solved with only.</summary>
    public PenalizedLeastSquares Squares => function.Squares;

    private int PlaceOf(int factor, int level)
    {
        var (block, at) = system.Plan.PlaceOf(factor, level);
        return block * system.Plan.BlockSize + at;
    }

    // Adds the mode of b'u to the centre and what it has of beta~ to the weights; gives the weights over v, Lambda'T^-T b.
    private double[] AddLevel(int factor, int level, ReadOnlySpan<double> effects, double[] weights, ref double centre)
    {
        var (q, p) = (system.TermCounts[factor], maximum.Length);
        var lambda = RootOf(factor);
        var spherical = new double[q];
        var mode = ModeOf(factor, level);
        for (var b = 0; b < q; b++)
        {
            for (var a = 0; a < q; a++)
                spherical[b] += effects[a] * lambda[a * q + b];
            centre += spherical[b] * mode[b];
            for (var e = 0; e < p; e++)
                weights[e] += spherical[b] * OnPopulation(factor, level, e)[b];
        }

        return spherical;
    }

    // w'A^-1 w: of one level by its block of A^-1, of several together by |K^-1 w|^2.
    private double VarianceAtModes(ReadOnlySpan<LevelWeights> levels, double[][] spherical)
    {
        if (levels.Length == 0)
            return 0;
        var variance = 0.0;
        if (levels.Length == 1)
        {
            var own = spherical[0];
            var inverse = new double[own.Length * own.Length];
            lock (function)
                function.ConditionalCovariance(levels[0].Factor, levels[0].Level, inverse);
            for (var a = 0; a < own.Length; a++)
            {
                for (var b = 0; b < own.Length; b++)
                    variance += own[a] * inverse[a * own.Length + b] * own[b];
            }

            return variance;
        }

        // Several levels are of several factors, and so of one block.
        var all = new double[modes.Length];
        for (var i = 0; i < levels.Length; i++)
            spherical[i].CopyTo(all.AsSpan(PlaceOf(levels[i].Factor, levels[i].Level)));
        function.Squares.SolveLower(0, all);
        foreach (var value in all)
            variance += value * value;
        return variance;
    }

    private double[] Restore(ReadOnlySpan<double> at)
    {
        var p = at.Length;
        var beta = system.Model.Spec.Population.Select(term => term.Prior is { FixedValue: { } known } ? known : 0).ToArray();
        for (var a = 0; a < p; a++)
        {
            var value = system.Centre[a];
            for (var c = 0; c < p; c++)
                value += system.Map[a * p + c] * at[c];
            beta[system.EstimatedTerms[a]] = value;
        }

        return beta;
    }
}

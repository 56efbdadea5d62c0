using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>The normal approximation at the maximum of a model of cells: beta~ from its covariance, and effects given beta~ from the curvature at
/// their modes, which move with beta~. Thread-safe.</summary>
/// <remarks>
/// u = T^-1 Lambda v, Lambda the root for the centred columns C = Z T^-1, v = v^ + D (beta~ - beta^) + L_A^-T times standard normals, with A = L_A
/// L_A' of the block and D = dv^/dbeta~ = -A^-1 sum w_i Lambda'c_i x_i'. Scales stand at their estimates. Source: [Bates2015].
/// </remarks>
internal sealed class CellModes : ExactMoments
{
    private readonly CellSystem system;
    private readonly LaplaceLikelihood function;
    private readonly double[] maximum;          // beta^
    private readonly double[] covariance;       // of beta~, p x p
    private readonly double[] root;             // of covariance

    public CellModes(CellSystem system, LaplaceLikelihood function, ReadOnlySpan<double> best, double[] covariance)
    {
        this.system = system;
        this.function = function;
        this.covariance = covariance;
        maximum = best.ToArray();
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

    /// <summary>The sums.</summary>
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

        // Levels of one block share z: their directions are added before they are squared.
        var directions = new Dictionary<int, double[]>();
        foreach (var level in levels)
        {
            var part = Level(level.Factor, level.Level);
            for (var a = 0; a < level.Weights.Length; a++)
            {
                centre += level.Weights[a] * part.Mode[a];
                for (var i = 0; i < p; i++)
                    weights[i] += level.Weights[a] * part.OnPopulation[a * p + i];
            }

            if (!directions.TryGetValue(part.Block, out var direction))
                directions.Add(part.Block, direction = new double[part.Size]);
            for (var a = 0; a < level.Weights.Length; a++)
            {
                for (var i = 0; i < part.Size; i++)
                    direction[i] += level.Weights[a] * part.OnNormals[a * part.Size + i];
            }
        }

        var variance = 0.0;
        for (var i = 0; i < p; i++)
        {
            for (var j = 0; j < p; j++)
                variance += weights[i] * covariance[i * p + j] * weights[j];
        }

        foreach (var direction in directions.Values)
        {
            foreach (var value in direction)
                variance += value * value;
        }

        return new NormalMoments(centre, Math.Sqrt(Math.Max(0, variance)));
    }

    public override NormalMoments GivenPopulation(int factor, int level, ReadOnlySpan<double> effects)
    {
        var part = Level(factor, level);
        var (centre, variance) = (0.0, 0.0);
        var direction = new double[part.Size];
        for (var a = 0; a < effects.Length; a++)
        {
            centre += effects[a] * part.Mode[a];
            for (var i = 0; i < part.Size; i++)
                direction[i] += effects[a] * part.OnNormals[a * part.Size + i];
        }

        foreach (var value in direction)
            variance += value * value;
        return new NormalMoments(centre, Math.Sqrt(variance));
    }

    /// <summary>Draws of beta~ - beta^, draw after draw.</summary>
    public double[] DrawCoordinates(int count, ulong seed)
    {
        var p = maximum.Length;
        var draws = new double[count * p];
        var normals = new double[p];
        for (var s = 0; s < count; s++)
        {
            PhiloxNormals.Fill(seed, (ulong)s, RandomAddresses.PopulationEffects, normals);
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

    /// <summary>What the effects of a level are made of: u = Mode + OnPopulation (beta~ - beta^) + OnNormals times standard normals.</summary>
    public LevelPart Level(int factor, int level)
    {
        var p = maximum.Length;
        var (block, at) = system.PlaceOf(factor, level);
        var (size, q) = (system.Sizes[block], system.TermCounts[factor]);
        var triangle = function.Root(factor).ToArray();
        var basis = system.Bases[factor];
        double[] inverse;
        double[] mode;
        var cross = new double[size * p];
        lock (function)
        {
            inverse = function.Cholesky(block).ToArray();
            mode = function.Mode(block).ToArray();
            for (var i = system.Starts[block]; i < system.Starts[block + 1]; i++)
            {
                var spherical = function.Spherical(i);
                var weight = function.Weight(i);
                var next = 0;
                for (var k = 0; k < system.FactorCount; k++)
                {
                    for (var b = 0; b < system.TermCounts[k]; b++, next++)
                    {
                        for (var c = 0; c < p; c++)
                            cross[(system.Places[i * system.FactorCount + k] + b) * p + c] -= weight * spherical[next] * system.Population[i * p + c];
                    }
                }
            }
        }

        // T^-1 Lambda against v^, D and L_A^-T.
        var lambda = new double[q * q];
        for (var a = 0; a < q; a++)
        {
            for (var c = 0; c < q; c++)
            {
                for (var b = 0; b <= c; b++)
                    lambda[a * q + b] += basis.Back[a * q + c] * triangle[c * q + b];
            }
        }

        var part = new LevelPart(block, size, new double[q], new double[q * p], new double[q * size]);
        var solved = new double[size];
        for (var a = 0; a < q; a++)
        {
            Array.Clear(solved);
            for (var b = 0; b < q; b++)
            {
                part.Mode[a] += lambda[a * q + b] * mode[at + b];
                solved[at + b] = lambda[a * q + b];
            }

            SmallCholesky.SolveLower(inverse, solved, size);
            solved.CopyTo(part.OnNormals, a * size);
            SmallCholesky.SolveTransposed(inverse, solved, size);
            for (var i = 0; i < size; i++)
            {
                for (var c = 0; c < p; c++)
                    part.OnPopulation[a * p + c] += solved[i] * cross[i * p + c];
            }
        }

        return part;
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

    /// <summary>A level's part of a block; rows are its terms.</summary>
    public sealed record LevelPart(int Block, int Size, double[] Mode, double[] OnPopulation, double[] OnNormals);
}

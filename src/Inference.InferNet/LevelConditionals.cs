using System.Collections.Immutable;
using TypedPooling.Draws;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.InferNet;

/// <summary>Varying effects drawn from their conditional given each draw of population effects, noise and scales.</summary>
/// <remarks>
/// <para>
/// In the approximation a level's coefficients are independent of their mean, so that u_j = b_j - mu of two independent draws would have a spread
/// that no posterior has. Given population effects beta, noise precision t and the Cholesky factors Lambda of the covariances the effects have a
/// normal distribution from sums over rows. With rows of weight w_i and response y_i, columns z_i of the effects and x_i of beta, G = sum w z z',
/// g = sum w z y and M = sum w z x'. Then u = Lambda v, v ~ N(A^-1 h, A^-1), A = I + t Lambda'G Lambda, h = t Lambda'(g - M beta). A Normal response
/// has w = 1: its conditional is exact. A cell of successes has the Gaussian of its message, exp(w (y eta - eta^2 / 2)), for its likelihood (t = 1).
/// </para>
/// <para>
/// With several factors A is not block-diagonal. The levels of the largest factor are eliminated one by one, which leaves a dense system of the other
/// factors' R effects. O(R^3) a draw; with one factor O(q^3) a level and draw, made when they are read, a pure function of seed, draw and the level's
/// key.
/// </para>
/// </remarks>
internal sealed class LevelConditionals
{
    // A draw of 500 takes some 40 ms.
    private const int MostEffects = 500;

    private readonly FactorGraph graph;
    private readonly ulong seed;
    private readonly StoredBlock population;
    private readonly double[] noise;                 // t by draw
    private readonly double[][] roots;               // Lambda of each factor by draw, q x q by rows, in the order of its coordinates
    private readonly (int Term, int Column)[][] coordinates;
    private readonly int[] effects;                  // beta
    private readonly int eliminated;                 // the factor of most levels
    private readonly int[] first;                    // of each factor among the R effects
    private readonly int rest;                       // R
    private readonly LevelSums[] sums;               // of the eliminated factor
    private readonly double[] restGram;              // R x R
    private readonly double[] restMoments;           // R x (1 + p): g, M
    private readonly Lazy<double[][]> joint;         // all draws of each factor, where there are several

    public LevelConditionals(
        FactorGraph graph,
        ImmutableArray<(double MeanTimesPrecision, double Precision)> sites,
        StoredBlock population,
        double[] noise,
        double[][] roots,
        ulong seed)
    {
        (this.graph, this.population, this.noise, this.roots, this.seed) = (graph, population, noise, roots, seed);
        var factors = graph.Spec.Factors.Length;
        coordinates = [.. Enumerable.Range(0, factors).Select(
            k => graph.Blocks.Where(block => block.Factor == k).SelectMany(block => block.Terms.Zip(block.Columns)).ToArray())];
        eliminated = factors == 0 ? 0 : Enumerable.Range(0, factors).MaxBy(k => graph.Model.Levels[k].Count);
        first = new int[factors];
        for (var k = 0; k < factors; k++)
        {
            first[k] = rest;
            rest += k == eliminated ? 0 : graph.Model.Levels[k].Count * coordinates[k].Length;
        }

        var means = graph.Blocks.SelectMany(block => block.Means.Zip(block.Columns)).ToArray();
        effects = [.. means.Select(mean => mean.First), .. graph.Rest];
        sums = factors == 0
            ? []
            : [.. Enumerable.Range(0, graph.Model.Levels[eliminated].Count).Select(
                _ => new LevelSums(coordinates[eliminated].Length, effects.Length))];
        restGram = new double[rest * rest];
        restMoments = new double[rest * (1 + effects.Length)];
        Add([.. means.Select(mean => mean.Second)], sites);
        joint = new(Joint);
    }

    /// <summary>Refuses factors whose effects are too many to draw together.</summary>
    /// <exception cref="ModelException">Without the largest factor there are more than 500 effects.</exception>
    public static void Require(FactorGraph graph)
    {
        var counts =
            graph.Blocks.GroupBy(block => block.Factor).Select(
                blocks => (Factor: blocks.Key, Levels: blocks.First().LevelCount, Effects: blocks.Sum(block => block.Size * block.LevelCount)))
            .OrderByDescending(factor => factor.Levels).Skip(1).ToArray();
        if (counts.Sum(factor => factor.Effects) <= MostEffects)
            return;
        throw new ModelException(new Problem(
            ProblemCode.EngineRefuses,
            $"The engine draws levels of several factors together. The model has {counts.Sum(factor => factor.Effects)} effects beside those of "
                + $"the largest factor; the limit is {MostEffects}.",
            graph.Rows is CellRows ? "Use the Nuts engine." : "Use the Gibbs or the Marginal engine.")
        { Term = graph.Spec.Factors[counts[0].Factor].Name });
    }

    /// <summary>Number of draws.</summary>
    public int DrawCount => population.DrawCount;

    /// <summary>Copies the draws of a level's effects: term after term.</summary>
    public void CopyLevel(int factor, int level, Span<double> destination)
    {
        var count = DrawCount;
        var terms = graph.Spec.Factors[factor].Terms.Length;
        if (rest > 0)
        {
            joint.Value[factor].AsSpan(level * terms * count, terms * count).CopyTo(destination);
            return;
        }

        destination[..(terms * count)].Clear();
        var own = coordinates[factor];
        var q = own.Length;
        var (a, h, normals) = (new double[q * q], new double[q], new double[terms]);
        var hash = Hash(factor, level);
        for (var s = 0; s < count; s++)
        {
            System(sums[level], roots[factor].AsSpan(s * q * q, q * q), s, a, h);
            Factorise(a, q);
            Forward(a, q, h);
            PhiloxNormals.Fill(seed, (ulong)s, hash, normals);
            for (var i = 0; i < q; i++)
                h[i] += normals[own[i].Term];
            Backward(a, q, h);
            Keep(factor, h, s, destination);
        }
    }

    // The rows: what they say of each level of the eliminated factor, of the other effects, and of both together.
    private void Add(int[] meanColumns, ImmutableArray<(double MeanTimesPrecision, double Precision)> sites)
    {
        var rows = graph.Rows;
        var factors = coordinates.Length;
        if (factors == 0)
            return;
        var levels = Enumerable.Range(0, factors).Select(rows.Levels).ToArray();
        var regressors = new double[1 + effects.Length];
        var touched = new List<(int At, double Value)>();
        for (var r = 0; r < rows.Varying.Count; r++)
        {
            var (z, x) = (rows.Varying[r], rows.Population[r]);
            var (weight, weighted) = rows is PseudoRows sums ? (1, sums.Responses[r]) : (sites[r].Precision, sites[r].MeanTimesPrecision);
            regressors[0] = weighted;
            for (var i = 0; i < effects.Length; i++)
                regressors[1 + i] = weight * (i < meanColumns.Length ? z[meanColumns[i]] : x[i - meanColumns.Length]);
            touched.Clear();
            for (var k = 0; k < factors; k++)
            {
                for (var a = 0; k != eliminated && a < coordinates[k].Length; a++)
                    touched.Add((first[k] + levels[k][r] * coordinates[k].Length + a, z[coordinates[k][a].Column]));
            }

            foreach (var (at, value) in touched)
            {
                for (var i = 0; i < regressors.Length; i++)
                    restMoments[at * regressors.Length + i] += value * regressors[i];
                foreach (var (other, otherValue) in touched)
                    restGram[at * rest + other] += weight * value * otherValue;
            }

            this.sums[levels[eliminated][r]].Add([.. coordinates[eliminated].Select(c => z[c.Column])], weight, regressors, touched);
        }
    }

    // All effects of every draw.
    private double[][] Joint()
    {
        var count = DrawCount;
        var (q, factors) = (coordinates[eliminated].Length, coordinates.Length);
        var all = Enumerable.Range(0, factors).Select(k => new double[graph.Model.Levels[k].Count * graph.Spec.Factors[k].Terms.Length * count])
            .ToArray();
        var (schur, u, scaled) = (new double[rest * rest], new double[rest], new double[rest * rest]);
        var own = sums.Select(level => (A: new double[q * q], H: new double[q], X: new double[q * level.Touched.Count])).ToArray();
        var normals = new double[graph.Spec.Factors.Max(factor => factor.Terms.Length)];
        for (var s = 0; s < count; s++)
        {
            Rest(s, scaled, schur, u);
            for (var j = 0; j < sums.Length; j++)
            {
                var (a, h, x) = own[j];
                var touched = sums[j].Touched;
                System(sums[j], roots[eliminated].AsSpan(s * q * q, q * q), s, a, h);
                Factorise(a, q);
                Forward(a, q, h);
                Couple(sums[j], s, x);
                for (var c = 0; c < touched.Count; c++)
                    Forward(a, q, x.AsSpan(c * q, q));
                for (var c = 0; c < touched.Count; c++)
                {
                    u[touched[c]] -= Dot(x, c * q, h, 0, q);
                    for (var d = 0; d < touched.Count; d++)
                        schur[touched[c] * rest + touched[d]] -= Dot(x, c * q, x, d * q, q);
                }
            }

            Factorise(schur, rest);
            Forward(schur, rest, u);
            ForEachRest((k, level, at) =>
            {
                Normals(k, level, s, normals);
                for (var a = 0; a < coordinates[k].Length; a++)
                    u[at + a] += normals[coordinates[k][a].Term];
            });
            Backward(schur, rest, u);
            for (var j = 0; j < sums.Length; j++)
            {
                var (a, h, x) = own[j];
                Normals(eliminated, j, s, normals);
                for (var i = 0; i < q; i++)
                {
                    h[i] += normals[coordinates[eliminated][i].Term];
                    for (var c = 0; c < sums[j].Touched.Count; c++)
                        h[i] -= x[c * q + i] * u[sums[j].Touched[c]];
                }

                Backward(a, q, h);
                KeepAt(eliminated, j, h);
            }

            ForEachRest((k, level, at) => KeepAt(k, level, u.AsSpan(at, coordinates[k].Length).ToArray()));

            void KeepAt(int k, int level, double[] v) => Keep(k, v, s, all[k].AsSpan(level * graph.Spec.Factors[k].Terms.Length * count));
        }

        return all;
    }

    // A and h of the effects that are not eliminated, before elimination.
    private void Rest(int s, double[] scaled, double[] a, double[] h)
    {
        // t G Lambda, then Lambda' of it.
        Array.Clear(scaled);
        Array.Clear(a);
        ForEachRest((k, _, at) =>
        {
            var q = coordinates[k].Length;
            var root = roots[k].AsSpan(s * q * q, q * q);
            for (var r = 0; r < rest; r++)
            {
                for (var c = 0; c < q; c++)
                {
                    for (var i = c; i < q; i++)
                        scaled[r * rest + at + c] += noise[s] * restGram[r * rest + at + i] * root[i * q + c];
                }
            }
        });
        ForEachRest((k, _, at) =>
        {
            var q = coordinates[k].Length;
            var root = roots[k].AsSpan(s * q * q, q * q);
            for (var c = 0; c < q; c++)
            {
                h[at + c] = 0;
                for (var i = c; i < q; i++)
                {
                    h[at + c] += noise[s] * root[i * q + c] * Residual(restMoments, at + i, s);
                    for (var r = 0; r < rest; r++)
                        a[(at + c) * rest + r] += root[i * q + c] * scaled[(at + i) * rest + r];
                }

                a[(at + c) * rest + at + c] += 1;
            }
        });
    }

    // Columns of t Lambda_e' G Lambda_rest at the touched effects, each of length q.
    private void Couple(LevelSums level, int s, double[] x)
    {
        var q = coordinates[eliminated].Length;
        var root = roots[eliminated].AsSpan(s * q * q, q * q);
        Array.Clear(x);
        for (var c = 0; c < level.Touched.Count; c++)
        {
            // Touched effects come in whole levels, so that those of one level are next to each other.
            var (k, a) = Coordinate(level.Touched[c]);
            var size = coordinates[k].Length;
            var other = roots[k].AsSpan(s * size * size, size * size);
            for (var b = a; b < size; b++)
            {
                for (var i = 0; i < q; i++)
                {
                    for (var j = i; j < q; j++)
                        x[c * q + i] += noise[s] * root[j * q + i] * level.Coupling[c - a + b][j] * other[b * size + a];
                }
            }
        }
    }

    private (int Factor, int Coordinate) Coordinate(int at)
    {
        var k = Array.FindLastIndex(first, start => start <= at);
        while (k == eliminated || coordinates[k].Length == 0)
            k--;
        return (k, (at - first[k]) % coordinates[k].Length);
    }

    private void ForEachRest(Action<int, int, int> action)
    {
        for (var k = 0; k < coordinates.Length; k++)
        {
            for (var j = 0; k != eliminated && coordinates[k].Length > 0 && j < graph.Model.Levels[k].Count; j++)
                action(k, j, first[k] + j * coordinates[k].Length);
        }
    }

    // A = I + t Lambda'G Lambda and h = t Lambda'(g - M beta) of a level.
    private void System(LevelSums level, ReadOnlySpan<double> root, int s, double[] a, double[] h)
    {
        var q = h.Length;
        for (var i = 0; i < q; i++)
        {
            h[i] = 0;
            for (var c = i; c < q; c++)
                h[i] += noise[s] * root[c * q + i] * Residual(level.Moments, c, s);
            for (var j = 0; j < q; j++)
            {
                var sum = 0.0;
                for (var c = i; c < q; c++)
                {
                    for (var d = j; d < q; d++)
                        sum += root[c * q + i] * level.Gram[c * q + d] * root[d * q + j];
                }

                a[i * q + j] = noise[s] * sum + (i == j ? 1 : 0);
            }
        }
    }

    private double Residual(double[] moments, int row, int s)
    {
        var width = 1 + effects.Length;
        var sum = moments[row * width];
        for (var i = 0; i < effects.Length; i++)
            sum -= moments[row * width + 1 + i] * population.Draws(effects[i])[s];
        return sum;
    }

    // u = Lambda v
    private void Keep(int factor, ReadOnlySpan<double> v, int s, Span<double> destination)
    {
        var own = coordinates[factor];
        var q = own.Length;
        var root = roots[factor].AsSpan(s * q * q, q * q);
        for (var i = 0; i < q; i++)
        {
            var sum = 0.0;
            for (var c = 0; c <= i; c++)
                sum += root[i * q + c] * v[c];
            destination[own[i].Term * DrawCount + s] = sum;
        }
    }

    private void Normals(int factor, int level, int s, double[] normals) =>
        PhiloxNormals.Fill(seed, (ulong)s, Hash(factor, level), normals.AsSpan(0, graph.Spec.Factors[factor].Terms.Length));

    // Levels of several factors may have the same key: the factor's number tells them apart.
    private ulong Hash(int factor, int level) => RandomAddresses.NumberedLevel(factor, graph.Model.Levels[factor].Text(level));

    private static double Dot(double[] a, int atA, double[] b, int atB, int length)
    {
        var sum = 0.0;
        for (var i = 0; i < length; i++)
            sum += a[atA + i] * b[atB + i];
        return sum;
    }

    // In place: the lower Cholesky factor, by rows.
    private static void Factorise(double[] a, int order)
    {
        for (var i = 0; i < order; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = a[i * order + j];
                for (var c = 0; c < j; c++)
                    sum -= a[i * order + c] * a[j * order + c];
                a[i * order + j] = i == j ? Math.Sqrt(sum) : sum / a[j * order + j];
            }
        }
    }

    private static void Forward(double[] l, int order, Span<double> x)
    {
        for (var i = 0; i < order; i++)
        {
            for (var c = 0; c < i; c++)
                x[i] -= l[i * order + c] * x[c];
            x[i] /= l[i * order + i];
        }
    }

    private static void Backward(double[] l, int order, Span<double> x)
    {
        for (var i = order - 1; i >= 0; i--)
        {
            for (var c = i + 1; c < order; c++)
                x[i] -= l[c * order + i] * x[c];
            x[i] /= l[i * order + i];
        }
    }

    // Of one level of the eliminated factor.
    private sealed class LevelSums(int q, int effectCount)
    {
        public double[] Gram { get; } = new double[q * q];

        public double[] Moments { get; } = new double[q * (1 + effectCount)];

        public List<int> Touched { get; } = [];

        public List<double[]> Coupling { get; } = [];

        public void Add(double[] z, double weight, double[] regressors, List<(int At, double Value)> touched)
        {
            for (var a = 0; a < q; a++)
            {
                for (var b = 0; b < q; b++)
                    Gram[a * q + b] += weight * z[a] * z[b];
                for (var i = 0; i < regressors.Length; i++)
                    Moments[a * regressors.Length + i] += z[a] * regressors[i];
            }

            foreach (var (at, value) in touched)
            {
                var c = Touched.IndexOf(at);
                if (c < 0)
                {
                    c = Touched.Count;
                    Touched.Add(at);
                    Coupling.Add(new double[q]);
                }

                for (var a = 0; a < q; a++)
                    Coupling[c][a] += weight * z[a] * value;
            }
        }
    }
}

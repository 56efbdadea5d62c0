using MathNet.Numerics.Distributions;
using TypedPooling.Draws;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Sampling.Importance;
using TypedPooling.Inference.Sampling.QuasiRandom;
using TypedPooling.Randomness;
using Xunit;

namespace TypedPooling.Tests.Inference;

public sealed class QuasiRandomTests
{
    // Printed by Joe and Kuo with their generator, [JoeKuo2008]: the first ten points in three dimensions, in Gray-code order.
    [Fact]
    public void The_first_points_are_those_that_Joe_and_Kuo_print()
    {
        double[][] printed =
        [
            [0, 0, 0], [0.5, 0.5, 0.5], [0.75, 0.25, 0.25], [0.25, 0.75, 0.75], [0.375, 0.375, 0.625],
            [0.875, 0.875, 0.125], [0.625, 0.125, 0.875], [0.125, 0.625, 0.375], [0.1875, 0.3125, 0.9375], [0.6875, 0.8125, 0.4375],
        ];
        for (var i = 0; i < printed.Length; i++)
        {
            for (var c = 0; c < 3; c++)
                Assert.Equal(printed[i][c], SobolSequence.Point((uint)(i ^ (i >> 1)), c) / 4294967296.0);
        }
    }

    [Fact]
    public void Steps_lead_from_each_point_to_the_next()
    {
        for (var c = 0; c < SobolSequence.MaximumDimension; c++)
        {
            var point = 0U;
            for (uint n = 1; n < 3000; n++)
                Assert.Equal(SobolSequence.Point(n, c), point ^= SobolSequence.StepsOf(c)[System.Numerics.BitOperations.TrailingZeroCount(n)]);
        }
    }

    // Sobol's theorem: the first s coordinates are a (t, s)-sequence, t the sum of the polynomials' degrees less 1: every interval of volume 2^(t -
    // m) has 2^t of each 2^m points. Scrambling does not change it.
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    [InlineData(4, 3)]
    [InlineData(5, 5)]
    [InlineData(6, 8)]
    public void Every_elementary_interval_of_scrambled_points_has_its_number_of_them(int s, int t)
    {
        const int m = 10;
        var points = Points(s, m, replicate: 1, replicates: 3, seed: 5);
        foreach (var digits in Compositions(m - t, s))
            AssertBalanced(points, s, digits, Enumerable.Range(0, s), 1 << t);
    }

    // The same of any two coordinates, t being the sum of their two degrees less 1; degrees by coordinate.
    [Fact]
    public void Every_elementary_interval_of_any_two_coordinates_has_its_number_of_points()
    {
        const int m = 13;
        int[] degrees = [1, 1, 2, 3, 3, 4, 4, 5, 5, 5, 5, 5, 5, 6, 6, 6, 6, 6, 6, 7, 7];
        var s = SobolSequence.MaximumDimension;
        Assert.Equal(s, degrees.Length);
        var points = Points(s, m, replicate: 0, replicates: 1, seed: 6);
        for (var a = 0; a < s; a++)
        {
            for (var b = 0; b < a; b++)
            {
                var t = degrees[a] + degrees[b] - 2;
                foreach (var digits in Compositions(m - t, 2))
                    AssertBalanced(points, s, digits, [a, b], 1 << t);
            }
        }
    }

    [Fact]
    public void Parts_of_a_replicate_are_the_same_points_and_digits_beyond_the_table_are_those_of_the_stream()
    {
        const int s = 5, m = 8;
        var scrambled = new ScrambledSobol(s, m, 2, 9, 100);
        var whole = new double[256 * s];
        scrambled.Fill(1, 0, new PhiloxStream(9, 0), whole);
        var part = new double[64 * s];
        scrambled.Fill(1, 128, new PhiloxStream(9, 1), part);
        for (var i = 0; i < part.Length; i++)
        {
            Assert.Equal(Math.Floor(256 * whole[128 * s + i]), Math.Floor(256 * part[i]));
            Assert.NotEqual(whole[128 * s + i], part[i]);
        }
    }

    // One point of many scramblings: uniform on the cube. 4 x 4 cells of each two coordinates; 15 degrees of freedom, so chi-squared has mean 15, sd
    // 5.5.
    [Fact]
    public void A_scrambled_point_is_uniform_and_its_coordinates_are_independent()
    {
        const int replicates = 20_000, s = 3, cells = 4;
        var scrambled = new ScrambledSobol(s, 6, replicates, 10, 0);
        foreach (var number in new[] { 0, 1, 17, 63 })
        {
            var counts = new double[s, s, cells * cells];
            var fine = new double[64];
            var point = new double[s];
            for (var r = 0; r < replicates; r++)
            {
                scrambled.Fill(r, number, new PhiloxStream(11, (ulong)((64 * r) + number)), point);
                Assert.All(point, u => Assert.True(u is > 0 and < 1));
                fine[(int)(64 * point[2])]++;
                for (var a = 0; a < s; a++)
                {
                    for (var b = 0; b < a; b++)
                        counts[a, b, ((int)(cells * point[a]) * cells) + (int)(cells * point[b])]++;
                }
            }

            for (var a = 0; a < s; a++)
            {
                for (var b = 0; b < a; b++)
                    Assert.InRange(
                        ChiSquaredOf(Enumerable.Range(0, cells * cells).Select(i => counts[a, b, i]), replicates / 16.0), 0, 15 + (5 * 5.5));
            }

            Assert.InRange(ChiSquaredOf(fine, replicates / 64.0), 63 - (5 * 11.3), 63 + (5 * 11.3));
        }
    }

    // Nested: the digit flips of the root and of its two children are three independent bits.
    [Fact]
    public void Flips_of_digits_that_follow_different_digits_are_independent()
    {
        const int replicates = 16_000;
        var scrambled = new ScrambledSobol(1, 2, replicates, 12, 0);
        var counts = new double[8];
        var points = new double[4];
        for (var r = 0; r < replicates; r++)
        {
            scrambled.Fill(r, 0, new PhiloxStream(13, (ulong)r), points);

            // Unscrambled 0, 1/2, 1/4, 3/4: the first digit of 0, then the second digits of 0 and of 1/2.
            var (zero, half) = ((int)(4 * points[0]), (int)(4 * points[1]));
            counts[(zero & 2) | (zero & 1) | ((half & 1) << 2)]++;
        }

        // 7 degrees of freedom: mean 7, sd 3.7.
        Assert.InRange(ChiSquaredOf(counts, replicates / 8.0), 0, 7 + (5 * 3.7));
    }

    [Fact]
    public void Inverse_normal_probabilities_agree_with_MathNet()
    {
        foreach (var p in Probabilities())
        {
            var expected = Normal.InvCDF(0, 1, p);
            Assert.Equal(0, (InverseNormal.Of(p) - expected) / Math.Max(1, Math.Abs(expected)), 1e-13);
            Assert.Equal(1, Normal.CDF(0, 1, InverseNormal.Of(p)) / p, 1e-12);
        }

        Assert.Equal(0, InverseNormal.Of(0.5));
        Assert.True(double.IsFinite(InverseNormal.Of(1 - Math.ScaleB(1, -53))) && double.IsFinite(InverseNormal.Of(Math.ScaleB(1, -53))));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    public void Inverse_chi_squared_probabilities_agree_with_MathNet(int degreesOfFreedom)
    {
        foreach (var p in Probabilities())
        {
            var x = InverseChiSquared.Exceeded(degreesOfFreedom, p);
            if (p > 0.5)
                Assert.Equal(1, ChiSquared.CDF(degreesOfFreedom, x) / (1 - p), 1e-7);
            else
                Assert.Equal(1, Exceeded(x / 2) / p, 1e-7);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => InverseChiSquared.Exceeded(4, 0.5));

        // A Poisson number with this mean is below half the degrees of freedom.
        double Exceeded(double x) => Math.Exp(-x) * (degreesOfFreedom == 2 ? 1 : 1 + x + (x * x / 2));
    }

    // Three coordinates, the last folded, 6 and 2 degrees of freedom: moments and tails of the t's.
    [Fact]
    public void Proposals_from_scrambled_points_have_the_distribution_of_the_mixture()
    {
        double[] centre = [1, -2, 0.5], scale = [4, 1, 0.3, 1, 2, -0.2, 0.3, -0.2, 0.25];
        var first = StudentComponent.Of(centre, scale, [2], 0.6)!;
        var mixture = new StudentMixture(3, [2], [first, first.AsWide(0.4)]);
        const int replicates = 32, m = 10;
        var scrambled = new ScrambledSobol(5, m, replicates, 14, 0);
        var uniforms = new double[5 << m];
        var z = new double[3];
        var count = replicates << m;
        var columns = new double[6][];
        for (var i = 0; i < columns.Length; i++)
            columns[i] = new double[count];
        for (var r = 0; r < replicates; r++)
        {
            scrambled.Fill(r, 0, new PhiloxStream(15, (ulong)r), uniforms);
            for (var i = 0; i < 1 << m; i++)
            {
                var at = (r << m) + i;
                mixture.Place(uniforms.AsSpan(5 * i, 5), z);
                var (x, y) = ((z[0] - 1) / 2, (z[1] + 2) / Math.Sqrt(2));
                columns[0][at] = x > 0 ? 1 : 0;
                columns[1][at] = x > 3 ? 1 : 0;
                columns[2][at] = y < -6 ? 1 : 0;
                columns[3][at] = Math.Exp(z[2]) > 1.5 ? 1 : 0;
                columns[4][at] = (x > 0) == (y > 0) ? 1 : 0;
                columns[5][at] = Math.Atan(x * y);
            }
        }

        double Tail(double x) => (0.6 * StudentT.CDF(0, 1, 6, -x)) + (0.4 * StudentT.CDF(0, 1, 2, -x));

        // Correlation of the first two 1 / sqrt 8: the quadrant probability of any elliptic distribution.
        var quadrant = 0.5 + (Math.Asin(1 / Math.Sqrt(8)) / Math.PI);
        double[] expected = [0.5, Tail(3), Tail(6), Tail(2) + Tail(4), quadrant];
        var weights = new DrawWeights(
            [.. Enumerable.Repeat(1.0 / count, count)],
            [.. Enumerable.Repeat(1.0 / count / count, count)],
            [.. Enumerable.Range(0, count).Select(i => i >> m)],
            replicates);
        for (var i = 0; i < expected.Length; i++)
        {
            var error = weights.McseMean(columns[i]);
            Assert.InRange(error, 0, 1.2 * Math.Sqrt(expected[i] * (1 - expected[i]) / count));
            Assert.True(
                Math.Abs(weights.Mean(columns[i]) - expected[i]) <= 5 * error,
                $"{i}: {weights.Mean(columns[i])} is not {expected[i]}, error {error}");
        }

        Assert.True(weights.Mean(columns[5]) > 0.1);
    }

    private static IEnumerable<double> Probabilities() =>
        Enumerable.Range(1, 4000).Select(i => i / 4001.0)
            .Concat(Enumerable.Range(1, 50).Select(i => Math.ScaleB(1, -i)))
            .Concat(Enumerable.Range(1, 40).Select(i => 1 - Math.ScaleB(1, -i)));

    private static double ChiSquaredOf(IEnumerable<double> counts, double expected) =>
        counts.Sum(count => (count - expected) * (count - expected) / expected);

    private static double[] Points(int s, int m, int replicate, int replicates, ulong seed)
    {
        var points = new double[s << m];
        new ScrambledSobol(s, m, replicates, seed, 50).Fill(replicate, 0, new PhiloxStream(seed, 0), points);
        return points;
    }

    // Every way to write a sum as s whole numbers.
    private static IEnumerable<int[]> Compositions(int sum, int s)
    {
        if (s == 1)
            return [[sum]];
        return Enumerable.Range(0, sum + 1).SelectMany(first => Compositions(sum - first, s - 1).Select(rest => (int[])[first, .. rest]));
    }

    private static void AssertBalanced(double[] points, int s, int[] digits, IEnumerable<int> coordinates, int expected)
    {
        int[] chosen = [.. coordinates];
        var counts = new int[1 << digits.Sum()];
        for (var i = 0; i < points.Length; i += s)
        {
            var cell = 0;
            for (var c = 0; c < chosen.Length; c++)
                cell = (cell << digits[c]) | (int)Math.ScaleB(points[i + chosen[c]], digits[c]);
            counts[cell]++;
        }

        Assert.All(counts, count => Assert.Equal(expected, count));
    }
}

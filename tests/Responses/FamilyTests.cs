using MathNet.Numerics.Distributions;
using TypedPooling.Data;
using TypedPooling.Predictions;
using TypedPooling.Randomness;
using TypedPooling.Responses;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Responses;

/// <summary>What every family says of its response, held against its own distribution function and that against MathNet's: likelihoods, quantiles,
/// draws, faults, bounds, anchors and links.</summary>
public sealed class FamilyTests
{
    private static readonly ResponseScales Usual = new(0.7, 3.2);

    public static TheoryData<string, Link> OfCells
    {
        get
        {
            var names = new TheoryData<string, Link>();
            foreach (var family in TestFamilies.OfCells)
                names.Add(family.Name, family.Link);
            return names;
        }
    }

    public static TheoryData<string, Link> All
    {
        get
        {
            var names = new TheoryData<string, Link>();
            foreach (var family in TestFamilies.All)
                names.Add(family.Name, family.Link);
            return names;
        }
    }

    [Theory]
    [MemberData(nameof(OfCells))]
    public void The_log_likelihood_of_a_row_is_the_log_density_of_its_own_distribution_function(string name, Link link)
    {
        var family = TestFamilies.Of(name, link);
        foreach (var (location, size, scales) in Ordinary(family))
        {
            foreach (var y in Responses(family, location, size, scales))
            {
                var actual = LogLikelihood(family, location, scales, [(y, size)]);
                var expected = IsDiscrete(family)
                    ? Math.Log(family.Cdf(y, location, size, scales) - family.Cdf(y - 1, location, size, scales))
                    : Math.Log(Derivative(x => family.Cdf(x, location, size, scales), y, family.TakesAnyNumber
                        ? 1 : Math.Min(y, name == "Beta" ? 1 - y : y)));

                // Rounding of distribution functions near 1 beside a small density.
                Assert.Equal(expected, actual, 1e-9 + 1e-14 / Math.Exp(expected));
                Assert.Equal(MathNetLogDensity(name, y, location, size, scales), actual, 1e-11 * (1 + Math.Abs(actual)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(OfCells))]
    public void Rows_of_one_predictor_have_the_sum_of_their_log_likelihoods(string name, Link link)
    {
        var family = TestFamilies.Of(name, link);
        var stream = new PhiloxStream(11, 0);
        foreach (var (location, size, scales) in Ordinary(family))
        {
            (double Y, double Size)[] rows = [.. Enumerable.Range(0, 9).Select(i => name == "Binomial" ? size + i % 3 : family.IsCount
                ? size * (1 + i % 3) : size)
                .Select(own => (family.Draw(location, own, scales, stream), own))];

            var expected = rows.Sum(row => MathNetLogDensity(name, row.Y, location, row.Size, scales));

            Assert.Equal(expected, LogLikelihood(family, location, scales, rows), 1e-11 * (1 + Math.Abs(expected)));
        }
    }

    [Theory]
    [MemberData(nameof(OfCells))]
    public void Measured_from_anchors_the_log_likelihood_is_the_same(string name, Link link)
    {
        var family = TestFamilies.Of(name, link);
        var stream = new PhiloxStream(12, 0);
        foreach (var (location, size, scales) in Ordinary(family))
        {
            (double Y, double Size)[] rows = [.. Enumerable.Range(0, 9).Select(i => name == "Binomial" ? size + i % 3 : family.IsCount
                ? size * (1 + i % 3) : size)
                .Select(own => (family.Draw(location, own, scales, stream), own))];
            var cells = Cells(family, rows);
            var predictor = Predictor(family.Link, location);
            var term = family.NewScaleTerm(cells.View);
            var (plain, anchored) = (cells.LogConstant + term.At(scales, out var onPlain), family.AnchoredConstant(cells.View)
                + term.Anchored(scales, out var onAnchored));
            for (var i = 0; i < cells.Count; i++)
            {
                var (a, n) = (cells.Responses[i], cells.Sizes[i]);
                var eta = predictor + cells.Offsets[i];
                var anchor = family.Curve.Anchor(a, n);
                plain += family.Curve.At(eta, a, n, scales, out _, out _, out _);
                anchored += family.Curve.FromAnchor(anchor, eta - anchor, a, n, scales, out _, out _, out _);
                var (value, slope, weight) = (0.0, 0.0, 0.0);
                family.Curve.OnShapeFromAnchors([anchor], [eta - anchor], [a], [n], scales, new Span<double>(ref value), new Span<double>(ref slope),
                    new Span<double>(ref weight));
                onAnchored += new ResponseScales(0, value);
                family.Curve.Sum([eta], [a], [n], scales, new Span<double>(ref slope), out var on);
                onPlain += on with { Sigma = 0 };
            }

            Assert.Equal(plain, anchored, 1e-12 * (1 + Math.Abs(plain)));
            if (family.HasShape)
                Assert.Equal(onPlain.Shape, onAnchored.Shape, 1e-11 * (1 + Math.Abs(onPlain.Shape)));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_quantile_is_the_least_response_that_is_as_probable_as_asked(string name, Link link)
    {
        var family = TestFamilies.Any(name, link);
        foreach (var (location, size, scales) in Ordinary(family).Concat(Extreme(family)))
        {
            foreach (var p in new[] { 1e-12, 1e-6, 0.003, 0.2, 0.5, 0.8, 0.997, 1 - 1e-6, 1 - 1e-12 })
            {
                var y = family.Quantile(p, location, size, scales);
                var at = family.Cdf(y, location, size, scales);
                var what = $"{name} {location} {size} {scales} p {p:R}: quantile {y:R} with {at:R}";
                if (IsDiscrete(family))
                    Assert.True(y >= 0 && y == Math.Floor(y) && at >= p && (y == 0 || family.Cdf(y - 1, location, size, scales) < p), what);
                else if (y is > 1e-290 and (< 0.5 or > 1 or < 1 - 1e-9) || y < 0)
                    Assert.True(Math.Abs(at - p) <= (scales.Shape >= 1e6 ? 1e-8 : 1e-9) * Math.Min(p, 1 - p) + 2e-15 || Straddles(y), what);
                else
                    Assert.True(Straddles(y), what);

                // Where a step of the response's rounding is more than that. (Incomplete gamma functions of 1e6 by MathNet have nine digits.)
                bool Straddles(double near) => family.Cdf(near - 4e-16 * Math.Abs(near) - double.Epsilon, location, size, scales) <= p * (1 + 1e-9)
                    && family.Cdf(near + 4e-16 * Math.Abs(near) + double.Epsilon, location, size, scales) >= p * (1 - 1e-9);
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_distribution_function_is_that_of_MathNet_and_has_its_ends(string name, Link link)
    {
        var family = TestFamilies.Any(name, link);
        foreach (var (location, size, scales) in Ordinary(family))
        {
            foreach (var y in Responses(family, location, size, scales))
                Assert.Equal(MathNetCdf(name, y, location, size, scales), family.Cdf(y, location, size, scales), 1e-12);
            if (family.FaultOf(-1, size) != ResponseFault.None)
                Assert.Equal((0.0, 0.0), (family.Cdf(-1, location, size, scales), family.Cdf(double.NegativeInfinity, location, size, scales)));
            Assert.Equal(1, family.Cdf(name == "Beta" ? 1 : family.IsProportion ? size : 1e9, location, size, scales), 1e-9);
            if (IsDiscrete(family))
                Assert.Equal(family.Cdf(1, location, size, scales), family.Cdf(1.7, location, size, scales));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_mean_and_the_variance_are_those_of_the_quantiles(string name, Link link)
    {
        // Averages over quantiles at the midpoints of 20,000 equal parts of (0, 1), which leave out tails of 2.5e-5.
        const int Count = 20_000;
        var family = TestFamilies.Any(name, link);
        foreach (var (location, size, _) in Ordinary(family))
        {
            var scales = new ResponseScales(0.7, 11);
            var mean = family.Mean(location, size, scales);
            var variance = family.Variance(location, size, scales);
            var (sum, squares) = (0.0, 0.0);
            for (var i = 0; i < Count; i++)
            {
                var deviation = family.Quantile((i + 0.5) / Count, location, size, scales) - mean;
                (sum, squares) = (sum + deviation, squares + deviation * deviation);
            }

            Assert.Equal(0, sum / Count / Math.Sqrt(variance), 2e-3);
            Assert.Equal(1, squares / Count / variance, 0.01);
        }

        Assert.Equal(name == "StudentT", double.IsInfinity(family.Variance(0.5, 1, new(0.7, 1.5))));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Draws_have_the_distribution_that_the_family_says(string name, Link link)
    {
        const int Count = 20_000;
        var family = TestFamilies.Any(name, link);
        var run = 0UL;
        foreach (var (location, size, scales) in Ordinary(family).Concat(Extreme(family)))
        {
            var stream = new PhiloxStream(20261128, run++);
            double[] draws = [.. Enumerable.Range(0, Count).Select(_ => family.Draw(location, size, scales, stream)).Order()];
            var what = $"{name} {location} {size} {scales}";

            // The greatest distance of the two distribution functions, over the places where the draws stand: that of Kolmogorov and Smirnov has 2.8
            // at 5 normal errors. Of a discrete response it is less.
            var greatest = 0.0;
            for (var i = 0; i < Count; i++)
            {
                if (i + 1 < Count && draws[i + 1] == draws[i])
                    continue;
                var cdf = family.Cdf(draws[i], location, size, scales);
                greatest = Math.Max(greatest, Math.Abs(cdf - (i + 1.0) / Count));
            }

            Assert.True(greatest * Math.Sqrt(Count) < 2.8, $"{what}: {greatest * Math.Sqrt(Count)}");

            // Draws between quantiles, tails too, at 5 standard errors.
            var before = (Edge: double.NegativeInfinity, Cdf: 0.0);
            foreach (var p in new[] { 0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999 })
            {
                var edge = family.Quantile(p, location, size, scales);
                var cdf = family.Cdf(edge, location, size, scales);
                var share = cdf - before.Cdf;
                var error = Math.Sqrt(Math.Max(0, share * (1 - share)) / Count);
                var found = draws.Count(y => y > before.Edge && y <= edge) / (double)Count;
                Assert.True(Math.Abs(found - share) <= 5 * error + 3.0 / Count, $"{what} up to {edge:R}: {found} for {share}");
                before = (edge, cdf);
            }

            if (double.IsFinite(scales.Shape))
                Assert.All(draws.Where(y => y is not 0 and not 1 || IsDiscrete(family)), y =>
                    Assert.Equal(ResponseFault.None, family.FaultOf(y, size)));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Says_which_responses_are_none_of_its_own(string name, Link link)
    {
        var family = TestFamilies.Any(name, link);
        (double Y, double Size, ResponseFault Fault)[] expected = name switch
        {
            "Normal" or "StudentT" => [(0, 1, ResponseFault.None), (-1e300, 1, ResponseFault.None), (1e-300, 1, ResponseFault.None)],
            "LogNormal" or "Gamma" =>
            [
                (double.Epsilon, 1, ResponseFault.None), (1e300, 1, ResponseFault.None), (0, 1, ResponseFault.NotPositive),
                (-0.0, 1, ResponseFault.NotPositive), (-3, 1, ResponseFault.NotPositive),
            ],
            "Beta" =>
            [
                (double.Epsilon, 1, ResponseFault.None), (1 - 1e-16, 1, ResponseFault.None), (0, 1, ResponseFault.NotBetweenZeroAndOne),
                    (-0.0, 1, ResponseFault.NotBetweenZeroAndOne),
                (1, 1, ResponseFault.NotBetweenZeroAndOne), (-0.2, 1, ResponseFault.NotBetweenZeroAndOne),
                    (47, 1, ResponseFault.NotBetweenZeroAndOne),
            ],
            "Bernoulli" => [(0, 1, ResponseFault.None), (1, 1, ResponseFault.None), (2, 1, ResponseFault.NotBinary),
                (0.5, 1, ResponseFault.NotBinary), (-1, 1, ResponseFault.NotBinary)],
            "Binomial" =>
            [
                (0, 3, ResponseFault.None), (3, 3, ResponseFault.None), (4, 3, ResponseFault.MoreThanTrials), (0.5, 3, ResponseFault.NotACount),
                    (-1, 3, ResponseFault.NotACount),
            ],
            "Poisson" or "NegativeBinomial" =>
            [
                (0, 1, ResponseFault.None), (1L << 53, 1, ResponseFault.None), (7, 0.5, ResponseFault.None), (-1, 1, ResponseFault.NotACount),
                    (2.5, 1, ResponseFault.NotACount), (1e17, 1, ResponseFault.NotACount),
            ],
            _ => throw new NotSupportedException(name),
        };

        Assert.All(expected, row => Assert.Equal(row.Fault, family.FaultOf(row.Y, row.Size)));
        Assert.Equal(family.TakesAnyNumber, expected.All(row => row.Fault == ResponseFault.None));
    }

    [Theory]
    [MemberData(nameof(OfCells))]
    public void Bounds_are_the_signs_of_slopes_far_out(string name, Link link)
    {
        var family = TestFamilies.Of(name, link);
        var keepsBoth = true;
        foreach (var (a, n) in CellsOf(name))
        {
            foreach (var shape in new[] { 0.4, 3.2, 900 })
            {
                family.Curve.At(-30, a, n, new ResponseScales(0.7, shape), out var below, out _, out _);
                family.Curve.At(30, a, n, new ResponseScales(0.7, shape), out var above, out _, out _);
                Assert.Equal((below > 0, above < 0), family.Bounds(a, n));
                keepsBoth &= below > 0 && above < 0;
            }
        }

        Assert.Equal(keepsBoth, family.Outcomes is null);
    }

    [Theory]
    [MemberData(nameof(OfCells))]
    public void An_anchor_is_where_the_slope_is_zero(string name, Link link)
    {
        var family = TestFamilies.Of(name, link);
        foreach (var (a, n) in CellsOf(name))
        {
            var (nearA, nearN) = family.WithFiniteAnchor(a, n);
            var anchor = family.Curve.Anchor(nearA, nearN);
            Assert.True(double.IsFinite(anchor));

            // A cell whose bounds hold on both sides is near itself; another is near one that has an anchor.
            Assert.Equal(family.Bounds(a, n) == (true, true), (nearA, nearN) == (a, n));
            Assert.Equal((true, true), family.Bounds(nearA, nearN));

            // Of Beta it is the logit of the response, which a finite precision does not put there: only in the limit.
            family.Curve.At(anchor, nearA, nearN, Usual with { Shape = name == "Beta" ? 1e15 : Usual.Shape }, out var slope, out var weight, out _);
            Assert.Equal(0, slope, (name == "Beta" ? 1e-6 * Math.Sqrt(weight) : 1e-14 * nearN) + 1e-14 * Math.Abs(nearA) + 3e-15 * weight);
            if (name == "Beta")
                Assert.Equal(Math.Log(a / (1 - a)), anchor, 1e-15 * (1 + Math.Abs(anchor)));
        }
    }

    [Fact]
    public void Every_link_that_a_family_does_not_have_is_refused_with_the_reason()
    {
        var withLink = 0;
        foreach (var type in TestFamilies.All.Select(family => family.GetType()).Distinct())
        {
            var legal = TestFamilies.All.Where(family => family.GetType() == type).ToArray();
            Assert.Equal(legal[0].LegalLinks.Order(), legal.Select(family => family.Link).Order());
            const System.Reflection.BindingFlags Own =
                System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic;
            if (type.GetConstructor(Own, [typeof(Link), typeof(string)]) is not { } constructor)
            {
                // No other link can be asked for.
                Assert.Single(legal);
                Assert.Empty(Assert.Single(type.GetConstructors(Own)).GetParameters());
                continue;
            }

            foreach (var link in Enum.GetValues<Link>().Except(legal[0].LegalLinks))
            {
                var refusal = Assert.IsType<ModelException>(
                    Assert.Throws<System.Reflection.TargetInvocationException>(() => constructor.Invoke([link, "Won"])).InnerException);
                Assert.Equal(
                    $"[NotForThisFamily] Won: A {legal[0].Name} model cannot use the link {link}: it does not map probabilities to all real numbers. "
                    + "Choose Link.Logit, Link.Probit or Link.ComplementaryLogLog.",
                    refusal.Message);
                withLink++;
            }
        }

        Assert.Equal(4, withLink);
    }

    // Phi(1.96), Phi(1) and the 97.5 % point of the standard normal distribution, from tables.
    [Fact]
    public void Normal_responses_and_their_logs_have_the_values_of_tables()
    {
        var scales = new ResponseScales(2, 1);
        Assert.Equal(0.97500210485178, TestFamilies.Normal.Cdf(3 + 2 * 1.96, 3, 1, scales), 1e-13);
        Assert.Equal(3 + 2 * 1.95996398454005, TestFamilies.Normal.Quantile(0.975, 3, 1, scales), 1e-12);
        Assert.Equal(0.84134474606854, TestFamilies.LogNormal.Cdf(5 * Math.Exp(2), 5, 1, scales), 1e-13);
        Assert.Equal(5 * Math.Exp(2 * 1.95996398454005), TestFamilies.LogNormal.Quantile(0.975, 5, 1, scales), 1e-10);
        Assert.Equal(0, TestFamilies.LogNormal.Cdf(0, 5, 1, scales));
    }

    [Fact]
    public void Families_are_equal_where_type_and_link_are()
    {
        for (var i = 0; i < TestFamilies.All.Count; i++)
        {
            for (var j = 0; j < TestFamilies.All.Count; j++)
            {
                var (one, other) = (TestFamilies.All[i], TestFamilies.All[j]);
                Assert.Equal(i == j, one == other);
                Assert.Equal(i != j, one != other);
                Assert.Equal(i == j, one.Equals((object)other));
            }

            Assert.Equal(TestFamilies.All[i].GetHashCode(), TestFamilies.Again(TestFamilies.All[i]).GetHashCode());
            Assert.True(TestFamilies.All[i] == TestFamilies.Again(TestFamilies.All[i]));
            Assert.NotSame(TestFamilies.All[i], TestFamilies.Again(TestFamilies.All[i]));
            Assert.False(TestFamilies.All[i] == null);
            Assert.Equal($"{TestFamilies.All[i].Name} ({TestFamilies.All[i].Link})", TestFamilies.All[i].ToString());
        }

        Assert.Equal(13, TestFamilies.All.Count);
    }

    private static bool IsDiscrete(Family family) => family.IsCount || family.IsProportion;

    // Locations of usual predictors, sizes, and scales.
    private static IEnumerable<(double Location, double Size, ResponseScales Scales)> Ordinary(Family family)
    {
        foreach (var eta in new[] { -1.9, -0.4, 0.8 })
        {
            var location = InverseLink.Of(family.Link, eta);
            yield return (location, family.Name == "Binomial" ? 7 : family.IsCount ? 1.7 : 1, Usual);
            if (family.HasShape || family.HasSigma)
                yield return (location, family.IsCount ? 0.3 : 1, new ResponseScales(2.5, 11));
        }
    }

    private static IEnumerable<(double Location, double Size, ResponseScales Scales)> Extreme(Family family) => family.Name switch
    {
        "Normal" => [(1e6, 1, new(1e-6, 1)), (0, 1, new(1e9, 1))],
        "LogNormal" => [(1e6, 1, new(1e-6, 1)), (1e-9, 1, new(9, 1))],
        "StudentT" => [(0, 1, new(1, 1)), (-3, 1, new(1e-3, 0.6)), (1e3, 1, new(2, 1e6))],
        "Gamma" => [(1, 1, new(1, 0.02)), (1e-9, 1, new(1, 0.5)), (1e9, 1, new(1, 1e6))],
        "Beta" => [(0.3, 1, new(1, 0.05)), (0.02, 1, new(1, 3)), (0.98, 1, new(1, 3)), (0.2, 1, new(1, 1e6))],
        "Bernoulli" => [(1e-4, 1, Usual), (0.9999, 1, Usual)],
        "Binomial" => [(1e-4, 1, Usual), (0.3, 1e6, Usual), (1e-6, 1e6, Usual), (0.9999, 400, Usual)],
        "Poisson" => [(1e-3, 1, Usual), (9.9, 1, Usual), (40, 1, Usual), (1, 1e6, Usual)],
        "NegativeBinomial" => [(1e-3, 1, Usual), (5, 1, new(1, 0.02)), (1, 1e4, new(1, 0.7)), (30, 1, new(1, 1e9)),
            (2, 3, new(1, double.PositiveInfinity))],
        _ => throw new NotSupportedException(family.Name),
    };

    private static IEnumerable<double> Responses(Family family, double location, double size, ResponseScales scales) =>
        new[] { 0.001, 0.05, 0.3, 0.6, 0.95, 0.999 }.Select(p => family.Quantile(p, location, size, scales)).Distinct();

    // Of proportions and counts those without successes or failures too.
    private static (double A, double N)[] CellsOf(string name) => name switch
    {
        "Bernoulli" or "Binomial" => [(0, 1), (2, 3), (7, 7), (1, 1), (3, 9)],
        "Gamma" => [(2, 1), (7, 3), (1e-3, 1), (0.3, 2)],
        "StudentT" => [(0, 1), (2.5, 1), (-7, 3)],
        "Beta" => [(0.2, 1), (0.5, 1), (0.97, 3), (0.004, 2)],
        _ => [(0, 1), (2, 1), (7, 3), (0, 4)],
    };

    private static ResponseCells Cells(CellsFamily family, IReadOnlyList<(double Y, double Size)> rows)
    {
        var builder = new ResponseCellsBuilder(0, 0, family);
        foreach (var (y, size) in rows)
        {
            // An exposure is part of the offset where the family says so.
            var (offset, own) = family.ExposureIsOffset ? (Math.Log(size), 1.0) : (0, size);
            builder.Add([], offset, [], y, own, family.LogConstant(y, own), family.Saturated(y, own));
        }

        return builder.Build();
    }

    private static double LogLikelihood(CellsFamily family, double location, ResponseScales scales, IReadOnlyList<(double Y, double Size)> rows)
    {
        var cells = Cells(family, rows);
        var sum = cells.LogConstant + family.NewScaleTerm(cells.View).At(scales, out _);
        for (var i = 0; i < cells.Count; i++)
            sum += family.Curve.At(Predictor(family.Link, location) + cells.Offsets[i], cells.Responses[i], cells.Sizes[i], scales, out _, out _,
                out _);
        return sum;
    }

    private static double Predictor(Link link, double location) => link switch
    {
        Link.Log => Math.Log(location),
        Link.Logit => Math.Log(location / (1 - location)),
        Link.Probit => Normal.InvCDF(0, 1, location),
        Link.ComplementaryLogLog => Math.Log(-Math.Log(1 - location)),
        _ => location,
    };

    private static double Derivative(Func<double, double> f, double at, double room)
    {
        var h = 2e-3 * room;
        return (45 * (f(at + h) - f(at - h)) - 9 * (f(at + 2 * h) - f(at - 2 * h)) + f(at + 3 * h) - f(at - 3 * h)) / (60 * h);
    }

    private static double MathNetLogDensity(string name, double y, double location, double size, ResponseScales scales) => name switch
    {
        "Bernoulli" or "Binomial" => Binomial.PMFLn(location, (int)size, (int)y),
        "Poisson" => Poisson.PMFLn(location * size, (int)y),
        "NegativeBinomial" => NegativeBinomial.PMFLn(scales.Shape, scales.Shape / (scales.Shape + location * size), (int)y),
        "Gamma" => Gamma.PDFLn(scales.Shape, scales.Shape / location, y),
        "Beta" => Beta.PDFLn(location * scales.Shape, (1 - location) * scales.Shape, y),
        "StudentT" => StudentT.PDFLn(location, scales.Sigma, scales.Shape, y),
        _ => throw new NotSupportedException(name),
    };

    private static double MathNetCdf(string name, double y, double location, double size, ResponseScales scales) => name switch
    {
        "Normal" => Normal.CDF(location, scales.Sigma, y),
        "LogNormal" => LogNormal.CDF(Math.Log(location), scales.Sigma, y),
        "Bernoulli" or "Binomial" => y >= size ? 1 : Binomial.CDF(location, (int)size, y),
        "Poisson" => Poisson.CDF(location * size, y),
        "NegativeBinomial" => NegativeBinomial.CDF(scales.Shape, scales.Shape / (scales.Shape + location * size), y),
        "Gamma" => Gamma.CDF(scales.Shape, scales.Shape / location, y),
        "Beta" => Beta.CDF(location * scales.Shape, (1 - location) * scales.Shape, y),
        "StudentT" => StudentT.CDF(location, scales.Sigma, scales.Shape, y),
        _ => throw new NotSupportedException(name),
    };
}

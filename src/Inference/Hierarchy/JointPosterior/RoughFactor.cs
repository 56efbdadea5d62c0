using TypedPooling.Inference.Numerics;
using TypedPooling.Model;

namespace TypedPooling.Inference.Hierarchy.JointPosterior;

/// <summary>Rough sds and effects of one factor, and how its effects are better sampled.</summary>
/// <remarks>
/// <para>By EM on the quadratic approximation of the likelihood about effects of 0, effects uncorrelated: with s_j and I_j the score and the
/// information of level j, u_j ~ N(C_j s_j, C_j), C_j = (I_j + D^-1)^-1, D = mean of u_j u_j' + C_j on the diagonal.</para>
/// <para>
/// The rule: effects are centred where the mean over the levels of B_j = 1 / (1 + I_j sd^2), the part of u_j that its prior determines, is below 1/2
/// for each term, with sd not its estimate but one two standard errors lower, since a small sd that the data allow makes centred effects stick (a
/// funnel), while non-centred ones are only slow: sd exp(-2 se), se = (1 + 1 / (I sd^2)) / sqrt(2 (J - 1)). Source:
/// [PapaspiliopoulosRobertsSkold2007].
/// </para>
/// </remarks>
internal sealed class RoughFactor
{
    private readonly int levels;
    private readonly int q;
    private readonly double[] information;

    private RoughFactor(int levels, double[] information, double[] sds, double[] effects, double freedom)
    {
        this.levels = levels;
        this.information = information;
        Sds = sds;
        Effects = effects;
        Freedom = freedom;
        q = sds.Length;
        Units = new double[q];
    }

    /// <summary>Sds of the effects whose columns are centred. Length q.</summary>
    public double[] Sds { get; }

    /// <summary>u~, level after level. Length J q.</summary>
    public double[] Effects { get; }

    /// <summary>Degrees of freedom the effects take: the sum of tr(C_j I_j).</summary>
    public double Freedom { get; }

    /// <summary>Rough posterior sds of one level's coefficients. Length q.</summary>
    public double[] Units { get; }

    /// <summary>Whether the effects are centred.</summary>
    public bool IsCentred { get; private set; }

    /// <summary>Runs EM.</summary>
    /// <param name="levels">Number of levels J.</param>
    /// <param name="scores">s_j. Length J q.</param>
    /// <param name="information">I_j by rows. Length J q^2.</param>
    /// <param name="steps">Number of steps.</param>
    public static RoughFactor Of(int levels, ReadOnlySpan<double> scores, double[] information, int steps)
    {
        var q = scores.Length / levels;
        var mean = new double[q];
        for (var i = 0; i < information.Length; i += q * q)
        {
            for (var a = 0; a < q; a++)
                mean[a] += information[i + a * q + a] / levels;
        }

        double[] variances = [.. mean.Select(m => m > 0 && double.IsFinite(m) ? 1 / m : 1)];
        var least = variances.Select(v => 1e-4 * v).ToArray();
        var effects = new double[levels * q];
        var freedom = 0.0;
        Span<double> cholesky = new double[q * q];
        Span<double> column = new double[q];
        for (var step = 0; step < steps; step++)
        {
            var next = new double[q];
            freedom = 0;
            for (var j = 0; j < levels; j++)
            {
                var own = information.AsSpan(j * q * q, q * q);
                own.CopyTo(cholesky);
                for (var a = 0; a < q; a++)
                    cholesky[a * q + a] += 1 / variances[a];
                var u = effects.AsSpan(j * q, q);
                if (!SmallCholesky.TryFactorise(cholesky, q))
                {
                    u.Clear();
                    continue;
                }

                scores.Slice(j * q, q).CopyTo(u);
                SmallCholesky.Solve(cholesky, u, q);
                for (var a = 0; a < q; a++)
                {
                    column.Clear();
                    column[a] = 1;
                    SmallCholesky.Solve(cholesky, column, q);
                    next[a] += (u[a] * u[a] + column[a]) / levels;
                    freedom += 1 - column[a] / variances[a];
                }
            }

            for (var a = 0; a < q; a++)
                variances[a] = mean[a] > 0 && double.IsFinite(next[a]) ? Math.Max(least[a], next[a]) : 1;
        }

        return new RoughFactor(levels, information, [.. variances.Select(Math.Sqrt)], effects, freedom);
    }

    /// <summary>Chooses the coordinates.</summary>
    /// <param name="spec">The factor.</param>
    /// <param name="sds">The sds at the starting point, where the prior takes part in what they can be. Length q.</param>
    /// <param name="isCentred">What is asked for; null to decide by information. Effects whose sd is 0 are never centred.</param>
    public void Decide(FactorSpec spec, ReadOnlySpan<double> sds, bool? isCentred)
    {
        var centred = true;
        for (var a = 0; a < q; a++)
        {
            var mean = 0.0;
            for (var j = 0; j < levels; j++)
                mean += information[(j * q + a) * q + a] / levels;
            var sd = sds[a];
            var isFixed = spec.Covariance is null && spec.Terms[a].Sd?.FixedValue is not null;
            if (!isFixed)
                sd *= Math.Exp(-2 * (1 + 1 / (mean * sd * sd)) / Math.Sqrt(2.0 * (levels - 1)));
            var byPrior = 0.0;
            for (var j = 0; j < levels; j++)
                byPrior += 1 / (1 + information[(j * q + a) * q + a] * sd * sd) / levels;
            centred &= byPrior < 0.5;
            Units[a] = 1 / Math.Sqrt(mean + 1 / (sds[a] * sds[a]));
            if (!(Units[a] > 0 && double.IsFinite(Units[a])))
                Units[a] = 1;
        }

        var canBe = true;
        foreach (var sd in sds)
            canBe &= sd > 0;
        IsCentred = canBe && (isCentred ?? centred);
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TypedPooling.Binding;
using TypedPooling.Declarations;
using TypedPooling.Draws;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>The log likelihood of a row in every draw of a fit. Used by one thread; holds draws of a few hundred levels at a time.</summary>
/// <remarks>
/// Given all parameters y_i ~ N(x'beta + sum over factors of z_k'u_k, s_i^2), s_i the sd of the row's error. A row that is the only one of a level
/// has effects of its own: without the row they are as the prior has them. For the density of a row left out they are integrated out, y_i ~ N(x'beta
/// + sum over the other factors of z_k'u_k, s_i^2 + sum over factors where it is alone of z_k'Sigma_k z_k), given beta, the scales and the effects of
/// other levels alone. O(S (p + q)) a row; a level's effects are made once while it is among those met last. All constants are in, the Jacobian of a
/// LogNormal response too.
/// </remarks>
internal sealed class RowLikelihoodWorkspace<TRow>
{
    private readonly ModelSpec spec;
    private readonly Posterior posterior;
    private readonly RowWeight weightKind;
    private readonly bool takesLog;
    private readonly double[][] population;
    private readonly double[]? logSigma;                     // null where the error of each row is known
    private readonly double[]? precision;
    private readonly RecentItems<int, double[]>[] levels;
    private readonly int[][]? numbers;                       // null where the posterior has the levels of the fit
    private readonly bool[][] isAlone;                       // by factor and level of the fit
    private readonly ScaleValues?[] scales;                  // by factor, read when they are needed
    private readonly double[] variances;
    private readonly double[] rest;

    public RowLikelihoodWorkspace(Fit<TRow> fit)
        : this(fit, fit.Posterior)
    {
    }

    /// <param name="fit">How rows are read, and the model.</param>
    /// <param name="posterior">A posterior of its parameters, on the scale of the rows.</param>
    /// <param name="numbers">For each factor the number in the posterior of each level of the fit, -1 where it has none; null where the levels are
    /// those of the fit.</param>
    public RowLikelihoodWorkspace(Fit<TRow> fit, Posterior posterior, int[][]? numbers = null)
    {
        (spec, this.posterior, this.numbers) = (fit.Spec, posterior, numbers);
        isAlone = [.. Enumerable.Range(0, spec.Factors.Length).Select(k => fit.Model.RowsByLevel(k).Select(count => count == 1).ToArray())];
        scales = new ScaleValues?[spec.Factors.Length];
        variances = new double[posterior.DrawCount];
        weightKind = fit.Rows.WeightKind;
        takesLog = spec.Response.Family.TakesLog;
        population = [.. Enumerable.Range(0, posterior.Population.ParameterCount).Select(t => Draws(posterior.Population, t))];
        levels = [.. spec.Factors.Select(_ => new RecentItems<int, double[]>())];
        rest = new double[posterior.DrawCount];
        if (spec.Response.KnownSd is not null)
            return;
        var sigma = Draws(
            posterior.Scales,
            Enumerable.Range(0, posterior.Scales.ParameterCount).First(i => posterior.Scales.Parameter(i).Kind == ParameterKind.Sigma));
        logSigma = [.. sigma.Select(s => Math.Log(s))];
        precision = [.. sigma.Select(s => 1 / (s * s))];
    }

    /// <summary>Number of rows that a row stands for.</summary>
    public long CountOf(RowDesign design, int row) => weightKind == RowWeight.Count ? (long)design.Weights![row] : 1;

    /// <summary>What divides the variance of a row: its precision weight, or 1 / sd^2 of its known error; null where rows have neither.</summary>
    public double? WeightOf(RowDesign design, int row) => weightKind switch
    {
        RowWeight.Precision => design.Weights![row],
        RowWeight.KnownSd => 1 / (design.Weights![row] * design.Weights![row]),
        _ => null,
    };

    /// <summary>The response of a row itself.</summary>
    public double ResponseOf(RowDesign design, int row) => takesLog ? Math.Exp(design.Responses![row]) : design.Responses![row];

    /// <summary>Whether a row is the only one of a level of some factor.</summary>
    public bool IsAlone(RowDesign design, int row)
    {
        for (var k = 0; k < isAlone.Length; k++)
        {
            if (isAlone[k][design.Levels[row * isAlone.Length + k]])
                return true;
        }

        return false;
    }

    /// <summary>Computes the log likelihood of one row (of one of those it stands for).</summary>
    /// <param name="design">Rows, every level known to the fit.</param>
    /// <param name="row">Number of the row in the design.</param>
    /// <param name="logLikelihood">Overwritten, a value a draw. Length S.</param>
    public void Compute(RowDesign design, int row, Span<double> logLikelihood)
    {
        Predict(design, row, isLeftOut: false);
        var weight = WeightOf(design, row) ?? 1;
        var constant = 0.5 * Math.Log(weight / (2 * Math.PI)) - (takesLog ? design.Responses![row] : 0);
        Finish(logLikelihood, constant, -0.5 * weight);
    }

    /// <summary>Computes the log likelihood of one row, the effects of levels in which it is alone integrated out: what leaving the row out weighs
    /// draws by.</summary>
    /// <param name="design">Rows, every level known to the fit.</param>
    /// <param name="row">Number of the row in the design.</param>
    /// <param name="logLikelihood">Overwritten, a value a draw. Length S.</param>
    public void ComputeLeftOut(RowDesign design, int row, Span<double> logLikelihood)
    {
        if (!IsAlone(design, row))
        {
            Compute(design, row, logLikelihood);
            return;
        }

        Predict(design, row, isLeftOut: true);
        var weight = WeightOf(design, row) ?? 1;
        var constant = -0.5 * Math.Log(2 * Math.PI) - (takesLog ? design.Responses![row] : 0);
        for (var s = 0; s < rest.Length; s++)
        {
            var variance = variances[s] + (precision is null ? 1 : 1 / precision[s]) / weight;
            logLikelihood[s] = constant - 0.5 * (Math.Log(variance) + rest[s] * rest[s] / variance);
        }
    }

    // What is left of the response, and where the row is left out the variance of the effects that it alone has.
    private void Predict(RowDesign design, int row, bool isLeftOut)
    {
        var columns = design.Matrix.AsSpan(row * spec.Columns.Length, spec.Columns.Length);
        rest.AsSpan().Fill(design.Responses![row] - design.Offsets[row]);
        for (var t = 0; t < population.Length; t++)
            Subtract(population[t], spec.Population[t].Column == ModelSpec.Ones ? 1 : columns[spec.Population[t].Column]);
        Array.Clear(variances);
        for (var k = 0; k < spec.Factors.Length; k++)
        {
            var terms = spec.Factors[k].Terms;
            var level = design.Levels[row * spec.Factors.Length + k];
            if (isLeftOut && isAlone[k][level])
            {
                AddVariance(k, columns);
                continue;
            }

            var effects = EffectsOf(k, numbers is null ? level : numbers[k][level]);
            for (var a = 0; a < terms.Length; a++)
                Subtract(effects.AsSpan(a * rest.Length, rest.Length), terms[a].Column == ModelSpec.Ones ? 1 : columns[terms[a].Column]);
        }
    }

    // z'Sigma z = |Lambda'z|^2 by draw.
    private void AddVariance(int factor, ReadOnlySpan<double> columns)
    {
        var terms = spec.Factors[factor].Terms;
        var q = terms.Length;
        var own = scales[factor] ??= ScaleValues.Read(spec, posterior, factor);
        Span<double> z = stackalloc double[q];
        for (var a = 0; a < q; a++)
            z[a] = terms[a].Column == ModelSpec.Ones ? 1 : columns[terms[a].Column];
        for (var s = 0; s < variances.Length; s++)
        {
            var lambda = own.LambdaOf(s);
            for (var i = 0; i < q; i++)
            {
                var sum = 0.0;
                for (var a = 0; a < q; a++)
                    sum += lambda[a * q + i] * z[a];
                variances[s] += sum * sum;
            }
        }
    }

    private double[] EffectsOf(int factor, int level) => levels[factor].GetOrAdd(level, () =>
    {
        var block = posterior.Effects[factor];
        var draws = new double[block.TermCount * block.DrawCount];
        block.CopyLevel(level, draws);
        return draws;
    });

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Subtract(ReadOnlySpan<double> draws, double by)
    {
        if (by == 0)
            return;
        var from = MemoryMarshal.Cast<double, Vector<double>>(rest.AsSpan());
        var lanes = MemoryMarshal.Cast<double, Vector<double>>(draws);
        for (var i = 0; i < from.Length; i++)
            from[i] -= by * lanes[i];
        for (var s = from.Length * Vector<double>.Count; s < rest.Length; s++)
            rest[s] -= by * draws[s];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Finish(Span<double> logLikelihood, double constant, double halfWeight)
    {
        if (logSigma is null)
        {
            for (var s = 0; s < rest.Length; s++)
                logLikelihood[s] = constant + halfWeight * rest[s] * rest[s];
            return;
        }

        for (var s = 0; s < rest.Length; s++)
            logLikelihood[s] = constant - logSigma[s] + halfWeight * precision![s] * rest[s] * rest[s];
    }

    private static double[] Draws(DrawBlock block, int index)
    {
        var draws = new double[block.DrawCount];
        block.CopyDraws(index, draws);
        return draws;
    }
}

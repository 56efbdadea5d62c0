using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TypedPooling.Binding;
using TypedPooling.Building;
using TypedPooling.Draws;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>The log likelihood of a row in every draw of a fit. Used by one thread; holds draws of a few hundred levels at a time.</summary>
/// <remarks>O(S (p + q)) a row; a level's effects are made once while it is among those met last. All constants are in, the Jacobian of a LogNormal response too.</remarks>
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
    private readonly double[] rest;

    public RowLikelihoodWorkspace(SumsFit<TRow> fit)
        : this(fit, fit.Posterior)
    {
    }

    /// <param name="fit">How rows are read, and the model.</param>
    /// <param name="posterior">A posterior of its parameters, on the scale of the rows, with the same levels.</param>
    public RowLikelihoodWorkspace(SumsFit<TRow> fit, Posterior posterior)
    {
        (spec, this.posterior) = (fit.Spec, posterior);
        weightKind = fit.Rows.WeightKind;
        takesLog = spec.Response.Family == Family.LogNormal;
        population = [.. Enumerable.Range(0, posterior.Population.ParameterCount).Select(t => Draws(posterior.Population, t))];
        levels = [.. spec.Factors.Select(_ => new RecentItems<int, double[]>())];
        rest = new double[posterior.DrawCount];
        if (spec.Response.KnownSd is not null)
            return;
        var sigma = Draws(posterior.Scales, Enumerable.Range(0, posterior.Scales.ParameterCount).First(i => posterior.Scales.Parameter(i).Kind == ParameterKind.Sigma));
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

    /// <summary>Computes the log likelihood of one row (of one of those it stands for).</summary>
    /// <param name="design">Rows, every level known to the fit.</param>
    /// <param name="row">Number of the row in the design.</param>
    /// <param name="logLikelihood">Overwritten, a value a draw. Length S.</param>
    public void Compute(RowDesign design, int row, Span<double> logLikelihood)
    {
        var columns = design.Matrix.AsSpan(row * spec.Columns.Length, spec.Columns.Length);
        rest.AsSpan().Fill(design.Responses![row] - design.Offsets[row]);
        for (var t = 0; t < population.Length; t++)
            Subtract(population[t], spec.Population[t].Column == ModelSpec.Ones ? 1 : columns[spec.Population[t].Column]);
        for (var k = 0; k < spec.Factors.Length; k++)
        {
            var terms = spec.Factors[k].Terms;
            var effects = EffectsOf(k, design.Levels[row * spec.Factors.Length + k]);
            for (var a = 0; a < terms.Length; a++)
                Subtract(effects.AsSpan(a * rest.Length, rest.Length), terms[a].Column == ModelSpec.Ones ? 1 : columns[terms[a].Column]);
        }

        var weight = WeightOf(design, row) ?? 1;
        var constant = 0.5 * Math.Log(weight / (2 * Math.PI)) - (takesLog ? design.Responses![row] : 0);
        Finish(logLikelihood, constant, -0.5 * weight);
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

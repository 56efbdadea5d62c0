using System.Diagnostics;
using System.Runtime.CompilerServices;
using TypedPooling.Engines;
using TypedPooling.Inference.Numerics;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Gibbs;

/// <summary>One chain: start, warmup, draws. Everything a sweep needs is allocated when it is made.</summary>
/// <remarks>
/// A sweep draws beta jointly with the effects of one factor (or of all) given the scales, before any step that conditions on beta
/// ([VanDykPark2008]); large designs go factor by factor, beta anew with each, which is the collapsed sampler of [Papaspiliopoulos2020]. The scales
/// of a factor follow its effects, see <see cref="FactorState"/>; then mixture precisions of the population's prior, then sigma.
/// </remarks>
internal sealed class GibbsChain
{

    private readonly int number;
    private readonly GibbsSystem system;
    private readonly RunOptions options;
    private readonly PhiloxStream stream;
    private readonly EliminationWorkspace[] workspaces;
    private readonly FactorState[] states;
    private readonly SigmaState sigma;
    private readonly PriorMixture mixture;
    private readonly CollapsedScale[] collapsed;
    private readonly double[][] lambdas;          // pivoted, by factor: the arrays of the states
    private readonly double[][] effects;          // likewise
    private readonly double[] target;             // pooled target of one joint draw
    private readonly double[] beta;               // beta~
    private readonly double[] coefficients;       // the same in the model's coordinates

    public GibbsChain(int number, GibbsSystem system, GibbsStart start, RunOptions options)
    {
        this.number = number;
        this.system = system;
        this.options = options;
        stream = RandomAddresses.Chain(options.Seed, number);
        var spec = system.Model.Spec;
        var p = system.Population.Count;
        workspaces = [.. system.Eliminations.Select(elimination => new EliminationWorkspace(elimination, p))];
        states = [.. system.Factors.Select((sums, k) => new FactorState(spec.Factors[k], sums, system.Scales[k]))];
        for (var k = 0; k < states.Length; k++)
        {
            start.Thetas[k].CopyTo(states[k].Conditional.Theta, 0);
            states[k].Conditional.Constrain();
        }

        sigma = new SigmaState(spec.Response, system.Model.RowCount, start.Sigma);
        mixture = new PriorMixture(system.Population.Priors);
        collapsed =
        [
            .. system.CollapsesSigma ? [new CollapsedScale(this, sigma, null, 0)] : Array.Empty<CollapsedScale>(),
            .. states.SelectMany(
                (state, k) => Enumerable.Range(0, system.CollapsesFactors ? system.Scales[k].Dimension : 0).Select(
                    d => new CollapsedScale(this, sigma, state, d))),
        ];
        lambdas = [.. states.Select(state => state.Conditional.Pivoted)];
        effects = [.. states.Select(state => state.Effects)];
        target = new double[system.PooledTargets.Max(pooled => pooled.Length)];
        beta = new double[p];
        coefficients = new double[p];
    }

    /// <summary>beta~ of the last sweep. Length p.</summary>
    public ReadOnlySpan<double> Beta => beta;

    /// <summary>The factors of the last sweep.</summary>
    public IReadOnlyList<FactorState> States => states;

    /// <summary>Runs the chain to its end or to cancellation.</summary>
    public GibbsDraws Run()
    {
        var draws = new GibbsDraws(system, options.Draws);
        var clock = Stopwatch.StartNew();
        for (var sweep = 0; sweep < options.Warmup; sweep++)
        {
            options.Cancellation.ThrowIfCancellationRequested();
            Sweep(learns: true);
            Report(sweep + 1, isWarmup: true);
        }

        draws.WarmupTime = clock.Elapsed;
        for (var draw = 0; draw < options.Draws && !options.Cancellation.IsCancellationRequested; draw++)
        {
            Sweep(learns: false);
            Keep(draws, draw);
            draws.Completed = draw + 1;
            Report(options.Warmup + draw + 1, isWarmup: false);
        }

        draws.SamplingTime = clock.Elapsed - draws.WarmupTime;
        return draws;
    }

    /// <summary>Draws all coefficients at the present scales.</summary>
    /// <param name="isMean">True for the conditional mean of each joint draw in place of the draw.</param>
    public void DrawCoefficients(bool isMean = false)
    {
        for (var block = 0; block < workspaces.Length; block++)
            DrawBlock(block, isMean);
    }

    /// <summary>What the data say of the scales once all coefficients are integrated out, but for the power of sigma; leaves the coefficients at
    /// their conditional mean.</summary>
    /// <returns>See <see cref="CollapsedScale"/>.</returns>
    public double LogLikelihoodAtMean()
    {
        DrawBlock(0, isMean: true);
        system.Population.Unpivot(beta, coefficients);
        var squares = system.Residuals.SumOfSquares(beta, effects) / (sigma.Value * sigma.Value);
        foreach (var state in states)
            squares += DenseRows.Dot(state.Spherical, state.Spherical);
        for (var e = 0; e < beta.Length; e++)
        {
            var distance = coefficients[e] - system.Population.Location(e);
            squares += mixture.Precision[e] * distance * distance;
        }

        return -0.5 * squares - workspaces[0].HalfLogDeterminant();
    }

    private void Sweep(bool learns)
    {
        foreach (var scale in collapsed)
            scale.Draw(stream, learns);
        if (workspaces.Length == 1)
        {
            DrawBlock(0, isMean: false);
            for (var k = 0; k < states.Length; k++)
            {
                if (states.Length > 1)
                    TakeOthers(k);
                states[k].UpdateScales(beta, sigma.Value, stream, learns);
            }
        }
        else
        {
            for (var k = 0; k < workspaces.Length; k++)
            {
                DrawBlock(k, isMean: false);
                states[k].UpdateScales(beta, sigma.Value, stream, learns);
            }
        }

        system.Population.Unpivot(beta, coefficients);
        if (mixture.IsNeeded)
            mixture.Draw(coefficients, stream);
        if (sigma.Update != SdUpdate.Fixed)
            sigma.Draw(system.Residuals.SumOfSquares(beta, effects), stream, learns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void DrawBlock(int block, bool isMean)
    {
        var elimination = system.Eliminations[block];
        var pooled = target.AsSpan(0, elimination.RestCount);
        system.PooledTargets[block].CopyTo(pooled);
        var k = elimination.Factor;
        if (workspaces.Length > 1)
        {
            TakeOthers(k);
            TakeOthersOffPooled(k, pooled);
        }

        var state = k < 0 ? null : states[k];
        workspaces[block].Draw(
            sigma.Value,
            state is null ? [] : state.Conditional.Pivoted,
            lambdas,
            workspaces.Length > 1 ? state!.Responses : state is null ? [] : system.Factors[k].Responses,
            pooled,
            system.Population,
            mixture.Precision,
            isMean ? null : stream,
            state is null ? [] : state.Spherical);
        state?.RefreshEffects();
        var rest = workspaces[block].Rest;
        rest.AsSpan(rest.Length - beta.Length).CopyTo(beta);
        foreach (var (other, start) in elimination.Blocks)
        {
            workspaces[block].Spherical.AsSpan(start, states[other].Spherical.Length).CopyTo(states[other].Spherical);
            rest.AsSpan(start, states[other].Effects.Length).CopyTo(states[other].Effects);
        }
    }

    // Pseudo-responses of a factor less the effects of all others.
    private void TakeOthers(int k)
    {
        var sums = system.Factors[k];
        sums.Responses.CopyTo(states[k].Responses, 0);
        for (var other = 0; other < states.Length; other++)
            sums.Links[other]?.Subtract(states[other].Effects, states[k].Responses);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TakeOthersOffPooled(int k, Span<double> pooled)
    {
        var p = pooled.Length;
        for (var other = 0; other < states.Length; other++)
        {
            if (system.Factors[k].PooledLinks[other] is not { } links)
                continue;
            ReadOnlySpan<double> u = states[other].Effects;
            var r = system.Factors[other].TermCount;
            for (var at = 0; at < u.Length; at += r)
            {
                for (var a = 0; a < p; a++)
                {
                    for (var b = 0; b < r; b++)
                        pooled[a] -= links[at * p + a * r + b] * u[at + b];
                }
            }
        }
    }

    private void Keep(GibbsDraws draws, int draw)
    {
        var scales = draws.Scales.AsSpan(draw * draws.ScaleCount, draws.ScaleCount);
        var at = 0;
        if (system.ReportsSigma)
            scales[at++] = sigma.Value;
        for (var k = 0; k < states.Length; k++)
        {
            system.Scales[k].Report(states[k].Conditional.Point, scales[at..]);
            at += system.Scales[k].Parameters.Length;
        }

        var population = draws.Population.AsSpan(draw * draws.PopulationCount, draws.PopulationCount);
        system.Population.Restore(coefficients, population);
        draws.Sigma[draw] = sigma.Value;
        if (draws.LambdaCount > 0)
            states[0].Conditional.Point.Factors[0].Lambda.CopyTo(draws.Lambda.AsSpan(draw * draws.LambdaCount));
        if (draws.EffectCount > 0)
        {
            var row = new double[draws.EffectCount];
            at = 0;
            foreach (var state in states)
            {
                state.CopyEffects(row.AsSpan(at, state.Spherical.Length));
                at += state.Spherical.Length;
            }

            draws.Effects[draw] = row;
        }

        foreach (var value in scales)
            RequireFinite(value);
        foreach (var value in population)
            RequireFinite(value);
    }

    private static void RequireFinite(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new ModelException(new Problem(
                ProblemCode.ImproperPosterior,
                "A chain reached values that are not finite: priors and data do not determine every parameter.",
                "Give every parameter a proper prior, or data that inform it."));
        }
    }

    private void Report(int completed, bool isWarmup)
    {
        if (options.Progress is { } progress
            && (completed % Math.Clamp((options.Warmup + options.Draws) / 100, 1, 100) == 0 || completed == options.Warmup
                || completed == options.Warmup + options.Draws))
            progress.Report(new(number, completed, options.Warmup + options.Draws, isWarmup));
    }
}

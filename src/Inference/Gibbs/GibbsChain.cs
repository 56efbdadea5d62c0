using System.Diagnostics;
using System.Runtime.CompilerServices;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Inference.Hierarchy.JointPosterior;
using TypedPooling.Inference.Scales;
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
    private readonly CrossedWorkspace[] workspaces;    // a block each
    private readonly ScalePoint[] points;              // likewise: the scales of its factors, those of the states
    private readonly FactorState[] states;
    private readonly SigmaState sigma;
    private readonly PriorMixture mixture;
    private readonly CollapsedScale[] collapsed;
    private readonly SumsLikelihood.Workspace residuals;
    private readonly double[] effects;            // pivoted, factor after factor
    private readonly double[] rest;               // spherical, in the order of a block's layout
    private readonly double[] target;             // pooled target of a block
    private readonly double[] beta;               // beta~
    private readonly double[] coefficients;       // all population effects in the model's coordinates

    public GibbsChain(int number, GibbsSystem system, GibbsStart start, RunOptions options)
    {
        this.number = number;
        this.system = system;
        this.options = options;
        stream = RandomAddresses.Chain(options.Seed, number);
        var spec = system.Model.Spec;
        var p = system.Population.Count;
        states = [.. system.Factors.Select((sums, k) => new FactorState(spec.Factors[k], sums, system.Scales[k]))];
        for (var k = 0; k < states.Length; k++)
        {
            start.Thetas[k].CopyTo(states[k].Conditional.Theta, 0);
            states[k].Conditional.Constrain();
        }

        sigma = new SigmaState(spec.Response, system.Model.RowCount, start.Sigma);
        mixture = new PriorMixture(system.Model.Spec, system.Population);
        workspaces =
        [
            .. system.Blocks.Select(block => new CrossedWorkspace(block, [.. system.Population.Precision], system.Population.PriorMean)),
        ];
        points = system.IsJoint
            ? [new ScalePoint([.. states.Select(state => state.Conditional.Point.Factors[0])])]
            : [.. states.Select(state => new ScalePoint([state.Conditional.Point.Factors[0]]))];
        collapsed =
        [
            .. system.CollapsesSigma ? [new CollapsedScale(this, sigma, null, 0)] : Array.Empty<CollapsedScale>(),
            .. states.SelectMany(
                (state, k) => Enumerable.Range(0, system.CollapsesFactors ? system.Scales[k].Dimension : 0).Select(
                    d => new CollapsedScale(this, sigma, state, d))),
        ];
        residuals = system.Likelihood.NewResiduals();
        effects = new double[system.Columns.EffectCount];
        rest = new double[system.Blocks.Max(block => block.PopulationStart)];
        target = new double[p];
        beta = new double[p];
        coefficients = new double[system.Population.TermCount];
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

    /// <summary>The weighted residual sum of squares at the coefficients of the last draw.</summary>
    public double ResidualSumOfSquares()
    {
        for (var k = 0; k < states.Length; k++)
            states[k].Effects.CopyTo(effects, system.Columns.EffectStarts[k]);
        return residuals.ResidualSquares(beta, effects);
    }

    /// <summary>What the data say of the present scales once all coefficients are integrated out, which then are drawn jointly.</summary>
    /// <returns>log p(y | theta); negative infinity where it cannot be evaluated.</returns>
    public double LogLikelihood()
    {
        points[0].Sigma = sigma.Value;
        return workspaces[0].Solve(points[0], [], withGradient: false);
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

        system.Population.Restore(beta, coefficients);
        if (mixture.IsNeeded)
        {
            mixture.Draw(coefficients, stream);
            foreach (var workspace in workspaces)
                system.Population.PivotPrecision(mixture.Precision, system.Population.Count, workspace.Precision);
        }

        if (sigma.Update != SdUpdate.Fixed)
            sigma.Draw(ResidualSumOfSquares(), stream, learns);
    }

    // Beta, then the effects of the other factors of the block, then those of the eliminated one.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void DrawBlock(int block, bool isMean)
    {
        var (own, workspace) = (system.Blocks[block], workspaces[block]);
        if (!system.IsJoint)
        {
            TakeOthers(block);
            own.PooledTarget.CopyTo(target, 0);
            TakeOthersOffPooled(block, target);
            workspace.TakeResponses(states[block].Responses, target);
        }

        points[block].Sigma = sigma.Value;
        if (!workspace.Condition(points[block]))
            throw NotFinite();
        Fill(beta);
        workspace.DrawPopulation(beta);
        var others = rest.AsSpan(0, own.PopulationStart);
        Fill(others);
        workspace.DrawSpherical(beta, others);
        for (var k = 0; k < states.Length && system.IsJoint; k++)
        {
            var q = own.Factors[k].TermCount;
            for (var j = 0; j < own.Factors[k].LevelCount && k != own.Eliminated; j++)
                others.Slice(own.CoordinateOf(k, j), q).CopyTo(states[k].Spherical.AsSpan(j * q));
        }

        if (own.Eliminated >= 0)
            workspace.DrawLevels(isMean ? null : stream, states[system.IsJoint ? own.Eliminated : block].Spherical);
        for (var k = 0; k < states.Length; k++)
        {
            if (system.IsJoint || k == block)
                states[k].RefreshEffects();
        }

        void Fill(Span<double> normals)
        {
            foreach (ref var normal in normals)
                normal = isMean ? 0 : stream.NextNormal();
        }
    }

    // Pseudo-responses of a factor less the effects of all others.
    private void TakeOthers(int k)
    {
        var sums = system.Factors[k];
        sums.Responses.CopyTo(states[k].Responses, 0);
        for (var other = 0; other < states.Length; other++)
            system.Links[k][other]?.Subtract(states[other].Effects, states[k].Responses);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TakeOthersOffPooled(int k, Span<double> pooled)
    {
        var p = pooled.Length;
        for (var other = 0; other < states.Length; other++)
        {
            var links = system.PooledLinks[k][other];
            if (other == k)
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
        coefficients.CopyTo(population);
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
            throw NotFinite();
    }

    private static ModelException NotFinite() => new(new Problem(
                ProblemCode.ImproperPosterior,
                "A chain reached values that are not finite: priors and data do not determine every parameter.",
                "Give every parameter a proper prior, or data that inform it."));

    private void Report(int completed, bool isWarmup)
    {
        if (options.Progress is { } progress
            && (completed % Math.Clamp((options.Warmup + options.Draws) / 100, 1, 100) == 0 || completed == options.Warmup
                || completed == options.Warmup + options.Draws))
            progress.Report(new(number, completed, options.Warmup + options.Draws, isWarmup));
    }
}

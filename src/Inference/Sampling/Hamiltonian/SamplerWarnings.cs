using System.Collections.Immutable;
using System.Globalization;
using TypedPooling.Draws;
using TypedPooling.Engines;

namespace TypedPooling.Inference.Sampling.Hamiltonian;

/// <summary>What a reader must know of a NUTS run.</summary>
internal static class SamplerWarnings
{
    // Below it the energy is explored badly: the rule of thumb of [Betancourt2016].
    private const double LowEnergyBfmi = 0.3;

    public static ImmutableArray<FitWarning> Of(NutsRun run, RunOptions options)
    {
        var warnings = ImmutableArray.CreateBuilder<FitWarning>();
        var statistics = run.Statistics;
        if (statistics.DivergenceCount > 0)
        {
            warnings.Add(new FitWarning(FitWarningCode.Divergences, string.Create(CultureInfo.InvariantCulture, $"{statistics.DivergenceCount} "
                + $"of {run.DrawCount} trajectories diverged, so part of the posterior may be missing; raise "
                    + $"TargetAcceptance from {options.TargetAcceptance} towards 0.99, or give the scales tighter priors.")));
        }

        if (statistics.DepthLimitCount > 0)
        {
            warnings.Add(new FitWarning(FitWarningCode.TreeDepth, string.Create(CultureInfo.InvariantCulture, $"{statistics.DepthLimitCount} "
                + $"of {run.DrawCount} trajectories were cut at depth {options.MaximumTreeDepth}, which costs "
                    + $"efficiency, not validity; raise MaximumTreeDepth.")));
        }

        var low = statistics.EnergyBfmi.Count(value => value < LowEnergyBfmi);
        if (low > 0)
        {
            warnings.Add(new FitWarning(
                FitWarningCode.LowEnergyBfmi,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"E-BFMI is below {LowEnergyBfmi} in {low} of {run.ChainCount} chains (lowest {statistics.EnergyBfmi.Min():F2}), "
                        + $"so tails may be explored badly; give the scales tighter priors or draw more.")));
        }

        if (run.IsCutShort)
        {
            warnings.Add(
                new FitWarning(
                    FitWarningCode.Cancelled,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The run was cancelled and holds {run.DrawsPerChain} of {options.Draws} draws per chain; run it to the end before you "
                            + $"report it.")));
        }

        return warnings.ToImmutable();
    }
}

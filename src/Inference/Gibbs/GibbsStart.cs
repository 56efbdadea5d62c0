using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Scales;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Gibbs;

/// <summary>Where a chain starts: scales of the size the data suggest, spread by a factor of e either way, so that R-hat has something to compare.
/// Coefficients need no start: they are drawn first.</summary>
/// <param name="Sigma">Unconstrained coordinate of sigma; without meaning where it is not estimated.</param>
/// <param name="Thetas">Unconstrained scales of each factor.</param>
internal sealed record GibbsStart(double Sigma, double[][] Thetas)
{
    /// <summary>The starts of all chains.</summary>
    public static GibbsStart[] Of(GibbsSystem system, RunOptions options)
    {
        var spec = system.Model.Spec;
        var typical = TypicalScales.OfResponse(system.Model);
        var centre = new double[system.Factors.Length][];
        var at = 0;
        for (var k = 0; k < centre.Length; k++)
        {
            var q = spec.Factors[k].Terms.Length;
            centre[k] = new double[system.Scales[k].Dimension];
            system.Scales[k].Unconstrain(1, typical.Sds.AsSpan(at, q), centre[k]);
            at += q;
        }

        var transform = spec.Response.KnownSd is null ? new ScaleTransform(spec.Response.Sigma!) : null;
        var sigmaAt = transform is { IsFixed: false } ? transform.Unconstrain(typical.Sigma) : 0;
        sigmaAt = double.IsFinite(sigmaAt) ? Math.Clamp(sigmaAt, -50, 50) : 0;
        var stream = RandomAddresses.Starts(options.Seed);
        var starts =
            Enumerable.Range(0, options.Chains).Select(_ => new GibbsStart(Move(sigmaAt), [.. centre.Select(theta => theta.Select(Move).ToArray())]))
                .ToArray();
        for (var chain = 1; chain < starts.Length; chain += 2)
        {
            for (var k = 0; k < centre.Length; k++)
                system.Scales[k].Narrow(starts[chain].Thetas[k]);
        }

        return starts;

        double Move(double value) => value + 2 * stream.NextDouble() - 1;
    }
}

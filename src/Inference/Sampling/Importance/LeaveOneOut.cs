using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TypedPooling.Inference.Sampling.Importance;

/// <summary>Expected log predictive densities of single observations from the draws of a posterior that saw them.</summary>
/// <remarks>
/// Leaving an observation out multiplies the posterior by 1 / p(y_i | draw), up to a constant: with importance ratios r_s = 1 / p(y_i | draw s),
/// smoothed, elpd_i = log (sum r_s p_s / sum r_s). All functions are O(S) and safe to call from several threads. Sources: [Vehtari2017],
/// [Vehtari2024].
/// </remarks>
internal static class LeaveOneOut
{
    /// <summary>Leave-one-out by Pareto smoothed importance sampling (PSIS-LOO).</summary>
    /// <param name="logLikelihood">log p(y_i | draw s) by draw, all constants included. Length S.</param>
    /// <param name="relativeEfficiency">Effective draws a draw, positive: 1 for independent draws.</param>
    /// <returns>The terms; k-hat is infinite and nothing is smoothed where S is below 25, and negative infinity where the largest ratios are all
    /// equal.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static LeaveOneOutTerm Of(ReadOnlySpan<double> logLikelihood, double relativeEfficiency)
    {
        var count = logLikelihood.Length;
        var rented = ArrayPool<double>.Shared.Rent(2 * count);
        var logWeights = rented.AsSpan(0, count);
        var predictions = rented.AsSpan(count, count);
        Negate(logLikelihood, logWeights);
        var shape = ParetoTail.Smooth(logWeights, relativeEfficiency);

        // Weights over their largest, and weights times likelihoods over the largest of these.
        AddUp(logWeights, logLikelihood, predictions);
        var logWeight = Exponentials(logWeights);
        var logPrediction = Exponentials(predictions);
        var (weight, prediction) = (Sum(logWeights), Sum(predictions));
        var elpd = logPrediction + Math.Log(prediction) - logWeight - Math.Log(weight);
        var predictive = LogSumExp(logLikelihood) - Math.Log(count);

        // sum w^2 (p / E - 1)^2: the squared relative error of the mean.
        var error = SquaredDistance(predictions, 1 / prediction, logWeights, 1 / weight);
        ArrayPool<double>.Shared.Return(rented);
        return new(elpd, predictive - elpd, Math.Sqrt(Math.Log(1 + error) / relativeEfficiency), shape);
    }

    /// <summary>The weights of draws that leave an observation out: smoothed 1 / p(y_i | draw s).</summary>
    /// <param name="logLikelihood">log p(y_i | draw s) by draw. Length S.</param>
    /// <param name="relativeEfficiency">Effective draws a draw, positive: 1 for independent draws.</param>
    /// <param name="weights">Overwritten with the weights, of sum 1. Length S.</param>
    /// <returns>k-hat, as <see cref="Of"/> has it.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Weights(ReadOnlySpan<double> logLikelihood, double relativeEfficiency, Span<double> weights)
    {
        Negate(logLikelihood, weights);
        var shape = ParetoTail.Smooth(weights, relativeEfficiency);
        var normalizer = LogSumExp(weights);
        for (var s = 0; s < weights.Length; s++)
            weights[s] = Math.Exp(weights[s] - normalizer);
        return shape;
    }

    /// <summary>The same by the widely applicable information criterion (WAIC): log mean p less the variance of log p.</summary>
    /// <param name="logLikelihood">log p(y_i | draw s) by draw, all constants included. Length S, at least 2.</param>
    /// <returns>elpd_i and p_i, the variance of the log likelihood over the draws, with S - 1. Source: [Watanabe2010].</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (double Elpd, double Parameters) Waic(ReadOnlySpan<double> logLikelihood)
    {
        var mean = Sum(logLikelihood) / logLikelihood.Length;
        var lanes = MemoryMarshal.Cast<double, Vector256<double>>(logLikelihood);
        var sums = Vector256<double>.Zero;
        var means = Vector256.Create(mean);
        foreach (var lane in lanes)
            sums += (lane - means) * (lane - means);
        var squares = Vector256.Sum(sums);
        for (var s = lanes.Length * Vector256<double>.Count; s < logLikelihood.Length; s++)
            squares += (logLikelihood[s] - mean) * (logLikelihood[s] - mean);
        var variance = squares / (logLikelihood.Length - 1);
        return (LogSumExp(logLikelihood) - Math.Log(logLikelihood.Length) - variance, variance);
    }

    /// <summary>Log of the mean of the exponentials: of the likelihoods of draws from a posterior that did not see the observation.</summary>
    /// <param name="logLikelihood">log p(y_i | draw s) by draw. Length S.</param>
    /// <param name="relativeEfficiency">Effective draws a draw, positive: 1 for independent draws.</param>
    /// <returns>The log of the mean, and its Monte-Carlo standard error.</returns>
    public static (double LogMean, double Mcse) LogMean(ReadOnlySpan<double> logLikelihood, double relativeEfficiency)
    {
        var count = logLikelihood.Length;
        var mean = LogSumExp(logLikelihood) - Math.Log(count);
        var error = 0.0;
        foreach (var value in logLikelihood)
        {
            var relative = Math.Exp(value - mean) - 1;
            error += relative * relative;
        }

        return (mean, Math.Sqrt(Math.Log(1 + error / count / count) / relativeEfficiency));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double LogSumExp(ReadOnlySpan<double> x)
    {
        var largest = LargestOf(x);
        if (!double.IsFinite(largest))
            return largest;
        var lanes = MemoryMarshal.Cast<double, Vector256<double>>(x);
        var shift = Vector256.Create(largest);
        var sums = Vector256<double>.Zero;
        foreach (var lane in lanes)
            sums += Vector256.Exp(lane - shift);
        var sum = Vector256.Sum(sums);
        for (var s = lanes.Length * Vector256<double>.Count; s < x.Length; s++)
            sum += Math.Exp(x[s] - largest);
        return largest + Math.Log(sum);
    }

    // exp(x - largest) in place; returns the largest.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Exponentials(Span<double> x)
    {
        var largest = LargestOf(x);
        var shift = double.IsFinite(largest) ? largest : 0;
        var lanes = MemoryMarshal.Cast<double, Vector256<double>>(x);
        var shifts = Vector256.Create(shift);
        for (var i = 0; i < lanes.Length; i++)
            lanes[i] = Vector256.Exp(lanes[i] - shifts);
        for (var s = lanes.Length * Vector256<double>.Count; s < x.Length; s++)
            x[s] = Math.Exp(x[s] - shift);
        return shift;
    }

    // NaN where one is.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double LargestOf(ReadOnlySpan<double> x)
    {
        var lanes = MemoryMarshal.Cast<double, Vector256<double>>(x);
        var tops = Vector256.Create(double.NegativeInfinity);
        foreach (var lane in lanes)
            tops = Vector256.Max(tops, lane);
        var largest = Math.Max(Math.Max(tops[0], tops[1]), Math.Max(tops[2], tops[3]));
        for (var s = lanes.Length * Vector256<double>.Count; s < x.Length; s++)
            largest = Math.Max(largest, x[s]);
        return largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Negate(ReadOnlySpan<double> x, Span<double> into)
    {
        var from = MemoryMarshal.Cast<double, Vector256<double>>(x);
        var lanes = MemoryMarshal.Cast<double, Vector256<double>>(into);
        for (var i = 0; i < from.Length; i++)
            lanes[i] = -from[i];
        for (var s = from.Length * Vector256<double>.Count; s < x.Length; s++)
            into[s] = -x[s];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddUp(ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> into)
    {
        var first = MemoryMarshal.Cast<double, Vector256<double>>(a);
        var second = MemoryMarshal.Cast<double, Vector256<double>>(b);
        var lanes = MemoryMarshal.Cast<double, Vector256<double>>(into);
        for (var i = 0; i < first.Length; i++)
            lanes[i] = first[i] + second[i];
        for (var s = first.Length * Vector256<double>.Count; s < a.Length; s++)
            into[s] = a[s] + b[s];
    }

    // sum (f a - g b)^2
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double SquaredDistance(ReadOnlySpan<double> a, double f, ReadOnlySpan<double> b, double g)
    {
        var first = MemoryMarshal.Cast<double, Vector256<double>>(a);
        var second = MemoryMarshal.Cast<double, Vector256<double>>(b);
        var sums = Vector256<double>.Zero;
        for (var i = 0; i < first.Length; i++)
        {
            var part = f * first[i] - g * second[i];
            sums += part * part;
        }

        var sum = Vector256.Sum(sums);
        for (var s = first.Length * Vector256<double>.Count; s < a.Length; s++)
            sum += (f * a[s] - g * b[s]) * (f * a[s] - g * b[s]);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Sum(ReadOnlySpan<double> x)
    {
        var lanes = MemoryMarshal.Cast<double, Vector256<double>>(x);
        var sums = Vector256<double>.Zero;
        foreach (var lane in lanes)
            sums += lane;
        var sum = Vector256.Sum(sums);
        for (var s = lanes.Length * Vector256<double>.Count; s < x.Length; s++)
            sum += x[s];
        return sum;
    }
}

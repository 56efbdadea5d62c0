using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TypedPooling.Binding;
using TypedPooling.Declarations;
using TypedPooling.Draws;
using TypedPooling.Model;
using TypedPooling.Responses;

namespace TypedPooling;

/// <summary>The log density of a row's response given its linear predictor, in every draw. Used by one thread.</summary>
internal abstract class RowDensity
{
    /// <summary>The density of a model's rows.</summary>
    /// <param name="posterior">Sigma and the shape by draw, on the scale of the rows, and the model.</param>
    /// <param name="weightKind">What the weights of rows say.</param>
    public static RowDensity Of(Posterior posterior, RowWeight weightKind) => posterior.Spec.Response.Family is CellsFamily family
        ? new CellRowDensity(family, posterior)
        : new NormalRowDensity(posterior, weightKind);

    /// <summary>The density of a model's rows at the posterior means of sigma and the shape, as if these were the one draw.</summary>
    /// <param name="posterior">As of <see cref="Of"/>.</param>
    /// <param name="weightKind">What the weights of rows say.</param>
    public static RowDensity AtMeans(Posterior posterior, RowWeight weightKind)
    {
        var sigma = DrawsOf(posterior, kind => kind == ParameterKind.Sigma) is { } sigmas ? new[] { sigmas.Average() } : null;
        var shape = DrawsOf(posterior, Parameter.IsShape) is { } shapes ? new[] { shapes.Average() } : null;
        return posterior.Spec.Response.Family is CellsFamily family
            ? new CellRowDensity(family, sigma, shape, 1)
            : new NormalRowDensity(posterior.Spec, sigma, weightKind);
    }

    /// <summary>Number of rows that a row stands for.</summary>
    public abstract long CountOf(RowDesign design, int row);

    /// <summary>The response of a row itself.</summary>
    public abstract double ResponseOf(RowDesign design, int row);

    /// <summary>Computes the log density of one row (of one of those it stands for), all constants included.</summary>
    /// <param name="design">Rows with their responses and weights.</param>
    /// <param name="row">Number of the row in the design.</param>
    /// <param name="eta">Linear predictors, offsets included, a value a draw. Length S.</param>
    /// <param name="logDensity">Overwritten. Length S.</param>
    public abstract void Compute(RowDesign design, int row, ReadOnlySpan<double> eta, Span<double> logDensity);

    /// <summary>Computes the log density where the predictor is normal about eta: effects of its own are integrated out.</summary>
    /// <param name="design">Rows with their responses and weights.</param>
    /// <param name="row">Number of the row in the design.</param>
    /// <param name="eta">Expectations of the linear predictor, a value a draw. Length S.</param>
    /// <param name="variances">Variances of it, 0 or more. Length S.</param>
    /// <param name="logDensity">Overwritten. Length S.</param>
    public abstract void ComputeOver(
        RowDesign design, int row, ReadOnlySpan<double> eta, ReadOnlySpan<double> variances, Span<double> logDensity);

    /// <summary>The draws of one scale; null where the model has none.</summary>
    protected static double[]? DrawsOf(Posterior posterior, Func<ParameterKind, bool> isMeant)
    {
        for (var i = 0; i < posterior.Scales.ParameterCount; i++)
        {
            if (!isMeant(posterior.Scales.Parameter(i).Kind))
                continue;
            var draws = new double[posterior.DrawCount];
            posterior.Scales.CopyDraws(i, draws);
            return draws;
        }

        return null;
    }
}

/// <summary>A response that is normal, or whose log is: y_i ~ N(eta, s_i^2), s_i the sd of the row's error; over a normal predictor N(eta, s_i^2 +
/// v).</summary>
internal sealed class NormalRowDensity : RowDensity
{
    private readonly RowWeight weightKind;
    private readonly bool takesLog;
    private readonly double[]? logSigma;                     // null where the error of each row is known
    private readonly double[]? precision;

    public NormalRowDensity(Posterior posterior, RowWeight weightKind)
        : this(posterior.Spec, DrawsOf(posterior, kind => kind == ParameterKind.Sigma), weightKind)
    {
    }

    public NormalRowDensity(ModelSpec spec, double[]? sigma, RowWeight weightKind)
    {
        this.weightKind = weightKind;
        takesLog = spec.Response.Family.TakesLog;
        if (sigma is null)
            return;
        logSigma = [.. sigma.Select(s => Math.Log(s))];
        precision = [.. sigma.Select(s => 1 / (s * s))];
    }

    /// <inheritdoc/>
    public override long CountOf(RowDesign design, int row) => design.Counts?[row] ?? 1;

    /// <inheritdoc/>
    public override double ResponseOf(RowDesign design, int row) => takesLog ? Math.Exp(design.Responses![row]) : design.Responses![row];

    /// <summary>What divides the variance of a row: its precision weight, or 1 / sd^2 of its known error; null where rows have neither.</summary>
    public double? WeightOf(RowDesign design, int row) => weightKind switch
    {
        RowWeight.Precision => design.Weights![row],
        RowWeight.KnownSd => 1 / (design.Weights![row] * design.Weights![row]),
        _ => null,
    };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Compute(RowDesign design, int row, ReadOnlySpan<double> eta, Span<double> logDensity)
    {
        var (y, weight) = (design.Responses![row], WeightOf(design, row) ?? 1);
        var constant = 0.5 * Math.Log(weight / (2 * Math.PI)) - (takesLog ? y : 0);
        var half = -0.5 * weight;
        var predictors = MemoryMarshal.Cast<double, Vector<double>>(eta);
        var into = MemoryMarshal.Cast<double, Vector<double>>(logDensity);
        var logs = MemoryMarshal.Cast<double, Vector<double>>(logSigma.AsSpan());
        var precisions = MemoryMarshal.Cast<double, Vector<double>>(precision.AsSpan());
        var (response, start) = (new Vector<double>(y), new Vector<double>(constant));
        for (var i = 0; i < predictors.Length; i++)
        {
            var rest = response - predictors[i];
            into[i] = logs.IsEmpty ? start + half * rest * rest : start - logs[i] + half * precisions[i] * rest * rest;
        }

        for (var s = predictors.Length * Vector<double>.Count; s < eta.Length; s++)
        {
            var rest = y - eta[s];
            logDensity[s] = logSigma is null ? constant + half * rest * rest : constant - logSigma[s] + half * precision![s] * rest * rest;
        }
    }

    /// <inheritdoc/>
    public override void ComputeOver(
        RowDesign design, int row, ReadOnlySpan<double> eta, ReadOnlySpan<double> variances, Span<double> logDensity)
    {
        var (y, weight) = (design.Responses![row], WeightOf(design, row) ?? 1);
        var constant = -0.5 * Math.Log(2 * Math.PI) - (takesLog ? y : 0);
        for (var s = 0; s < eta.Length; s++)
        {
            var variance = variances[s] + (precision is null ? 1 : 1 / precision[s]) / weight;
            logDensity[s] = constant - 0.5 * (Math.Log(variance) + (y - eta[s]) * (y - eta[s]) / variance);
        }
    }
}

/// <summary>A response whose log likelihood is a curve of its predictor: a row is a cell of its own.</summary>
/// <remarks>
/// Measured from the row's anchor (<see cref="ICurve.Anchor"/>), so that a row of 1e9 events keeps its digits: what the family says of one row at its
/// anchor, what knows the shape there, and the curve's distance from it. Over a normal predictor by <see cref="EffectsIntegralWorkspace"/>.
/// </remarks>
internal sealed class CellRowDensity : RowDensity
{
    // Beyond it a shape is told from infinity in no digit: of counts below 1e7 at least.
    private const double LargestShape = 1e15;

    private readonly CellsFamily family;
    private readonly double[] sigma;                         // empty where the family has none, here and below
    private readonly double[] shape;
    private readonly RecentItems<(double Response, double Size), double[]> ofScales = new();
    private readonly double[] distances;
    private readonly double[] known = new double[EffectsIntegralWorkspace.BlockLength];
    private readonly double[] spherical = new double[EffectsIntegralWorkspace.BlockLength];
    private EffectsIntegralWorkspace? integral;

    public CellRowDensity(CellsFamily family, Posterior posterior)
        : this(
            family, DrawsOf(posterior, kind => kind == ParameterKind.Sigma), DrawsOf(posterior, Parameter.IsShape), posterior.DrawCount)
    {
    }

    public CellRowDensity(CellsFamily family, double[]? sigma, double[]? shape, int drawCount)
    {
        this.family = family;
        this.sigma = sigma ?? [];
        this.shape = [.. (shape ?? []).Select(draw => Math.Min(draw, LargestShape))];
        distances = new double[drawCount];
    }

    /// <summary>Sigma of some draws; empty where the family has none.</summary>
    public ReadOnlySpan<double> SigmaOf(int from, int count) => Part(sigma, from, count);

    /// <summary>The shape of some draws; empty where the family has none.</summary>
    public ReadOnlySpan<double> ShapeOf(int from, int count) => Part(shape, from, count);

    /// <summary>Sigma and the shape of a draw, 1 where the family has none.</summary>
    public ResponseScales ScalesOf(int draw) => new(sigma.Length > 0 ? sigma[draw] : 1, shape.Length > 0 ? shape[draw] : 1);

    /// <inheritdoc/>
    public override long CountOf(RowDesign design, int row) => design.Counts?[row] ?? 1;

    /// <inheritdoc/>
    public override double ResponseOf(RowDesign design, int row) => design.Responses![row];

    /// <inheritdoc/>
    public override void Compute(RowDesign design, int row, ReadOnlySpan<double> eta, Span<double> logDensity)
    {
        var (response, size, shift) = CellOf(family, design, row);
        var anchor = family.Curve.Anchor(response, size);
        for (var s = 0; s < eta.Length; s++)
            distances[s] = eta[s] + shift - anchor;
        AtAnchor(design, row, logDensity);
        family.Curve.AddByDraw(anchor, distances, response, size, sigma, shape, logDensity, default, default);
    }

    /// <inheritdoc/>
    public override void ComputeOver(
        RowDesign design, int row, ReadOnlySpan<double> eta, ReadOnlySpan<double> variances, Span<double> logDensity)
    {
        var (response, size, shift) = CellOf(family, design, row);
        ReadOnlySpan<double> anchor = [family.Curve.Anchor(response, size)];
        integral ??= new(family, 1);
        for (var from = 0; from < eta.Length; from += EffectsIntegralWorkspace.BlockLength)
        {
            var count = Math.Min(EffectsIntegralWorkspace.BlockLength, eta.Length - from);
            for (var s = 0; s < count; s++)
            {
                known[s] = eta[from + s] + shift;
                spherical[s] = Math.Sqrt(variances[from + s]);
            }

            integral.Compute(
                new([response], [size], anchor, known, spherical), SigmaOf(from, count), ShapeOf(from, count), distances.AsSpan(from, count));
        }

        AtAnchor(design, row, logDensity);
        for (var s = 0; s < eta.Length; s++)
            logDensity[s] += distances[s];
    }

    /// <summary>A row as a cell: its response and size, and what the exposure adds to the offset.</summary>
    public static (double Response, double Size, double Shift) CellOf(CellsFamily family, RowDesign design, int row)
    {
        var size = design.Weights is null ? 1 : design.Weights[row];
        return family.ExposureIsOffset ? (design.Responses![row], 1, Math.Log(size)) : (design.Responses![row], size, 0);
    }

    /// <summary>Writes the log density of a row at its anchor, a value a draw.</summary>
    public void AtAnchor(RowDesign design, int row, Span<double> logDensity)
    {
        var (response, size, _) = CellOf(family, design, row);
        var view = new CellView
        {
            Responses = [response],
            Sizes = [size],
            Rows = [1],
            RowCount = 1,
            LogConstant = family.LogConstant(response, size),
            SaturatedLogLikelihood = family.Saturated(response, size),
            EventsGap = 0,
            FailuresGap = 0,
            LogResponseSum = family.LogOf(response),
            ResponseMean = family.OnPredictor(response) ?? 0,
            ResponseSd = 0,
        };
        var constant = family.AnchoredConstant(view);
        if (sigma.Length + shape.Length == 0)
        {
            logDensity.Fill(constant);
            return;
        }

        var term = family.NewScaleTerm(view);
        var own = ofScales.GetOrAdd((response, size), () =>
        {
            var values = new double[distances.Length];
            for (var s = 0; s < values.Length; s++)
                values[s] = term.Anchored(ScalesOf(s), out _);
            return values;
        });
        for (var s = 0; s < own.Length; s++)
            logDensity[s] = constant + own[s];
    }

    private static ReadOnlySpan<double> Part(double[] draws, int from, int count) => draws.Length == 0 ? default : draws.AsSpan(from, count);
}

using TypedPooling.Inference.Scales;
using TypedPooling.Model;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Gibbs;

/// <summary>The residual sd in a chain and its update given the residual sum of squares. Scratch of one chain.</summary>
/// <remarks>Conjugate for an inverse gamma variance and a flat sd; otherwise a slice step on -N log sigma - squares / (2 sigma^2) + log prior in the
/// coordinate of <see cref="ScaleTransform"/>.</remarks>
internal sealed class SigmaState : IUnivariateDensity
{
    private readonly IScalePrior? prior;
    private readonly ScaleTransform? transform;
    private readonly double count;
    private readonly SliceWidth width = new();
    private double coordinate;
    private double squares;

    public SigmaState(ResponseSpec response, long rowCount, double start)
    {
        prior = response.KnownSd is null ? response.Sigma : null;
        transform = prior is null ? null : new ScaleTransform(prior);
        count = rowCount;
        Update = prior is null ? SdUpdate.Fixed : SdUpdates.For(prior, count);
        Value = transform is null ? 1 : transform.FixedValue;
        if (Update == SdUpdate.Fixed)
            return;
        coordinate = start;
        Value = transform!.Constrain(start);
    }

    /// <summary>How it is drawn.</summary>
    public SdUpdate Update { get; }

    /// <summary>The residual sd; 1 where the error of each row is known.</summary>
    public double Value { get; private set; }

    /// <inheritdoc/>
    public double LogDensity(double value)
    {
        var log = Move(value);
        return log - count * Math.Log(Value) - 0.5 * squares / (Value * Value);
    }

    /// <summary>Where sigma is on unconstrained space.</summary>
    public double Coordinate => coordinate;

    /// <summary>Moves sigma.</summary>
    /// <param name="value">Where to, on unconstrained space.</param>
    /// <returns>Log prior of the coordinate.</returns>
    public double Move(double value)
    {
        coordinate = value;
        Value = transform!.Constrain(value);
        return transform.LogDensity(value, Value);
    }

    /// <summary>Draws sigma.</summary>
    /// <param name="sumOfSquares">The weighted residual sum of squares.</param>
    /// <param name="stream">Randomness.</param>
    /// <param name="learns">True during warmup: the slice width adapts.</param>
    public void Draw(double sumOfSquares, PhiloxStream stream, bool learns)
    {
        squares = sumOfSquares;
        if (Update == SdUpdate.Slice)
        {
            var from = coordinate;
            var log = LogDensity(from);
            var to = SliceStep.Draw(this, from, ref log, width.Value, stream);
            if (learns)
                width.Learn(to - from);
            return;
        }

        var sd = SdUpdates.Draw(prior!, count, squares, stream);
        if (!(sd > 0 && double.IsFinite(sd)))
            return;
        Value = sd;
        coordinate = transform!.Unconstrain(sd);
    }
}

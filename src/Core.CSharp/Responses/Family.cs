using TypedPooling.Programs;
using TypedPooling.Randomness;

namespace TypedPooling.Responses;

/// <summary>The distribution of a response given its linear predictor eta. Closed: each family is a sealed type in a file of its own, which says all
/// that the library knows of it. Immutable.</summary>
/// <remarks>
/// Two families are equal where their type and their link are. A new family derives from <see cref="CellsFamily"/>; what it does not say does not
/// compile. Beside its file it needs a builder verb with a model and a fit, and a row in <c>docs/engines.md</c>: see <c>CONTRIBUTING.md</c>.
/// </remarks>
public abstract class Family : IEquatable<Family>
{
    private protected Family(Link link, string? response = null)
    {
        if (!LegalLinks.Contains(link))
        {
            throw new ModelException(new Problem(
                ProblemCode.NotForThisFamily,
                $"A {Name} model cannot use the link {link}: it does not map {LocationText} to all real numbers.",
                $"Choose {Listed(LegalLinks)}.")
            { Term = response });
        }

        Link = link;
    }

    /// <summary>Name of the family as it is printed.</summary>
    public abstract string Name { get; }

    /// <summary>What eta is of the response's distribution.</summary>
    public Link Link { get; }

    /// <summary>True where the response, or its log, is normal: fitted from sums, with a sigma.</summary>
    public abstract bool IsNormal { get; }

    /// <summary>True where the family has a residual scale sigma.</summary>
    public abstract bool HasSigma { get; }

    /// <summary>True where the family has a second positive parameter: a shape, a precision or degrees of freedom.</summary>
    public bool HasShape => Shape is not null;

    /// <summary>True where the response is a number of events.</summary>
    public abstract bool IsCount { get; }

    /// <summary>True where the response is a number of successes of a number of trials, 1 among them.</summary>
    public abstract bool IsProportion { get; }

    /// <summary>True where only rows of equal responses share a cell, since the sum of the responses does not say all of them.</summary>
    public abstract bool KeepsResponses { get; }

    /// <summary>The links that turn what the response is distributed about into all numbers.</summary>
    internal abstract IReadOnlyList<Link> LegalLinks { get; }

    /// <summary>The second positive parameter; null where the family has none.</summary>
    internal abstract ResponseShape? Shape { get; }

    /// <summary>Letter of what the link is taken of in each row: p, or lambda or mu in Greek.</summary>
    internal abstract string LocationSymbol { get; }

    /// <summary>What the link is taken of, for sentences: probabilities, expectations.</summary>
    internal abstract string LocationText { get; }

    /// <summary>True where the model is of the log of the response.</summary>
    internal abstract bool TakesLog { get; }

    /// <summary>True where eta shifts the response, or its log, and sigma scales it: a standardised model then standardises the response
    /// too.</summary>
    internal abstract bool IsLocationScale { get; }

    /// <summary>True where every finite number is a response, so that <see cref="FaultOf"/> need not be asked.</summary>
    internal abstract bool TakesAnyNumber { get; }

    /// <summary>Checks a finite response.</summary>
    /// <param name="response">The response of a row.</param>
    /// <param name="size">Its trials or exposure, usable or NaN; 1 where rows have none.</param>
    internal abstract ResponseFault FaultOf(double response, double size);

    /// <summary>Draws a new observation.</summary>
    /// <param name="location">The inverse of the link at eta.</param>
    /// <param name="size">Trials or exposure.</param>
    /// <param name="scales">Sigma of the row, and the shape.</param>
    /// <param name="stream">Where randomness comes from.</param>
    internal abstract double Draw(double location, double size, in ResponseScales scales, PhiloxStream stream);

    /// <summary>The expected response.</summary>
    /// <param name="location">The inverse of the link at eta.</param>
    /// <param name="size">Trials or exposure.</param>
    /// <param name="scales">Sigma of the row, and the shape.</param>
    /// <returns>The mean of <see cref="Draw"/>; the centre of a symmetric response whose mean need not exist.</returns>
    internal abstract double Mean(double location, double size, in ResponseScales scales);

    /// <summary>The variance of a response about its <see cref="Mean"/>.</summary>
    /// <param name="location">The inverse of the link at eta.</param>
    /// <param name="size">Trials or exposure.</param>
    /// <param name="scales">Sigma of the row, and the shape.</param>
    /// <returns>The variance of <see cref="Draw"/>; infinity where there is none.</returns>
    internal abstract double Variance(double location, double size, in ResponseScales scales);

    /// <summary>The probability of a response of y or less.</summary>
    /// <param name="y">Any number.</param>
    /// <param name="location">The inverse of the link at eta.</param>
    /// <param name="size">Trials or exposure.</param>
    /// <param name="scales">Sigma of the row, and the shape.</param>
    internal abstract double Cdf(double y, double location, double size, in ResponseScales scales);

    /// <summary>The least y whose <see cref="Cdf"/> is at least the probability.</summary>
    /// <param name="probability">A probability strictly between 0 and 1.</param>
    /// <param name="location">The inverse of the link at eta.</param>
    /// <param name="size">Trials or exposure.</param>
    /// <param name="scales">Sigma of the row, and the shape.</param>
    internal abstract double Quantile(double probability, double location, double size, in ResponseScales scales);

    /// <summary>How programs of other tools write the distribution.</summary>
    internal abstract FamilyForm Form { get; }

    /// <inheritdoc/>
    public bool Equals(Family? other) => other is not null && other.GetType() == GetType() && other.Link == Link;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Family);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(GetType(), Link);

    /// <summary>The family's name and its link.</summary>
    public override string ToString() => $"{Name} ({Link})";

    /// <summary>Compares two families.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(Family? left, Family? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Compares two families.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(Family? left, Family? right) => !(left == right);

    private static string Listed(IReadOnlyList<Link> links) =>
        string.Join(", ", links.SkipLast(1).Select(link => $"Link.{link}")) + (links.Count > 1 ? " or " : string.Empty) + $"Link.{links[^1]}";
}

using System.Globalization;
using TypedPooling.Model;

namespace TypedPooling.Inference.Sampling.Importance;

/// <summary>Priors of sampled coefficients with tails that the checks of importance sampling may not see.</summary>
internal static class HeavyTails
{
    // Tails heavier than this may keep mass along an axis where no proposal of D dimensions meets it, and then no check sees it: measured on products
    // of t's with normal coordinates.
    private const double LeastDegreesOfFreedom = 4;

    /// <summary>Why there are no independent draws; null where tails do not stand against them.</summary>
    /// <param name="spec">The model. Flat priors are not meant: the likelihood gives the tails.</param>
    public static ImportanceRefusal? Refusal(ModelSpec spec)
    {
        if (spec.Population.FirstOrDefault(term => term.Prior is { IsProper: true, TailIndex: < LeastDegreesOfFreedom }) is not { } term)
            return null;
        var reason = string.Create(
            CultureInfo.InvariantCulture,
            $"The prior of {term.Name} has heavier tails than a t with {LeastDegreesOfFreedom} degrees of freedom, and the checks may not detect "
                + $"this.");
        return new(ImportanceRefusalCode.HeavyTails, reason);
    }
}

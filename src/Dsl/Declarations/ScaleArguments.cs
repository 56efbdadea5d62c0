using TypedPooling.Responses;

namespace TypedPooling.Declarations;

/// <summary>Checks that a prior fits a standard deviation, a shape or degrees of freedom, where it is declared.</summary>
internal static class ScaleArguments
{
    public static void Check(IScalePrior? prior, string term, bool zeroIsAllowed)
    {
        if (prior is null)
            return;
        if (prior.Lower < 0)
            throw Refusal(term, $"{prior.Text} on {term} reaches below 0, and a standard deviation cannot.", "Give it a lower bound of 0 or more.");
        if (!zeroIsAllowed && prior.Upper <= 0)
            throw Refusal(term, $"{prior.Text} on {term} leaves only the value 0.", "Fix it at a positive value.");
    }

    /// <summary>Checks the prior of a shape or of degrees of freedom: positive, and never flat, since the likelihood does not fall as they
    /// grow.</summary>
    public static void CheckShape(IScalePrior? prior, ResponseShape shape)
    {
        var term = shape.Name;
        if (prior is { IsProper: false })
        {
            throw new ModelException(new Problem(
                ProblemCode.ImproperPosterior,
                $"A flat prior on the {term} leaves the posterior improper: as the {term} grows the response becomes {shape.Limit}, and the "
                    + $"likelihood no longer falls.",
                "Give it a proper prior, such as Gamma(2, 0.1), or leave it to the default.")
            { Term = term });
        }

        if (prior is { Lower: < 0 })
            throw Refusal(term, $"{prior.Text} on the {term} reaches below 0, and it is positive.", "Give it a lower bound of 0 or more.");
        if (prior is { Upper: <= 0 })
            throw Refusal(term, $"{prior.Text} on the {term} leaves only the value 0.", "Fix it at a positive value.");
    }

    private static ModelException Refusal(string term, string sentence, string remedy) =>
        new(new Problem(ProblemCode.PriorOutOfRange, sentence, remedy) { Term = term });
}

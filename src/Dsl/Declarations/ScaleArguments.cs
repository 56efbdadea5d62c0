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
            throw Refusal(term, $"{prior.Text} on {term} allows values below 0, but a standard deviation is never "
                + $"negative.", "Give it a lower bound of 0 or more.");
        if (!zeroIsAllowed && prior.Upper <= 0)
            throw Refusal(term, $"{prior.Text} on {term} allows only the value 0.", "Fix it at a positive value.");
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
                $"A flat prior on the {term} makes the posterior improper: at large values the response becomes {shape.Limit} and the "
                    + $"likelihood stops falling.",
                "Give it a proper prior, such as Gamma(2, 0.1), or use the default prior.")
            { Term = term });
        }

        if (prior is { Lower: < 0 })
            throw Refusal(term, $"{prior.Text} on the {term} allows values below 0, but only positive values are "
                + $"possible.", "Give it a lower bound of 0 or more.");
        if (prior is { Upper: <= 0 })
            throw Refusal(term, $"{prior.Text} on the {term} allows only the value 0.", "Fix it at a positive value.");
    }

    private static ModelException Refusal(string term, string sentence, string remedy) =>
        new(new Problem(ProblemCode.PriorOutOfRange, sentence, remedy) { Term = term });
}

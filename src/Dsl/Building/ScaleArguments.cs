namespace TypedPooling.Building;

/// <summary>Checks that a prior's support fits a standard deviation, where it is declared.</summary>
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

    private static ModelException Refusal(string term, string sentence, string remedy) =>
        new(new Problem(ProblemCode.PriorOutOfRange, sentence, remedy) { Term = term });
}

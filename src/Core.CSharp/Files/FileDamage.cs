namespace TypedPooling.Files;

/// <summary>What is said of files that cannot be read.</summary>
internal static class FileDamage
{
    /// <summary>The file holds something that no writer of this library wrote.</summary>
    /// <param name="what">What is wrong, as the end of a sentence that begins with "The file is damaged:".</param>
    public static ModelException Of(string what) => new(new Problem(
        ProblemCode.FileDamaged,
        $"The file is damaged: {what}.",
        "Copy or save it again. Nothing was loaded."));

    /// <summary>The file is not one of this library's, or not of the kind asked for.</summary>
    /// <param name="sentence">What it is, or is not.</param>
    /// <param name="remedy">What to load, and by which verb.</param>
    public static ModelException Foreign(string sentence, string remedy) => new(new Problem(ProblemCode.FileDamaged, sentence, remedy));

    /// <summary>Throws where a condition that every written file meets does not hold.</summary>
    /// <param name="holds">The condition.</param>
    /// <param name="what">What is wrong where it does not.</param>
    /// <exception cref="ModelException">FileDamaged.</exception>
    public static void Unless(bool holds, string what)
    {
        if (!holds)
            throw Of(what);
    }
}

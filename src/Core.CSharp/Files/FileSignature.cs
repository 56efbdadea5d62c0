namespace TypedPooling.Files;

/// <summary>What a model must have in common with a file: named texts, in order. Immutable.</summary>
internal sealed class FileSignature
{
    private const int MostShown = 5;

    private readonly (string Part, string Text)[] parts;

    /// <param name="parts">What is compared, each under a name of its own.</param>
    public FileSignature(IEnumerable<(string Part, string Text)> parts) => this.parts = [.. parts];

    /// <summary>Writes the texts.</summary>
    public void Write(FileWriter writer)
    {
        writer.Count(parts.Length);
        foreach (var (part, text) in parts)
        {
            writer.Text(part);
            writer.Text(text);
        }
    }

    /// <summary>Reads the texts of a file and compares them with these, the model's.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="remedy">What to do where they differ.</param>
    /// <exception cref="ModelException">FileOfAnotherModel, with what differs and how.</exception>
    public void Check(FileReader reader, string remedy)
    {
        var count = reader.Room(reader.Count(), 2);
        var found = new (string Part, string Text)[count];
        for (var i = 0; i < count; i++)
            found[i] = (reader.Text(), reader.Text());
        if (found.AsSpan().SequenceEqual(parts))
            return;

        var differences = new List<string>();
        foreach (var (part, text) in parts)
        {
            var own = Array.FindIndex(found, one => one.Part == part);
            if (own < 0)
                differences.Add($"the model has {part} '{text}' and the file has none");
            else if (found[own].Text != text)
                differences.Add($"{part} is '{found[own].Text}' in the file and '{text}' in the model");
        }

        foreach (var (part, text) in found.Where(one => !Array.Exists(parts, own => own.Part == one.Part)))
            differences.Add($"the file has {part} '{text}' and the model has none");
        if (differences.Count == 0)
            differences.Add("the parts stand in another order");
        var more = differences.Count > MostShown ? $"; and {differences.Count - MostShown} more" : string.Empty;
        throw new ModelException(new Problem(
            ProblemCode.FileOfAnotherModel,
            $"The file was saved by another model: {string.Join("; ", differences.Take(MostShown))}{more}.",
            remedy));
    }
}

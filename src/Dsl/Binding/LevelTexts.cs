using TypedPooling.Data;

namespace TypedPooling.Binding;

/// <summary>Different keys need different texts: tables name levels by them, and the random stream of a level hangs on its text.</summary>
internal static class LevelTexts
{
    public static IEnumerable<Problem> Check(BoundModel model)
    {
        for (var k = 0; k < model.Levels.Length; k++)
        {
            var table = model.Levels[k];
            if (table is LevelIndex<string> or LevelIndex<int> or LevelIndex<long> or LevelIndex<Guid>)
                continue;
            var texts = new HashSet<string>(StringComparer.Ordinal);
            for (var level = 0; level < table.Count; level++)
            {
                if (texts.Add(table.Text(level)))
                    continue;
                yield return new(
                    ProblemCode.NameNeeded,
                    $"Two different keys of '{model.Spec.Factors[k].Name}' have the same text.",
                    "Use a key whose ToString() tells keys apart: text, a number, an enum, a tuple or a record.")
                {
                    Term = model.Spec.Factors[k].Name,
                    Level = table.Text(level),
                    IsLevelOfData = true,
                };
                break;
            }
        }
    }
}

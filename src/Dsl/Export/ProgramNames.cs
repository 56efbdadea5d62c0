using System.Globalization;
using System.Text;

namespace TypedPooling.Export;

/// <summary>Names that Stan, JAGS and R all take, made from the names of a model. Used by one thread.</summary>
/// <remarks>A name keeps ASCII letters, digits and single underscores; all else becomes an underscore. It begins with a letter, is no word
/// of these languages, and gets a number where another thing has it already.</remarks>
internal sealed class ProgramNames
{
    // Nodes that priors may need in JAGS: see PriorForm.
    private static readonly string[] AuxiliaryPrefixes = ["precision_", "root_"];

    private readonly HashSet<string> taken = new(ReservedWords.All, StringComparer.Ordinal);

    /// <summary>A name of its own for a thing that is not a model's number.</summary>
    /// <param name="wanted">What it would be called.</param>
    public string Take(string wanted) => Take(wanted, []);

    /// <summary>A name of its own for a number with a prior.</summary>
    /// <param name="wanted">What it would be called.</param>
    public string TakeNumber(string wanted) => Take(wanted, AuxiliaryPrefixes);

    private static string Identifier(string name)
    {
        var text = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsAsciiLetterOrDigit(letter))
                text.Append(letter);
            else if (text.Length > 0 && text[^1] != '_')
                text.Append('_');
        }

        var identifier = text.ToString().TrimEnd('_');
        return identifier.Length == 0 ? "v" : char.IsAsciiLetter(identifier[0]) ? identifier : $"v{identifier}";
    }

    private string Take(string wanted, string[] prefixes)
    {
        var identifier = Identifier(wanted);
        var name = identifier;
        for (var number = 2; !IsFree(name); number++)
            name = string.Create(CultureInfo.InvariantCulture, $"{identifier}_{number}");
        taken.Add(name);
        foreach (var prefix in prefixes)
            taken.Add(prefix + name);
        return name;

        bool IsFree(string candidate) => !taken.Contains(candidate) && !prefixes.Any(prefix => taken.Contains(prefix + candidate));
    }
}

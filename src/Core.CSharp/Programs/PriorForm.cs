using System.Collections.Immutable;

namespace TypedPooling.Programs;

/// <summary>How the programs of other tools write the prior of a number: a template for each tool. Immutable.</summary>
/// <remarks>
/// In a template <c>{x}</c> stands for the number and <c>{name}</c> for the argument of that name. A density may differ from the prior's by a
/// constant: bounds are declared by the program, and what they cut off is not normalised. Every member is required, so that a prior cannot forget a
/// tool.
/// </remarks>
internal sealed record PriorForm
{
    /// <summary>The prior's parameters. A default prior has the same ones whatever the data; only their values differ.</summary>
    public required ImmutableArray<PriorArgument> Arguments { get; init; }

    /// <summary>Stan: a statement of the model block; empty where the density is constant between the declared bounds.</summary>
    public required string Stan { get; init; }

    /// <summary>JAGS: lines of the model that define <c>{x}</c>; null where JAGS has no such prior. A further node may be called
    /// <c>precision_{x}</c> or <c>root_{x}</c>.</summary>
    public required string? Jags { get; init; }

    /// <summary>brms: the text of its <c>prior</c> argument, the bounds being those of the class; null where it has none.</summary>
    public required string? Brms { get; init; }

    /// <summary>Fills a template in.</summary>
    /// <param name="template">One of the templates.</param>
    /// <param name="x">What stands for the number.</param>
    /// <param name="arguments">What stands for each argument. Length: the number of <see cref="Arguments"/>.</param>
    public string Fill(string template, string x, IReadOnlyList<string> arguments)
    {
        var text = template;
        for (var a = 0; a < Arguments.Length; a++)
            text = text.Replace($"{{{Arguments[a].Name}}}", arguments[a], StringComparison.Ordinal);
        return text.Replace("{x}", x, StringComparison.Ordinal);
    }
}

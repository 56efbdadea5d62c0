using System.Linq.Expressions;

namespace TypedPooling.Selectors;

/// <summary>What a selector is called.</summary>
/// <param name="Name">The explicit name, or the formula.</param>
/// <param name="Formula">The expression as mathematics; the name, where there is no mathematical notation for it.</param>
/// <param name="Key">Canonical text that tells selectors apart.</param>
internal readonly record struct SelectorName(string Name, Formula Formula, string Key)
{
    /// <summary>Names a normalised selector.</summary>
    /// <param name="selector">The lambda, from <see cref="ExpressionNormalizer"/>.</param>
    /// <param name="name">The explicit name, or null.</param>
    /// <param name="otherwise">The name of a selector that cannot be printed and has no explicit one; null where that is an error.</param>
    /// <returns>Name, formula and key.</returns>
    /// <exception cref="ModelException">NameNeeded, where there is no name and the selector cannot be printed.</exception>
    public static SelectorName Of(LambdaExpression selector, string? name, string? otherwise = null)
    {
        var printed = FormulaPrinter.Print(selector, out var opaque);
        if (opaque is null)
            return new SelectorName(string.IsNullOrWhiteSpace(name) ? Plain(printed.Text) : name, printed, printed.Text);
        if (string.IsNullOrWhiteSpace(name))
            name = otherwise;
        if (!string.IsNullOrWhiteSpace(name))
            return new SelectorName(name, new Formula(name, Binding.Atom), printed.Text);
        throw new ModelException(new Problem(
            ProblemCode.NameNeeded,
            $"A selector contains {opaque}, so its term has no name.",
            "Declare it with a name, name: \"x\", and ask for the term by that name, Coefficient(\"x\"). Or write it with members, "
                + "arithmetic and functions such as log."));
    }

    // A single member needs no quotes.
    private static string Plain(string text) => text.Length > 2 && text.IndexOf('`', 1) == text.Length - 1 && text[0] == '`' ? text[1..^1] : text;
}

namespace TypedPooling.Selectors;

/// <summary>An expression printed as mathematics.</summary>
/// <param name="Text">The text; equal for equal expressions, whatever their casts and the names of their parameters.</param>
/// <param name="Binding">How tightly its outermost operator binds.</param>
internal readonly record struct Formula(string Text, Binding Binding)
{
    /// <summary>The text, in parentheses where its outermost operator binds less tightly than asked.</summary>
    /// <param name="atLeast">What the surroundings ask for.</param>
    /// <returns>The text to put there.</returns>
    public string Within(Binding atLeast) => Binding < atLeast ? $"({Text})" : Text;

    /// <inheritdoc/>
    public override string ToString() => Text;
}

namespace TypedPooling.Selectors;

/// <summary>How tightly an operator binds, loosest first.</summary>
internal enum Binding
{
    /// <summary>A null coalescing, <c>a ?? b</c>.</summary>
    Coalesce,

    /// <summary><c>a or b</c>.</summary>
    Or,

    /// <summary><c>a and b</c>.</summary>
    And,

    /// <summary><c>not a</c>.</summary>
    Not,

    /// <summary>A comparison.</summary>
    Comparison,

    /// <summary>Operations on bits.</summary>
    Bits,

    /// <summary>A sum or a difference.</summary>
    Sum,

    /// <summary>A product, a quotient, a remainder, or a negative.</summary>
    Product,

    /// <summary>A power.</summary>
    Power,

    /// <summary>A name, a number, a call.</summary>
    Atom,
}

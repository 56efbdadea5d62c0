namespace TypedPooling.Selectors;

/// <summary>Carries nullables of a value type.</summary>
internal abstract class NullableCarrier
{
    /// <summary>The carrier of the nullable type.</summary>
    public abstract Carrier Carrier { get; }

    /// <summary>The carrier of the value type.</summary>
    public abstract Carrier Underlying { get; }

    /// <summary>A value as a nullable that is not null.</summary>
    public abstract Delegate Wrapped(Delegate value);

    /// <summary>True where the nullable is not null.</summary>
    public abstract Part<bool> HasValue(Delegate nullable);

    /// <summary>The value; throws where it is null.</summary>
    public abstract Delegate Value(Delegate nullable);

    /// <summary>The value, or another one where it is null, which is evaluated only then if <paramref name="isLazy"/>.</summary>
    /// <param name="nullable">The nullable.</param>
    /// <param name="other">The other value; null for the default one.</param>
    /// <param name="isLazy">True for a null coalescing, false for an argument.</param>
    public abstract Delegate ValueOr(Delegate nullable, Delegate? other, bool isLazy);

    /// <summary>The nullable, or another nullable where it is null.</summary>
    public abstract Delegate Or(Delegate nullable, Delegate other);
}

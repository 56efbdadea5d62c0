namespace TypedPooling.Selectors;

/// <summary>A method without arguments of a struct as an open delegate, such as the getter of a property.</summary>
/// <typeparam name="TOwner">The struct.</typeparam>
/// <typeparam name="TValue">What the method returns.</typeparam>
/// <param name="owner">The struct; not copied.</param>
/// <returns>What the method returns.</returns>
internal delegate TValue ByRef<TOwner, out TValue>(ref TOwner owner);

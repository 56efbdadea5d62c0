namespace TypedPooling.Queries;

/// <summary>A variable that an expression tree captures: providers make a parameter of it.</summary>
/// <typeparam name="T">Its type.</typeparam>
/// <param name="value">Its value.</param>
internal sealed class Captured<T>(T value)
{
    public readonly T Value = value;
}

namespace TypedPooling.Selectors;

/// <summary>Which carrier serves a type.</summary>
internal static class Carriers
{
    private static readonly Dictionary<Type, Carrier> Known = new Carrier[]
    {
        new NumberCarrier<double>(), new NumberCarrier<float>(), new IntegerCarrier<int>(), new IntegerCarrier<uint>(), new IntegerCarrier<long>(),
        new IntegerCarrier<ulong>(),
        new IntegerCarrier<short>(), new IntegerCarrier<ushort>(), new IntegerCarrier<byte>(), new IntegerCarrier<sbyte>(),
        new IntegerCarrier<char>(), new BoolCarrier(),
        new ValueCarrier<decimal>(), new ValueCarrier<Half>(), new ValueCarrier<DateTime>(), new ValueCarrier<DateTimeOffset>(),
        new ValueCarrier<DateOnly>(),
        new ValueCarrier<TimeOnly>(), new ValueCarrier<TimeSpan>(), new ValueCarrier<Guid>(),
    }.SelectMany(carrier => new[] { carrier, carrier.Nullable!.Carrier }).ToDictionary(carrier => carrier.Type);

    /// <summary>Carries objects of reference types.</summary>
    public static ObjectCarrier Reference { get; } = new(boxes: false);

    /// <summary>Carries values of types that native code may not know.</summary>
    public static ObjectCarrier Box { get; } = new(boxes: true);

    /// <summary>The carrier of a type.</summary>
    /// <param name="type">Any type.</param>
    /// <returns>That of its number for an enum.</returns>
    public static Carrier Of(Type type) =>
        Known.TryGetValue(type.IsEnum ? Enum.GetUnderlyingType(type) : type, out var known) ? known : type.IsValueType ? Box : Reference;
}

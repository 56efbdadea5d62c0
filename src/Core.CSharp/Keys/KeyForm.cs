using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace TypedPooling.Keys;

/// <summary>How keys of a type are read back from their text, see <see cref="KeyText"/>. Immutable.</summary>
/// <remarks>A type that says its own text is read by its own <c>TryParse(string, IFormatProvider, out T)</c>.</remarks>
[UnconditionalSuppressMessage("Trimming", "IL2067", Justification = KeyMembers.Reason)]
[UnconditionalSuppressMessage("Trimming", "IL2070", Justification = KeyMembers.Reason)]
[UnconditionalSuppressMessage("Trimming", "IL2072", Justification = KeyMembers.Reason)]
[UnconditionalSuppressMessage("Trimming", "IL2075", Justification = KeyMembers.Reason)]
internal sealed class KeyForm
{
    private const string WholeNumber = "whole number";
    private const string Decimal = "number";
    private const string DateAndTime = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF";

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;
    private static readonly ConcurrentDictionary<Type, KeyForm?> Forms = new();

    private static readonly Dictionary<Type, KeyForm> Known = new()
    {
        [typeof(string)] = new("text", text => text),
        [typeof(char)] = new("letter", text => text.Length == 1 ? text[0] : null),
        [typeof(bool)] = new("true or false", text => bool.TryParse(text, out var value) ? value : null),
        [typeof(sbyte)] = new(WholeNumber, text => sbyte.TryParse(text, Invariant, out var value) ? value : null),
        [typeof(byte)] = new(WholeNumber, text => byte.TryParse(text, Invariant, out var value) ? value : null),
        [typeof(short)] = new(WholeNumber, text => short.TryParse(text, Invariant, out var value) ? value : null),
        [typeof(ushort)] = new(WholeNumber, text => ushort.TryParse(text, Invariant, out var value) ? value : null),
        [typeof(int)] = new(WholeNumber, text => int.TryParse(text, Invariant, out var value) ? value : null),
        [typeof(uint)] = new(WholeNumber, text => uint.TryParse(text, Invariant, out var value) ? value : null),
        [typeof(long)] = new(WholeNumber, text => long.TryParse(text, Invariant, out var value) ? value : null),
        [typeof(ulong)] = new(WholeNumber, text => ulong.TryParse(text, Invariant, out var value) ? value : null),
        [typeof(Int128)] = new(WholeNumber, text => Int128.TryParse(text, Invariant, out var value) ? value : null),
        [typeof(UInt128)] = new(WholeNumber, text => UInt128.TryParse(text, Invariant, out var value) ? value : null),
        [typeof(BigInteger)] = new(WholeNumber, text => BigInteger.TryParse(text, Invariant, out var value) ? value : null),
        [typeof(double)] = new(Decimal, text => double.TryParse(text, Invariant, out var value) ? value : null),
        [typeof(float)] = new(Decimal, text => float.TryParse(text, Invariant, out var value) ? value : null),
        [typeof(Half)] = new(Decimal, text => Half.TryParse(text, Invariant, out var value) ? value : null),
        [typeof(decimal)] = new(Decimal, text => decimal.TryParse(text, Invariant, out var value) ? value : null),
        [typeof(Guid)] = new("Guid", text => Guid.TryParse(text, Invariant, out var value) ? value : null),
        [typeof(DateOnly)] = new("date", text => DateOnly.TryParseExact(text, "yyyy-MM-dd", Invariant, default, out var value) ? value : null),
        [typeof(DateTime)] = new(
            "date and time", text => DateTime.TryParseExact(text, DateAndTime, Invariant, default, out var value) ? value : null),
        [typeof(DateTimeOffset)] = new("instant", text => DateTimeOffset.TryParseExact(
            text, DateAndTime + "'Z'", Invariant, DateTimeStyles.AssumeUniversal, out var value) ? value : null),
        [typeof(TimeOnly)] = new(
            "time", text => TimeOnly.TryParseExact(text, "HH:mm:ss.FFFFFFF", Invariant, default, out var value) ? value : null),
        [typeof(TimeSpan)] = new("duration", text => TimeSpan.TryParse(text, Invariant, out var value) ? value : null),
        [typeof(Version)] = new("version", text => Version.TryParse(text, out var value) ? value : null),
        [typeof(Uri)] = new("address", text => Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var value) ? value : null),
    };

    [ThreadStatic]
    private static HashSet<Type>? underway;

    private readonly Func<string, object?>? whole;
    private readonly KeyPattern? pattern;

    private KeyForm(string kind, Func<string, object?> whole)
    {
        Kind = kind;
        this.whole = whole;
    }

    private KeyForm(KeyPattern pattern)
    {
        Kind = pattern.Kind;
        this.pattern = pattern;
    }

    /// <summary>What keys are, for the signature of a file: no name of a type. Types of one kind, as int and long, have one text for
    /// one key.</summary>
    public string Kind { get; }

    /// <summary>The parts that keys are made of; null where they have none.</summary>
    public KeyPattern? Pattern => pattern;

    /// <summary>True where keys are made of parts.</summary>
    public bool HasParts => pattern is not null;

    /// <summary>True where every text is a key, and each its own.</summary>
    public bool IsText => ReferenceEquals(this, Known[typeof(string)]);

    /// <summary>The form of a type; null where its text cannot be read back.</summary>
    public static KeyForm? Of(Type type) => Forms.GetOrAdd(Nullable.GetUnderlyingType(type) ?? type, Find);

    /// <summary>The key of a text.</summary>
    /// <param name="text">The whole text.</param>
    /// <returns>The key; null where the text is that of none.</returns>
    public object? Read(string text)
    {
        if (whole is not null)
            return whole(text);
        var reader = new KeyTextReader(text);
        return reader.TryRead(pattern!, out var key) && reader.IsAtEnd ? key : null;
    }

    // A type that holds itself has no end.
    private static KeyForm? Find(Type type)
    {
        underway ??= [];
        if (!underway.Add(type))
            return null;
        try
        {
            return FindOnce(type);
        }
        finally
        {
            underway.Remove(type);
        }
    }

    private static KeyForm? FindOnce(Type type)
    {
        if (Known.TryGetValue(type, out var known))
            return known;
        if (type.IsEnum)
            return new("name", text => Enum.TryParse(type, text, out var value) ? value : null);
        if (KeyPattern.Of(type) is { } pattern)
            return pattern.IsReadable ? new(pattern) : null;
        return KeyShape.Of(type) is null ? OfOwnText(type) : null;
    }

    private static KeyForm? OfOwnText(Type type)
    {
        var parse = type.GetMethod(
            "TryParse", BindingFlags.Public | BindingFlags.Static, [typeof(string), typeof(IFormatProvider), type.MakeByRefType()]);
        return parse is null ? null : new("text of its own", text =>
        {
            object?[] arguments = [text, Invariant, null];
            try
            {
                return parse.Invoke(null, arguments) is true ? arguments[2] : null;
            }
            catch (TargetInvocationException)
            {
                // What the type itself does not take is the key of no text.
                return null;
            }
        });
    }
}

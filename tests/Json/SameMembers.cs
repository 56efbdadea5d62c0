using System.Collections;
using System.Reflection;
using TypedPooling.Draws;

namespace TypedPooling.Tests.Json;

/// <summary>Two answers of one type have the same public members: numbers bit by bit, NaN included, lists item by item.</summary>
internal static class SameMembers
{
    /// <summary>The first member that differs, as a path; null where there is none.</summary>
    public static string? Difference(object? expected, object? actual, string path = "")
    {
        if (expected is null || actual is null)
            return expected is null && actual is null ? null : $"{path}: one is null";
        if (expected.GetType() != actual.GetType())
            return $"{path}: {expected.GetType().Name} and {actual.GetType().Name}";
        if (expected is double number)
            return BitConverter.DoubleToInt64Bits(number) == BitConverter.DoubleToInt64Bits((double)actual) ? null : $"{path}: {expected} and {actual}";
        if (expected is string or IConvertible or Enum or Guid or DateOnly or TimeSpan)
            return expected.Equals(actual) ? null : $"{path}: {expected} and {actual}";
        if (expected is IEnumerable items)
        {
            var (first, second) = (items.Cast<object?>().ToArray(), ((IEnumerable)actual).Cast<object?>().ToArray());
            return first.Length != second.Length
                ? $"{path}: {first.Length} and {second.Length} items"
                : first.Zip(second).Select((pair, i) => Difference(pair.First, pair.Second, $"{path}[{i}]")).FirstOrDefault(found => found is not null);
        }

        return expected.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0 && property.Name != nameof(Problem.Suggestion))
            .Select(property => Difference(property.GetValue(expected), property.GetValue(actual), $"{path}.{property.Name}"))
            .FirstOrDefault(found => found is not null);
    }

    /// <summary>Whether the comparison sees into the types of Core that answers hold.</summary>
    public static bool SeesInto(Parameter parameter) => Difference(parameter, parameter with { Factor = "another" }) is not null;
}

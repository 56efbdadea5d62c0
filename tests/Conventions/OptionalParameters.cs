using System.Reflection;

namespace TypedPooling.Tests.Conventions;

/// <summary>The rule of optional parameters: in every public method they stand in one order, so that who knows one call knows the next.</summary>
internal static class OptionalParameters
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The order: what is asked for and of what, how it is named, how much of it, how it is computed, and last who watches.</summary>
    public static IReadOnlyList<string> Order { get; } =
    [
        "rows", "link", "sigma", "sd", "shape", "precision", "degreesOfFreedom", "prior", "reference", "term",
        "name",
        "refit", "draws", "replicates", "bins", "width", "probability", "seed",
        "options", "progress", "cancellation",
    ];

    /// <summary>Methods and constructors whose optional parameters stand in another order, or are not in the list where there are several.</summary>
    public static IEnumerable<string> Violations(IEnumerable<Type> types) =>
        from type in types
        from method in type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared))
        where !method.IsDefined(typeof(ObsoleteAttribute))
        let names = method.GetParameters().Where(parameter => parameter.IsOptional).Select(parameter => parameter.Name!).ToArray()
        where names.Length > 1
        let places = names.Select(name => Order.ToList().IndexOf(name)).ToArray()
        where places.Contains(-1) || !places.SequenceEqual(places.Order())
        let list = string.Join(", ", names)
        select $"{type.Name}.{method.Name}: its optional parameters {list} do not stand in the order of {nameof(OptionalParameters)}.";
}

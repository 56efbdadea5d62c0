using TypedPooling.Model;

namespace TypedPooling.Plots.Pictures;

/// <summary>Titles of axes made of the model's own names, the link and the unit that the user gives.</summary>
internal static class AxisTitles
{
    /// <summary>The response: <c>Wait (minutes)</c>.</summary>
    public static string Response(ModelSpec spec, string? unit) => WithUnit(spec.Response.Name, unit);

    /// <summary>A coefficient: <c>Intercept of Wait (minutes)</c>, <c>Slope of Wait on Afternoon (minutes per unit of Afternoon)</c>.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="term">The coefficient's name.</param>
    /// <param name="unit">Unit of the response; null or empty for none.</param>
    /// <param name="takesLog">True where the model is of the log of the response.</param>
    public static string Coefficient(ModelSpec spec, string term, string? unit, bool takesLog) =>
        WithUnit(
            term == ModelSpec.InterceptName ? $"Intercept of {spec.Response.Name}" : $"Slope of {spec.Response.Name} on {term}",
            Scale(spec, Unit(term, unit), takesLog));

    /// <summary>The unit of a coefficient, or of an sd of it: that of the response, per unit of the column where there is one.</summary>
    public static string? Unit(string term, string? unit) =>
        term == ModelSpec.InterceptName || string.IsNullOrEmpty(unit) ? unit : $"{unit} per unit of {term}";

    /// <summary>True where coefficients are on the scale of the response itself, and have its unit.</summary>
    public static bool IsOfResponse(ModelSpec spec, bool takesLog) => Scale(spec, null, takesLog) is null;

    /// <summary>A name with a unit in parentheses where there is one.</summary>
    public static string WithUnit(string name, string? unit) => string.IsNullOrEmpty(unit) ? name : $"{name} ({unit})";

    private static string? Scale(ModelSpec spec, string? unit, bool takesLog) => spec.Response.Family.Link switch
    {
        Link.Log => "log scale",
        Link.Logit => "log odds",
        Link.Probit => "probit scale",
        Link.ComplementaryLogLog => "complementary log-log scale",
        _ => takesLog ? "log scale" : unit,
    };
}

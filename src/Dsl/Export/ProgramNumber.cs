using System.Globalization;
using TypedPooling.Programs;

namespace TypedPooling.Export;

/// <summary>A number with a prior, or one for each level of a categorical predictor. Immutable.</summary>
/// <param name="Term">What it is, for comments and refusals.</param>
/// <param name="Name">Its name where it is reported, on the scale of the rows.</param>
/// <param name="Sampled">Its name where it is sampled; the same where the prior is stated on the scale of the rows.</param>
/// <param name="Prior">The prior; its parameters mean nothing where <paramref name="IsOpen"/>.</param>
/// <param name="Lower">Lower bound; negative infinity where there is none.</param>
/// <param name="Upper">Upper bound; positive infinity where there is none.</param>
/// <param name="Count">The number of levels of a categorical predictor; null for one number.</param>
/// <param name="IsOpen">True for a default, whose parameters are data.</param>
/// <param name="Arguments">What stands for the prior's parameters: numbers, or names of data.</param>
internal sealed record ProgramNumber(
    string Term,
    string Name,
    string Sampled,
    IUnivariatePrior Prior,
    double Lower,
    double Upper,
    string? Count,
    bool IsOpen,
    IReadOnlyList<string> Arguments)
{
    /// <summary>The known value; null where it is estimated.</summary>
    public double? FixedValue => IsOpen ? null : Prior.FixedValue;

    /// <summary>A number with all its digits.</summary>
    public static string Literal(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static IReadOnlyList<string> Literals(PriorForm form) => [.. form.Arguments.Select(argument => Literal(argument.Value))];

    /// <summary>The prior of the number in JAGS, as lines.</summary>
    /// <param name="template">The template of JAGS.</param>
    public string[] JagsLines(string template)
    {
        var index = Count is null ? string.Empty : "[k]";
        string[] arguments = [.. Arguments.Select(argument => IsOpen ? argument + index : argument)];
        return Prior.Form.Fill(template, Sampled + index, arguments).Split('\n');
    }

    /// <summary>The statement of the prior in Stan; empty where the density is constant.</summary>
    public string StanStatement() => Prior.Form.Fill(Prior.Form.Stan, Sampled, Arguments);
}

using System.Globalization;
using System.Runtime.CompilerServices;

namespace TypedPooling;

/// <summary>Checks of the parameters of priors, made once, where a prior is created.</summary>
internal static class PriorArguments
{
    public static double Finite(double value, string prior, [CallerArgumentExpression(nameof(value))] string name = "") =>
        double.IsFinite(value) ? value : throw Refusal(prior, name, value, "must be a finite number");

    public static double Positive(double value, string prior, [CallerArgumentExpression(nameof(value))] string name = "") =>
        double.IsFinite(value) && value > 0 ? value : throw Refusal(prior, name, value, "must be a positive finite number");

    public static double NotNegative(double value, string prior, [CallerArgumentExpression(nameof(value))] string name = "") =>
        double.IsFinite(value) && value >= 0 ? value : throw Refusal(prior, name, value, "must be a finite number, zero or more");

    public static string Text(string prior, params ReadOnlySpan<double> parameters)
    {
        var texts = new string[parameters.Length];
        for (var i = 0; i < parameters.Length; i++)
            texts[i] = parameters[i].ToString("G6", CultureInfo.InvariantCulture);
        return $"{prior}({string.Join(", ", texts)})";
    }

    public static string ThereAre(int termCount) => termCount == 1 ? "there is 1 varying effect" : $"there are {termCount} varying effects";

    public static ModelException Refusal(string prior, string name, double value, string rule, string subject = "it") => new(new Problem(
        ProblemCode.PriorOutOfRange,
        string.Create(CultureInfo.InvariantCulture, $"The parameter '{name}' of {prior} {rule}; {subject} is {value}."),
        $"Give '{name}' a value that {prior} allows.")
    { Term = prior });
}

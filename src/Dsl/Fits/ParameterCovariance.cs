using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>The covariance matrix of all estimates of a fit by maximum likelihood: population effects, then sigma, shape, sds and correlations.
/// Immutable.</summary>
/// <param name="Names">The names, as the fit's table has them. Length n.</param>
/// <param name="Values">The matrix by rows, in units of both parameters. Length n n. 0 for what is fixed; NaN for what lies on the boundary: an sd
/// estimated as 0 and its correlations, a correlation of 1 or -1, an infinite shape.</param>
/// <remarks>Thread-safe: any number of threads may read it at once.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed record ParameterCovariance(ImmutableArray<string> Names, ImmutableArray<double> Values) : IJsonAnswer<ParameterCovariance>, ITabular
{
    /// <summary>The covariance of two estimates.</summary>
    /// <param name="name">Name of one parameter, as the fit's table has it.</param>
    /// <param name="otherName">Name of the other; the same one for a variance.</param>
    /// <returns>The covariance, in units of both; NaN where one lies on the boundary.</returns>
    /// <exception cref="ModelException">UnknownTerm: there is no such parameter; the nearest name and all others are listed.</exception>
    public double Of(string name, string otherName) => Values[IndexOf(name) * Names.Length + IndexOf(otherName)];

    /// <summary>The root of an estimate's variance.</summary>
    /// <param name="name">Name of the parameter, as the fit's table has it.</param>
    /// <returns>The standard error on the reported scale. Sds and shapes are skewed: their profile intervals say more.</returns>
    /// <exception cref="ModelException">UnknownTerm: there is no such parameter; the nearest name and all others are listed.</exception>
    public double StandardError(string name) => Math.Sqrt(Of(name, name));

    /// <summary>Equal names and values, NaN equal to NaN.</summary>
    public bool Equals(ParameterCovariance? other) =>
        other is not null && Names.SequenceEqual(other.Names) && Values.AsSpan().SequenceEqual(other.Values.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Names.Length, Names.IsEmpty ? null : Names[0], Values.IsEmpty ? 0 : Values[0]);

    /// <summary>Standard errors, and correlations below the diagonal.</summary>
    public override string ToString() => Printed().ToString();

    /// <summary>The table as <see cref="ToString"/> shows it.</summary>
    /// <returns>One table.</returns>
    public ImmutableArray<PrintedTable> ToTables() => [Printed()];

    private PrintedTable Printed()
    {
        var n = Names.Length;
        var table = new TableBuilder(["parameter", "std. error", .. Names.Take(Math.Max(0, n - 1))]);
        for (var a = 0; a < n; a++)
        {
            var error = Math.Sqrt(Values[a * n + a]);
            var correlations = Enumerable.Range(0, Math.Max(0, n - 1)).Select(
                b => b < a ? Figures.Fixed(Values[a * n + b] / error / Math.Sqrt(Values[b * n + b]), 2) : string.Empty);
            table.Add([Names[a], Figures.Fixed(error, Figures.Decimals(error)), .. correlations]);
        }

        return table.Build();
    }

    private int IndexOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var at = Names.IndexOf(name);
        return at >= 0 ? at : throw TermLookup.NoRow(name, Names);
    }

    static ParameterCovariance IJsonAnswer<ParameterCovariance>.ReadFrom(JsonElement json) => new(json.Texts("names"), json.Reals("values"));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteTexts("names", Names);
        writer.WriteReals("values", Values);
        writer.WriteEndObject();
    }
}

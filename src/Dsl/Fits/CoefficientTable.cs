using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Csv;
using TypedPooling.Data;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>The coefficients of every level of a grouping factor, population plus varying, with intervals: what <c>coef</c> of lme4 gives, and how
/// sure it is. Made by <see cref="FactorFit{TRow, TKey}.Coefficients(double?)"/>. Immutable.</summary>
/// <typeparam name="TKey">Type of the factor's keys.</typeparam>
/// <remarks>Thread-safe: any number of threads may read it at once.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed class CoefficientTable<TKey> : IJsonAnswer<CoefficientTable<TKey>>, ITabular
{
    private readonly string factor;

    internal CoefficientTable(string factor, double probability, ImmutableArray<string> terms, ImmutableArray<LevelCoefficients<TKey>> levels)
    {
        this.factor = factor;
        Probability = probability;
        Terms = terms;
        Levels = levels;
    }

    /// <summary>Posterior probability of each interval.</summary>
    public double Probability { get; }

    /// <summary>Names of the varying terms. Length q.</summary>
    public ImmutableArray<string> Terms { get; }

    /// <summary>A row a level, in order of first appearance in the data.</summary>
    public ImmutableArray<LevelCoefficients<TKey>> Levels { get; }

    /// <summary>The table as text, numbers in the invariant culture, three significant digits of the middle sd of each term, or of an sd that is far
    /// below it.</summary>
    public override string ToString() => Printed().ToString();

    /// <summary>The table as <see cref="ToString"/> shows it.</summary>
    /// <returns>One table.</returns>
    public ImmutableArray<PrintedTable> ToTables() => [Printed()];

    private PrintedTable Printed()
    {
        var tails = IntervalProbability.Tails(Probability);
        var (low, high) = (IntervalProbability.Percent(tails.Lower), IntervalProbability.Percent(tails.Upper));
        var table = new TableBuilder([factor, "rows", .. Terms.SelectMany(term => new[] { term, "sd", low, high })]);
        var middle = Terms.Select((_, a) => Levels.Select(level => level.Coefficients[a].Sd).Order().ElementAt(Levels.Length / 2)).ToArray();
        foreach (var level in Levels)
        {
            table.Add(
            [
                LevelIndex<TKey>.ToText(level.Key),
                level.Rows.ToString(CultureInfo.InvariantCulture),
                .. level.Coefficients.SelectMany(
                    (c, a) => new[] { c.Mean, c.Sd, c.Interval.Lower, c.Interval.Upper }.Select(
                        value => Figures.Fixed(value, Decimals(c.Sd, middle[a])))),
            ]);
        }

        return table.Build();
    }

    /// <summary>Writes the table to a file, as <see cref="WriteCsv(TextWriter)"/> does, in UTF-8.</summary>
    /// <param name="path">Path of the file; one that is there is replaced.</param>
    public void WriteCsv(string path)
    {
        using var writer = CsvText.Create(path);
        WriteCsv(writer);
    }

    /// <summary>Writes the table as CSV: a line for each level and term, with the columns <c>level</c>, <c>rows</c>, <c>term</c>, <c>mean</c>,
    /// <c>sd</c>, <c>lower</c>, <c>upper</c> and <c>probability</c>.</summary>
    /// <param name="writer">Written to, and left open.</param>
    /// <remarks>A key of text that begins with <c>=</c>, <c>+</c>, <c>-</c> or <c>@</c> gets an apostrophe in front, so that no spreadsheet takes it
    /// for a formula; numbers are left as they are. They are in the invariant culture and give the same bits back.</remarks>
    public void WriteCsv(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write("level,rows,term,mean,sd,lower,upper,probability\n");
        foreach (var level in Levels)
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"{CsvText.Key(level.Key)},{level.Rows}");
            for (var a = 0; a < Terms.Length; a++)
            {
                var coefficient = level.Coefficients[a];
                double[] numbers = [
                    coefficient.Mean, coefficient.Sd, coefficient.Interval.Lower, coefficient.Interval.Upper, coefficient.Interval.Probability];
                writer.Write($"{place},{CsvText.Text(Terms[a])},{string.Join(',', numbers.Select(CsvText.Number))}\n");
            }
        }
    }

    // A column is easiest to read with the decimals of its middle sd; one far below it needs its own.
    private static int Decimals(double sd, double middle) => Figures.Decimals(sd > 0 && sd < 0.1 * middle ? sd : middle);

    static CoefficientTable<TKey> IJsonAnswer<CoefficientTable<TKey>>.ReadFrom(JsonElement json) => new(
        json.Text("factor"),
        json.Real("probability"),
        json.Texts("terms"),
        json.Answers<LevelCoefficients<TKey>>("levels"));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("factor", factor);
        writer.WriteReal("probability", Probability);
        writer.WriteTexts("terms", Terms);
        writer.WriteAnswers("levels", Levels);
        writer.WriteEndObject();
    }
}

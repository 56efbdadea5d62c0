using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using TypedPooling.Draws;
using TypedPooling.Tests.Conventions;
using TypedPooling.Tests.Dsl.Support;
using Xunit;

namespace TypedPooling.Tests.Json;

/// <summary>Answers as JSON: what is written, and what reads back.</summary>
public sealed class JsonTests
{
    private static readonly Group<Visit, string> Cafe = Group.By((Visit v) => v.Cafe);

    [Fact]
    public void Every_answer_that_reads_back_has_the_same_members()
    {
        foreach (var answer in JsonCases.Both())
        {
            var json = JsonSerializer.Serialize(answer, answer.GetType());
            var back = JsonSerializer.Deserialize(json, answer.GetType());

            Assert.Null(SameMembers.Difference(answer, back, answer.GetType().Name));
            Assert.Equal(answer.ToString(), back!.ToString());
            Assert.Equal(json, JsonSerializer.Serialize(back, back.GetType()));
        }

        Assert.True(SameMembers.SeesInto(new(ParameterKind.Sigma, string.Empty)));
    }

    [Fact]
    public void An_answer_that_is_only_written_says_so_when_it_is_read()
    {
        foreach (var answer in JsonCases.WriteOnly())
        {
            var json = JsonSerializer.Serialize(answer, answer.GetType());

            Assert.True(JsonNode.Parse(json)!.AsObject().Count >= 1);
            var failure = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, answer.GetType()));
            Assert.Matches("is read back with keys of text|is written as JSON and not read back", failure.Message);
        }
    }

    [Fact]
    public void What_is_saved_as_a_file_is_not_written_as_a_few_of_its_properties()
    {
        foreach (var data in JsonCases.Refused())
            Assert.Contains(".Save(path)", Assert.Throws<NotSupportedException>(() => JsonSerializer.Serialize(data, data.GetType())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Draws_are_columns_by_name()
    {
        var draws = JsonCases.Fit.Draws();
        var json = JsonNode.Parse(JsonSerializer.Serialize(draws))!.AsObject();

        Assert.Equal(draws.Names, json.Select(member => member.Key));
        Assert.Equal(draws["sigma"].AsEnumerable(), json["sigma"]!.AsArray().Select(value => (double)value!));
    }

    [Fact]
    public void Every_type_with_a_form_in_JSON_is_among_the_cases()
    {
        var types = Convention.PublicTypes.Where(type => type.GetCustomAttribute<JsonConverterAttribute>(inherit: false) is not null && !IsFit(type)).ToHashSet();
        var tried = JsonCases.Both().Concat(JsonCases.WriteOnly()).Concat(JsonCases.Refused()).Select(answer => answer.GetType())
            .Select(type => type.IsGenericType ? type.GetGenericTypeDefinition() : type).ToHashSet();

        Assert.Contains(typeof(Quantity), types);
        Assert.Empty(types.Except(tried));
    }

    [Fact]
    public void No_type_of_fit_is_written_as_a_few_of_its_properties()
    {
        Type[] fits = [.. Convention.PublicTypes.Where(IsFit)];
        Assert.True(fits.Length > 16);
        Assert.All(
            fits,
            type => Assert.Equal(typeof(AnswerJsonConverter), type.GetCustomAttribute<JsonConverterAttribute>(inherit: false)?.ConverterType));
    }

    private static bool IsFit(Type type)
    {
        for (var own = type; own is not null; own = own.BaseType)
        {
            if (own.IsGenericType && own.GetGenericTypeDefinition() == typeof(Fit<>))
                return true;
        }

        return false;
    }

    [Fact]
    public void A_record_of_numbers_is_equal_when_it_is_read_back()
    {
        Interval interval = new(-0.1, double.PositiveInfinity, 0.89);
        var summary = JsonCases.Fit.Sigma.SummaryWithDraws();

        Assert.Equal(interval, JsonSerializer.Deserialize<Interval>(JsonSerializer.Serialize(interval)));
        Assert.Equal(summary, JsonSerializer.Deserialize<QuantitySummary>(JsonSerializer.Serialize(summary)));
        Assert.NotEqual(summary, summary with { Draws = [.. summary.Draws.SkipLast(1), 0] });
        Assert.NotEqual(summary, summary with { McseMean = double.NaN });
        Assert.Equal(summary.GetHashCode(), (summary with { Warnings = [] }).GetHashCode());
    }

    [Fact]
    public void A_quantity_is_its_summary_and_has_draws_on_request_only()
    {
        var quantity = JsonCases.Fit.Coefficient(v => v.Afternoon);
        var json = JsonNode.Parse(JsonSerializer.Serialize(quantity))!.AsObject();

        Assert.Equal(
            ["name", "mean", "sd", "median", "interval", "essBulk", "essTail", "rHat", "mcseMean", "warnings"], json.Select(member => member.Key));
        Assert.Equal("Afternoon", (string)json["name"]!);
        Assert.Equal(quantity.Mean, (double)json["mean"]!);
        Assert.Equal(quantity.Interval().Upper, (double)json["interval"]!["upper"]!);
        Assert.Null(json["rHat"]);
        Assert.Equal(quantity.Summary(), JsonSerializer.Deserialize<QuantitySummary>(json.ToJsonString()));
        Assert.Equal(
            quantity.Draws, JsonSerializer.Deserialize<QuantitySummary>(JsonSerializer.Serialize(quantity.SummaryWithDraws()))!.Draws.AsEnumerable());
        Assert.Equal(quantity.Interval(0.5), quantity.Summary(0.5).Interval);
    }

    [Fact]
    public void The_summary_of_a_point_fit_makes_no_draws_and_has_no_sample_size()
    {
        var summary = JsonCases.Model.Fit(JsonCases.Visits, Engine.MaximumLikelihood).Coefficient(v => v.Afternoon).Summary();

        Assert.Equal(summary.Mean, summary.Median);
        Assert.True(double.IsNaN(summary.EssBulk) && double.IsNaN(summary.EssTail) && double.IsNaN(summary.RHat));
    }

    [Theory]
    [InlineData(double.NaN, "null")]
    [InlineData(double.PositiveInfinity, "\"Infinity\"")]
    [InlineData(double.NegativeInfinity, "\"-Infinity\"")]
    [InlineData(-0.0, "-0")]
    [InlineData(0.1, "0.1")]
    [InlineData(1e300, "1E+300")]
    public void Numbers_are_written_so_that_every_reader_of_JSON_knows_them(double value, string expected) =>
        Assert.Equal($$"""{"mean":{{expected}},"sd":1.5}""", JsonSerializer.Serialize(new MeanAndSd(value, 1.5)));

    [Fact]
    public void A_table_of_levels_has_keys_as_they_are()
    {
        var table = JsonCases.Fit.For(Cafe).Coefficients();
        var json = JsonNode.Parse(JsonSerializer.Serialize(table))!;

        Assert.Equal("Cafe", (string)json["factor"]!);
        Assert.Contains(JsonCases.Awkward, json["levels"]!.AsArray().Select(level => (string)level!["key"]!));
        Assert.Equal(table.Levels[1].Coefficients[1].Sd, (double)json["levels"]![1]!["coefficients"]![1]!["sd"]!);
        Assert.Equal(-7, (int)JsonNode.Parse(JsonSerializer.Serialize(new UnpooledLevel<int>(-7, 1, [])))!["key"]!);
        Assert.Equal("(\"a, b\", 1)", (string)JsonNode.Parse(JsonSerializer.Serialize(new UnpooledLevel<(string, int)>(("a, b", 1), 1, [])))!["key"]!);
    }

    [Fact]
    public void A_table_with_keys_of_any_kind_reads_back_with_keys_of_text()
    {
        var written = new UnpooledLevel<Season>(Season.Winter, 3, [null]);
        var numbers = new UnpooledLevel<ushort>(7, 3, [null]);

        Assert.Equal("Winter", JsonSerializer.Deserialize<UnpooledLevel<string>>(JsonSerializer.Serialize(written))!.Key);
        Assert.Equal("7", JsonSerializer.Deserialize<UnpooledLevel<string>>(JsonSerializer.Serialize(numbers))!.Key);
    }

    [Theory]
    [InlineData("""{"lower":1,"upper":2}""", "'probability' is missing")]
    [InlineData("""{"lower":1,"upper":"two","probability":0.5}""", "A number is expected")]
    [InlineData("""{"lower":1,"upper":[],"probability":0.5}""", "A number is expected")]
    [InlineData("""[1,2,0.5]""", "An object with the member 'lower'")]
    [InlineData("""null""", "An object with the member 'lower'")]
    public void What_is_missing_or_of_another_kind_is_named(string json, string part) =>
        Assert.Contains(part, Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Interval>(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"kind":"Sigm","term":""}""", "which is no ParameterKind")]
    [InlineData("""{"kind":"1","term":""}""", "which is no ParameterKind")]
    [InlineData("""{"kind":1,"term":""}""", "'kind' must be text")]
    [InlineData("""{"kind":"Sigma","term":"","level":1.5}""", "'level' must be a whole number")]
    [InlineData("""{"kind":"Sigma","term":"","level":4294967296}""", "'level' must be a whole number")]
    public void Enums_and_whole_numbers_are_checked(string json, string part) =>
        Assert.Contains(part, Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Parameter>(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"7\"")]
    [InlineData("7.5")]
    [InlineData("2147483648")]
    [InlineData("null")]
    public void A_key_of_another_type_is_refused(string key)
    {
        var json = $$"""{"key":{{key}},"rows":1,"coefficients":[]}""";

        Assert.Contains("'key'", Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<UnpooledLevel<int>>(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_are_members_of_other_objects_under_any_options()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { WriteIndented = true };
        var answer = new Answer(JsonCases.Fit.Sigma.Summary(), null, new Interval(1, 2, 0.5), [JsonCases.Fit.Table.Rows[0]]);
        var back = JsonSerializer.Deserialize<Answer>(JsonSerializer.Serialize(answer, options), options)!;

        Assert.Equal((answer.Summary, answer.Missing, answer.Interval), (back.Summary, back.Missing, back.Interval));
        Assert.Equal(answer.Rows, back.Rows);
    }

    private sealed record Answer(QuantitySummary Summary, Interval? Missing, Interval? Interval, SummaryRow[] Rows);
}

using System.Text.Json;
using System.Text.Json.Nodes;
using TypedPooling.Tests.Dsl.Support;
using Xunit;

namespace TypedPooling.Tests.Json;

/// <summary>Exceptions of models as problem details: what a caller of a service may read, and what he must not.</summary>
public sealed class ProblemJsonTests
{
    private static readonly Group<Visit, string> Cafe = Group.By((Visit v) => v.Cafe);

    private static NormalModel<Visit> Model =>
        PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept().Varying(Cafe, g => g.Intercept());

    [Fact]
    public void Title_and_detail_and_the_place_are_those_of_the_first_problem()
    {
        var json = Json(Assert.Throws<ModelException>(() => Model.Read([new("a", false, 1), new("a", false, double.NaN), new(null!, false, 2)])));

        Assert.Equal(["title", "detail", "code", "term", "row", "problems"], json.AsObject().Select(member => member.Key));
        Assert.Equal("Not finite", (string)json["title"]!);
        Assert.Equal("'Wait' is not a finite number in 1 of 3 rows; the first is NaN. Correct the values or leave such rows out.", (string)json["detail"]!);
        Assert.Equal(("NotFinite", "Wait", 2), ((string)json["code"]!, (string)json["term"]!, (int)json["row"]!));
        Assert.Equal(["NotFinite", "NullKey"], json["problems"]!.AsArray().Select(problem => (string)problem!["code"]!));
        Assert.Equal(3, (int)json["problems"]![1]!["row"]!);
    }

    [Fact]
    public void A_key_that_was_asked_for_is_named_and_the_near_key_of_the_data_is_not()
    {
        var fit = Model.Fit([.. Rows.Cafe, new("Blue Door", false, 3)], new() { Chains = 1, Draws = 100 });
        ModelException[] refusals =
        [
            Assert.Throws<ModelException>(() => fit.For(Cafe).Level("blue dor")),
            Assert.Throws<ModelException>(() => fit.PredictMean(Rows.Cafe[0], Cafe.Level("blue dor"))),
            Assert.Throws<ModelException>(() => Model.NoPooling([.. Rows.Cafe, new("Blue Door", false, 3)], Cafe).Level("blue dor")),
        ];

        foreach (var refusal in refusals)
        {
            // The owner of the data reads the message, the caller of a service the JSON.
            Assert.Contains("Did you mean 'Blue Door'?", refusal.Message, StringComparison.Ordinal);
            Assert.Equal("Did you mean 'Blue Door'?", refusal.Problems[0].Suggestion);
            Assert.DoesNotContain("Blue Door", JsonSerializer.Serialize(refusal), StringComparison.Ordinal);
            Assert.DoesNotContain("Blue Door", JsonSerializer.Serialize(refusal.Problems[0]), StringComparison.Ordinal);
            Assert.Equal("blue dor", (string)Json(refusal)["level"]!);
        }
    }

    [Fact]
    public void A_level_of_the_data_is_in_the_message_and_not_in_the_JSON()
    {
        var varies = Assert.Throws<ModelException>(() => PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept()
            .Varying(Cafe, g => g.Intercept().PredictedBy(v => v.Afternoon))
            .Fit([new("Blue Door", false, 1), new("Blue Door", true, 2), new("b", true, 3), new("c", true, 3)]));
        var reference = Assert.Throws<ModelException>(
            () => PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept().Categorical(v => v.Cafe, reference: "x").Fit([new("Blue Door", false, 1)]));
        var fit = Model.Fit(Rows.Cafe, new() { Chains = 1, Draws = 100 });
        var others = Assert.Throws<ModelException>(
            () => fit.Loo(Rows.Cafe.Select((visit, i) => i == 0 ? visit with { Cafe = Rows.Cafe[^1].Cafe } : visit)));
        var (first, second) = (fit.LeaveGroupOut(Cafe, name: "a"), Model.Fit(Rows.Cafe.Select(v => v with { Cafe = "+" + v.Cafe })).LeaveGroupOut(Cafe, name: "b"));
        var compared = Assert.Throws<ModelException>(() => ModelComparison.Of(first, second));

        // The level that the model names is its author's own.
        Assert.Equal("x", (string)Json(reference)["level"]!);
        Assert.All(new[] { varies, others, compared }, refusal => Assert.Null(Json(refusal)["level"]));
        foreach (var (refusal, key) in new[]
        {
            (varies, "Blue Door"), (reference, "Blue Door"), (others, $"'{others.Problems[0].Level}'"),
            (compared, $"'{Rows.Cafe[0].Cafe}'"),
        })
        {
            Assert.Contains(key, refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(key, JsonSerializer.Serialize(refusal), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void No_stack_trace_and_no_inner_exception_are_written()
    {
        var failure = Assert.Throws<ModelException>(() => PooledModel.Of<Visit>().Normal(v => v.Cafe.Length + v.Wait, name: "y").Intercept().Read([new(null!, true, 1)]));

        Assert.IsType<NullReferenceException>(failure.InnerException);
        var json = JsonSerializer.Serialize(failure);
        Assert.DoesNotContain(" at ", json, StringComparison.Ordinal);
        Assert.Equal(["title", "detail", "code", "term", "row", "problems"], JsonNode.Parse(json)!.AsObject().Select(member => member.Key));
    }

    private static JsonNode Json(ModelException exception) => JsonNode.Parse(JsonSerializer.Serialize(exception))!;
}

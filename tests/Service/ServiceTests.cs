using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using TypedPooling.Samples.ScoringService;
using Xunit;

namespace TypedPooling.Tests.Service;

/// <summary>Every route of samples/ScoringService, with good and bad input, in this process.</summary>
public sealed class ServiceTests : IDisposable
{
    private const string OneVisit = """{"rows":[{"cafe":"Café 1","afternoon":true,"wait":3.5}]}""";

    private readonly Service service = new();

    public void Dispose() => service.Dispose();

    [Fact]
    public async Task The_fit_has_a_table_that_reads_back()
    {
        var fit = await service.Get("/fit");

        Assert.Equal((1, 400, 20), ((int)fit["version"]!, (int)fit["rows"]!, (int)fit["cafes"]!));
        Assert.Equal("Marginal", (string)fit["engine"]!);
        var table = fit["table"].Deserialize<SummaryTable>()!;
        Assert.Equal("Intercept", table.Rows[0].Parameter.Name);
        Assert.InRange(table.Rows[0].Mean, 3, 4);
        Assert.Empty(fit["warnings"]!.AsArray());
    }

    [Fact]
    public async Task A_cafe_has_its_coefficients()
    {
        var cafe = await service.Get("/cafes/Caf%C3%A9%201");

        Assert.Equal("Café 1", (string)cafe["cafe"]!);
        var morning = cafe["morning"].Deserialize<QuantitySummary>()!;
        Assert.True(morning.Interval.Lower < morning.Mean && morning.Mean < morning.Interval.Upper);
        Assert.Equal("Cafe[Café 1]: Afternoon", (string)cafe["afternoonLonger"]!["name"]!);
    }

    [Fact]
    public async Task A_cafe_that_is_not_there_is_404_and_its_near_key_is_not_told()
    {
        using var response = await service.Client.GetAsync(new Uri("/cafes/café 11x", UriKind.Relative));
        var problem = await Problem(response, HttpStatusCode.NotFound);

        Assert.Equal(("UnknownTerm", "café 11x"), ((string)problem["code"]!, (string)problem["level"]!));
        Assert.DoesNotContain("Café", problem.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Known_and_new_cafes_are_scored()
    {
        using var response = await service.Post(
            "/score", """{"rows":[{"cafe":"Café 1","afternoon":true},{"cafe":"=\"新\"","afternoon":false}],"probability":0.5}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var scores = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["scores"]!.AsArray();
        Assert.Equal([true, false], scores.Select(score => (bool)score!["isKnown"]!));
        Assert.Equal("=\"新\"", (string)scores[1]!["cafe"]!);
        var (known, fresh) = (scores[0]!["mean"].Deserialize<QuantitySummary>()!, scores[1]!["mean"].Deserialize<QuantitySummary>()!);
        Assert.Equal((0.5, 0.5), (known.Interval.Probability, fresh.Interval.Probability));
        Assert.True(fresh.Sd > 3 * known.Sd);
        Assert.True(scores[0]!["next"].Deserialize<QuantitySummary>()!.Sd > known.Sd);
        Assert.Null(scores[0]!["mean"]!["draws"]);
    }

    [Fact]
    public async Task A_new_cafe_is_refused_on_request()
    {
        using var response = await service.Post("/score", """{"rows":[{"cafe":"cafe 1","afternoon":true}],"newCafes":"Refuse"}""");
        var problem = await Problem(response, HttpStatusCode.UnprocessableEntity);

        Assert.Equal(("UnknownTerm", "Cafe", "cafe 1"), ((string)problem["code"]!, (string)problem["term"]!, (string)problem["level"]!));
        Assert.DoesNotContain("Did you mean", problem.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/score", "", 400, "It must be JSON")]
    [InlineData("/score", "{", 400, "$")]
    [InlineData("/score", "[]", 400, "$")]
    [InlineData("/score", "{}", 400, "$")]
    [InlineData("/score", """{"rows":null}""", 400, "$.rows")]
    [InlineData("/score", """{"rows":"all"}""", 400, "$.rows")]
    [InlineData("/score", """{"rows":[]}""", 400, "1 to 10000 rows")]
    [InlineData("/score", """{"rows":[{"cafe":"a"}]}""", 400, "$.rows[0]")]
    [InlineData("/score", """{"rows":[{"cafe":null,"afternoon":true}]}""", 400, "$.rows[0].cafe")]
    [InlineData("/score", """{"rows":[{"cafe":7,"afternoon":true}]}""", 400, "$.rows[0].cafe")]
    [InlineData("/score", """{"rows":[{"cafe":"a","afternoon":"yes"}]}""", 400, "$.rows[0].afternoon")]
    [InlineData("/score", """{"rows":[null]}""", 400, "Row 1 is null")]
    [InlineData("/score", """{"rows":[{"cafe":"a","afternoon":true}],"newCafes":"Guess"}""", 400, "$.newCafes")]
    [InlineData("/score", """{"rows":[{"cafe":"a","afternoon":true}],"newCafes":7}""", 400, "$.newCafes")]
    [InlineData("/score", """{"rows":[{"cafe":"a","afternoon":true}],"probability":1}""", 400, "strictly between 0 and 1")]
    [InlineData("/rows", """{"rows":[]}""", 400, "1 to 10000 rows")]
    [InlineData("/rows", """{"rows":[{"cafe":"a","afternoon":true,"wait":"long"}]}""", 400, "$.rows[0].wait")]
    [InlineData("/rows", """{"rows":[{"cafe":"a","afternoon":true,"wait":NaN}]}""", 400, "$.rows[0].wait")]
    [InlineData("/rows", """{"rows":[{"cafe":"a","afternoon":true}]}""", 400, "$.rows[0]")]
    [InlineData("/rows", """{"rows":[{"cafe":"a","afternoon":true,"wait":1},null]}""", 400, "Row 2 is null")]
    public async Task A_body_that_cannot_be_used_is_refused_with_the_place(string path, string body, int status, string place)
    {
        using var response = await service.Post(path, body);
        var problem = await Problem(response, (HttpStatusCode)status);

        Assert.Contains(place, (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.DoesNotContain("TypedPooling", problem.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(1, (int)(await service.Get("/fit"))["version"]!);
    }

    [Fact]
    public async Task Rows_that_the_model_cannot_have_are_refused_with_their_number()
    {
        using var response = await service.Post(
            "/rows", """{"rows":[{"cafe":"a","afternoon":true,"wait":1},{"cafe":"b","afternoon":true,"wait":1e400}]}""");
        var problem = await Problem(response, HttpStatusCode.UnprocessableEntity);

        Assert.Equal(("NotFinite", "Wait", 2), ((string)problem["code"]!, (string)problem["term"]!, (int)problem["row"]!));
        Assert.Equal(400, (int)(await service.Get("/fit"))["rows"]!);
    }

    [Theory]
    [InlineData("GET", "/nowhere", 404)]
    [InlineData("GET", "/refits/7", 404)]
    [InlineData("GET", "/refits/x", 404)]
    [InlineData("DELETE", "/refits/7", 404)]
    [InlineData("GET", "/score", 405)]
    public async Task What_is_not_there_is_a_problem_too(string method, string path, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await service.Client.SendAsync(request);

        await Problem(response, (HttpStatusCode)status);
    }

    [Fact]
    public async Task A_body_that_is_not_JSON_by_its_type_is_415()
    {
        using var response = await service.Client.PostAsync("/score", new StringContent("cafe=1"));

        await Problem(response, HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task New_rows_are_added_fitted_swapped_and_saved()
    {
        using var response = await service.Post("/rows", """{"rows":[{"cafe":"Neu","afternoon":false,"wait":9.5},{"cafe":"Neu","afternoon":true,"wait":9}]}""");

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var path = response.Headers.Location!.ToString();
        var refit = await service.Until(path, state => (string)state["state"]! != "Running");
        Assert.Equal(("Done", 2, 2), ((string)refit["state"]!, (int)refit["version"]!, (int)refit["rows"]!));
        Assert.True((long)refit["completed"]! > 0 && (long)refit["completed"]! == (long)refit["total"]!);
        var fit = await service.Get("/fit");
        Assert.Equal((2, 402, 21), ((int)fit["version"]!, (int)fit["rows"]!, (int)fit["cafes"]!));

        // The same bits after a restart.
        var score = await Score(service, "Neu");
        using var again = Service.Again(service);
        Assert.Equal(score, await Score(again, "Neu"));
        Assert.Equal(fit.ToJsonString(), (await again.Get("/fit")).ToJsonString());
    }

    [Fact]
    public async Task Files_that_others_put_into_its_folder_do_not_keep_it_from_starting()
    {
        var score = await Score(service, "Café 1");
        await File.WriteAllTextAsync(Path.Combine(service.Folder, "backup.fit"), "mine");
        await File.WriteAllTextAsync(Path.Combine(service.Folder, "2.data"), "of a service that ended while it saved");

        using var again = Service.Again(service);

        Assert.Equal(score, await Score(again, "Café 1"));
    }

    [Fact]
    public async Task A_refit_reports_progress_and_can_be_cancelled_and_then_nothing_has_changed()
    {
        using var slow = Service.WithLongRefits(service);
        var before = await Score(slow, "Café 1");
        using var response = await slow.Post("/rows", OneVisit);
        var path = response.Headers.Location!.ToString();
        // Past the warmup: a run that is cancelled there returns the draws that it has, which must not become a fit.
        var under = await slow.Until(path, state => (long)state["completed"]! > 4_000);
        Assert.Equal("Running", (string)under["state"]!);
        Assert.True((long)under["completed"]! < (long)under["total"]!);

        // Scores go on, another refit does not start.
        Assert.Equal(before, await Score(slow, "Café 1"));
        using var second = await slow.Post("/rows", OneVisit);
        await Problem(second, HttpStatusCode.Conflict);

        using var cancelled = await slow.Client.DeleteAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);
        var ended = await slow.Until(path, state => (string)state["state"]! != "Running");
        Assert.Equal("Cancelled", (string)ended["state"]!);
        Assert.Null(ended["version"]);
        var fit = await slow.Get("/fit");
        Assert.Equal((1, 400), ((int)fit["version"]!, (int)fit["rows"]!));
        Assert.Equal(before, await Score(slow, "Café 1"));

        // A refit that has ended stays as it is when it is cancelled, and the next one starts.
        using var late = await slow.Client.DeleteAsync(new Uri(path, UriKind.Relative));
        Assert.Equal("Cancelled", (string)(await slow.Get(path))["state"]!);
        using var third = await slow.Post("/rows", OneVisit);
        Assert.Equal(HttpStatusCode.Accepted, third.StatusCode);
    }

    [Fact]
    public void A_refit_is_cancelled_or_takes_over_and_never_both()
    {
        using var cancelled = new Refit(1, 1);
        Assert.True(cancelled.TryCancel());
        Assert.False(cancelled.TryFinish());
        using var ending = new Refit(2, 1);
        Assert.True(ending.TryFinish());
        Assert.False(ending.TryCancel());
        Assert.False(ending.Cancellation.IsCancellationRequested);
        ending.End(RefitState.Done, 2);
        Assert.True(ending.TryCancel());
    }

    [Fact]
    public void A_version_that_is_cancelled_while_it_is_saved_leaves_no_file()
    {
        var folder = Directory.CreateTempSubdirectory("scoring-store").FullName;
        var store = new ScorerStore(new() { Folder = folder });
        var data = WaitModel.Model.Read([.. Enumerable.Range(0, 60).Select(i => new Visit($"Café {i % 6}", i % 2 == 0, 3 + i * 7 % 5))]);
        var fit = WaitModel.Model.Fit(data, new() { Chains = 2, Draws = 100, Warmup = 100 });
        store.Save(1, data, fit, () => true);
        var files = Directory.GetFiles(folder).Order();

        Assert.Throws<OperationCanceledException>(() => store.Save(2, data, fit, () => false));

        Assert.Equal(files, Directory.GetFiles(folder).Order());

        // What a service that ended in the middle has left; a file of another name is somebody's own.
        string[] left = ["2.unfinished", "2.unfinished.abc.tmp", "mine.unfinished"];
        foreach (var name in left)
            File.WriteAllText(Path.Combine(folder, name), name);
        store.RemoveUnfinished();
        Assert.Equal(files.Append(Path.Combine(folder, left[2])).Order(), Directory.GetFiles(folder).Order());
    }

    [Fact]
    public async Task Scores_of_many_threads_during_swaps_are_those_of_one_version_each()
    {
        const int Versions = 4;
        var byVersion = new ConcurrentDictionary<int, ConcurrentBag<string>>();
        var swapped = false;
        var callers = Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            do
            {
                using var response = await service.Post(
                    "/score", """{"rows":[{"cafe":"Café 1","afternoon":true},{"cafe":"Café 2","afternoon":false},{"cafe":"x","afternoon":true}]}""");
                var text = await response.Content.ReadAsStringAsync();
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                byVersion.GetOrAdd((int)JsonNode.Parse(text)!["version"]!, _ => []).Add(text);
            }
            while (!Volatile.Read(ref swapped));
        })).ToArray();
        for (var version = 2; version <= Versions; version++)
        {
            using var response = await service.Post("/rows", OneVisit);
            Assert.Equal("Done", (string)(await service.Until(response.Headers.Location!.ToString(), state => (string)state["state"]! != "Running"))["state"]!);
        }

        Volatile.Write(ref swapped, true);
        await Task.WhenAll(callers);

        // All that one version said is one text, and versions differ.
        Assert.InRange(byVersion.Count, 2, Versions);
        Assert.All(byVersion.Values, texts => Assert.Single(texts.Distinct()));
        Assert.Equal(byVersion.Count, byVersion.Values.Select(texts => JsonNode.Parse(texts.First())!["scores"]!.ToJsonString()).Distinct().Count());
    }

    private static async Task<string> Score(Service service, string cafe)
    {
        using var response = await service.Post("/score", $$"""{"rows":[{"cafe":"{{cafe}}","afternoon":true}],"newCafes":"Refuse"}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    private static async Task<JsonNode> Problem(HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal((status, text), (response.StatusCode, text));
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonNode.Parse(text)!;
        Assert.NotEmpty((string)problem["title"]!);
        return problem;
    }
}

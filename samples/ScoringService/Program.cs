using TypedPooling.Samples.ScoringService;

const int MostRows = 10_000;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
var settings = new ScorerSettings();
builder.Services.AddSingleton(builder.Configuration["Folder"] is { } folder ? settings with { Folder = folder } : settings);
builder.Services.AddSingleton<ScorerStore>();
builder.Services.AddSingleton<Scorers>();
builder.Services.AddExceptionHandler<ProblemHandler>();
builder.Services.AddProblemDetails();
builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
builder.Services.ConfigureHttpJsonOptions(options =>
{
    options.SerializerOptions.TypeInfoResolverChain.Insert(0, ServiceJson.Default);
    options.SerializerOptions.RespectNullableAnnotations = true;
    options.SerializerOptions.RespectRequiredConstructorParameters = true;
});

var app = builder.Build();
app.UseExceptionHandler();
app.UseStatusCodePages();

// The first fit is there before the first request.
var scorers = app.Services.GetRequiredService<Scorers>();

app.MapGet("/fit", () => scorers.Current.Describe());

app.MapGet("/cafes/{cafe}", (string cafe) => scorers.Current.Describe(cafe));

app.MapPost("/score", (ScoreRequest request) => Refused(request.Rows) ?? Results.Ok(scorers.Current.Score(request)));

app.MapPost("/rows", (RowsRequest request) => Refused(request.Rows)
    ?? (scorers.Start(request.Rows) is { } refit
        ? Results.Accepted($"/refits/{refit.Id}", refit.Describe())
        : Results.Problem(
            title: "A refit is under way",
            detail: "Send the rows again when it has ended, or cancel it: DELETE /refits/{id}.",
            statusCode: StatusCodes.Status409Conflict)));

app.MapGet("/refits/{id:int}", (int id) => scorers.Find(id) is { } refit ? Results.Ok(refit.Describe()) : Results.NotFound());

app.MapDelete("/refits/{id:int}", (int id) =>
{
    if (scorers.Find(id) is not { } refit)
        return Results.NotFound();
    return refit.TryCancel()
        ? Results.Accepted($"/refits/{id}", refit.Describe())
        : Results.Problem(
            title: "The refit is ending",
            detail: "Its fit is being put in the place of the last one: it cannot be cancelled any more.",
            statusCode: StatusCodes.Status409Conflict);
});

app.Run();

static IResult? Refused(IReadOnlyList<object?> rows)
{
    var missing = rows.ToList().IndexOf(null);
    return rows.Count is 0 or > MostRows
        ? Results.Problem(
            title: "The number of rows is out of range",
            detail: $"A request holds 1 to {MostRows} rows.",
            statusCode: StatusCodes.Status400BadRequest)
        : missing < 0 ? null : Results.Problem(
            title: "A row is missing", detail: $"Row {missing + 1} is null.", statusCode: StatusCodes.Status400BadRequest);
}

/// <summary>Tests start the service by this type.</summary>
public sealed partial class Program;

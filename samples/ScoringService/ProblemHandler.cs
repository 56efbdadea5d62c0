using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;

namespace TypedPooling.Samples.ScoringService;

/// <summary>Refusals as problem details (RFC 9457): a model that refuses says why, a body that cannot be read says where.</summary>
public sealed class ProblemHandler : IExceptionHandler
{
    private const string ProblemJson = "application/problem+json";

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var answer = exception switch
        {
            // The body of a GET is its path: what it names is not there.
            ModelException refusal => Results.Json(
                refusal,
                ServiceJson.Default.ModelException,
                ProblemJson,
                HttpMethods.IsGet(httpContext.Request.Method) ? StatusCodes.Status404NotFound : StatusCodes.Status422UnprocessableEntity),
            BadHttpRequestException bad => Results.Problem(
                title: "The body cannot be read",
                detail: bad.InnerException is JsonException json
                    ? $"It is not JSON as this route reads it, at {json.Path ?? "$"}."
                    : "It must be JSON of at most the size that the server allows.",
                statusCode: bad.StatusCode),
            ArgumentOutOfRangeException { ParamName: "probability" } => Results.Problem(
                title: "The probability is out of range",
                detail: "The probability of an interval lies strictly between 0 and 1.",
                statusCode: StatusCodes.Status400BadRequest),
            _ => null,
        };
        if (answer is null)
            return false;
        await answer.ExecuteAsync(httpContext);
        return true;
    }
}

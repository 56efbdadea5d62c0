using System.Globalization;

namespace TypedPooling.Tests.Lanes;

/// <summary>
/// The lanes of the tests, read from the environment here and nowhere else. <c>dotnet test</c> alone is the lane "quick".
/// <c>TYPEDPOOLING_REACH=true</c> adds packages, the programs made from them, and database servers.
/// <c>TYPEDPOOLING_NIGHTLY=true</c> adds what takes too long for every change; <c>.ci/nightly</c> sets it, and <c>.ci/run</c> never does.
/// </summary>
public static class Lane
{
    /// <summary>The variable of the lane "reach".</summary>
    public const string ReachVariable = "TYPEDPOOLING_REACH";

    /// <summary>The variable of the lane "nightly".</summary>
    public const string NightlyVariable = "TYPEDPOOLING_NIGHTLY";

    /// <summary>The variable that makes tests fail where there is no browser; they are skipped otherwise.</summary>
    public const string RequireBrowserVariable = "TYPEDPOOLING_REQUIRE_BROWSER";

    /// <summary>The variable that overrides the number of random models of either lane.</summary>
    public const string RandomModelsVariable = "TYPEDPOOLING_RANDOM_MODELS";

    /// <summary>The variable that holds a connection string of a PostgreSQL server to test with, in place of one that the tests start.</summary>
    public const string PostgresVariable = "TYPEDPOOLING_POSTGRES";

    /// <summary>The variable that makes tests fail where PostgreSQL is not there: 1, as in <c>.ci/run</c>. Elsewhere they are skipped.</summary>
    public const string RequirePostgresVariable = "TYPEDPOOLING_REQUIRE_POSTGRES";

    /// <summary>True where packages are made and used, and database servers are started.</summary>
    public static bool IsReach => IsSet(ReachVariable);

    /// <summary>True where tests may take hours.</summary>
    public static bool IsNightly => IsSet(NightlyVariable);

    /// <summary>The connection string of a server to test with; null where tests start their own.</summary>
    public static string? Postgres => Environment.GetEnvironmentVariable(PostgresVariable) is { Length: > 0 } text ? text : null;

    /// <summary>True where tests fail without PostgreSQL.</summary>
    public static bool RequiresPostgres => Environment.GetEnvironmentVariable(RequirePostgresVariable) == "1";

    /// <summary>True where tests fail without a browser.</summary>
    public static bool RequiresBrowser => Environment.GetEnvironmentVariable(RequireBrowserVariable) == "1";

    /// <summary>The number of random models that are compared with dense criteria.</summary>
    public static int RandomModels => Environment.GetEnvironmentVariable(RandomModelsVariable) is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : Of(quick: 50, nightly: 2000);

    /// <summary>A size of a test that depends on the lane.</summary>
    /// <param name="quick">The size for every change.</param>
    /// <param name="nightly">The size in the lane "nightly".</param>
    /// <returns>The size of the lane that runs.</returns>
    public static T Of<T>(T quick, T nightly) => IsNightly ? nightly : quick;

    private static bool IsSet(string variable) => Environment.GetEnvironmentVariable(variable) == "true";
}

using Xunit;

namespace TypedPooling.Tests.Reach;

/// <summary>The lane of tests that make packages and publish programs from them: some minutes, a package source, and for native programs a linker.</summary>
internal static class ReachLane
{
    private const string Variable = "TYPEDPOOLING_REACH";

    /// <summary>Skips the calling test, with the reason, where the lane was not asked for.</summary>
    public static void Require() => Skip.IfNot(Environment.GetEnvironmentVariable(Variable) == "true", $"Packages and programs take minutes: set {Variable}=true to test them.");
}

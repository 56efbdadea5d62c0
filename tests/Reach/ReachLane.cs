using TypedPooling.Tests.Lanes;
using Xunit;

namespace TypedPooling.Tests.Reach;

/// <summary>The lane of tests that make packages and publish programs from them: some minutes, a package source, and for native programs a
/// linker.</summary>
internal static class ReachLane
{
    /// <summary>Skips the calling test, with the reason, where the lane was not asked for.</summary>
    public static void Require() => Skip.IfNot(Lane.IsReach, $"Packages and programs take minutes: set {Lane.ReachVariable}=true to test them.");
}

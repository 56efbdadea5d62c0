using TypedPooling.Tests.Lanes;
using Xunit;

namespace TypedPooling.Tests.Support;

/// <summary>A theory of the nightly lane, skipped with the reason elsewhere.</summary>
internal sealed class NightlyTheoryAttribute : TheoryAttribute
{
    public NightlyTheoryAttribute()
    {
        if (!Lane.IsNightly)
            Skip = $"This takes too long for every change: set {Lane.NightlyVariable}=true to test it.";
    }
}

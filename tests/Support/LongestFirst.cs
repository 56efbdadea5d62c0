using TypedPooling.Tests.Conventions;
using TypedPooling.Tests.Dsl;
using TypedPooling.Tests.Inference;
using TypedPooling.Tests.Reference;
using TypedPooling.Tests.Samples;
using TypedPooling.Tests.Support;
using Xunit;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("TypedPooling.Tests.Support." + nameof(LongestFirst), "TypedPooling.Tests")]

namespace TypedPooling.Tests.Support;

/// <summary>
/// The order in which test classes start: the longest first, so that none of them is left to one processor at the end.
/// Every class is a collection of its own, and as many run side by side as there are processors. A class that is not named here comes after those
/// that are.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    // By processor time, as measured.
    private static readonly Type[] Long =
    [
        typeof(CellMarginalTests),
        typeof(GibbsTests),
        typeof(CalibrationTests),
        typeof(EngineConformanceTests),
        typeof(StanTests),
        typeof(StanCountTests),
        typeof(NutsEngineTests), typeof(DependencyTests), typeof(QuasiRandomImportanceTests), typeof(CultureTests), typeof(CentredFactorTests),
        typeof(ShapeEngineTests), typeof(FarColumnCellTests), typeof(EngineTruthTests), typeof(CrossedRunTests), typeof(SampleTests),
        typeof(LeaveGroupOutTests), typeof(CompileTimeTests), typeof(VariationalTests), typeof(SeveralFactorsTests),
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) => testCollections.OrderBy(Rank);

    private static int Rank(ITestCollection collection)
    {
        var rank = Array.FindIndex(Long, type => collection.DisplayName.EndsWith(' ' + type.FullName, StringComparison.Ordinal));
        return rank < 0 ? Long.Length : rank;
    }
}

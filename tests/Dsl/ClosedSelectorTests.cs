using TypedPooling.Selectors;

namespace TypedPooling.Tests.Dsl;

public sealed class ClosedSelectorTests : SelectorTests
{
    private protected override RowReader<Row> Reader(ColumnSelector[] columns, KeySelector[] keys) => RowReader<Row>.Closed(columns, keys);
}

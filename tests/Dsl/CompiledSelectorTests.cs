using TypedPooling.Selectors;

namespace TypedPooling.Tests.Dsl;

public sealed class CompiledSelectorTests : SelectorTests
{
    private protected override RowReader<Row> Reader(ColumnSelector[] columns, KeySelector[] keys) => RowReader<Row>.Compiled(columns, keys);
}

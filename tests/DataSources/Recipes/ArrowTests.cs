using System.Runtime.CompilerServices;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Xunit;

namespace TypedPooling.Tests.DataSources.Recipes;

/// <summary>Rows of Arrow record batches: files, Flight, ADBC drivers, DuckDB.</summary>
public sealed class ArrowTests
{
    // <readme arrow>
    /// <summary>The rows of a batch, read from its columns.</summary>
    private static IEnumerable<Visit> Rows(RecordBatch batch)
    {
        var cafe = Texts(batch.Column("cafe"));
        var afternoon = (BooleanArray)batch.Column("afternoon");
        var wait = (DoubleArray)batch.Column("wait");
        for (var row = 0; row < batch.Length; row++)
            yield return new Visit(cafe(row), afternoon.GetValue(row)!.Value, wait.GetValue(row)!.Value);
    }

    /// <summary>Reads a column of text. Of a dictionary every text is made once, not once a row.</summary>
    private static Func<int, string> Texts(IArrowArray column)
    {
        if (column is StringArray plain)
            return row => plain.GetString(row);
        var dictionary = (DictionaryArray)column;
        var texts = ((StringArray)dictionary.Dictionary).ToArray<string>();
        var indexes = (Int32Array)dictionary.Indices;
        return row => texts[indexes.GetValue(row)!.Value];
    }

    /// <summary>The rows of all batches of a stream, as they arrive.</summary>
    private static async IAsyncEnumerable<Visit> RowsAsync(
        ArrowStreamReader reader, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (await reader.ReadNextRecordBatchAsync(cancellation) is { } batch)
        {
            using (batch)
            {
                foreach (var visit in Rows(batch))
                    yield return visit;
            }
        }
    }

    // </readme>

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rows_of_batches_are_read_at_once_or_as_they_arrive(bool isDictionary)
    {
        RecordBatch[] batches = [.. Visits.Rows.Chunk(150).Select(rows => Batch(rows, isDictionary))];
        using var stream = new MemoryStream();
        using (var writer = new ArrowStreamWriter(stream, batches[0].Schema, leaveOpen: true))
        {
            foreach (var batch in batches)
                await writer.WriteRecordBatchAsync(batch);
            await writer.WriteEndAsync();
        }

        stream.Position = 0;
        using var reader = new ArrowStreamReader(stream);

        Visits.AreTheRowsOf(Visits.Model.Read(batches.SelectMany(Rows)));
        Visits.AreTheRowsOf(await Visits.Model.ReadStreamAsync(RowsAsync(reader)));
    }

    private static RecordBatch Batch(Visit[] rows, bool isDictionary)
    {
        var afternoon = new BooleanArray.Builder().AppendRange(rows.Select(v => v.Afternoon)).Build();
        var wait = new DoubleArray.Builder().AppendRange(rows.Select(v => v.Wait)).Build();
        IArrowArray cafe = isDictionary ? Dictionary([.. rows.Select(v => v.Cafe)]) : new StringArray.Builder().AppendRange(rows.Select(v => v.Cafe)).Build();
        var schema = new Schema.Builder()
            .Field(new Field("cafe", cafe.Data.DataType, nullable: false))
            .Field(new Field("afternoon", BooleanType.Default, nullable: false))
            .Field(new Field("wait", DoubleType.Default, nullable: false))
            .Build();
        return new RecordBatch(schema, [cafe, afternoon, wait], rows.Length);
    }

    // The same dictionary in every batch, as a stream has it.
    private static DictionaryArray Dictionary(string[] texts)
    {
        string[] distinct = [.. Visits.Rows.Select(v => v.Cafe).Distinct()];
        return new DictionaryArray(
            new DictionaryType(Int32Type.Default, StringType.Default, ordered: false),
            new Int32Array.Builder().AppendRange(texts.Select(text => System.Array.IndexOf(distinct, text))).Build(),
            new StringArray.Builder().AppendRange(distinct).Build());
    }
}

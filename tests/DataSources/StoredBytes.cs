namespace TypedPooling.Tests.DataSources;

/// <summary>Data as the bytes of their file: equal exactly where every sum, count, key and its place are.</summary>
internal static class StoredBytes
{
    public static byte[] Of<TRow>(ModelData<TRow> data)
    {
        using var stream = new MemoryStream();
        data.Save(stream);
        return stream.ToArray();
    }
}

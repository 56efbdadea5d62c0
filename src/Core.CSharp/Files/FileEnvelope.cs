using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace TypedPooling.Files;

/// <summary>What every file begins and ends with: a mark, the version of the format, what the file holds and how long it is; at its end a checksum.
/// See <c>docs/files.md</c>.</summary>
/// <remarks>
/// 8 bytes of mark, 2 of version, 2 of kind, 8 of length L; L bytes of content; 4 of the CRC-32C of all before them. Numbers are little-endian. The
/// checksum finds accidents; it does not keep anybody from writing another file.
/// </remarks>
internal static class FileEnvelope
{
    /// <summary>The version of the format that is written, the newest that is read.</summary>
    public const int Version = 1;

    /// <summary>Bytes before the content.</summary>
    public const int HeaderLength = 20;

    /// <summary>Bytes after it.</summary>
    public const int ChecksumLength = 4;

    // Transfers that take a file for text change the line ends, as PNG's mark shows.
    private static ReadOnlySpan<byte> Mark => "TPool\r\n\u001A"u8;

    /// <summary>Writes a file.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="kind">What it holds.</param>
    /// <param name="content">The content.</param>
    public static void Write(Stream stream, FileKind kind, FileWriter content)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        Mark.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(header[10..], (ushort)kind);
        BinaryPrimitives.WriteInt64LittleEndian(header[12..], content.Length);
        stream.Write(header);
        var sum = Checksum(uint.MaxValue, header);
        foreach (var piece in content.Pieces())
        {
            sum = Checksum(sum, piece.Span);
            stream.Write(piece.Span);
        }

        Span<byte> end = stackalloc byte[ChecksumLength];
        BinaryPrimitives.WriteUInt32LittleEndian(end, ~sum);
        stream.Write(end);
    }

    /// <summary>Writes a file beside the target and gives it the target's name when it is complete, so that a reader of the target never sees half a
    /// file.</summary>
    /// <param name="path">The target; replaced where it exists.</param>
    /// <param name="kind">What it holds.</param>
    /// <param name="content">The content.</param>
    /// <exception cref="IOException">The path is that of a device, a pipe or a socket, or the file cannot be written.</exception>
    public static void Write(string path, FileKind kind, FileWriter content)
    {
        // A link stays one, and the new file has the rights of the old.
        var full = Path.GetFullPath(path);
        if (File.Exists(full))
            full = File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full;
        if (FileType.IsSpecial(full))
            throw new IOException($"'{path}' is a device, a pipe or a socket, which a file must not replace. Save to a stream that is opened on it.");
        var (temporary, file) = Beside(full);
        try
        {
            using (file)
            {
                Write(file, kind, content);
                file.Flush(flushToDisk: true);
            }

            if (!OperatingSystem.IsWindows() && File.Exists(full))
                File.SetUnixFileMode(temporary, File.GetUnixFileMode(full));
            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="kind">What it must hold.</param>
    /// <param name="read">Reads the content, all of it.</param>
    public static T Read<T>(string path, FileKind kind, Func<FileReader, T> read)
    {
        // Shared with a writer that gives the path to another file meanwhile: the one that is open stays as it is.
        using var file = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1, FileOptions.SequentialScan);
        var value = Read(file, kind, read);
        FileDamage.Unless(file.Position == file.Length, "something stands behind its end");
        return value;
    }

    /// <summary>Reads a file from a stream, which then stands behind it.</summary>
    /// <param name="stream">The stream. One that cannot go back is kept in memory as far as it is needed.</param>
    /// <param name="kind">What it must hold.</param>
    /// <param name="read">Reads the content, all of it.</param>
    /// <exception cref="ModelException">FileDamaged: the file is truncated, altered, of another kind, of a later version or none of this
    /// library.</exception>
    public static T Read<T>(Stream stream, FileKind kind, Func<FileReader, T> read)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        var length = ReadHeader(stream, header, kind);
        if (!stream.CanSeek)
        {
            using var copy = new MemoryStream();
            CopyUpTo(stream, copy, length);
            copy.Position = 0;
            return Read(copy, header, length, read);
        }

        return Read(stream, header, length, read);
    }

    private static T Read<T>(Stream stream, ReadOnlySpan<byte> header, long length, Func<FileReader, T> read)
    {
        var start = stream.Position;
        FileDamage.Unless(
            length <= stream.Length - start - ChecksumLength,
            string.Create(CultureInfo.InvariantCulture, $"it says that {length:N0} bytes follow and has {Math.Max(0, stream.Length - start):N0}"));
        Verify(stream, header, length);
        stream.Position = start;
        var reader = new FileReader(stream, length);
        var value = read(reader);
        FileDamage.Unless(reader.Left == 0, "it is longer than what is in it");
        stream.Position = start + length + ChecksumLength;
        return value;
    }

    // A random name: other threads, and processes of the same number in other containers, may save to the same path at once.
    private static (string Path, FileStream File) Beside(string path)
    {
        var temporary = $"{path}.{Path.GetRandomFileName()}.tmp";
        return (temporary, new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None));
    }

    private static long ReadHeader(Stream stream, Span<byte> header, FileKind kind)
    {
        var count = stream.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false);
        if (count < Mark.Length || !header[..Mark.Length].SequenceEqual(Mark))
        {
            throw FileDamage.Foreign(
                count == 0 ? "The file is empty." : "This is no file of TypedPooling: it does not begin with the mark of one.",
                "Load a file that data.Save or fit.Save wrote. Transfer it as binary: the mark changes where line ends do.");
        }

        FileDamage.Unless(count == HeaderLength, "it ends too early");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]);
        if (version is 0 or > Version)
        {
            throw FileDamage.Foreign(
                string.Create(CultureInfo.InvariantCulture, $"The file has version {version} of the format; this library reads version {Version}."),
                "Load it with the version of the library that saved it, or a later one.");
        }

        var found = BinaryPrimitives.ReadUInt16LittleEndian(header[10..]);
        if (found != (int)kind)
        {
            throw found switch
            {
                (int)FileKind.Data => FileDamage.Foreign("The file holds data, not a fit.", "Load it with model.LoadData."),
                (int)FileKind.Fit => FileDamage.Foreign("The file holds a fit, not data.", "Load it with model.LoadFit."),
                _ => FileDamage.Of("it holds neither data nor a fit"),
            };
        }

        var length = BinaryPrimitives.ReadInt64LittleEndian(header[12..]);
        FileDamage.Unless(length >= 0, "its length is negative");
        return length;
    }

    private static void Verify(Stream stream, ReadOnlySpan<byte> header, long length)
    {
        var sum = Checksum(uint.MaxValue, header);
        var buffer = new byte[(int)Math.Min(Math.Max(length, ChecksumLength), 1 << 18)];
        for (var left = length; left > 0;)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(left, buffer.Length));
            FileDamage.Unless(stream.ReadAtLeast(part, part.Length, throwOnEndOfStream: false) == part.Length, "it ends too early");
            sum = Checksum(sum, part);
            left -= part.Length;
        }

        var end = buffer.AsSpan(0, ChecksumLength);
        FileDamage.Unless(stream.ReadAtLeast(end, ChecksumLength, throwOnEndOfStream: false) == ChecksumLength, "it ends too early");
        FileDamage.Unless(BinaryPrimitives.ReadUInt32LittleEndian(end) == ~sum, "its checksum is that of another content");
    }

    // No more memory than bytes come.
    private static void CopyUpTo(Stream from, MemoryStream to, long length)
    {
        var buffer = new byte[1 << 16];
        for (var left = length <= long.MaxValue - ChecksumLength ? length + ChecksumLength : length; left > 0;)
        {
            var count = from.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (count == 0)
                break;
            to.Write(buffer, 0, count);
            left -= count;
        }
    }

    // CRC-32C (Castagnoli), eight bytes at a time.
    private static uint Checksum(uint sum, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var one in bytes)
            sum = BitOperations.Crc32C(sum, one);
        return sum;
    }
}

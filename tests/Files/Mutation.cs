using System.Buffers.Binary;
using System.Numerics;
using TypedPooling.Randomness;

namespace TypedPooling.Tests.Files;

/// <summary>Damages files.</summary>
internal static class Mutation
{
    private const int Header = 20;

    private static readonly double[] Numbers =
        [double.NaN, double.PositiveInfinity, -1, 0, -0.0, 1e308, 5e-324, -1e308, 1, 4503599627370497, long.MaxValue];

    /// <summary>A damaged copy of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="stream">Says where and how.</param>
    /// <param name="isSigned">Whether length and checksum are made right again, so that what reads the content is tested.</param>
    public static byte[] Of(byte[] file, PhiloxStream stream, bool isSigned)
    {
        var bytes = file.ToList();
        var times = 1 + Below(stream, 3);
        for (var i = 0; i < times; i++)
            Damage(bytes, stream, isSigned ? Header : 0);
        return isSigned ? WithChecksum([.. bytes]) : [.. bytes];
    }

    /// <summary>The file with the length and the checksum of what it holds.</summary>
    public static byte[] WithChecksum(byte[] file)
    {
        var bytes = file.Length < Header + 4 ? [.. file, .. new byte[Header + 4 - file.Length]] : (byte[])file.Clone();
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(12), bytes.Length - Header - 4);
        var sum = uint.MaxValue;
        foreach (var one in bytes.AsSpan(0, bytes.Length - 4))
            sum = BitOperations.Crc32C(sum, one);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4), ~sum);
        return bytes;
    }

    private static void Damage(List<byte> bytes, PhiloxStream stream, int from)
    {
        if (bytes.Count <= from + 1)
            return;
        var at = from + Below(stream, bytes.Count - from);
        var length = Math.Min(bytes.Count - at, 1 + Below(stream, Below(stream, 4) == 0 ? 200 : 8));
        switch (Below(stream, 9))
        {
            case 0:
                bytes[at] ^= (byte)(1 << Below(stream, 8));
                break;
            case 1:
                bytes[at] = new byte[] { 0x00, 0x01, 0x7F, 0x80, 0xFF }[Below(stream, 5)];
                break;
            case 2:
                bytes[at] = (byte)Below(stream, 256);
                break;
            case 3:
                bytes.RemoveRange(at, length);
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 5:
                bytes.InsertRange(at, Enumerable.Range(0, length).Select(_ => (byte)Below(stream, 256)).ToArray());
                break;
            case 6:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 7:
                Overwrite(BitConverter.GetBytes(Numbers[Below(stream, Numbers.Length)]));
                break;
            default:
                // A long count.
                Overwrite([.. Enumerable.Repeat((byte)0xFF, 1 + Below(stream, 9)), (byte)Below(stream, 128)]);
                break;
        }

        void Overwrite(byte[] with)
        {
            for (var i = 0; i < with.Length && at + i < bytes.Count; i++)
                bytes[at + i] = with[i];
        }
    }

    private static int Below(PhiloxStream stream, int limit) => (int)(stream.NextDouble() * limit);
}

using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace TypedPooling.Files;

/// <summary>Writes the values of a file, see <c>docs/files.md</c>. Used by one thread.</summary>
/// <remarks>What is written is kept in memory in pieces, since lengths stand before what they count.</remarks>
internal sealed class FileWriter
{
    /// <summary>Numbers follow as they are, 8 bytes each.</summary>
    public const byte AsBits = 0;

    /// <summary>Numbers follow as whole numbers.</summary>
    public const byte AsWhole = 1;

    // Largest magnitude up to which every whole number is a double.
    private const double MostWhole = 9007199254740992;
    private const int PieceLength = 1 << 16;

    private readonly List<ReadOnlyMemory<byte>> full = [];
    private byte[] piece = new byte[256];
    private int at;

    /// <summary>Number of bytes written.</summary>
    public long Length { get; private set; }

    /// <summary>A byte.</summary>
    public void Byte(byte value)
    {
        if (at == piece.Length)
            Grow();
        piece[at++] = value;
        Length++;
    }

    /// <summary>Yes or no, as a byte.</summary>
    public void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    /// <summary>A whole number from 0: 7 bits a byte, the lowest first; the highest bit says that more follow.</summary>
    public void Count(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        Unsigned((ulong)value);
    }

    /// <summary>A whole number of 64 bits, 8 bytes.</summary>
    public void Bits(ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Bytes(bytes);
    }

    /// <summary>A number, its 64 bits as they are.</summary>
    public void Number(double value) => Bits(BitConverter.DoubleToUInt64Bits(value));

    /// <summary>A number that may be missing: whether it is there, then the number.</summary>
    public void Optional(double? value)
    {
        Flag(value is not null);
        if (value is { } known)
            Number(known);
    }

    /// <summary>A text: twice its number of bytes, plus 1 where they are UTF-16; then the bytes, UTF-8 otherwise.</summary>
    public void Text(string value)
    {
        ArgumentNullException.ThrowIfNull(value);

        // UTF-8 has no place for half a surrogate pair, which a key may hold.
        if (IsWellFormed(value))
        {
            var bytes = Encoding.UTF8.GetBytes(value);
            Unsigned((ulong)bytes.Length << 1);
            Bytes(bytes);
            return;
        }

        Unsigned(((ulong)value.Length << 2) | 1);
        foreach (var unit in value)
        {
            Byte((byte)unit);
            Byte((byte)(unit >> 8));
        }
    }

    /// <summary>Numbers: how many, how they are written, and then they: as they are, or as whole numbers where all are and that takes less
    /// room.</summary>
    public void Numbers(ReadOnlySpan<double> values)
    {
        Count(values.Length);
        if (values.Length == 0)
            return;
        if (IsWhole(values))
        {
            Byte(AsWhole);
            foreach (var value in values)
                Unsigned(Folded((long)value));
            return;
        }

        Byte(AsBits);
        if (BitConverter.IsLittleEndian)
        {
            Bytes(MemoryMarshal.AsBytes(values));
            return;
        }

        foreach (var value in values)
            Number(value);
    }

    /// <summary>Whole numbers from 0: how many, and then they.</summary>
    public void Counts(ReadOnlySpan<int> values)
    {
        Count(values.Length);
        foreach (var value in values)
            Count(value);
    }

    /// <summary>Whole numbers from 0: how many, and then they.</summary>
    public void Counts(ReadOnlySpan<long> values)
    {
        Count(values.Length);
        foreach (var value in values)
            Count(value);
    }

    /// <summary>Yes or no for each: how many, and then eight a byte, the first in the lowest bit.</summary>
    public void Flags(ReadOnlySpan<bool> values)
    {
        Count(values.Length);
        for (var i = 0; i < values.Length; i += 8)
        {
            var bits = 0;
            for (var bit = 0; bit < 8 && i + bit < values.Length; bit++)
                bits |= (values[i + bit] ? 1 : 0) << bit;
            Byte((byte)bits);
        }
    }

    /// <summary>A named part: its name, its length in bytes, and what is in it.</summary>
    public void Section(string name, Action<FileWriter> content)
    {
        var own = new FileWriter();
        content(own);
        Text(name);
        Count(own.Length);

        // The pieces become pieces of this one, without a copy.
        full.Add(piece.AsMemory(0, at));
        full.AddRange(own.Pieces());
        Length += own.Length;
        (piece, at) = (new byte[256], 0);
    }

    /// <summary>All that was written, in pieces.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Pieces() => full.Append(piece.AsMemory(0, at));

    /// <summary>A whole number without its sign: 0, -1, 1, -2, ... become 0, 1, 2, 3, ...</summary>
    private static ulong Folded(long value) => (ulong)(value << 1) ^ (ulong)(value >> 63);

    /// <summary>True where UTF-8 can hold a text: no half of a surrogate pair stands alone.</summary>
    public static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return false;
            i++;
        }

        return true;
    }

    /// <summary>True where whole numbers take less room than 8 bytes each. -0 is not the whole number 0.</summary>
    public static bool IsWhole(ReadOnlySpan<double> values)
    {
        long bytes = 0;
        foreach (var value in values)
        {
            if (!(Math.Abs(value) <= MostWhole) || Math.Floor(value) != value || (value == 0 && double.IsNegative(value)))
                return false;
            bytes += 1 + (BitOperations.Log2(Folded((long)value) | 1) / 7);
        }

        return bytes < 8L * values.Length;
    }

    private void Unsigned(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            Byte((byte)(value | 0x80));
        Byte((byte)value);
    }

    private void Bytes(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (at == piece.Length)
                Grow();
            var count = Math.Min(bytes.Length, piece.Length - at);
            bytes[..count].CopyTo(piece.AsSpan(at));
            at += count;
            bytes = bytes[count..];
        }
    }

    private void Grow()
    {
        full.Add(piece);
        piece = new byte[PieceLength];
        at = 0;
    }
}

using System.Runtime.InteropServices;
using System.Text;

namespace TypedPooling.Files;

/// <summary>Reads the values that <see cref="FileWriter"/> writes. No length is trusted: nothing is allocated for values that the bytes left in the
/// section cannot hold. Used by one thread.</summary>
/// <remarks>A value takes at least a byte of the file, or an eighth where it is yes or no, and at most 8 in memory.</remarks>
internal sealed class FileReader
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Stream stream;
    private readonly byte[] buffer = new byte[1 << 16];
    private int at;
    private int filled;

    /// <summary>Begins where a stream stands.</summary>
    /// <param name="stream">The stream; read ahead of what is asked for, within the length.</param>
    /// <param name="length">Number of bytes that may be read; the stream is known to have them.</param>
    public FileReader(Stream stream, long length)
    {
        this.stream = stream;
        Left = length;
        unread = length;
    }

    // Of the stream, all sections together.
    private long unread;

    /// <summary>Number of bytes left in the section at hand.</summary>
    public long Left { get; private set; }

    /// <summary>A byte.</summary>
    public byte Byte()
    {
        Need(1);
        if (at == filled)
            Fill();
        Left--;
        return buffer[at++];
    }

    /// <summary>Yes or no.</summary>
    public bool Flag()
    {
        var value = Byte();
        FileDamage.Unless(value <= 1, "a yes or no is neither");
        return value == 1;
    }

    /// <summary>A whole number from 0.</summary>
    public long Count()
    {
        var value = Unsigned();
        FileDamage.Unless(value <= long.MaxValue, "a count is out of range");
        return (long)value;
    }

    /// <summary>A whole number from 0 to a limit.</summary>
    /// <param name="most">The greatest that is possible.</param>
    public int Count(int most)
    {
        var value = Unsigned();
        FileDamage.Unless(most >= 0 && value <= (ulong)most, "a count is out of range");
        return (int)value;
    }

    /// <summary>A whole number of 64 bits.</summary>
    public ulong Bits()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 8)
            value |= (ulong)Byte() << shift;
        return value;
    }

    /// <summary>A number, its bits as they were.</summary>
    public double Number() => BitConverter.UInt64BitsToDouble(Bits());

    /// <summary>A number that is finite.</summary>
    public double Finite()
    {
        var value = Number();
        FileDamage.Unless(double.IsFinite(value), "a number is not finite");
        return value;
    }

    /// <summary>A number that may be missing.</summary>
    public double? Optional() => Flag() ? Number() : null;

    /// <summary>A text.</summary>
    public string Text()
    {
        var header = Unsigned();
        var length = (long)(header >> 1);
        FileDamage.Unless(length <= Left && length <= int.MaxValue, "a text is longer than the file");
        var bytes = new byte[length];
        Bytes(bytes);
        if ((header & 1) == 1)
        {
            FileDamage.Unless(length % 2 == 0, "a text ends in the middle of a letter");
            var text = string.Create((int)length / 2, bytes, static (units, from) =>
            {
                for (var i = 0; i < units.Length; i++)
                    units[i] = (char)(from[2 * i] | (from[2 * i + 1] << 8));
            });

            // One way to write a text.
            FileDamage.Unless(!FileWriter.IsWellFormed(text), "a text that UTF-8 can hold is not written so");
            return text;
        }

        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw FileDamage.Of("a text is no UTF-8");
        }
    }

    /// <summary>Numbers, their bits as they were.</summary>
    /// <param name="count">How many there must be.</param>
    public double[] Numbers(long count)
    {
        Expect(count);
        return NumbersOf(count);
    }

    /// <summary>Numbers, as many as the file says.</summary>
    public double[] Numbers() => NumbersOf(Count());

    /// <summary>Numbers that are all finite.</summary>
    /// <param name="count">How many there must be.</param>
    public double[] FiniteNumbers(long count)
    {
        var values = Numbers(count);
        foreach (var value in values)
            FileDamage.Unless(double.IsFinite(value), "a number is not finite");
        return values;
    }

    /// <summary>Whole numbers from 0 to a limit.</summary>
    /// <param name="count">How many there must be.</param>
    /// <param name="most">The greatest that is possible.</param>
    public int[] Counts(long count, int most)
    {
        Expect(count);
        var values = new int[Room(count, 1)];
        for (var i = 0; i < values.Length; i++)
            values[i] = Count(most);
        return values;
    }

    /// <summary>Whole numbers from 1.</summary>
    /// <param name="count">How many there must be.</param>
    public long[] PositiveCounts(long count)
    {
        Expect(count);
        var values = new long[Room(count, 1)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Count();
            FileDamage.Unless(values[i] > 0, "a number of rows is 0");
        }

        return values;
    }

    /// <summary>Yes or no for each.</summary>
    /// <param name="count">How many there must be.</param>
    public bool[] Flags(long count)
    {
        Expect(count);
        FileDamage.Unless(count <= int.MaxValue && (count + 7) / 8 <= Left, "a list is longer than the file");
        var values = new bool[count];
        for (var i = 0; i < values.Length; i += 8)
        {
            var bits = Byte();
            for (var bit = 0; bit < 8 && i + bit < values.Length; bit++)
                values[i + bit] = ((bits >> bit) & 1) == 1;
            FileDamage.Unless(values.Length - i >= 8 || bits >> (values.Length - i) == 0, "a yes or no is behind the last");
        }

        return values;
    }

    /// <summary>Reads a named part, all of it.</summary>
    /// <param name="name">The name it must have.</param>
    /// <param name="content">Reads what is in it.</param>
    public T Section<T>(string name, Func<FileReader, T> content)
    {
        var found = Text();
        FileDamage.Unless(found == name, $"where the part '{name}' should begin there is something else");
        var length = Count();
        FileDamage.Unless(length <= Left, $"the part '{name}' is longer than the file");
        var outside = Left - length;
        Left = length;
        var value = content(this);
        FileDamage.Unless(Left == 0, $"the part '{name}' is longer than what is in it");
        Left = outside;
        return value;
    }

    /// <summary>A place in memory for so many values, each of which takes some bytes of the file.</summary>
    /// <param name="count">How many values.</param>
    /// <param name="bytes">The fewest bytes that one takes.</param>
    /// <returns>The count.</returns>
    /// <exception cref="ModelException">FileDamaged: the section does not have so many bytes.</exception>
    public int Room(long count, int bytes)
    {
        FileDamage.Unless(count >= 0 && count <= Array.MaxLength && count <= Left / bytes, "a list is longer than the file");
        return (int)count;
    }

    private double[] NumbersOf(long count)
    {
        if (count == 0)
            return [];
        var how = Byte();
        if (how == FileWriter.AsWhole)
        {
            var whole = new double[Room(count, 1)];
            for (var i = 0; i < whole.Length; i++)
                whole[i] = Unfolded(Unsigned());
            FileDamage.Unless(FileWriter.IsWhole(whole), "whole numbers take more room than others would");
            return whole;
        }

        FileDamage.Unless(how == FileWriter.AsBits, "numbers are written in an unknown way");
        var values = new double[Room(count, sizeof(double))];
        if (BitConverter.IsLittleEndian)
        {
            Bytes(MemoryMarshal.AsBytes(values.AsSpan()));
        }
        else
        {
            for (var i = 0; i < values.Length; i++)
                values[i] = Number();
        }

        // One way to write numbers.
        FileDamage.Unless(!FileWriter.IsWhole(values), "whole numbers are not written as such");
        return values;
    }

    private static double Unfolded(ulong value)
    {
        var whole = (long)(value >> 1) ^ -(long)(value & 1);
        FileDamage.Unless(Math.Abs((double)whole) <= 9007199254740992, "a whole number is out of range");
        return whole;
    }

    private void Expect(long count) => FileDamage.Unless(Count() == count, "a list has another length than its neighbours");

    private ulong Unsigned()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var own = Byte();
            var bits = (ulong)(own & 0x7F);
            FileDamage.Unless(shift < 63 || bits <= 1, "a count is out of range");
            value |= bits << shift;
            if (own < 0x80)
            {
                // One way to write a number: no zeros on top.
                FileDamage.Unless(own > 0 || shift == 0, "a count has zeros on top");
                return value;
            }
        }

        throw FileDamage.Of("a count is out of range");
    }

    private void Bytes(Span<byte> bytes)
    {
        Need(bytes.Length);
        Left -= bytes.Length;
        var buffered = Math.Min(bytes.Length, filled - at);
        buffer.AsSpan(at, buffered).CopyTo(bytes);
        at += buffered;
        var rest = bytes[buffered..];
        if (rest.IsEmpty)
            return;
        if (rest.Length >= buffer.Length)
        {
            ReadExactly(rest);
            return;
        }

        Fill();
        FileDamage.Unless(rest.Length <= filled, "it ends too early");
        buffer.AsSpan(0, rest.Length).CopyTo(rest);
        at = rest.Length;
    }

    private void Need(long bytes) => FileDamage.Unless(bytes <= Left, "it ends too early");

    private void Fill()
    {
        at = 0;
        filled = (int)Math.Min(buffer.Length, unread);
        FileDamage.Unless(filled > 0, "it ends too early");
        ReadExactly(buffer.AsSpan(0, filled));
    }

    private void ReadExactly(Span<byte> bytes)
    {
        unread -= bytes.Length;
        FileDamage.Unless(stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length, "it ends too early");
    }
}

using System.Runtime.InteropServices;
using TypedPooling.Declarations;
using TypedPooling.Model;
using TypedPooling.Randomness;

namespace TypedPooling.Predictions;

/// <summary>A row that is predicted. Immutable.</summary>
/// <param name="Columns">Values of the model's columns. Length m.</param>
/// <param name="Offset">Sum of the offsets.</param>
/// <param name="Weight">The known sd or the precision weight; null where there is none or it does not matter.</param>
/// <param name="Levels">The group of each factor.</param>
/// <param name="Position">Number of the row in the call, from 0.</param>
internal sealed record PredictedRow(double[] Columns, double Offset, double? Weight, PredictedLevel[] Levels, long Position)
{
    /// <summary>The value that a term multiplies.</summary>
    public double Value(int column) => column == ModelSpec.Ones ? 1 : Columns[column];

    /// <summary>Addresses the row's residual noise: a hash of all that the prediction sees of it but its weight, and of its position.</summary>
    public ulong NoiseHash()
    {
        // -0 is 0: adding 0 makes it so.
        var numbers = new List<long> { Position, BitConverter.DoubleToInt64Bits(Offset + 0.0) };
        foreach (var value in Columns)
            numbers.Add(BitConverter.DoubleToInt64Bits(value + 0.0));
        var bits = MemoryMarshal.Cast<long, char>(CollectionsMarshal.AsSpan(numbers));
        return RandomAddresses.Noise(string.Join('\0', Levels.Select(level => $"{(int)level.Kind}{level.Text}")), bits);
    }
}

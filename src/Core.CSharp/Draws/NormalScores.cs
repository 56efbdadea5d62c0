using System.Runtime.CompilerServices;
using MathNet.Numerics;

namespace TypedPooling.Draws;

/// <summary>Normal scores of ranks 1 .. S: the standard normal quantile of (r - 3/8) / (S + 1/4). One instance serves one S and one thread.</summary>
/// <remarks>Source: [Blom1958] for the offset, [Vehtari2021].</remarks>
internal sealed class NormalScores
{
    private readonly int count;
    private readonly double[] lowerHalf;

    public NormalScores(int count)
    {
        this.count = count;
        lowerHalf = new double[count / 2 + 1];
        Array.Fill(lowerHalf, double.NaN);
    }

    /// <summary>Scores of the draws that the split keeps, ranked among themselves; ties share their mean rank.</summary>
    /// <returns>A new array, half-chain after half-chain. Length S.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double[] Of(SortedDraws sorted, SplitLayout split)
    {
        var scores = new double[split.Count];
        var values = sorted.Values;
        var order = sorted.Order;
        var rank = 0;
        for (int first = 0, next; first < values.Length; first = next)
        {
            var tied = 0;
            next = first;
            do
                tied += split.Slot(order[next++]) >= 0 ? 1 : 0;
            while (next < values.Length && values[next] == values[first]);
            if (tied == 0)
                continue;
            var score = Score(rank + (tied + 1) / 2.0);
            for (var i = first; i < next; i++)
            {
                var slot = split.Slot(order[i]);
                if (slot >= 0)
                    scores[slot] = score;
            }

            rank += tied;
        }

        return scores;
    }

    private double Score(double rank)
    {
        // Symmetric: the score of r is minus the score of S + 1 - r.
        var mirrored = count + 1 - rank;
        if (rank > mirrored)
            return -Score(mirrored);
        var index = (int)rank - 1;
        if (index + 1 != rank)
            return Compute(rank);
        if (double.IsNaN(lowerHalf[index]))
            lowerHalf[index] = Compute(rank);
        return lowerHalf[index];
    }

    private double Compute(double rank) => -Constants.Sqrt2 * SpecialFunctions.ErfcInv(2 * (rank - 0.375) / (count + 0.25));
}

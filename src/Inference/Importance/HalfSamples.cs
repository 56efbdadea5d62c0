namespace TypedPooling.Inference.Importance;

/// <summary>Compares the first half of the proposals with the second: they are independent samples of one target.</summary>
internal static class HalfSamples
{
    /// <summary>The greatest difference, over the means and sds of all coordinates and the log normaliser, in combined standard errors.</summary>
    internal static double GreatestDifference(ProposalRound round, int dimension)
    {
        var half = round.Count / 2;
        var (first, second) = (new Half(round, 0, half, dimension), new Half(round, half, half, dimension));
        var greatest = Difference(first.LogMass, first.LogMassError, second.LogMass, second.LogMassError);
        for (var i = 0; i < dimension; i++)
        {
            var (a, b) = (first.Moments(i), second.Moments(i));
            greatest = Max(greatest, Difference(a.Mean, a.MeanError, b.Mean, b.MeanError));
            greatest = Max(greatest, Difference(a.Sd, a.SdError, b.Sd, b.SdError));
        }

        return greatest;
    }

    private static double Difference(double a, double errorOfA, double b, double errorOfB)
    {
        var difference = Math.Abs(a - b);
        return difference == 0 ? 0 : difference / Math.Sqrt((errorOfA * errorOfA) + (errorOfB * errorOfB));
    }

    // NaN wins: what cannot be compared does not agree.
    private static double Max(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? double.NaN : Math.Max(a, b);

    private sealed class Half
    {
        private readonly ProposalRound round;
        private readonly int start;
        private readonly int count;
        private readonly int dimension;
        private readonly double total;

        internal Half(ProposalRound round, int start, int count, int dimension)
        {
            (this.round, this.start, this.count, this.dimension) = (round, start, count, dimension);
            var squares = 0.0;
            foreach (var weight in round.Weights.AsSpan(start, count))
            {
                total += weight;
                squares += weight * weight;
            }

            LogMass = Math.Log(total);
            LogMassError = Math.Sqrt(Math.Max(0, (squares / (total * total)) - (1.0 / count)));
        }

        internal double LogMass { get; }

        internal double LogMassError { get; }

        internal (double Mean, double MeanError, double Sd, double SdError) Moments(int coordinate)
        {
            var mean = 0.0;
            for (var i = 0; i < count; i++)
                mean += Weight(i) * Value(i, coordinate);
            double variance = 0, second = 0, third = 0, fourth = 0;
            for (var i = 0; i < count; i++)
            {
                var (weight, square) = (Weight(i), Value(i, coordinate) - mean);
                square *= square;
                variance += weight * square;
                second += weight * weight;
                third += weight * weight * square;
                fourth += weight * weight * square * square;
            }

            // sum w^2 (x^2 - variance)^2, and the delta method for the sd.
            var errorOfVariance = fourth - (2 * variance * third) + (variance * variance * second);
            return (mean, Math.Sqrt(third), Math.Sqrt(variance), Math.Sqrt(Math.Max(0, errorOfVariance) / variance) / 2);
        }

        private double Weight(int i) => round.Weights[start + i] / total;

        private double Value(int i, int coordinate) => round.Weights[start + i] > 0 ? round.Positions[((start + i) * dimension) + coordinate] : 0;
    }
}

namespace TypedPooling.Inference.Sampling.Hamiltonian;

/// <summary>Dual averaging of the log step size towards an acceptance rate. Source: [HoffmanGelman2014], section 3.2, with Stan's
/// constants.</summary>
internal struct StepSizeAdaptation(double targetAcceptance)
{
    private const double Gamma = 0.05;
    private const double Offset = 10; // t0
    private const double Kappa = 0.75;

    private double centre; // mu
    private double error; // H-bar
    private double averagedLog; // log eps-bar
    private int count;

    /// <summary>The step size to use now.</summary>
    public double Current { get; private set; }

    /// <summary>The step size to keep when adaptation ends: the average of the log steps, the late ones weighing more.</summary>
    public readonly double Averaged => count == 0 ? Current : Math.Exp(averagedLog);

    public void Restart(double stepSize)
    {
        Current = stepSize;
        centre = Math.Log(10 * stepSize);
        error = 0;
        averagedLog = 0;
        count = 0;
    }

    public void Learn(double acceptanceRate)
    {
        count++;
        var rate = 1 / (count + Offset);
        error = ((1 - rate) * error) + (rate * (targetAcceptance - acceptanceRate));
        var log = centre - (error * Math.Sqrt(count) / Gamma);
        var weight = Math.Pow(count, -Kappa);
        averagedLog = ((1 - weight) * averagedLog) + (weight * log);
        Current = Math.Exp(log);
    }
}

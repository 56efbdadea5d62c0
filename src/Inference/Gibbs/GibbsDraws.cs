namespace TypedPooling.Inference.Gibbs;

/// <summary>What one chain has made, draw after draw; buffers hold room for all draws asked for, filled up to <see cref="Completed"/>.</summary>
internal sealed class GibbsDraws
{
    public GibbsDraws(GibbsSystem system, int draws)
    {
        ScaleCount = (system.ReportsSigma ? 1 : 0) + system.Scales.Sum(scales => scales.Parameters.Length);
        PopulationCount = system.Population.TermCount;
        LambdaCount = system.KeepsEffects || system.Factors.Length == 0 ? 0 : system.Factors[0].TermCount * system.Factors[0].TermCount;
        EffectCount = system.KeepsEffects ? system.Factors.Sum(factor => factor.LevelCount * factor.TermCount) : 0;
        Scales = new double[checked(draws * ScaleCount)];
        Population = new double[checked(draws * PopulationCount)];
        Sigma = new double[draws];
        Lambda = new double[checked(draws * LambdaCount)];
        Effects = new double[draws][];
    }

    /// <summary>Number of reported scales.</summary>
    public int ScaleCount { get; }

    /// <summary>Number of population effects.</summary>
    public int PopulationCount { get; }

    /// <summary>q^2 where effects are made again when they are read; 0 otherwise.</summary>
    public int LambdaCount { get; }

    /// <summary>Number of varying effects of all factors where they are kept; 0 otherwise.</summary>
    public int EffectCount { get; }

    /// <summary>Reported scales.</summary>
    public double[] Scales { get; }

    /// <summary>Population effects, fixed ones included.</summary>
    public double[] Population { get; }

    /// <summary>Residual sd.</summary>
    public double[] Sigma { get; }

    /// <summary>Lambda of the only factor.</summary>
    public double[] Lambda { get; }

    /// <summary>Effects of all factors, a row a draw; rows are made as draws come.</summary>
    public double[][] Effects { get; }

    /// <summary>Draws made.</summary>
    public int Completed { get; set; }

    /// <summary>Time spent in warmup.</summary>
    public TimeSpan WarmupTime { get; set; }

    /// <summary>Time spent drawing.</summary>
    public TimeSpan SamplingTime { get; set; }
}

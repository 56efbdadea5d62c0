namespace TypedPooling.Bench;

/// <summary>A model of data of R's lme4.</summary>
/// <param name="Name">Name of the benchmark, and of the model in the answers of bench/lme4_speed.R.</param>
/// <param name="Purpose">What it is for, in a few words.</param>
/// <param name="File">Name of its data in the folder of bench/fetch_lme4_data.R.</param>
/// <param name="Prepare">Reads the file of that path into rows, untimed, and returns the work to be timed: from rows to estimates and standard
/// errors.</param>
internal sealed record Lme4Case(string Name, string Purpose, string File, Func<string, Func<Lme4Fit>> Prepare)
{
    /// <summary>The case as a benchmark, from rows to estimates and standard errors.</summary>
    public Benchmark Benchmark => new(Name, Purpose, () =>
    {
        var work = Lme4Models.Prepare(this);
        return () => work().Deviance;
    })
    { Missing = () => Lme4Models.Missing(this) };
}

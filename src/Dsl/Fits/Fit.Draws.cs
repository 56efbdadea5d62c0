namespace TypedPooling;

public abstract partial class Fit<TRow>
{
    /// <summary>The draws of population effects and scales, as columns by the names of the table: for data frames and CSV files.</summary>
    /// <returns>The columns. Where draws were resampled from a weighted sample, they are the equal-weight draws, of which some may be the
    /// same.</returns>
    public DrawColumns Draws() =>
        new(Posterior, $"{Spec.Response.Family.Name} model of {Spec.Response.Name}", Posterior.Population, Posterior.Scales);
}

namespace TypedPooling.Samples.ScoringService;

/// <summary>One version of the fit with its data. Immutable: any number of requests score with it at once.</summary>
public sealed class Scorer
{
    private readonly HashSet<string> known;

    public Scorer(int version, ModelData<Visit> data, NormalFit<Visit> fit)
    {
        (Version, Data, Fit) = (version, data, fit);
        known = new(fit.For(WaitModel.Cafe).Keys, StringComparer.Ordinal);
    }

    public int Version { get; }

    public ModelData<Visit> Data { get; }

    public NormalFit<Visit> Fit { get; }

    public ScoreResponse Score(ScoreRequest request)
    {
        var scores = new Score[request.Rows.Count];
        for (var i = 0; i < scores.Length; i++)
        {
            // The wait is what is predicted: it is not read.
            var row = request.Rows[i];
            var visit = new Visit(row.Cafe, row.Afternoon, double.NaN);
            LevelChoice<Visit>[] level = request.NewCafes == NewCafes.Refuse ? [WaitModel.Cafe.Level(row.Cafe)] : [];
            scores[i] = new(
                row.Cafe,
                known.Contains(row.Cafe),
                Fit.PredictMean(visit, level).Summary(request.Probability),
                Fit.PredictNew(visit, level).Summary(request.Probability));
        }

        return new(Version, scores);
    }

    public FitResponse Describe() => new(Version, Fit.RowCount, known.Count, Fit.Posterior.Engine, Fit.Table, Fit.Warnings);

    public CafeResponse Describe(string cafe)
    {
        var level = Fit.For(WaitModel.Cafe).Level(cafe);
        return new(Version, cafe, level.Intercept.Summary(), level.Slope(v => v.Afternoon).Summary());
    }
}

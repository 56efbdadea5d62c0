using TypedPooling.Randomness;

namespace TypedPooling.Tests.Dsl.Support;

/// <summary>A row with a response of every family, a number of equal rows, and two groupings.</summary>
public sealed record SurveyRow(
    string Site,
    string Day,
    double X,
    double Z,
    bool Won,
    int Wins,
    int Trials,
    int Events,
    double Exposure,
    double Size,
    double Share,
    double Level,
    int N)
{
    public static readonly Group<SurveyRow, string> BySite = Group.By((SurveyRow s) => s.Site);

    public static readonly Group<SurveyRow, string> ByDay = Group.By((SurveyRow s) => s.Day);

    /// <summary>Rows of six sites and four days of unequal size; X is near 20, and several rows differ in nothing but their response.</summary>
    public static SurveyRow[] Rows(ulong seed = 7, int count = 90)
    {
        var stream = new PhiloxStream(seed, 3);
        return
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                var site = 7 * i % 13 % 6;
                var day = i % 7 % 4;
                var x = 20 + i % 5;
                var eta = 0.3 * (x - 22) + 0.5 * (site - 2) - 0.3 * (day - 1);
                var p = 1 / (1 + Math.Exp(-eta));
                var trials = 3 + i % 3;
                var exposure = 1 + 0.5 * (i % 2);
                return new SurveyRow(
                    "site " + site,
                    "day " + day,
                    x,
                    i % 2,
                    stream.NextDouble() < p,
                    (int)stream.NextBinomial(trials, p),
                    trials,
                    (int)stream.NextPoisson(exposure * Math.Exp(eta)),
                    exposure,
                    stream.NextGamma(3) / 3 * Math.Exp(eta),
                    Math.Clamp(Math.Round(p + 0.1 * stream.NextNormal(), 3), 0.01, 0.99),
                    100 + 5 * (eta + 0.5 * stream.NextStudentT(4)),
                    1 + i % 4);
            }),
        ];
    }

    /// <summary>Each row as often as it counts.</summary>
    public static SurveyRow[] Repeated(IEnumerable<SurveyRow> rows) => [.. rows.SelectMany(row => Enumerable.Repeat(row, row.N))];
}

using System.Globalization;
using ScottPlot;
using TypedPooling.Draws;
using TypedPooling.Keys;
using TypedPooling.Model;
using TypedPooling.Plots.Pictures;

namespace TypedPooling.Plots;

/// <summary>Pictures of how far levels are pulled towards their population.</summary>
public static class ShrinkagePlots
{
    private const int ContourPoints = 72;

    // Names of so many levels at most, of those that are pulled farthest.
    private const int MostNamed = 6;

    // The population probability inside each contour, in ascending order.
    private static readonly double[] Contours = [0.1, 0.3, 0.5, 0.8, 0.95];

    /// <summary>Two effects of every level: the level's own estimate joined to the pooled one, over contours of the population's
    /// distribution.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="fit">The fit.</param>
    /// <param name="group">The grouping factor.</param>
    /// <param name="xTerm">Name of the effect on the horizontal axis; null for the first of the factor.</param>
    /// <param name="yTerm">Name of the effect on the vertical axis; null for the second of the factor.</param>
    /// <param name="options">Size, title and unit; null for the defaults.</param>
    /// <returns>The picture. A level without an estimate of its own has its pooled mark only.</returns>
    /// <exception cref="ModelException">NotForThisFamily: fewer than two effects vary by it. UnknownTerm: no such factor or effect.</exception>
    /// <remarks>
    /// Contours are those of a normal distribution about the population's posterior mean. Its covariance is that of the posterior means of the
    /// sds and of the correlation. They hold 10, 30, 50, 80 and 95 % of all levels, known and new; where an sd is 0 there are none. The effects that
    /// are pulled farthest have their names.
    /// </remarks>
    public static Plot PlotShrinkage<TRow, TKey>(
        this Fit<TRow> fit, Group<TRow, TKey> group, string? xTerm = null, string? yTerm = null, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var set = (options ?? PlotOptions.Default).Checked();
        var byLevel = fit.For(group);
        var table = byLevel.Shrinkage();
        if (table.Terms.Length < 2)
        {
            throw new ModelException(new Problem(
                ProblemCode.NotForThisFamily,
                $"Only {table.Terms[0]} varies by {group.Name}, and a picture of two effects needs two.",
                "Use PlotLevels for one effect.")
            { Term = group.Name });
        }

        var (x, y) = (TermNames.Index(table.Terms, xTerm, group.Name, 0), TermNames.Index(table.Terms, yTerm, group.Name, 1));
        if (x == y)
        {
            throw new ModelException(new Problem(
                ProblemCode.DuplicateTerm, "The two effects of the picture are one and the same.", "Name two different effects.")
            { Term = table.Terms[x] });
        }

        var takesLog = fit is LogNormalFit<TRow>;
        Picture picture = new(
            set.Size ?? new(680, 600),
            set.Title ?? string.Create(CultureInfo.InvariantCulture, $"Shrinkage of {table.Levels.Length:N0} levels of {group.Name}"),
            set.XTitle ?? AxisTitles.Coefficient(fit.Spec, table.Terms[x], set.Unit, takesLog),
            set.YTitle ?? AxisTitles.Coefficient(fit.Spec, table.Terms[y], set.Unit, takesLog));
        Coordinates centre = new(table.Population[x], table.Population[y]);
        var contours = AddContours(
            picture, centre, byLevel.Sd(table.Terms[x]).Mean, byLevel.Sd(table.Terms[y]).Mean,
            Correlation(fit, group.Name, table.Terms[x], table.Terms[y]));

        var own = table.Levels.Where(level => level.NoPooling is not null).ToArray();
        picture.Pieces(own.Select(level => new CoordinateLine(Own(level), Pooled(level))), Inks.Quiet, 1.1f);
        picture.Points(own.Select(Own), MarkerShape.OpenSquare, 7, Inks.Data);
        picture.Points(table.Levels.Select(Pooled), MarkerShape.FilledCircle, 7, Inks.Model);
        picture.Points([centre], MarkerShape.Cross, 13, Inks.Population, 2.4f);
        NotePlaces places = new(picture, own.Select(Own).Concat(table.Levels.Select(Pooled)).Append(centre));
        foreach (var level in own.OrderByDescending(Distance).Take(MostNamed))
            places.Beside(Own(level), Picture.Short(KeyText.Printed(KeyText.Of(level.Key)), 18), Inks.Text);
        foreach (var (probability, points) in contours)
            places.On(points, Percent(probability), Inks.Quiet);

        picture.Key("own estimate (no pooling)", MarkerShape.OpenSquare, Inks.Data);
        picture.Key("pooled", MarkerShape.FilledCircle, Inks.Model);
        picture.Key("population mean", MarkerShape.Cross, Inks.Population, 11);
        if (contours.Count > 0)
            picture.KeyLine($"population: {string.Join(", ", Contours.Select(Percent))} % inside", Inks.Quiet, 1.2f, Inks.Dashed);
        picture.Alternative = string.Create(
            CultureInfo.InvariantCulture,
            $"{table.Levels.Length} levels of {group.Name}: {table.Terms[x]} against {table.Terms[y]}. A line joins each level's own estimate to its "
                + $"pooled one. The population mean is {centre.X:G4}, {centre.Y:G4}. ")
            + (contours.Count > 0
                ? "Five contours show the distribution of levels."
                : "An sd of the population is 0, so its distribution has no contours.");
        return picture.Done();

        Coordinates Own(LevelShrinkage<TKey> level) => new(level.NoPooling!.Value[x], level.NoPooling!.Value[y]);

        Coordinates Pooled(LevelShrinkage<TKey> level) => new(level.PartialPooling[x], level.PartialPooling[y]);

        double Distance(LevelShrinkage<TKey> level)
        {
            var (from, to) = (Pooled(level), Own(level));
            var (dx, dy) = ((to.X - from.X) / byLevel.Sd(table.Terms[x]).Mean, (to.Y - from.Y) / byLevel.Sd(table.Terms[y]).Mean);
            return double.IsFinite(dx + dy) ? dx * dx + dy * dy : 0;
        }
    }

    // An ellipse at mean + sqrt(-2 log(1 - p)) L (cos, sin), L the Cholesky factor of the covariance.
    private static List<(double Probability, Coordinates[] Points)> AddContours(
        Picture picture, Coordinates centre, double sdX, double sdY, double correlation)
    {
        List<(double, Coordinates[])> contours = [];
        if (!(sdX > 0) || !(sdY > 0))
            return contours;
        var rest = Math.Sqrt(Math.Max(0, 1 - correlation * correlation));
        foreach (var probability in Contours)
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - probability));
            var points = Enumerable.Range(0, ContourPoints + 1).Select(i => At(radius, 2 * Math.PI * i / ContourPoints)).ToArray();
            picture.Curve(points, Inks.Quiet, 1.2f, Inks.Dashed);
            contours.Add((probability, points));
        }

        return contours;

        Coordinates At(double radius, double angle)
        {
            var (u, v) = (radius * Math.Cos(angle), radius * Math.Sin(angle));
            return new(centre.X + sdX * u, centre.Y + sdY * (correlation * u + rest * v));
        }
    }

    private static double Correlation<TRow>(Fit<TRow> fit, string factor, string term, string other) => fit.Table.Rows
        .Where(row => row.Parameter is { Kind: ParameterKind.VaryingCorrelation } parameter && parameter.Factor == factor
            && ((parameter.Term == term && parameter.OtherTerm == other) || (parameter.Term == other && parameter.OtherTerm == term)))
        .Select(row => row.Mean).DefaultIfEmpty(0).First();

    private static string Percent(double probability) => (100 * probability).ToString("0", CultureInfo.InvariantCulture);
}

using ScottPlot;

namespace TypedPooling.Plots.Pictures;

/// <summary>Finds places for small texts where they cover neither points nor each other nor leave the axes; a text without such a place is left
/// out.</summary>
internal sealed class NotePlaces
{
    // What the axes, their titles and the key take of a picture, and the size of letters, in pixels.
    private const double BesideAxes = 85;
    private const double AboveAndBelow = 135;
    private const double LetterWidth = 6.3;
    private const double LineHeight = 13;
    private const double Away = 7;

    private readonly Picture picture;
    private readonly double perX;
    private readonly double perY;
    private readonly (double X, double Y)[] points;
    private readonly (double Width, double Height) area;
    private readonly AxisLimits limits;
    private readonly List<(double Left, double Right, double Bottom, double Top)> taken = [];

    /// <param name="picture">The picture; its axes are set to hold all that was added to it.</param>
    /// <param name="points">Points that stay free.</param>
    public NotePlaces(Picture picture, IEnumerable<Coordinates> points)
    {
        this.picture = picture;
        picture.Axes.AutoScale();
        limits = picture.Axes.GetLimits();
        area = (picture.Size.Width - BesideAxes, picture.Size.Height - AboveAndBelow);
        (perX, perY) = (area.Width / limits.HorizontalSpan, area.Height / limits.VerticalSpan);
        this.points = [.. points.Select(Pixel)];
    }

    /// <summary>Puts a text beside a point, on the right, the left, above or below.</summary>
    public void Beside(Coordinates at, string text, Color ink)
    {
        var (x, y) = Pixel(at);
        var half = text.Length * LetterWidth / 2;
        foreach (var (dx, dy, alignment) in new (double, double, Alignment)[]
        {
            (Away + half, 0, Alignment.MiddleLeft), (-Away - half, 0, Alignment.MiddleRight), (0, Away + LineHeight / 2, Alignment.LowerCenter),
            (0, -Away - LineHeight / 2, Alignment.UpperCenter),
        })
        {
            if (!IsFree(x + dx, y + dy, half))
                continue;
            picture.Note(text, at, ink, alignment, Math.Sign(dx) * (float)Away, -Math.Sign(dy) * (float)Away);
            return;
        }
    }

    /// <summary>Puts a text on a curve, where it is farthest from all points.</summary>
    public void On(IReadOnlyList<Coordinates> curve, string text, Color ink)
    {
        var half = text.Length * LetterWidth / 2;
        var free = curve.Select(at => (At: at, Place: Pixel(at))).Where(c => IsAlone(c.Place.X, c.Place.Y, half)).ToArray();
        if (free.Length == 0)
            return;
        var best = free.MaxBy(c => points.Min(p => (p.X - c.Place.X) * (p.X - c.Place.X) + (p.Y - c.Place.Y) * (p.Y - c.Place.Y))
            + 0.2 * c.Place.X * Math.Abs(c.Place.X));
        taken.Add(Box(best.Place.X, best.Place.Y, half));
        picture.Note(text, best.At, ink);
    }

    private static (double Left, double Right, double Bottom, double Top) Box(double x, double y, double half) =>
        (x - half - 2, x + half + 2, y - LineHeight / 2, y + LineHeight / 2);

    private (double X, double Y) Pixel(Coordinates at) => ((at.X - limits.Left) * perX, (at.Y - limits.Bottom) * perY);

    private bool IsFree(double x, double y, double half)
    {
        if (!IsAlone(x, y, half))
            return false;
        taken.Add(Box(x, y, half));
        return true;
    }

    private bool IsAlone(double x, double y, double half)
    {
        var box = Box(x, y, half);
        return box is { Left: > 0, Bottom: > 0 } && box.Right < area.Width && box.Top < area.Height
            && !points.Any(p => p.X > box.Left - 4 && p.X < box.Right + 4 && p.Y > box.Bottom - 4 && p.Y < box.Top + 4)
            && !taken.Any(other => other.Left < box.Right && other.Right > box.Left && other.Bottom < box.Top && other.Top > box.Bottom);
    }
}

using System.Text;
using SkiaSharp;

namespace TypedPooling.Plots.Pictures;

/// <summary>The letters of pictures. A font of this assembly has Latin, Greek and Cyrillic, so that pictures need no installed font and look alike
/// everywhere; other letters come from an installed font where one has them.</summary>
internal static class PictureFont
{
    private const string Resource = "TypedPooling.Plots.Fonts.DejaVuSans.subset.ttf";

    private static readonly Lazy<SKTypeface> Own = new(() =>
    {
        using var stream = typeof(PictureFont).Assembly.GetManifestResourceStream(Resource)!;
        using var data = SKData.Create(stream);
        return SKTypeface.FromData(data);
    });

    /// <summary>The font of this assembly.</summary>
    public static SKTypeface Embedded => Own.Value;

    /// <summary>A font for texts: the one of this assembly where it has all their letters, otherwise the installed one that lacks fewest.</summary>
    public static SKTypeface For(IEnumerable<string> texts)
    {
        var letters = texts.SelectMany(text => text.EnumerateRunes()).Where(rune => !Rune.IsControl(rune)).Select(rune => rune.Value).ToHashSet();
        int[] missing = [.. letters.Where(letter => !Has(Embedded, letter))];
        if (missing.Length == 0)
            return Embedded;
        var (best, fewest) = (Embedded, missing.Length);
        foreach (var letter in missing.Take(16))
        {
            var installed = SKFontManager.Default.MatchCharacter(letter);
            if (installed is null)
                continue;
            var lacking = letters.Count(other => !Has(installed, other));
            if (lacking < fewest)
                (best, fewest) = (installed, lacking);
        }

        return best;
    }

    private static bool Has(SKTypeface typeface, int letter) => typeface.GetGlyph(letter) != 0;
}

using System.Globalization;

namespace TypedPooling.Samples.ScoringService;

/// <summary>Where the service keeps its data and its fit: a folder with the files <c>7.data</c> and <c>7.fit</c> of version 7.</summary>
/// <remarks>A version is there once its fit is: that file comes last, by a renaming. So a service that ends while it saves starts with the version
/// before.</remarks>
public sealed class ScorerStore(ScorerSettings settings)
{
    /// <summary>The last version that was saved; null where there is none.</summary>
    public Scorer? Load()
    {
        if (!Directory.Exists(settings.Folder) || Versions().DefaultIfEmpty(0).Max() is not (> 0 and var version))
            return null;
        var data = WaitModel.Model.LoadData(PathOf(version, "data"));
        return new(version, data, WaitModel.Model.LoadFit(PathOf(version, "fit")));
    }

    /// <summary>Saves data and as many draws of the fit as scores are made of.</summary>
    /// <param name="version">Number of the version.</param>
    /// <param name="data">The data.</param>
    /// <param name="fit">The fit.</param>
    /// <param name="isWanted">Asked once, just before the version is there: false takes it back.</param>
    /// <exception cref="OperationCanceledException">It was not wanted any more.</exception>
    public void Save(int version, ModelData<Visit> data, NormalFit<Visit> fit, Func<bool> isWanted)
    {
        Directory.CreateDirectory(settings.Folder);
        var unfinished = PathOf(version, "unfinished");
        data.Save(PathOf(version, "data"));
        fit.Thin(Math.Min(settings.ScorerDraws, fit.Posterior.DrawCount)).Save(unfinished);
        if (!isWanted())
        {
            File.Delete(unfinished);
            File.Delete(PathOf(version, "data"));
            throw new OperationCanceledException("The version was cancelled while it was saved.");
        }

        File.Move(unfinished, PathOf(version, "fit"), overwrite: true);
        foreach (var old in Versions().Where(old => old < version))
        {
            File.Delete(PathOf(old, "fit"));
            File.Delete(PathOf(old, "data"));
        }
    }

    /// <summary>Removes what a service that ended while it saved has left. Files of other names are somebody's own.</summary>
    public void RemoveUnfinished()
    {
        if (!Directory.Exists(settings.Folder))
            return;
        foreach (var path in Directory.EnumerateFiles(settings.Folder, "*.unfinished*"))
        {
            if (int.TryParse(Path.GetFileName(path).Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out _))
                File.Delete(path);
        }
    }

    private string PathOf(int version, string kind) => Path.Combine(settings.Folder, string.Create(CultureInfo.InvariantCulture, $"{version}.{kind}"));

    // Files of other names are somebody's own.
    private int[] Versions() => [.. Directory.EnumerateFiles(settings.Folder, "*.fit")
        .Select(path => int.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var own) ? own : 0)
        .Where(version => version > 0)];
}

using TypedPooling.Engines;
using TypedPooling.Model;

namespace TypedPooling.Tests.Reference;

/// <summary>A model of crossed_runs.csv.</summary>
/// <param name="Spec">The model, for asking engines whether they fit it.</param>
/// <param name="Fit">Fits it to its data.</param>
internal sealed record CrossedModel(ModelSpec Spec, Func<INormalEngine, RunOptions, StanFit> Fit);

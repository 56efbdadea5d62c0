using System.Collections.Immutable;
using TypedPooling.Draws;

namespace TypedPooling.Samples.ScoringService;

/// <summary>The answer of GET /fit.</summary>
public sealed record FitResponse(int Version, long Rows, int Cafes, string Engine, SummaryTable Table, ImmutableArray<FitWarning> Warnings);

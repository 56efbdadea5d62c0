namespace TypedPooling.Inference.Sampling.Importance;

/// <summary>What leaving one observation out gives.</summary>
/// <param name="Elpd">Log predictive density of the observation given all others, in natural log units.</param>
/// <param name="Parameters">Log predictive density given all observations less <paramref name="Elpd"/>: how much the fit owes to having seen
/// it.</param>
/// <param name="Mcse">Monte-Carlo standard error of <paramref name="Elpd"/>; without meaning where k-hat is large.</param>
/// <param name="ParetoK">Pareto k-hat of the importance ratios.</param>
internal readonly record struct LeaveOneOutTerm(double Elpd, double Parameters, double Mcse, double ParetoK);

namespace TypedPooling.Engines;

/// <summary>An engine that maximises the likelihood of models of every family. One type says both, so that a call with such an engine has one best
/// overload.</summary>
public interface ICellLikelihoodEngine : IEngine, ILikelihoodEngine;

namespace TypedPooling;

/// <summary>A prior on the correlation matrix of the varying effects of one grouping factor.</summary>
public interface ICorrelationPrior : IPrior;

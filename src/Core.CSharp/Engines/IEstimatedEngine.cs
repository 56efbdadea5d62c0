using TypedPooling.Data;

namespace TypedPooling.Engines;

/// <summary>An engine that can say beforehand what a fit would cost, so that the cheapest of several can be chosen.</summary>
public interface IEstimatedEngine : INormalEngine
{
    /// <summary>What a fit would cost.</summary>
    /// <param name="model">A model the engine supports, with its data; not changed.</param>
    /// <param name="options">Chains and draws.</param>
    /// <returns>Arithmetic operations for as many effective draws as the options ask for, to a factor of some three; infinite where the model is too
    /// large for the engine. A small part of the cost itself.</returns>
    double EstimateCost(NormalBoundModel model, RunOptions options);
}

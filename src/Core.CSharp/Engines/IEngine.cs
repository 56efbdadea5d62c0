using TypedPooling.Data;
using TypedPooling.Draws;

namespace TypedPooling.Engines;

/// <summary>An engine that fits models of every family. It fits Normal ones too, hence the inheritance.</summary>
public interface IEngine : INormalEngine
{
    /// <summary>Fits a model of any family.</summary>
    /// <param name="model">The model with its data; not changed.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation.</param>
    /// <returns>The posterior.</returns>
    /// <exception cref="ModelException">The engine refuses the model, or its posterior is improper.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled before it had anything to return.</exception>
    Posterior Run(BoundModel model, RunOptions options);
}

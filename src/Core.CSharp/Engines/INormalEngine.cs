using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Model;

namespace TypedPooling.Engines;

/// <summary>An engine that fits models with a Normal response, from sums.</summary>
public interface INormalEngine
{
    /// <summary>Name of the engine as users know it.</summary>
    string Name { get; }

    /// <summary>Whether the engine can fit a model; looks at the model only and computes nothing.</summary>
    /// <param name="spec">The model; priors may still be undecided.</param>
    /// <returns>Yes with exactness, or no with every reason at once.</returns>
    Support Supports(ModelSpec spec);

    /// <summary>Checks the settings of the engine itself, such as its tolerance: asked before rows are read. Without settings there is nothing to
    /// check.</summary>
    /// <exception cref="ModelException">A setting is out of range; all that are get named.</exception>
    void Validate()
    {
    }

    /// <summary>Fits a model with a Normal response.</summary>
    /// <param name="model">The model with its data; not changed.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation.</param>
    /// <returns>The posterior.</returns>
    /// <exception cref="ModelException">The engine refuses the model, or its posterior is improper.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled before it had anything to return.</exception>
    Posterior RunNormal(NormalBoundModel model, RunOptions options);
}

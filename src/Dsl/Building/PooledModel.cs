using TypedPooling.Building;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>Where a model begins.</summary>
public static class PooledModel
{
    /// <summary>Begins a model over rows of a type; choosing the response comes next.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <returns>A builder whose verbs choose a response.</returns>
    public static ModelBuilder<TRow> Of<TRow>() => new();
}

/// <summary>A multilevel model over rows of a type, whatever its response. Immutable.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
public abstract class PooledModel<TRow>
{
    private protected PooledModel(ModelDeclaration declaration) => Lowered = LoweredModel.Of(declaration);

    /// <summary>The model with nothing of the row type in it and without data: open priors are null, and one column stands for all levels of a categorical predictor.</summary>
    public ModelSpec Spec => Lowered.Spec;

    internal LoweredModel Lowered { get; }

    /// <summary>The model as mathematics, see <see cref="ModelPrinter"/>.</summary>
    public override string ToString() => Spec.ToString();
}

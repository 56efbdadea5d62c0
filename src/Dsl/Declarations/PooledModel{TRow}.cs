using TypedPooling.Declarations;
using TypedPooling.Engines;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>A multilevel model over rows of a type, whatever its response. Immutable.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>Thread-safe: any number of threads may extend, print and fit one model at once, if its selectors may run at once.</remarks>
public abstract class PooledModel<TRow>
{
    private protected PooledModel(ModelDeclaration declaration) => Lowered = LoweredModel.Of(declaration);

    /// <summary>The model with nothing of the row type in it and without data: open priors are null, and one column stands for all levels of a
    /// categorical predictor.</summary>
    public ModelSpec Spec => Lowered.Spec;

    internal LoweredModel Lowered { get; }

    /// <summary>The options of a run, refused before any row is read where one is out of range.</summary>
    private protected static RunOptions Usable(RunOptions? options) => (options ?? RunOptions.Default).Validated();

    /// <summary>The options of a run by given engines, refused before any row is read where one, or a setting of an engine, is out of
    /// range.</summary>
    private protected static RunOptions Usable(RunOptions? options, params IEnumerable<INormalEngine> engines)
    {
        foreach (var engine in engines ?? [])
            engine?.Validate();
        return Usable(options);
    }

    /// <summary>The model as mathematics in MathML, for web pages and documents: the lines of <see cref="ToString"/>, Greek letters and subscripts
    /// set as such.</summary>
    /// <returns>One element <c>math</c> of presentation MathML Core. Names are text in it, with markup escaped.</returns>
    /// <remarks>Source: [MathMLCore].</remarks>
    public string ToMathML() => Spec.ToMathML();

    /// <summary>The model as mathematics: one line a distribution or definition, aligned.</summary>
    public override string ToString() => Spec.ToString();
}

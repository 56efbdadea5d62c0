using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>A fit whatever its rows.</summary>
internal interface IWholeFit
{
    /// <summary>Type of its rows.</summary>
    Type RowType { get; }

    /// <summary>The model as it was declared, with its selectors.</summary>
    LoweredModel Declared { get; }

    /// <summary>The model as it was fitted.</summary>
    ModelSpec Spec { get; }

    /// <summary>The model with its data.</summary>
    BoundModel Bound { get; }
}

using System.Collections.Immutable;
using TypedPooling.Draws;

namespace TypedPooling.Inference.Posteriors;

/// <summary>A block whose draws are made when one is read.</summary>
internal sealed class DeferredBlock(ImmutableArray<Parameter> parameters, int count, Func<DrawBlock> made) : DrawBlock
{
    public override int ParameterCount => parameters.Length;

    public override int DrawCount => count;

    public override Parameter Parameter(int index) => parameters[index];

    public override void CopyDraws(int index, Span<double> destination) => made().CopyDraws(index, destination);
}

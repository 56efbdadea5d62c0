using System.Runtime.CompilerServices;

namespace TypedPooling.Inference.MaximumLikelihood;

// Derivatives at the modes of the last evaluation.
internal sealed partial class LaplaceLikelihood
{
    private void OnShapes(int first, ReadOnlySpan<double> at, Span<double> value, Span<double> slope, Span<double> weight) =>
        curve.OnShapeFromAnchors(
            system.Anchors.AsSpan(first, at.Length),
            at,
            system.Responses.AsSpan(first, at.Length),
            system.Sizes.AsSpan(first, at.Length),
            modes.Scales,
            value,
            slope,
            weight);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Differentiate(int block)
    {
        var v = modes.Of(block);
        var (first, last) = plan.CellsOf(block);
        if (hasShape)
            OnShapes(
                first,
                modes.Predictors.AsSpan(first..last),
                onValues.AsSpan(first..last),
                onSlopes.AsSpan(first..last),
                onWeights.AsSpan(first..last));
        if (quadrature is null)
            inverse.Compute(block);
        var (firstLeaf, lastLeaf) = plan.LeavesOf(block);
        for (var leaf = firstLeaf; leaf < lastLeaf; leaf++)
            AddLeverages(leaf, plan.LeafCells[leaf], plan.LeafCells[leaf + 1]);
        if (factorCount == 0)
        {
            // Without effects nothing has leverage.
            modes.Slopes.CopyTo(moved, 0);
            for (var i = 0; hasShape && i < moved.Length; i++)
                onShape += onValues[i];
            return;
        }

        // t = A^-1 (sum c_i b_i - f'), f' = sum l'_i b_i - v what rounding leaves of it at the mode, or E[f'] over the nodes.
        for (var a = 0; a < movement.Length; a++)
            movement[a] = quadrature is null ? v[a] : -quadrature.Gradient[a];
        squares.AddTransposed(block, pulls, movement);
        squares.Solve(block, movement);
        for (var leaf = firstLeaf; leaf < lastLeaf; leaf++)
            AddMovement(v, plan.LeafCells[leaf], plan.LeafCells[leaf + 1]);
    }

    // h_i and what it is part of: l' - c, the first part of the shape's derivative, and -w_i z_ia (A^-1 b_i)_b.
    private void AddLeverages(int leaf, int first, int last)
    {
        for (var i = first; i < last; i++)
        {
            var b = Spherical(i);
            if (quadrature is null)
                inverse.Times(i, leaf, solved);
            else
                quadrature.Apply(b, solved);
            var h = 0.0;
            for (var a = 0; a < b.Length; a++)
                h += b[a] * solved[a];
            var c = 0.5 * modes.WeightSlopes[i] * h;
            pulls[i] = quadrature is null ? c - modes.Slopes[i] : c;
            moved[i] = (quadrature is null ? modes.Slopes[i] : quadrature.Slopes[i]) - c;
            if (hasShape)
                onShape += (quadrature is null ? onValues[i] : quadrature.OnShape[i]) - 0.5 * h * onWeights[i];
            var weight = modes.Weights[i];
            for (var (k, at) = (0, 0); k < factorCount; k++)
            {
                var q = system.TermCounts[k];
                var onLambda = turned.OnRoots[k];
                for (var a = 0; a < q; a++)
                {
                    var z = weight * system.Varying[i * width + at + a];
                    var end = turned.IsTurned[k] ? q : a + 1;
                    for (var d = 0; d < end; d++)
                        onLambda[a * q + d] -= z * solved[at + d];
                }

                at += q;
            }
        }
    }

    private void AddMovement(ReadOnlySpan<double> v, int first, int last)
    {
        for (var i = first; i < last; i++)
        {
            var r = squares.Along(i, movement);
            moved[i] += modes.Weights[i] * r;
            if (hasShape)
                onShape -= r * onSlopes[i];
            for (var (k, at) = (0, 0); k < factorCount; k++)
            {
                var q = system.TermCounts[k];
                var place = system.Places.Effects[i * factorCount + k];
                var onLambda = turned.OnRoots[k];
                for (var a = 0; a < q; a++)
                {
                    var z = system.Varying[i * width + at + a];
                    var end = turned.IsTurned[k] ? q : a + 1;
                    for (var b = 0; b < end; b++)
                    {
                        var own = v[place + b] * moved[i] - movement[place + b] * modes.Slopes[i];
                        if (quadrature is not null)
                            own += quadrature.Products[i * width + b] - v[b] * quadrature.Slopes[i];
                        onLambda[a * q + b] += z * own;
                    }
                }

                at += q;
            }
        }
    }
}

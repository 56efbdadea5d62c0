using System.Runtime.CompilerServices;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Hierarchy.CrossedFactors;

// What the classes of the eliminated levels add to M and its target.
internal sealed partial class CrossedWorkspace
{
    // Factorises every class, adds J T'T and T'L^-1 sum y / sigma. Gives -sum J log |L|.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double ReduceClasses(double inverse, double floor)
    {
        var log = 0.0;
        ReadOnlySpan<double> lambda = system.Eliminated < 0 ? [] : pivoted[system.Eliminated];
        Span<double> whitenedMean = q <= 64 ? stackalloc double[q] : new double[q];
        for (var c = 0; c < classes.Count; c++)
        {
            var l = cholesky.AsSpan(c * q * q, q * q);
            UnitPlusSquare.Factorise(classes.Rows.AsSpan(c * q * q, q * q), lambda, 1, floor, design.AsSpan(c * q * q, q * q), l, q);
            var product = 1.0;
            for (var a = 0; a < q; a++)
                product *= l[a * q + a];
            double size = classes.Sizes[c];
            log += size * Math.Log(product);

            var start = classes.Start[c];
            var d = classes.Start[c + 1] - start;
            var whitenedRows = whitened.AsSpan(start * q, q * d);
            var transformedRows = transformed.AsSpan(start * q, q * d);
            classes.RestRows.AsSpan(start * q, q * d).CopyTo(whitenedRows);
            SmallCholesky.SolveLowerRows(l, whitenedRows, q);
            means.AsSpan(c * q, q).CopyTo(whitenedMean);
            SmallCholesky.SolveLower(l, whitenedMean, q);
            for (var a = 0; a < q; a++)
            {
                TransformRow(whitenedRows.Slice(a * d, d), transformedRows.Slice(a * d, d), c, inverse);
                AddTarget(transformedRows.Slice(a * d, d), c, size * inverse * whitenedMean[a]);
            }
        }

        AddClasses();
        return log;
    }

    // The same for draws of one term and beta: only B, L and what classes add to M and its target. Gives 0, for draws need no determinant.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double ReduceLevels(double inverse)
    {
        var lambda = pivoted[system.Eliminated][0];
        var precision = inverse * inverse;
        var values = Matrix.Values;
        ReadOnlySpan<double> z = classes.Rows;
        ReadOnlySpan<double> x = classes.RestRows;
        for (var c = 0; c < z.Length; c++)
        {
            var b = z[c] * lambda;
            var share = 1 / (1 + b * b);
            (design[c], cholesky[c]) = (b, Math.Sqrt(share));
            share *= precision;
            var row = x.Slice(c * integrated, integrated);
            for (var a = 0; a < row.Length; a++)
            {
                var weight = share * row[a];
                Mean[a] += weight * means[c] * classes.Sizes[c];
                weight *= classes.Sizes[c];
                for (var e = 0; e <= a; e++)
                    values[a * row.Length + e] += weight * row[e];
            }
        }

        return 0;
    }

    // Mean += weight row
    private void AddTarget(ReadOnlySpan<double> row, int c, double weight)
    {
        var coordinates = classes.Coordinates.AsSpan(classes.Start[c], row.Length);
        for (var a = 0; a < row.Length; a++)
            Mean[coordinates[a]] += weight * row[a];
    }

    // A row of F times D.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TransformRow(ReadOnlySpan<double> row, Span<double> result, int c, double inverse)
    {
        row.CopyTo(result);
        foreach (var (k, at) in classes.Links[c])
        {
            var lambda = pivoted[k];
            if (lambda.Length == 1)
            {
                result[at] *= lambda[0];
                continue;
            }

            var r = system.Factors[k].TermCount;
            SmallBlocks.RightMultiply(result.Slice(at, r), lambda, r);
        }

        foreach (ref var value in result[^integrated..])
            value *= inverse;
    }

    // M += size row row' of every class. Where all is dense, a part of the rows of M at a time: they stay in cache, and parts touch nothing of each
    // other.
    private void AddClasses()
    {
        var isDense = layout.Panels.Length == 0;
        SharedWork.For(isDense && order >= 4 * RowsOfPart ? Threads : 1, isDense ? (order + RowsOfPart - 1) / RowsOfPart : 1, addPart);
    }

    private void AddPart(int part)
    {
        var (first, end) = layout.Panels.Length == 0 ? (part * RowsOfPart, (part + 1) * RowsOfPart) : (0, order);
        for (var c = 0; c < classes.Count; c++)
        {
            var rows = transformed.AsSpan((classes.Start[c] * q)..(classes.Start[c + 1] * q));
            system.Pairs.AddProducts(c, rows, q, classes.Sizes[c], Matrix.Values, first, end);
        }
    }
}

using System.Runtime.CompilerServices;
using TypedPooling.Inference.Numerics;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Hierarchy.CrossedFactors;

// Draws from the conditional of the last solution: beta~, then the rest given it, then the eliminated levels given both.
internal sealed partial class CrossedWorkspace
{
    /// <summary>Sets the responses in place of the system's, in pseudo-rows: what other coefficients leave of them. For draws only: the
    /// scatter within classes stays that of the system, so values of the density mean nothing afterwards.</summary>
    /// <param name="levels">y_j of the eliminated levels; kept, not copied. Length J q.</param>
    /// <param name="pooled">Columns of x times y over the pooled rows. Length: the order of the layout.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void TakeResponses(double[] levels, ReadOnlySpan<double> pooled)
    {
        if (ReferenceEquals(classMeans, classes.Means))
            (classMeans, pooledTarget) = (new double[means.Length], new double[order]);
        responses = levels;
        pooled.CopyTo(pooledTarget);
        Array.Clear(classMeans);
        for (var j = 0; j < classes.ClassOf.Length; j++)
        {
            var c = classes.ClassOf[j];
            for (var a = 0; a < q; a++)
                classMeans[c * q + a] += levels[j * q + a];
        }

        for (var c = 0; c < classes.Count; c++)
        {
            for (var a = 0; a < q && classes.Sizes[c] > 1; a++)
                classMeans[c * q + a] /= classes.Sizes[c];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void DrawPopulation(Span<double> normals)
    {
        // beta~ comes last, so its marginal precision is the last block of the Cholesky factor.
        var denseOrder = layout.DenseOrder;
        var dense = Matrix.DenseCholesky;
        for (var a = integrated - 1; a >= 0; a--)
        {
            var sum = normals[a];
            for (var c = a + 1; c < integrated; c++)
                sum -= dense[(denseOrder - integrated + c) * denseOrder + denseOrder - integrated + a] * normals[c];
            normals[a] = sum * dense[(denseOrder - integrated + a) * denseOrder + denseOrder - integrated + a];
        }

        for (var a = 0; a < integrated; a++)
            normals[a] += Mean[varying + a];
        Joined.CopyTo(normals[integrated..]);
    }

    public override void DrawRest(ReadOnlySpan<double> population, Span<double> effects)
    {
        DrawSpherical(population, effects);
        for (var a = 0; a < varying; a++)
            effects[a] = sigma * scaled[a];
    }

    // With D the scales and L L' the precision, |L^-1 D'w|^2 sigma^2; beta~ comes last, so what it adds are the last elements.
    public override double Variance(Span<double> weights, bool givenPopulation)
    {
        ScaleTransposed(weights, 1 / sigma);
        Matrix.SolveLower(weights);
        var own = weights[..^(givenPopulation ? integrated : 0)];
        return sigma * sigma * DenseRows.Dot(own, own);
    }

    /// <summary>Draws the spherical effects of the rest given beta~.</summary>
    /// <param name="population">beta~, as the last solution allows. At least the integrated effects.</param>
    /// <param name="effects">Standard normals in; v out. Length: varying effects of the rest.</param>
    public void DrawSpherical(ReadOnlySpan<double> population, Span<double> effects)
    {
        effects.CopyTo(onRest);
        for (var a = 0; a < integrated; a++)
            onRest[varying + a] = population[a] - Mean[varying + a];
        Matrix.SolveUpper(onRest, integrated);
        for (var a = 0; a < varying; a++)
            onRest[a] += Mean[a];
        Scale(onRest, scaled, 1);
        onRest.AsSpan(0, varying).CopyTo(effects);
        for (var a = 0; a < integrated; a++)
            scaled[varying + a] = population[a] / sigma;
    }

    /// <summary>Draws the spherical effects of all eliminated levels given the rest drawn last, with no joined effects: v = z + B'V^-1 (r - B z - e),
    /// z and e standard normal, as in <see cref="GaussianSystem.LevelConditional"/>; of one term with one normal number.</summary>
    /// <param name="stream">Randomness; null for the mean.</param>
    /// <param name="effects">Overwritten. Length J q.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void DrawLevels(PhiloxStream? stream, Span<double> effects)
    {
        var inverse = 1 / sigma;
        Span<double> residual = q <= 64 ? stackalloc double[q] : new double[q];
        for (var j = 0; j < effects.Length / Math.Max(1, q); j++)
        {
            var c = classes.ClassOf[j];
            var start = classes.Start[c];
            var coordinates = classes.Coordinates.AsSpan(start, classes.Start[c + 1] - start);
            if (q == 1)
            {
                // B'V^-1 r and 1 / (1 + B^2)
                var l = cholesky[c];
                var mean = responses[j] * inverse - Predict(classes.RestRows.AsSpan(start, coordinates.Length), coordinates);
                mean *= design[c] * l * l;
                effects[j] = stream is null ? mean : mean + stream.NextNormal() * l;
                continue;
            }

            var b = design.AsSpan(c * q * q, q * q);
            var v = effects.Slice(j * q, q);
            for (var a = 0; a < q; a++)
                v[a] = stream?.NextNormal() ?? 0;
            for (var a = 0; a < q; a++)
            {
                var row = classes.RestRows.AsSpan(start * q + a * coordinates.Length, coordinates.Length);
                residual[a] = responses[j * q + a] * inverse - Predict(row, coordinates) - (stream?.NextNormal() ?? 0) - DenseRows.Dot(
                    b.Slice(a * q, q), v);
            }

            SmallCholesky.Solve(cholesky.AsSpan(c * q * q, q * q), residual, q);
            for (var a = 0; a < q; a++)
                DenseRows.AddScaled(b.Slice(a * q, q), residual[a], v);
        }
    }

    // A pseudo-row of the rest at its last draw, in units of sigma.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private double Predict(ReadOnlySpan<double> row, ReadOnlySpan<int> coordinates)
    {
        var sum = 0.0;
        if (row.Length == integrated)
        {
            var population = scaled.AsSpan(varying, row.Length);
            for (var i = 0; i < population.Length; i++)
                sum += row[i] * population[i];
            return sum;
        }

        for (var i = 0; i < row.Length; i++)
            sum += row[i] * scaled[coordinates[i]];
        return sum;
    }
}

using System.Runtime.CompilerServices;
using TypedPooling.Data;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Hierarchy.CellLikelihoods;

/// <summary>The cells of a model in the order of a plan: responses, and what linear predictors are made of. Immutable; shared by threads.</summary>
/// <remarks>
/// eta_i = anchor_i + known_i + x_i'beta~ + b_i'v with b_i = Lambda'z_i over all factors. Predictors are distances from the cells' anchors
/// (<see cref="ICurve.Anchor"/>), so that no value holds a large constant. Which population effects beta~ are, and from which origin the columns z
/// are measured, is for who fills the columns.
/// </remarks>
internal class CellLayout
{
    /// <summary>Sorts the cells of a model; the columns are for the caller to fill.</summary>
    /// <param name="model">The model.</param>
    /// <param name="plan">The plan of its cells.</param>
    /// <param name="populationCount">Number of estimated population effects p.</param>
    protected CellLayout(CellBoundModel model, CellPlan plan, int populationCount)
    {
        (Plan, Family, PopulationCount) = (plan, model.Family, populationCount);
        Places = new CellPlaces(plan, model.Cells.Levels);
        Responses = [.. plan.Order.Select(cell => model.Cells.Responses[cell])];
        Sizes = [.. plan.Order.Select(cell => model.Cells.Sizes[cell])];
        Anchors = new double[Count];
        Family.Curve.Anchors(Responses, Sizes, Anchors);
        Known = new double[Count];
        Population = new double[Count * populationCount];
        Varying = new double[Count * plan.Width];
    }

    /// <summary>The same cells with other population columns.</summary>
    /// <param name="other">The cells.</param>
    protected CellLayout(CellLayout other)
    {
        (Plan, Places, Family, PopulationCount) = (other.Plan, other.Places, other.Family, other.PopulationCount);
        (Responses, Sizes, Anchors, Varying) = (other.Responses, other.Sizes, other.Anchors, other.Varying);
        Known = new double[Count];
        Population = new double[other.Population.Length];
    }

    private CellLayout(CellLayout all, int leaf)
    {
        var (first, last) = (all.Plan.LeafCells[leaf], all.Plan.LeafCells[leaf + 1]);
        (Family, PopulationCount) = (all.Family, all.PopulationCount);
        Plan = CellPlan.OfLeaf(last - first, all.Plan.LeafTermCount);
        Places = new CellPlaces(Plan, new int[last - first]);
        Responses = all.Responses[first..last];
        Sizes = all.Sizes[first..last];
        Anchors = all.Anchors[first..last];
        Known = all.Known[first..last];
        Population = all.Population[(first * PopulationCount)..(last * PopulationCount)];
        Varying = all.Varying[(first * Plan.Width)..(last * Plan.Width)];
    }

    /// <summary>Which effects meet, and the order of the cells.</summary>
    public CellPlan Plan { get; }

    /// <summary>Where each cell's numbers go.</summary>
    public CellPlaces Places { get; }

    /// <summary>The distribution of the response.</summary>
    public CellsFamily Family { get; }

    /// <summary>Number of cells C.</summary>
    public int Count => Responses.Length;

    /// <summary>Number of estimated population effects p.</summary>
    public int PopulationCount { get; }

    /// <summary>As <see cref="ResponseCells.Responses"/>. Length C.</summary>
    public double[] Responses { get; }

    /// <summary>As <see cref="ResponseCells.Sizes"/>. Length C.</summary>
    public double[] Sizes { get; }

    /// <summary>What predictors are measured from. Length C.</summary>
    public double[] Anchors { get; }

    /// <summary>The known parts of the predictors, less the anchors. Length C.</summary>
    public double[] Known { get; }

    /// <summary>x, C x p by rows.</summary>
    public double[] Population { get; }

    /// <summary>z, the varying columns of each cell, factor after factor.</summary>
    public double[] Varying { get; }

    /// <summary>One leaf's cells alone, of a model with one grouping factor.</summary>
    /// <returns>New, with copies of the leaf's numbers.</returns>
    public CellLayout Only(int leaf) => new(this, leaf);

    /// <summary>The predictors without varying effects, less the anchors.</summary>
    /// <param name="beta">beta~. Length p.</param>
    /// <param name="eta">Overwritten. Length C.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Predict(ReadOnlySpan<double> beta, Span<double> eta)
    {
        var p = beta.Length;
        for (var i = 0; i < eta.Length; i++)
        {
            var sum = Known[i];
            var own = Population.AsSpan(i * p, p);
            for (var e = 0; e < own.Length; e++)
                sum += own[e] * beta[e];
            eta[i] = sum;
        }
    }

    /// <summary>A factor's part of b: its columns times its Lambda.</summary>
    /// <param name="factor">Index of the factor.</param>
    /// <param name="lambda">Lambda, q x q by rows, lower triangular.</param>
    /// <param name="columns">b of all factors, cell after cell; the factor's part is overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Turn(int factor, ReadOnlySpan<double> lambda, Span<double> columns)
    {
        var (width, start, q) = (Plan.Width, Plan.Offsets[factor], Plan.TermCounts[factor]);
        ReadOnlySpan<double> z = Varying;
        if (q == 1)
        {
            var scale = lambda[0];
            for (var at = start; at < z.Length; at += width)
                columns[at] = z[at] * scale;
            return;
        }

        for (var at = start; at < z.Length; at += width)
        {
            for (var b = 0; b < q; b++)
            {
                var sum = 0.0;
                for (var a = b; a < q; a++)
                    sum += z[at + a] * lambda[a * q + b];
                columns[at + b] = sum;
            }
        }
    }
}

using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;
using TypedPooling.Randomness;
using TypedPooling.Responses;

namespace TypedPooling.Likelihood;

/// <summary>Refits of a model of cells by the rule of the fit, Laplace's approximation or quadrature. Searches begin at the estimates, or at the last
/// maximum found.</summary>
/// <remarks>
/// Where the sums of a cell have the family's own distribution (<see cref="CellsFamily.ClosesUnderSums"/>) they are drawn, and a replicate's time
/// does not depend on the number of rows. Elsewhere the rows of every cell are drawn and collapsed again.
/// </remarks>
internal sealed class CellRefits : LikelihoodRefits
{
    private readonly CellBoundModel model;
    private readonly int nodes;
    private readonly CellStart start;
    private readonly Lazy<CellPlan> plan;
    private readonly int scaleCount;

    /// <param name="model">The model and its cells.</param>
    /// <param name="point">The estimates.</param>
    /// <param name="nodes">Nodes of quadrature a dimension; 1 for Laplace's approximation.</param>
    public CellRefits(CellBoundModel model, PointEstimate point, int nodes)
        : base(model, point)
    {
        (this.model, this.nodes) = (model, nodes);
        start = CellStart.Of(model.Spec, point);
        plan = new(() => CellPlan.Of(model));
        scaleCount = new ScaleCoordinates(model.Spec).Parameters.Length;
    }

    public override Refit Held(ModelSpec spec, Refit? near, CancellationToken cancellation)
    {
        double[] population = [.. spec.Population.Select((term, t) => term.Prior?.FixedValue ?? (near?.Population[t] ?? Point.Population[t]))];
        return Fit(model.With(spec.WithoutPriors()), (near?.Place ?? start) with { Population = population }, plan.Value, cancellation);
    }

    public override Refit Simulated(PhiloxStream stream, CancellationToken cancellation)
    {
        var cells = Simulate(stream);
        return Fit(
            new CellBoundModel(model.Spec.WithoutPriors(), model.Levels, cells, model.DroppedRowCount),
            start,
            model.Family.ClosesUnderSums ? plan.Value : null,
            cancellation);
    }

    private Refit Fit(CellBoundModel of, CellStart from, CellPlan? known, CancellationToken cancellation)
    {
        var maximum = CellMaximum.Of(of, nodes, from, RunOptions.Default with { Threads = 1, Cancellation = cancellation }, known);
        var place = CellStart.Of(maximum, from.Population);
        var reported = maximum.Function.Reported();
        var coordinates = maximum.Coordinates;
        var isUnbounded = coordinates.HasShape && reported.Shape >= coordinates.ShapeLimit;
        return new(
            maximum.Convergence.Value,
            maximum.Convergence.IsConverged && maximum.Covariance is not null && !(isUnbounded && of.Family.FitsExactlyWithoutShapeLimit),
            isUnbounded || LikelihoodBoundary.Describe(of.Spec, reported).Count > 0,
            place.Population,
            LikelihoodPosterior.Scales(of.Spec, reported, scaleCount))
        { Place = place };
    }

    private ResponseCells Simulate(PhiloxStream stream)
    {
        var (cells, family) = (model.Cells, model.Family);
        var location = Predictors(stream);
        for (var i = 0; i < location.Length; i++)
            location[i] = InverseLink.Of(family.Link, location[i]);
        var scales = new ResponseScales(1, start.Shape);
        if (family.ClosesUnderSums)
        {
            var sums = new double[cells.Count];
            for (var i = 0; i < sums.Length; i++)
                sums[i] = Drawn(location[i], cells.Sizes[i], scales, stream);
            return cells.With(sums, family);
        }

        var (m, factorCount) = (cells.ColumnCount, cells.FactorCount);
        var builder = new ResponseCellsBuilder(m, factorCount, family);
        for (var i = 0; i < cells.Count; i++)
        {
            for (var row = 0L; row < cells.Rows[i]; row++)
            {
                var response = Drawn(location[i], 1, scales, stream);
                builder.Add(
                    cells.Columns.Slice(i * m, m),
                    cells.Offsets[i],
                    cells.Levels.Slice(i * factorCount, factorCount),
                    response,
                    1,
                    family.LogConstant(response, 1),
                    family.Saturated(response, 1));
            }
        }

        return builder.Build();
    }

    private double Drawn(double location, double size, in ResponseScales scales, PhiloxStream stream)
    {
        var response = model.Family.Draw(location, size, scales, stream);
        return double.IsFinite(response) && model.Family.FaultOf(response, size) == ResponseFault.None
            ? response
            : throw new ModelException(new Problem(
                ProblemCode.NotIdentified,
                $"A response of '{model.Spec.Response.Name}' simulated at the estimates is too near the end of its range for double precision.",
                "Fit a model with fewer effects, or use another unit."));
    }

    private double[] Predictors(PhiloxStream stream)
    {
        var (cells, spec) = (model.Cells, model.Spec);
        var m = cells.ColumnCount;
        var eta = cells.Offsets.ToArray();
        for (var i = 0; i < eta.Length; i++)
        {
            for (var t = 0; t < spec.Population.Length; t++)
                eta[i] += Point.Population[t] * CellSystem.Value(cells.Columns.Slice(i * m, m), spec.Population[t].Column);
        }

        for (var k = 0; k < spec.Factors.Length; k++)
        {
            var (terms, effects) = (spec.Factors[k].Terms, DrawEffects(k, stream));
            for (var i = 0; i < eta.Length; i++)
            {
                var own = effects.AsSpan(cells.Levels[i * cells.FactorCount + k] * terms.Length, terms.Length);
                for (var a = 0; a < own.Length; a++)
                    eta[i] += own[a] * CellSystem.Value(cells.Columns.Slice(i * m, m), terms[a].Column);
            }
        }

        return eta;
    }
}

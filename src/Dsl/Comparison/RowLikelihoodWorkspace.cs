using TypedPooling.Binding;
using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>The log likelihood of a row in every draw of a fit, whatever its family. Used by one thread.</summary>
/// <remarks>
/// Given all parameters a row has the density of its family at eta = offset + x'beta + sum over factors of z_k'u_k (<see cref="RowDensity"/>). A row
/// that is the only one of a level has effects of its own: without the row they are as the prior has them. For the density of a row left out they are
/// integrated out: only their sum s ~ N(0, sum of z_k'Sigma_k z_k over the factors where the row is alone) matters, given beta, the scales and the
/// effects of other levels. O(S (p + q)) a row; a level's effects are made once while it is among those met last. All constants are in, the Jacobian
/// of a LogNormal response too.
/// </remarks>
internal sealed class RowLikelihoodWorkspace<TRow>
{
    private readonly int width;
    private readonly DrawPredictorWorkspace predictor;
    private readonly int[][]? numbers;                       // null where the posterior has the levels of the fit
    private readonly bool[][] isAlone;                       // by factor and level of the fit
    private readonly double[] variances;
    private readonly double[] eta;

    public RowLikelihoodWorkspace(Fit<TRow> fit)
        : this(fit, fit.Posterior, fit.LevelDraws)
    {
    }

    /// <param name="fit">How rows are read, and the model.</param>
    /// <param name="posterior">A posterior of its parameters, on the scale of the rows.</param>
    /// <param name="levels">Draws of its levels, which threads may share.</param>
    /// <param name="numbers">For each factor the number in the posterior of each level of the fit, -1 where it has none: its rows count as alone in
    /// it. Null where the levels are those of the fit.</param>
    public RowLikelihoodWorkspace(Fit<TRow> fit, Posterior posterior, LevelDraws levels, int[][]? numbers = null)
    {
        width = fit.Spec.Columns.Length;
        this.numbers = numbers;
        predictor = new(posterior, levels);
        Density = RowDensity.Of(posterior, fit.Rows.WeightKind);
        isAlone = [.. Enumerable.Range(0, fit.Spec.Factors.Length).Select(
            k => numbers is null ? fit.Bound.RowsByLevel(k).Select(count => count == 1).ToArray() : numbers[k].Select(at => at < 0).ToArray())];
        variances = new double[posterior.DrawCount];
        eta = new double[posterior.DrawCount];
    }

    /// <summary>The density of rows given their predictors.</summary>
    public RowDensity Density { get; }

    /// <summary>Number of rows that a row stands for.</summary>
    public long CountOf(RowDesign design, int row) => Density.CountOf(design, row);

    /// <summary>The response of a row itself.</summary>
    public double ResponseOf(RowDesign design, int row) => Density.ResponseOf(design, row);

    /// <summary>Whether a row is the only one of a level of some factor.</summary>
    public bool IsAlone(RowDesign design, int row)
    {
        for (var k = 0; k < isAlone.Length; k++)
        {
            if (isAlone[k][design.Levels[row * isAlone.Length + k]])
                return true;
        }

        return false;
    }

    /// <summary>Computes the log likelihood of one row (of one of those it stands for).</summary>
    /// <param name="design">Rows, every level known to the fit and to the posterior.</param>
    /// <param name="row">Number of the row in the design.</param>
    /// <param name="logLikelihood">Overwritten, a value a draw. Length S.</param>
    public void Compute(RowDesign design, int row, Span<double> logLikelihood)
    {
        Predict(design, row, isLeftOut: false);
        Density.Compute(design, row, eta, logLikelihood);
    }

    /// <summary>Computes the log likelihood of one row, the effects of levels in which it is alone integrated out: what leaving the row out weighs
    /// draws by.</summary>
    /// <param name="design">Rows, every level known to the fit.</param>
    /// <param name="row">Number of the row in the design.</param>
    /// <param name="logLikelihood">Overwritten, a value a draw. Length S.</param>
    public void ComputeLeftOut(RowDesign design, int row, Span<double> logLikelihood)
    {
        if (!IsAlone(design, row))
        {
            Compute(design, row, logLikelihood);
            return;
        }

        Predict(design, row, isLeftOut: true);
        Density.ComputeOver(design, row, eta, variances, logLikelihood);
    }

    // eta, and where the row is left out the variance of the effects that it alone has.
    private void Predict(RowDesign design, int row, bool isLeftOut)
    {
        var columns = design.Matrix.AsSpan(row * width, width);
        predictor.Begin(columns, design.Offsets[row], 0, eta);
        if (isLeftOut)
            Array.Clear(variances);
        for (var k = 0; k < isAlone.Length; k++)
        {
            var level = design.Levels[row * isAlone.Length + k];
            if (isLeftOut && isAlone[k][level])
                predictor.AddVariance(k, columns, variances);
            else
                predictor.AddEffects(k, numbers is null ? level : numbers[k][level], columns, 0, eta);
        }
    }
}

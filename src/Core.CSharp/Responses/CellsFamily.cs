namespace TypedPooling.Responses;

/// <summary>A response that is not normal: rows with equal columns, offset and levels are collapsed to cells, and the likelihood of a cell is a curve
/// of its linear predictor.</summary>
internal abstract class CellsFamily : Family
{
    // Of the mean: what rounding of logs and offsets leaves of a constant response.
    private const double RelativeTolerance = 1e-13;

    private protected CellsFamily(Link link, string? response = null)
        : base(link, response)
    {
    }

    /// <inheritdoc/>
    public sealed override bool IsNormal => false;

    /// <inheritdoc/>
    internal sealed override bool TakesLog => false;

    /// <summary>The curve of the linear predictor.</summary>
    public abstract ResponseCurve Curve { get; }

    /// <summary>True where the log likelihood of effects may have several modes however the data are, so that integrating about one of them means
    /// little.</summary>
    public abstract bool MayHaveSeveralModes { get; }

    /// <summary>True where an exposure is part of the offset, as its log, since rows of other exposures are no sum.</summary>
    public abstract bool ExposureIsOffset { get; }

    /// <summary>True where cells of rows of other rates keep what that loses: see <see cref="CellView.EventsGap"/>.</summary>
    public abstract bool HasGaps { get; }

    /// <summary>True where the sum of a cell's responses has the family's own distribution, of the sum of their sizes, and says all that the rows do:
    /// data are then simulated cell by cell.</summary>
    public abstract bool ClosesUnderSums { get; }

    /// <summary>What a row's log likelihood holds beside that of its cell.</summary>
    /// <param name="response">The row's response.</param>
    /// <param name="size">Its trials or exposure; 1 where it has none.</param>
    public abstract double LogConstant(double response, double size);

    /// <summary>The row's log likelihood where it expects just what it is; 0 where that depends on a shape.</summary>
    /// <param name="response">The row's response.</param>
    /// <param name="size">Its trials or exposure; 1 where it has none.</param>
    public abstract double Saturated(double response, double size);

    /// <summary>What is summed over rows as the log of the response; 0 where the family does not need it.</summary>
    /// <param name="response">The row's response.</param>
    public abstract double LogOf(double response);

    /// <summary>What a response alone says of its linear predictor; null for successes and events, of which a row may have none.</summary>
    /// <param name="response">The row's response.</param>
    public abstract double? OnPredictor(double response);

    /// <summary>Whether a cell keeps its linear predictor from minus infinity, and from infinity. Data can separate a response only where a cell does
    /// not do both.</summary>
    /// <param name="a">The cell's response.</param>
    /// <param name="n">Its size.</param>
    public abstract (bool FromBelow, bool FromAbove) Bounds(double a, double n);

    /// <summary>What rows that keep the predictor up, and those that keep it down, are called; null where every row does both, so that no data
    /// separate the response.</summary>
    public abstract (string More, string Less)? Outcomes { get; }

    /// <summary>A cell near this one whose anchor is finite: half an event (success, failure) more where there is none.</summary>
    /// <param name="a">The cell's response.</param>
    /// <param name="n">Its size.</param>
    public abstract (double A, double N) WithFiniteAnchor(double a, double n);

    /// <summary>The term of the log likelihood that knows sigma and the shape alone.</summary>
    /// <param name="cells">The cells.</param>
    public abstract ScaleTerm NewScaleTerm(in CellView cells);

    /// <summary>The rows' log likelihood with every cell at its anchor, but for what knows the shape (<see cref="ScaleTerm.Anchored"/>).</summary>
    /// <param name="cells">The cells.</param>
    public abstract double AnchoredConstant(in CellView cells);

    /// <summary>The log likelihood of the rows, each expected to be just what it is, at a shape: what deviances are measured from.</summary>
    /// <param name="cells">The cells.</param>
    /// <param name="shape">The shape; without meaning where the family has none.</param>
    /// <param name="anchored">That of the cells at their anchors, <see cref="AnchoredConstant"/> and <see cref="ScaleTerm.Anchored"/>
    /// together.</param>
    public abstract double SaturatedAt(in CellView cells, double shape, double anchored);

    /// <summary>The coefficient of variation at which the coordinate of a shape turns from 1 / sqrt(shape) to its log in a search for a
    /// maximum.</summary>
    /// <param name="cells">The cells.</param>
    public abstract double ShapeUnit(in CellView cells);

    /// <summary>True where a shape beyond all bounds means that the model fits every row exactly.</summary>
    public abstract bool FitsExactlyWithoutShapeLimit { get; }

    /// <summary>Finds that the model fits the responses so closely that the posterior of the scales cannot be normalised; null where nothing was
    /// found.</summary>
    /// <param name="cells">The cells.</param>
    /// <param name="name">The response's name.</param>
    /// <param name="sigma">Prior of sigma; null where there is none.</param>
    /// <param name="shape">Prior of the shape; null where there is none.</param>
    public abstract Problem? TooCloseFit(in CellView cells, string name, IScalePrior? sigma, IScalePrior? shape);

    /// <summary>What the distribution of a response adds to the variance of its linear predictor: see <see cref="VarianceScale"/>.</summary>
    /// <param name="mean">Gives the expected response of a row, varying effects integrated out; asked only where the variance depends on it.</param>
    /// <param name="scales">Sigma and the shape.</param>
    /// <param name="scale">A latent scale.</param>
    /// <returns>A variance; infinite where the response has none.</returns>
    public abstract double LatentVarianceAt(Func<double> mean, in ResponseScales scales, VarianceScale scale);

    /// <summary>The expected variance of a response whose expectation m varies.</summary>
    /// <param name="mean">E[m].</param>
    /// <param name="square">E[m^2], where the link is <see cref="Link.Log"/>.</param>
    /// <param name="spread">E[m (1 - m)], where m is a probability or a share.</param>
    /// <param name="scales">Sigma and the shape.</param>
    /// <returns>The mean over m of its variance, of one trial; infinite where it is for any m.</returns>
    public abstract double ExpectedVariance(double mean, double square, double spread, in ResponseScales scales);

    /// <summary>Why a new observation need not have a mean; null where it does.</summary>
    /// <param name="shape">Prior of the shape; null where there is none.</param>
    public abstract string? WhyNewHasNoMean(IScalePrior? shape);

    /// <summary>True where what the responses say of the predictor is the same in all of several rows.</summary>
    /// <param name="cells">The cells.</param>
    private protected static bool IsConstant(in CellView cells) =>
        cells.RowCount > 1 && cells.ResponseSd <= RelativeTolerance * Math.Abs(cells.ResponseMean);

    /// <summary>The fault of a response that is the same in N rows and varies by its shape alone: its marginal likelihood grows as shape^((N - 1) /
    /// 2), too fast for a prior with a tail of powers.</summary>
    /// <param name="cells">The cells.</param>
    /// <param name="name">The response's name.</param>
    /// <param name="prior">Prior of the shape.</param>
    private protected Problem? ConstantResponse(in CellView cells, string name, IScalePrior prior) =>
        !IsConstant(cells) || !double.IsFinite(prior.TailIndex) ? null : new(
        ProblemCode.ImproperPosterior,
        $"'{name}' is the same in every row, and the prior of the {Shape!.Name}, {prior.Text}, does not bound the {Shape.Name} from above: "
            + $"the posterior is improper.",
        $"Fix the {Shape.Name} at a value, or give it a prior with a light tail, such as Gamma(2, 0.1).")
        { Term = name };
}

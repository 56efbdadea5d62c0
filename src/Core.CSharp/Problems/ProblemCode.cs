namespace TypedPooling;

/// <summary>The kinds of problem a <see cref="ModelException"/> reports. Values are stable names, for programs.</summary>
public enum ProblemCode
{
    /// <summary>A column holds NaN or an infinity.</summary>
    NotFinite,

    /// <summary>A nullable column holds nulls and the model was not asked to drop such rows.</summary>
    MissingValues,

    /// <summary>The key of a grouping factor or a categorical predictor is null.</summary>
    NullKey,

    /// <summary>There are no rows (or none is left once rows with missing values are dropped).</summary>
    NoRows,

    /// <summary>A group-level predictor takes more than one value in a group.</summary>
    VariesWithinGroup,

    /// <summary>A known measurement error, a weight or an exposure is zero or negative, or so is a response that must be positive.</summary>
    NotPositive,

    /// <summary>A prior's parameters are out of range, or its support does not fit the place it is used.</summary>
    PriorOutOfRange,

    /// <summary>The same term was declared twice.</summary>
    DuplicateTerm,

    /// <summary>The data cannot tell some coefficients apart and their priors are flat.</summary>
    NotIdentified,

    /// <summary>The posterior would not be a probability distribution.</summary>
    ImproperPosterior,

    /// <summary>A selector's type is not a number, a bool or a nullable of these.</summary>
    UnsupportedType,

    /// <summary>A selector or a term needs a name of its own.</summary>
    NameNeeded,

    /// <summary>A term, factor or level that the model or the fit does not have was asked for.</summary>
    UnknownTerm,

    /// <summary>The model has neither a population effect nor a varying effect, or a factor has no varying term.</summary>
    EmptyModel,

    /// <summary>The engine cannot fit this model.</summary>
    EngineRefuses,

    /// <summary>The options of a run are out of range.</summary>
    OptionOutOfRange,

    /// <summary>The draws of the sampling method asked for cannot be trusted.</summary>
    SamplingRefused,

    /// <summary>The sums belong to another model.</summary>
    SumsOfAnotherModel,

    /// <summary>A count is not a whole number, or is negative: of replicates, of trials, or the response of a Binomial or Poisson model. Replicates
    /// and trials must be positive.</summary>
    NotACount,

    /// <summary>Rows are given two of a known error, a precision weight and a count, whose meanings exclude each other.</summary>
    ConflictingWeights,

    /// <summary>Draws from the prior were asked for and a prior is improper.</summary>
    ImproperPrior,

    /// <summary>Draws from the prior were asked for without data and a prior, or the levels of a categorical predictor, would come from the
    /// data.</summary>
    DataNeeded,

    /// <summary>The rows given to a fit are not those it was made from.</summary>
    OtherRows,

    /// <summary>Results were set side by side that are not of the same observations.</summary>
    NotComparable,

    /// <summary>The response of a Bernoulli model is neither 0 nor 1.</summary>
    NotBinary,

    /// <summary>A row of a Binomial model has more successes than trials.</summary>
    MoreSuccessesThanTrials,

    /// <summary>A predictor, or an intercept, separates successes from failures (events from none) and nothing bounds its coefficient: the prior is
    /// flat, or there is none.</summary>
    Separated,

    /// <summary>The verb has no meaning for a response of this family, or is not there for it.</summary>
    NotForThisFamily,

    /// <summary>A selector threw an exception while a row was read; <see cref="Exception.InnerException"/> is that exception.</summary>
    SelectorThrew,

    /// <summary>A response between 0 and 1 is 0 or less, or 1 or more.</summary>
    NotBetweenZeroAndOne,

    /// <summary>A file is truncated or altered, of a later version, of another kind, or none of this library.</summary>
    FileDamaged,

    /// <summary>A file was saved by a model of another response, other columns, keys, terms or priors.</summary>
    FileOfAnotherModel,

    /// <summary>A fit by maximum likelihood was asked for and the file holds draws of a posterior.</summary>
    NotALikelihoodFit,

    /// <summary>What was to be saved cannot be read back from a file: keys whose text says too little, or a posterior of an engine that changed the
    /// model.</summary>
    NotStorable,

    /// <summary>A program or formula for another tool cannot state a part of the model.</summary>
    NotExportable,

    /// <summary>The provider of a query does not translate a selector of the model.</summary>
    NotTranslated,

    /// <summary>The queries of one reading counted different rows: the table changed between them.</summary>
    ChangedMeanwhile,

    /// <summary>The database takes different keys for equal, by its collation or its padding, so a level would be split or counted twice.</summary>
    CollationConflict,
}

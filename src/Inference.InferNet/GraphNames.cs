using System.Globalization;

namespace TypedPooling.Inference.InferNet;

/// <summary>Names of the graph's variables; users never see them.</summary>
internal static class GraphNames
{
    public const string Noise = "noise";
    public const string Beta = "beta";
    public const string RowCount = "rowCount";
    public const string Population = "rowPopulation";
    public const string Responses = "rowResponse";
    public const string Linear = "rowLinear";
    public const string PooledCount = "pooledCount";
    public const string PooledPopulation = "pooledPopulation";
    public const string PooledResponses = "pooledResponse";

    /// <summary>The mean of a block's coefficients.</summary>
    public static string Mean(int block) => Numbered("mean", block);

    /// <summary>The precision of a block.</summary>
    public static string Precision(int block) => Numbered("precision", block);

    /// <summary>The coefficients of a block.</summary>
    public static string Coefficients(int block) => Numbered("coefficients", block);

    /// <summary>The number of levels of a block.</summary>
    public static string LevelCount(int block) => Numbered("levelCount", block);

    /// <summary>The level of each row.</summary>
    public static string Levels(int block) => Numbered("rowLevel", block);

    /// <summary>The columns of a block in each row.</summary>
    public static string Columns(int block) => Numbered("rowColumns", block);

    /// <summary>The prior of a variable.</summary>
    public static string Prior(string variable) => variable + "Prior";

    /// <summary>Where a variable's marginal starts.</summary>
    public static string Start(string variable) => variable + "Start";

    private static string Numbered(string name, int block) => string.Create(CultureInfo.InvariantCulture, $"{name}{block}");
}

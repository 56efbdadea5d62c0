using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>Quantities, intervals, tables and comparisons as JSON, by attributes of these types: <c>JsonSerializer.Serialize(quantity)</c>.</summary>
/// <remarks>
/// No reflection: it works in trimmed and native programs. It is public so that contexts made by the source generator of System.Text.Json find it.
/// NaN is null, infinities are text; docs/json.md lists what is read back. Thread-safe.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class AnswerJsonConverter : JsonConverterFactory
{
    private static readonly Dictionary<Type, JsonConverter> Converters = NewConverters();

    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) => typeof(IJsonAnswer).IsAssignableFrom(typeToConvert);

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        Converters.GetValueOrDefault(typeToConvert) ?? JsonAnswerWriter.Instance;

    private static Dictionary<Type, JsonConverter> NewConverters()
    {
        var converters = new Dictionary<Type, JsonConverter>();
        Add<CheckedStatistic>();
        Add<CoefficientEstimate>();
        Add<EngineComparison>();
        Add<EngineRun>();
        Add<Histogram>();
        Add<HistogramBin>();
        Add<Interval>();
        Add<LeastSquaresEstimate>();
        Add<LikelihoodRatio>();
        Add<MeanAndSd>();
        Add<ParameterDifference>();
        Add<ParameterCovariance>();
        Add<PointwiseElpd>();
        Add<QuantitySummary>();
        Add<Residual>();
        Add<ResidualTest>();
        Add<SharedCoefficient>();
        Add<SummaryRow>();
        Add<SummaryTable>();
        AddKeyed<string>();
        AddKeyed<int>();
        AddKeyed<long>();
        AddKeyed<Guid>();
        AddKeyed<DateOnly>();
        return converters;

        void Add<T>()
            where T : IJsonAnswer<T> => converters.Add(typeof(T), new JsonAnswerConverter<T>());

        void AddKeyed<TKey>()
        {
            Add<CoefficientTable<TKey>>();
            Add<LevelCoefficients<TKey>>();
            Add<LevelPooling<TKey>>();
            Add<LevelShrinkage<TKey>>();
            Add<ShrinkageTable<TKey>>();
            Add<UnpooledLevel<TKey>>();
        }
    }
}

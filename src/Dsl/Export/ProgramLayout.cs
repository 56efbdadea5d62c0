using TypedPooling.Binding;
using TypedPooling.Declarations;
using TypedPooling.Model;
using TypedPooling.Programs;

namespace TypedPooling.Export;

/// <summary>A model as programs of other tools see it: every name, every prior and the data, in the order of a program. Immutable.</summary>
/// <remarks>
/// It needs no data. The parameters of default priors, the point at which a factor states its priors and the scales of a standardised model are data
/// of the program; where data are known, they are read from the bound model.
/// </remarks>
internal sealed class ProgramLayout
{
    private readonly ProgramNames names = new();
    private readonly List<DataItem> data = [];
    private readonly List<DataItem> priorData = [];
    private readonly ModelSpec spec;

    private ProgramLayout(LoweredModel model)
    {
        spec = model.Spec;
        var response = spec.Response;
        WeightKind = model.Declaration.Response.WeightKind;
        Suffix = spec.IsStandardized ? "_std" : string.Empty;
        data.Add(new(DataType.RowCount, new(true, "<lower=1>", null, null), "rows", values => [values.Rows.RowCount]));
        Response = names.Take(response.Name);
        data.Add(new(
            Response, new(Form.IsInteger, Form.Bounds, DataType.RowCount, null), $"response {response.Name}", values => values.Rows.Responses!));
        UsedResponse = spec.IsStandardized ? names.Take(Response + Suffix) : Response;
        if (model.Declaration.Response.Weight is { } weight)
        {
            Weight = names.Take(weight.Name);
            var type = new DataType(WeightKind == RowWeight.Trials, "<lower=0>", DataType.RowCount, null);
            data.Add(new(Weight, type, $"{RowWeights.NameOf(WeightKind)} {weight.Name}", values => values.Rows.Weights!));
        }

        if (model.Declaration.Response.Count is { } count)
        {
            Count = names.Take(count.Name);
            data.Add(new(
                Count,
                new(false, "<lower=0>", DataType.RowCount, null),
                $"{RowWeights.CountName} {count.Name}",
                values => [.. values.Rows.Counts!.Select(rows => (double)rows)]));
        }

        HasOffsets = !spec.Offsets.IsEmpty;
        if (HasOffsets)
        {
            var sum = string.Join(" + ", spec.Offsets.Select(offset => offset.Name));
            data.Add(new("offsets", DataType.Rows, $"offset {sum}", values => values.Rows.Offsets));
        }

        Columns = [.. Enumerable.Range(0, spec.Columns.Length).Select(Column)];
        var indexes = spec.Factors.Select(Index).ToArray();
        if (spec.IsStandardized)
        {
            data.Add(new("origin_y", DataType.Real, "taken off the response", values => [values.Standardization!.ResponseOrigin]));
            data.Add(new(
                "scale_y",
                new(false, "<lower=0>", null, null),
                "by which the response is divided",
                values => [values.Standardization!.ResponseScale]));
            foreach (var column in Columns)
            {
                var type = column.Count is null ? DataType.Real : DataType.Vector(column.Count);
                data.Add(new(column.Origin, type, $"taken off {column.Title}", values => values.Origins(column.ColumnsIn(values))));
                data.Add(new(
                    column.Scale,
                    type with { Bounds = "<lower=0>" },
                    $"by which {column.Title} is divided",
                    values => values.Scales(column.ColumnsIn(values))));
            }
        }

        Population = [.. spec.Population.Select(Coefficient)];
        Factors = [.. spec.Factors.Select((factor, k) => Factor(factor, k, indexes[k].Index, indexes[k].Count))];
        if (response.HasSigma)
        {
            Sigma = Scale(
                "sigma",
                "sigma",
                Suffix,
                response.HasDefaultPrior ? null : response.Sigma,
                DefaultPriors.OpenScale,
                (values, a) => values.SigmaArgument(a));
        }

        if (response.Family.Shape is { } shape)
            Shape = Scale(shape.Name, shape.Name, string.Empty, response.Shape ?? shape.Default, shape.Default, null);
        data.AddRange(priorData);
    }

    public ModelSpec Spec => spec;

    public FamilyForm Form => spec.Response.Family.Form;

    /// <summary>Data in the order of their declaration.</summary>
    public IReadOnlyList<DataItem> Data => data;

    public RowWeight WeightKind { get; }

    /// <summary>Data: the response.</summary>
    public string Response { get; }

    /// <summary>The response as it is modelled: standardised where the model is.</summary>
    public string UsedResponse { get; }

    /// <summary>Data: weights, known errors, trials or exposures; null where there are none.</summary>
    public string? Weight { get; }

    /// <summary>Data: how many equal rows a row stands for; null where rows stand for themselves.</summary>
    public string? Count { get; }

    public bool HasOffsets { get; }

    /// <summary>What names of numbers end with that are sampled on the standardised scale; empty elsewhere.</summary>
    public string Suffix { get; }

    public IReadOnlyList<ProgramColumn> Columns { get; }

    /// <summary>The population effects, in the order of the model.</summary>
    public IReadOnlyList<ProgramNumber> Population { get; }

    public IReadOnlyList<ProgramFactor> Factors { get; }

    /// <summary>The residual sd; null where there is none or errors are known.</summary>
    public ProgramNumber? Sigma { get; }

    /// <summary>The second parameter of the family; null where it has none.</summary>
    public ProgramNumber? Shape { get; }

    /// <summary>Every number with a prior of its own, in the order of the program.</summary>
    public IEnumerable<ProgramNumber> Numbers => Population
        .Concat(Factors.SelectMany(factor => factor.Terms).Where(term => term.Sd is not null).Select(term => term.Sd!))
        .Concat(new[] { Sigma, Shape }.Where(number => number is not null).Select(number => number!));

    /// <summary>The column of a population effect; null for the intercept.</summary>
    public ProgramColumn? ColumnOf(int effect) => ColumnAt(spec.Population[effect].Column);

    /// <summary>Lays a model out.</summary>
    /// <exception cref="ModelException">NotExportable: correlations or covariances have a prior that no program can state; all are named.</exception>
    public static ProgramLayout Of(LoweredModel model)
    {
        var problems = new List<Problem>();
        if (model.Spec is { IsStandardized: true, Response.Family.IsNormal: false })
        {
            problems.Add(new(
                ProblemCode.NotExportable,
                "Programs of standardised models are written for Normal and LogNormal responses only, "
                    + $"and this one is {model.Spec.Response.Family.Name}.",
                "Leave Standardized() out and scale columns yourself, such as Slope(r => (r.Age - 40) / 10).")
            { Term = model.Spec.Response.Name });
        }

        foreach (var factor in model.Spec.Factors.Where(factor => factor.Terms.Length > 1))
        {
            IPrior prior = factor.Covariance is null ? factor.Correlation : factor.Covariance;
            var isKnown = factor.Covariance is { } covariance
                ? covariance.Conjugate(factor.Terms.Length) is not null
                : factor.Correlation.IsIdentity || factor.Correlation.Concentration is not null;
            if (!isKnown)
                problems.Add(new(ProblemCode.NotExportable, $"No program is known for the prior {prior.Text}.", "Name another prior.")
                { Term = factor.Name });
        }

        return problems.Count > 0 ? throw new ModelException(problems) : new(model);
    }

    private static string? UnlessSame(string name, string title) => name == title ? null : title;

    private ProgramColumn? ColumnAt(int column) => column == ModelSpec.Ones ? null : Columns[column];

    private ProgramColumn Column(int index)
    {
        var column = spec.Columns[index];
        var name = names.Take(column.Name);
        var used = spec.IsStandardized ? names.Take(name + Suffix) : name;
        var (origin, scale) = spec.IsStandardized ? (names.Take($"origin_{name}"), names.Take($"scale_{name}")) : (string.Empty, string.Empty);
        if (column.Category is { } category)
        {
            var count = names.Take($"K_{name}");
            data.Add(new(count, DataType.Count, $"levels of {category} but the reference", values => [values.ColumnsOf(category).Length]));
            data.Add(new(
                name,
                new(false, string.Empty, DataType.RowCount, count),
                $"1 where {category} is the level, in order, the reference left out",
                values => values.Values(values.ColumnsOf(category))));
            return new(column.Name, name, used, count, origin, scale, values => values.ColumnsOf(category));
        }

        data.Add(new(name, DataType.Rows, UnlessSame(name, column.Formula) ?? "column", values => values.Values([index])));
        return new(column.Name, name, used, null, origin, scale, _ => [index]);
    }

    private (string Index, string Count) Index(FactorSpec factor, int number)
    {
        var index = names.Take(factor.Name);
        var count = names.Take($"J_{index}");
        data.Add(new(count, new(true, "<lower=1>", null, null), $"levels of {factor.Name}", values => [values.Model.Levels[number].Count]));
        data.Add(new(
            index, new(true, $"<lower=1, upper={count}>", DataType.RowCount, null), $"level of {factor.Name}", values => values.Levels(number)));
        return (index, count);
    }

    private ProgramNumber Coefficient(PopulationTerm term)
    {
        var column = ColumnAt(term.Column);
        var name = names.TakeNumber($"b_{column?.Name ?? ModelSpec.InterceptName}");
        var sampled = Suffix.Length > 0 ? names.TakeNumber(name + Suffix) : name;
        var prior = term.HasDefaultPrior ? DefaultPriors.OpenCoefficient : term.Prior!;
        var columnsIn = column?.ColumnsIn ?? (_ => [ModelSpec.Ones]);
        return new(
            term.Name,
            name,
            sampled,
            prior,
            prior.Lower,
            prior.Upper,
            column?.Count,
            term.HasDefaultPrior,
            Arguments(prior.Form, sampled, column?.Count, term.HasDefaultPrior, (values, a) => values.PopulationArgument(columnsIn(values), a)));
    }

    private ProgramNumber Scale(
        string term, string wanted, string suffix, IScalePrior? prior, IScalePrior open, Func<ProgramValues, int, double[]>? read)
    {
        var name = names.TakeNumber(wanted);
        var sampled = suffix.Length > 0 ? names.TakeNumber(name + suffix) : name;
        var used = prior ?? open;
        return new(
            term, name, sampled, used, used.Lower, used.Upper, null, prior is null, Arguments(used.Form, sampled, null, prior is null, read));
    }

    private IReadOnlyList<string> Arguments(
        PriorForm form, string number, string? count, bool isOpen, Func<ProgramValues, int, double[]>? read)
    {
        if (!isOpen)
            return ProgramNumber.Literals(form);
        var arguments = new List<string>();
        for (var a = 0; a < form.Arguments.Length; a++)
        {
            var index = a;
            var name = names.Take($"prior_{form.Arguments[a].Name}_{number}");
            arguments.Add(name);
            var type = count is null ? DataType.Real : DataType.Vector(count);
            priorData.Add(new(name, type, "default prior, scaled by the data", values => read!(values, index)));
        }

        return arguments;
    }

    private ProgramFactor Factor(FactorSpec factor, int number, string index, string count)
    {
        var q = factor.Terms.Length;

        // The defaults of correlated effects are stated at the means of the columns: see DefaultPriors.
        var hasOrigin = !spec.IsStandardized && factor is { HasCorrelations: true, Covariance: null }
            && factor.Terms.Any(term => term is { Column: ModelSpec.Ones, HasDefaultPrior: true });
        var origin = hasOrigin ? names.Take($"origin_{index}") : null;
        if (origin is not null)
        {
            data.Add(new(
                origin,
                DataType.Vector(ProgramNumber.Literal(q)),
                $"point at which sds of {factor.Name} are stated",
                values => values.Origin(number)));
        }

        var suffix = hasOrigin ? "_mid" : Suffix;
        var terms = factor.Terms.Select((term, a) => Term(factor, number, a, index, suffix)).ToArray();
        var correlations = new string[q, q];
        for (var a = 0; a < q; a++)
        {
            for (var b = a + 1; b < q; b++)
                correlations[a, b] = names.Take($"cor_{index}_{NameOf(terms[a].Column)}_{NameOf(terms[b].Column)}");
        }

        var effects = names.Take($"u_{index}");
        var covariance = names.Take($"Sigma_{index}");
        return new(factor.Name, index, count, terms)
        {
            Concentration = factor.HasCorrelations && factor.Covariance is null ? factor.Correlation.Concentration : null,
            Covariance = q > 1 ? factor.Covariance?.Conjugate(q) : null,
            Origin = origin,
            IsMoved = suffix.Length > 0,
            Effects = effects,
            Sampled = suffix.Length > 0 ? names.Take(effects + suffix) : effects,
            Free = names.Take($"z_{index}"),
            Cholesky = names.Take($"L_{index}"),
            CovarianceName = covariance,
            SampledCovariance = suffix.Length > 0 ? names.Take(covariance + suffix) : covariance,
            Precision = names.Take($"Omega_{index}"),
            Partial = names.Take($"partial_{index}"),
            Half = names.Take($"half_{index}"),
            Mixing = names.Take($"w_{index}"),
            ScaleMatrix = names.Take($"S_{index}"),
            Map = names.Take($"A_{index}"),
            Correlations = correlations,
        };
    }

    private ProgramTerm Term(FactorSpec factor, int number, int index, string factorName, string suffix)
    {
        var term = factor.Terms[index];
        var column = ColumnAt(term.Column);
        var wanted = $"sd_{factorName}_{NameOf(column)}";
        if (factor.Covariance is not null && factor.Terms.Length > 1)
            return new(term.Name, column, null, names.Take(wanted));
        var prior = factor.Covariance is { } covariance ? covariance.SdPrior(0, 1) : term.Sd;
        var sd = Scale(
            $"sd of {term.Name} by {factor.Name}",
            wanted,
            suffix,
            term.HasDefaultPrior ? null : prior,
            DefaultPriors.OpenScale,
            (values, a) => values.SdArgument(number, index, a));
        return new(term.Name, column, sd, sd.Name);
    }

    private static string NameOf(ProgramColumn? column) => column?.Name ?? ModelSpec.InterceptName;
}

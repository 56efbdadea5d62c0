using System.Collections.Immutable;
using TypedPooling.Model;
using TypedPooling.Selectors;

namespace TypedPooling.Declarations;

/// <summary>A declaration with its terms resolved: the spec without data, and the selectors behind its columns.</summary>
internal sealed class LoweredModel
{
    private LoweredModel(
        ModelDeclaration declaration,
        ModelSpec spec,
        ImmutableArray<ColumnSelector> columns,
        ImmutableArray<CategoryDeclaration> categories,
        ImmutableArray<GroupConstant> groupConstants)
    {
        Declaration = declaration;
        Spec = spec;
        Columns = columns;
        Categories = categories;
        GroupConstants = groupConstants;
    }

    public ModelDeclaration Declaration { get; }

    /// <summary>The model: the numeric columns, then one column for each categorical predictor, whose levels are not known yet. Defaults are
    /// null.</summary>
    public ModelSpec Spec { get; }

    /// <summary>The selectors of the numeric columns, by their names in the model.</summary>
    public ImmutableArray<ColumnSelector> Columns { get; }

    public ImmutableArray<CategoryDeclaration> Categories { get; }

    /// <summary>The group-level predictors, each to be constant in the groups of its factor.</summary>
    public ImmutableArray<GroupConstant> GroupConstants { get; }

    /// <summary>Resolves a declaration.</summary>
    /// <exception cref="ModelException">DuplicateTerm or NameNeeded.</exception>
    public static LoweredModel Of(ModelDeclaration declaration)
    {
        var columns = ColumnTable.Of(declaration);
        var population = new List<Entry>();
        foreach (var term in declaration.Population)
        {
            var column = term switch
            {
                InterceptDeclaration => ModelSpec.Ones,
                SlopeDeclaration slope => columns.IndexOf(slope.Column),
                CategoryDeclaration category => columns.IndexOf(category),
                _ => throw new NotSupportedException(),
            };
            var name = column == ModelSpec.Ones ? ModelSpec.InterceptName : columns.NameOf(column);
            if (population.Exists(entry => entry.Column == column))
                throw Duplicate(name, $"The population effect '{name}' is declared twice.");
            population.Add(new(name, column, term.Prior));
        }

        var constants = AddPredictors(declaration, columns, population);
        var factors = declaration.Factors.Select(factor => Factor(factor, columns)).ToImmutableArray();
        var specs = columns.Specs.ToArray();
        foreach (var constant in constants)
            specs[constant.Column] = specs[constant.Column] with { ConstantWithin = specs[constant.Column].ConstantWithin ?? constant.Factor };
        var spec = new ModelSpec(
            Response(declaration.Response),
            [.. specs],
            [.. population.Select(entry => new PopulationTerm(entry.Name, entry.Column, entry.Prior) { HasDefaultPrior = entry.Prior is null })],
            factors)
        {
            IsStandardized = declaration.IsStandardized,
            Offsets = [.. declaration.Offsets.Select(offset => new ColumnSpec(offset.Name, offset.Formula))],
        };
        TableNames.Check(spec);
        return new(declaration, spec, columns.Numeric, columns.Categories, [.. constants]);
    }

    private static ResponseSpec Response(ResponseDeclaration response) =>
        new(response.Family, response.Column.Name, response.Column.Formula, response.Sigma, response.HasKnownSd ? response.Weight!.Name : null)
        {
            Shape = response.Shape,
            HasDefaultShape = response.Family.HasShape && response.Shape is null,
            HasDefaultPrior = response.Family.HasSigma && !response.HasKnownSd && response.Sigma is null,
            Trials = response.WeightKind == RowWeight.Trials ? response.Weight!.Name : null,
            Exposure = response.WeightKind == RowWeight.Exposure ? response.Weight!.Name : null,
            PrecisionWeight = response.WeightKind == RowWeight.Precision ? response.Weight!.Name : null,
            Count = response.Count?.Name,
        };

    // Group-level predictors come behind the declared population effects. On an intercept U is one effect; on the slope of x they are U and x * U.
    private static List<GroupConstant> AddPredictors(ModelDeclaration declaration, ColumnTable columns, List<Entry> population)
    {
        var constants = new List<GroupConstant>();
        for (var factor = 0; factor < declaration.Factors.Count; factor++)
        {
            foreach (var term in declaration.Factors[factor].Terms)
            {
                foreach (var predictor in term.Predictors)
                {
                    var u = columns.IndexOf(predictor.Column);
                    if (!constants.Contains(new(factor, u)))
                        constants.Add(new(factor, u));
                    Reuse(population, columns.NameOf(u), u, term.Column is null ? predictor.Prior : null);
                    if (term.Column is null)
                        continue;
                    var product = columns.IndexOf(ColumnSelector.Product(term.Column, predictor.Column));
                    Reuse(population, columns.NameOf(product), product, predictor.Prior);
                }
            }
        }

        return constants;
    }

    private static void Reuse(List<Entry> population, string name, int column, IRealPrior? prior)
    {
        var at = population.FindIndex(entry => entry.Column == column);
        if (at < 0)
            population.Add(new(name, column, prior));
        else if (population[at].Prior is null)
            population[at] = population[at] with { Prior = prior };
        else if (prior is not null && !prior.Equals(population[at].Prior))
            throw Duplicate(name, $"The population effect '{name}' is given two priors, {population[at].Prior!.Text} and {prior.Text}.");
    }

    private static FactorSpec Factor(FactorDeclaration factor, ColumnTable columns)
    {
        var terms = factor.Terms
            .Select(term => (Term: term, Column: term.Column is null ? ModelSpec.Ones : columns.IndexOf(term.Column)))
            .Select(term => new VaryingTerm(
                term.Column == ModelSpec.Ones ? ModelSpec.InterceptName : columns.NameOf(term.Column), term.Column, term.Term.Sd)
            { HasDefaultPrior = term.Term.Sd is null && factor.Covariance is null })
            .ToImmutableArray();
        if (factor.Covariance is { } covariance)
        {
            if (covariance.ReasonAgainst(terms.Length) is { } reason)
            {
                throw new ModelException(new Problem(ProblemCode.PriorOutOfRange, reason, "Give the prior a size that fits the number of varying "
                    + "effects.")
                { Term = factor.Key.Name });
            }

            return new(factor.Key.Name, terms, Prior.Lkj(1)) { Covariance = covariance };
        }

        return new(factor.Key.Name, terms, factor.Correlation ?? Prior.Lkj(1)) { HasDefaultPrior = factor.Correlation is null };
    }

    private static ModelException Duplicate(string term, string sentence) =>
        new(new Problem(ProblemCode.DuplicateTerm, sentence, "Declare it once.") { Term = term });

    private sealed record Entry(string Name, int Column, IRealPrior? Prior);
}

/// <summary>A column that must be constant in the groups of a factor.</summary>
internal readonly record struct GroupConstant(int Factor, int Column);

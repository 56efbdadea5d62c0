using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Model;

namespace TypedPooling.Pooling;

/// <summary>A model without its varying effects, and the data of one as data of the other.</summary>
internal static class CompletePooling
{
    /// <summary>Group-level predictors and what varied without a population effect become population effects.</summary>
    public static ModelDeclaration Of(LoweredModel model)
    {
        var spec = model.Spec;
        var categories = model.Declaration.Population.OfType<CategoryDeclaration>().ToList();
        var population = spec.Population.Select(Declare).ToList();
        foreach (var term in spec.Factors.SelectMany(factor => factor.Terms).DistinctBy(term => term.Column))
        {
            if (spec.Population.Any(t => t.Column == term.Column))
                continue;
            var declared = Declare(new PopulationTerm(term.Name, term.Column, null));
            population.Insert(term.Column == ModelSpec.Ones ? 0 : population.Count, declared);
        }

        return model.Declaration with { Population = [.. population], Factors = [] };

        PopulationDeclaration Declare(PopulationTerm term)
        {
            if (term.Column == ModelSpec.Ones)
                return new InterceptDeclaration(term.Prior);
            if (term.Column < model.Columns.Length)
                return new SlopeDeclaration(model.Columns[term.Column], true, term.Prior);
            return categories.First(category => category.Selector.Key == model.Categories[term.Column - model.Columns.Length].Selector.Key);
        }
    }

    /// <summary>The data of a model as those of the model without its factors.</summary>
    public static CollapsedRows Data(CollapsedRows data, LoweredModel from, LoweredModel to, string signature) => data.WithoutFactors(
        [.. to.Columns.Select(column => Array.FindIndex([.. from.Columns], c => c.Key == column.Key))], signature);

    /// <summary>The sums of several factors as those by the levels of one.</summary>
    public static CellMoments ByLevel(CellMoments cells, int[] cellLevels)
    {
        var merged = new CellMomentsBuilder(cells.ColumnCount);
        merged.Merge(cells, cellLevels);
        return merged.Build();
    }
}

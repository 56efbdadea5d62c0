using System.Collections.Immutable;
using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Model;
using TypedPooling.Selectors;

namespace TypedPooling.Pooling;

/// <summary>The population effects that are part of a level's own coefficients: group-level predictors, and any column that is constant in every
/// level where the intercept varies.</summary>
/// <remarks>Where levels have coefficients of their own the data say nothing of these effects: they are in the coefficients.</remarks>
internal sealed class LevelPredictors
{
    private readonly ImmutableArray<LevelPredictor> predictors;

    private LevelPredictors(ImmutableArray<LevelPredictor> predictors) => this.predictors = predictors;

    /// <summary>Whether a population effect is part of the levels' coefficients.</summary>
    public bool Holds(string populationTerm) => predictors.Any(p => p.Term == populationTerm);

    /// <summary>Finds them.</summary>
    /// <param name="model">The declared model.</param>
    /// <param name="spec">The same with its categories expanded.</param>
    /// <param name="factor">Index of the factor.</param>
    /// <param name="levels">Moments by level of the factor.</param>
    /// <param name="standardization">By what the moments are standardised; null where they are as read.</param>
    public static LevelPredictors Of(LoweredModel model, ModelSpec spec, int factor, CellMoments levels, Standardization? standardization)
    {
        var terms = spec.Factors[factor].Terms;
        var found = ImmutableArray.CreateBuilder<LevelPredictor>();
        var intercept = IndexOf(ModelSpec.Ones);
        foreach (var term in spec.Population)
        {
            if (intercept >= 0 && term.Column != ModelSpec.Ones && IndexOf(term.Column) < 0 && IsConstant(levels, term.Column))
                found.Add(new(term.Name, intercept, Values(term.Column)));
        }

        foreach (var varying in model.Declaration.Factors[factor].Terms.Where(term => term.Column is not null))
        {
            foreach (var predictor in varying.Predictors)
            {
                var product = ColumnOf(ColumnSelector.Product(varying.Column!, predictor.Column));
                var name = spec.Population.First(term => term.Column == product).Name;
                if (!found.Any(p => p.Term == name))
                    found.Add(new(name, IndexOf(ColumnOf(varying.Column!)), Values(ColumnOf(predictor.Column))));
            }
        }

        return new(found.ToImmutable());

        int IndexOf(int column) => Array.FindIndex([.. terms], t => t.Column == column);

        // Numeric columns keep their numbers when categories are expanded.
        int ColumnOf(ColumnSelector selector) => Array.FindIndex([.. model.Columns], c => c.Key == selector.Key);

        double[] Values(int column)
        {
            var values = new double[levels.CellCount];
            for (var j = 0; j < values.Length; j++)
                values[j] = standardization is null
                    ? levels.Means(j)[column]
                    : levels.Means(j)[column] * standardization.Scales[column] + standardization.Origins[column];
            return values;
        }
    }

    /// <summary>The weights over population effects that a level's coefficient has, its varying effect apart.</summary>
    /// <param name="spec">The model whose population effects are weighted.</param>
    /// <param name="varying">The varying term.</param>
    /// <param name="index">Its index.</param>
    /// <param name="level">Number of the level.</param>
    public double[] Weights(ModelSpec spec, string varying, int index, int level)
    {
        var weights = new double[spec.Population.Length];
        var own = TermLookup.FindPopulation(spec, varying);
        if (own >= 0)
            weights[own] = 1;
        foreach (var predictor in predictors)
        {
            if (predictor.Varying == index)
                weights[TermLookup.Population(spec, predictor.Term)] += predictor.Values[level];
        }

        return weights;
    }

    private static bool IsConstant(CellMoments levels, int column)
    {
        for (var j = 0; j < levels.CellCount; j++)
        {
            if (levels.CrossProducts(j)[column * (column + 1) / 2 + column] != 0)
                return false;
        }

        return true;
    }

    /// <summary>A population effect that predicts the varying term of the given index by a value for each level.</summary>
    private sealed record LevelPredictor(string Term, int Varying, double[] Values);
}

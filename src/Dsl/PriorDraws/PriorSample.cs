using System.Collections.Immutable;
using System.Globalization;
using System.Linq.Expressions;
using System.Text;
using TypedPooling.Draws;
using TypedPooling.Model;
using TypedPooling.PriorDraws;

namespace TypedPooling;

/// <summary>Independent joint draws of a model's parameters from their prior, read as a fit is. Immutable.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
/// <remarks>Thread-safe: any number of threads may read it at once.</remarks>
public sealed class PriorSample<TRow> : ITabular
{
    private readonly Posterior draws;
    private readonly Quantity[] population;
    private readonly Quantity[] scales;

    internal PriorSample(PriorSampler sampler, int count, ulong seed)
    {
        draws = sampler.Sample(count, seed);
        population = [.. Enumerable.Range(0, draws.Population.ParameterCount).Select(i => Quantity(draws.Population, i))];
        scales = [.. Enumerable.Range(0, draws.Scales.ParameterCount).Select(i => Quantity(draws.Scales, i))];
        Table = new SummaryTable(
            population.Select((q, i) => (draws.Population.Parameter(i), q)).Concat(scales.Select((q, i) => (draws.Scales.Parameter(i), q))),
            draws.Probability);
    }

    /// <summary>The model with every prior decided.</summary>
    public ModelSpec Spec => draws.Spec;

    /// <summary>Number of draws.</summary>
    public int DrawCount => draws.DrawCount;

    /// <summary>The seed: the same seed and priors give the same bits, and more draws begin with the fewer.</summary>
    public ulong Seed => draws.Seed;

    /// <summary>The parameter table of the prior: population effects, sigma, sds, correlations.</summary>
    public SummaryTable Table { get; }

    /// <summary>The population intercept.</summary>
    /// <exception cref="ModelException">The model has none.</exception>
    public Quantity Intercept => Coefficient(ModelSpec.InterceptName);

    /// <summary>The residual standard deviation, in units of the response; of its log in a LogNormal model; the scale of a StudentT response. A
    /// constant where it is fixed.</summary>
    /// <exception cref="ModelException">The model has no sigma: its family has none, or the error of each row is known.</exception>
    public Quantity Sigma => Of("sigma");

    /// <summary>The shape of a NegativeBinomial or a Gamma response.</summary>
    /// <exception cref="ModelException">The model has no shape.</exception>
    public Quantity Shape => OfResponse(ParameterKind.Shape);

    /// <summary>The precision of a Beta response.</summary>
    /// <exception cref="ModelException">The model has no precision.</exception>
    public Quantity Precision => OfResponse(ParameterKind.Precision);

    /// <summary>The degrees of freedom of a StudentT response.</summary>
    /// <exception cref="ModelException">The model has no degrees of freedom.</exception>
    public Quantity DegreesOfFreedom => OfResponse(ParameterKind.DegreesOfFreedom);

    /// <summary>A population effect by the selector it was declared with.</summary>
    /// <typeparam name="TValue">Type of the column.</typeparam>
    /// <param name="selector">The column, as in the model.</param>
    /// <returns>The coefficient, in units of the response per unit of the column.</returns>
    /// <exception cref="ModelException">The model has no such effect.</exception>
    public Quantity Coefficient<TValue>(Expression<Func<TRow, TValue>> selector)
        where TValue : struct => Coefficient(TermLookup.NameOf(Spec, TermLookup.Selector(selector)));

    /// <summary>A population effect by the selector of a nullable column.</summary>
    /// <typeparam name="TValue">Type of the column.</typeparam>
    /// <param name="selector">The column, as in the model.</param>
    /// <returns>The coefficient, in units of the response per unit of the column.</returns>
    /// <exception cref="ModelException">The model has no such effect.</exception>
    public Quantity Coefficient<TValue>(Expression<Func<TRow, TValue?>> selector)
        where TValue : struct => Coefficient(TermLookup.NameOf(Spec, TermLookup.SelectorOrMissing(selector)));

    /// <summary>A population effect by name.</summary>
    /// <param name="term">Name of the term, as the table shows it.</param>
    /// <returns>The coefficient, in units of the response per unit of the column.</returns>
    /// <exception cref="ModelException">The model has no such effect.</exception>
    public Quantity Coefficient(string term) => population[TermLookup.Population(Spec, term)];

    /// <summary>Any parameter by its name in the table, for example <c>sd(Cafe: Intercept)</c>.</summary>
    /// <param name="parameter">The name.</param>
    /// <returns>The parameter.</returns>
    /// <exception cref="ModelException">The table has no such parameter.</exception>
    public Quantity Of(string parameter) =>
        Array.Find([.. population, .. scales], quantity => quantity.Name == parameter) ?? throw new ModelException(new Problem(
            ProblemCode.UnknownTerm,
            "The prior has no parameter of this name.",
            $"Ask for one of: {string.Join(", ", Table.Rows.Select(row => row.Parameter.Name))}.")
        { Term = parameter });

    /// <summary>Any function of joint draws.</summary>
    /// <param name="perDraw">Evaluated once a draw; asks the draw for quantities of this sample.</param>
    /// <param name="name">Name of the new quantity.</param>
    /// <returns>The derived quantity, its draws aligned with all others.</returns>
    public Quantity Derive(Func<DrawContext, double> perDraw, string name = "derived")
    {
        ArgumentNullException.ThrowIfNull(perDraw);
        var context = new DrawContext(draws);
        var derived = new double[DrawCount];
        for (var s = 0; s < derived.Length; s++)
        {
            context.Index = s;
            derived[s] = perDraw(context);
        }

        return new Quantity(name, draws, () => derived);
    }

    /// <summary>The table of parameters.</summary>
    /// <returns>One table.</returns>
    public ImmutableArray<PrintedTable> ToTables() => Table.ToTables();

    /// <summary>The table with the number of draws and the seed.</summary>
    public override string ToString() => new StringBuilder()
        .AppendLine(
            CultureInfo.InvariantCulture,
            $"Prior of the {Spec.Response.Family.Name} model of {Spec.Response.Name}: {DrawCount:N0} independent draws, seed {Seed}")
        .Append(Spec.IsStandardized
            ? $"Priors on standardised {Spec.StandardizedText}, draws on the original scale{Environment.NewLine}"
            : string.Empty)
        .AppendLine()
        .Append(Table)
        .ToString();

    private Quantity OfResponse(ParameterKind kind) => Of(new Parameter(kind, string.Empty).Name);

    private Quantity Quantity(DrawBlock block, int index)
    {
        var unsure = HeavyTails.OfPrior(Spec, block.Parameter(index));
        return new(block.Parameter(index).Name, draws, Copy) { HasUnsureMean = unsure is not null, UnsureBecause = unsure ?? string.Empty };

        double[] Copy()
        {
            var copy = new double[block.DrawCount];
            block.CopyDraws(index, copy);
            return copy;
        }
    }
}

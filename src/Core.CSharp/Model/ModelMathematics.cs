using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;

namespace TypedPooling.Model;

/// <summary>A model as mathematics: one line a distribution or definition, and the sentences that go with them. Immutable.</summary>
/// <remarks>
/// <c>i</c> is a row and <c>Cafe[i]</c> its level. Population effects are beta, subscript 0 for the intercept; varying effects of a factor are u,
/// with sds s and correlation matrix R, or with a prior of their own on the covariance matrix Σ; sigma is the residual sd; p is the probability of a
/// success, lambda the rate of events, mu an expectation, phi and alpha shapes, nu degrees of freedom. A prior that is still open is
/// <c>default</c>, one filled in from the data is followed by <c>(default)</c>. Where there are population slopes and no population intercept, or
/// priors are on the standardised scale, a sentence says so.
/// </remarks>
internal sealed class ModelMathematics
{
    private const string OnStandardizedScale =
        "divided by their sds, and centred at their means where an intercept takes up the shift.";

    private const string WithoutIntercept = "The model has no population intercept: the population part of the linear predictor is 0 where every "
        + "column is 0.";

    private static readonly MathSymbol InEachRow = new("i");
    private static readonly MathSymbol Sigma = new("σ");
    private static readonly MathOperator Comma = new(",");

    private readonly ModelSpec spec;
    private readonly List<MathLine> lines = [];

    private ModelMathematics(ModelSpec spec)
    {
        this.spec = spec;
        Write();
        Lines = [.. lines];
        Sentences = [.. Remarks()];
    }

    /// <summary>The lines, in the order of reading.</summary>
    public ImmutableArray<MathLine> Lines { get; }

    /// <summary>What the lines do not say.</summary>
    public ImmutableArray<string> Sentences { get; }

    /// <summary>The mathematics of a model.</summary>
    /// <param name="spec">The model, with or without data.</param>
    public static ModelMathematics Of(ModelSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return new(spec);
    }

    private void Write()
    {
        var response = spec.Response;
        if (response.Family.IsNormal)
            Normal();
        else
            Discrete();
        Define(response.Name, response.Formula);
        foreach (var column in spec.Columns.Concat(spec.Offsets).DistinctBy(column => (column.Name, column.Formula)))
        {
            if (column.Category is null)
                Define(column.Name, column.Formula);
        }

        foreach (var factor in spec.Factors)
            Distributions(factor);
        Coefficients();
        foreach (var factor in spec.Factors)
            Scales(factor);
        if (response.HasShape)
            Prior(new MathSymbol(response.Family.Shape!.Symbol), response.Shape, response.HasDefaultShape);
        if (response.HasSigma)
            Prior(Sigma, response.Sigma, response.HasDefaultPrior);
    }

    private IEnumerable<string> Remarks()
    {
        if (spec.HasSlopesOnly)
            yield return WithoutIntercept;
        if (spec.IsStandardized)
            yield return $"Priors are on standardised {spec.StandardizedText}: {OnStandardizedScale}";
        foreach (var factor in spec.Factors.Where(factor => factor.IsStatedAtOrigin))
            yield return StatedAt(factor);
    }

    // Where the sds and correlations of a factor are those of effects away from 0.
    private string StatedAt(FactorSpec factor)
    {
        var columns = factor.Terms.Select((term, a) => (term.Column, Value: factor.Origin[a])).Where(term => term.Column != ModelSpec.Ones);
        var point = columns.Select(term => string.Create(CultureInfo.InvariantCulture, $"{spec.Columns[term.Column].Name} = {term.Value:G6}"));
        var name = Subscript(factor.Name).ToText();
        return $"The priors of s_{name} and R_{name} apply to effects at the means of the columns: {string.Join(", ", point)}.";
    }

    private void Normal()
    {
        var response = spec.Response;
        var error = response.KnownSd is not null ? InRow(response.KnownSd)
            : response.PrecisionWeight is { } weight ? MathNode.Row(Sigma, new MathOperator(" / "), MathNode.Call("sqrt", InRow(weight)))
            : Sigma;
        var mean = new MathIndexed(new MathSymbol("μ"), InEachRow);
        Add(InRow(response.Name, response.Formula), "~", Times(MathNode.Call(response.Family.Name, mean, error)));
        Add(mean, "=", Predictor());
    }

    // A row may stand for several.
    private MathNode Times(MathNode distribution) => spec.Response.Count is { } count
        ? MathNode.Row(distribution, new MathOperator(", "), InRow(count), new MathSpace(), new MathName("times"))
        : distribution;

    private void Discrete()
    {
        var response = spec.Response;
        MathNode parameter = new MathIndexed(new MathSymbol(response.Family.LocationSymbol), InEachRow);
        var link = response.Family.Link switch
        {
            Link.Identity => string.Empty,
            Link.Log => "log",
            Link.Probit => "probit",
            Link.ComplementaryLogLog => "cloglog",
            Link.Logit => "logit",
            _ => throw new UnreachableException(),
        };
        MathNode[] arguments = response.Trials is { } trials ? [InRow(trials), parameter]
            : response.Exposure is { } exposure ? [MathNode.Row(InRow(exposure), new MathSpace(), parameter)]
            : [parameter];
        if (response.Family.Shape is { } shape)
        {
            var symbol = new MathSymbol(shape.Symbol);
            arguments = response.HasSigma ? [symbol, .. arguments, Sigma] : [.. arguments, symbol];
        }

        Add(InRow(response.Name, response.Formula), "~", Times(MathNode.Call(response.Family.Name, arguments)));
        Add(link.Length == 0 ? parameter : MathNode.Call(link, parameter), "=", Predictor());
    }

    private MathNode Predictor()
    {
        // A column may have a population effect, varying effects, or both: its coefficient is their sum.
        var order = new List<int>();
        var coefficients = new Dictionary<int, List<MathNode>>();
        void Add(int column, MathNode symbol)
        {
            if (!coefficients.TryGetValue(column, out var symbols))
            {
                coefficients.Add(column, symbols = []);
                order.Add(column);
            }

            symbols.Add(symbol);
        }

        var categories = new HashSet<string>();
        foreach (var term in spec.Population)
        {
            if (term.Column != ModelSpec.Ones && spec.Columns[term.Column].Category is { } category)
            {
                if (categories.Add(category))
                    Add(-2 - term.Column, OfCategory(category, InRow(category)));
            }
            else
            {
                Add(term.Column, Beta(term));
            }
        }

        foreach (var factor in spec.Factors)
        {
            foreach (var term in factor.Terms)
            {
                var level = MathNode.Row(Subscript(factor.Name), MathNode.InBrackets(InEachRow), Comma, Subscript(term));
                Add(term.Column, new MathIndexed(new MathSymbol("u"), level));
            }
        }

        var sums = new List<MathNode>();
        foreach (var offset in spec.Offsets)
            sums.Add(InRow(offset.Name, offset.Formula));
        foreach (var column in order)
        {
            var symbols = coefficients[column];
            if (column < 0)
            {
                sums.AddRange(symbols);
                continue;
            }

            MathNode sum = new MathSum([.. symbols]);
            var product = symbols.Count > 1 ? MathNode.InParentheses(sum) : symbols[0];
            sums.Add(MathNode.Row(product, new MathSpace(), InRow(spec.Columns[column].Name, spec.Columns[column].Formula)));
        }

        return sums.Count == 0 ? MathNumber.Zero : new MathSum([.. sums]);
    }

    private void Define(string name, string formula)
    {
        if (IsSymbol(name) && formula != name)
            Add(new MathName(name), "=", new MathName(formula));
    }

    private void Distributions(FactorSpec factor)
    {
        MathNode Of(string letter) => new MathIndexed(new MathSymbol(letter), Subscript(factor.Name));
        if (factor.Covariance is not null)
        {
            Add(Of("u"), "~", MathNode.Call("MVN", MathNumber.Zero, Of("Σ")));
            return;
        }

        if (factor.HasCorrelations)
        {
            var diagonal = MathNode.Call("diag", Of("s"));
            var covariance = MathNode.Row(diagonal, new MathSpace(), Of("R"), new MathSpace(), diagonal);
            Add(Of("u"), "~", MathNode.Call("MVN", MathNumber.Zero, covariance));
            return;
        }

        foreach (var term in factor.Terms)
            Add(OfTerm("u", factor, term), "~", MathNode.Call("Normal", MathNumber.Zero, OfTerm("s", factor, term)));
    }

    private void Coefficients()
    {
        var categories = new HashSet<string>();
        foreach (var term in spec.Population)
        {
            var column = term.Column == ModelSpec.Ones ? null : spec.Columns[term.Column];
            if (column is { Category: { } category, ReferenceLevel: { } reference } && categories.Add(category))
                Add(OfCategory(category, new MathName(reference)), "=", MathNumber.Zero);
            var symbol = column?.Category is null ? Beta(term) : OfCategory(column.Category, new MathName(column.CategoryLevel ?? "level"));
            Prior(symbol, term.Prior, term.HasDefaultPrior);
        }
    }

    private void Scales(FactorSpec factor)
    {
        if (factor.Covariance is not null)
        {
            Prior(new MathIndexed(new MathSymbol("Σ"), Subscript(factor.Name)), factor.Covariance, false);
            return;
        }

        foreach (var term in factor.Terms)
            Prior(OfTerm("s", factor, term), term.Sd, term.HasDefaultPrior);
        if (factor.HasCorrelations)
            Prior(new MathIndexed(new MathSymbol("R"), Subscript(factor.Name)), factor.Correlation, factor.HasDefaultPrior);
    }

    private void Prior(MathNode symbol, IPrior? prior, bool isDefault) => lines.Add(prior switch
    {
        null => new(symbol, "~", new MathName("default")),
        IUnivariatePrior { FixedValue: { } known } => new(symbol, "=", MathNumber.Of(known)),
        _ when isDefault => new(symbol, "~", MathNode.Row(new MathName(prior.Text), new MathSpace(2), new MathName("(default)"))),
        _ => new(symbol, "~", new MathName(prior.Text)),
    });

    private void Add(MathNode left, string relation, MathNode right) => lines.Add(new(left, relation, right));

    private static MathNode Beta(PopulationTerm term) =>
        new MathIndexed(new MathSymbol("β"), term.Column == ModelSpec.Ones ? MathNumber.Zero : Subscript(term.Name));

    private static MathNode OfCategory(string category, MathNode level) =>
        new MathIndexed(new MathSymbol("β"), MathNode.Row(Subscript(category), MathNode.InBrackets(level)));

    private static MathNode OfTerm(string letter, FactorSpec factor, VaryingTerm term) =>
        new MathIndexed(new MathSymbol(letter), MathNode.Row(Subscript(factor.Name), Comma, Subscript(term)));

    private static MathNode Subscript(VaryingTerm term) => term.Column == ModelSpec.Ones ? MathNumber.Zero : Subscript(term.Name);

    private static MathNode Subscript(string name) => new MathName(name, IsBraced: !IsSubscript(name));

    private static MathNode InRow(string name) => InRow(name, name);

    private static MathNode InRow(string name, string formula) =>
        new MathIndexed(IsSymbol(name) ? new MathName(name) : MathNode.InParentheses(new MathName(formula)), InEachRow);

    private static bool IsSymbol(string name) => name.Length > 0 && name.All(c => char.IsLetterOrDigit(c) || c is '_' or '.');

    private static bool IsSubscript(string name) => name.Length > 0 && name.All(c => char.IsLetterOrDigit(c) || c is '_' or '.' or ':' or '/');
}

/// <summary>A line: what stands on its left, <c>~</c> or <c>=</c>, and what on its right.</summary>
internal readonly record struct MathLine(MathNode Left, string Relation, MathNode Right);

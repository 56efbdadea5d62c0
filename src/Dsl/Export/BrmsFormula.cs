using TypedPooling.Declarations;
using TypedPooling.Model;

namespace TypedPooling.Export;

/// <summary>Writes a model for brms, priors included.</summary>
/// <remarks>
/// The intercept is <c>0 + Intercept</c>: brms would otherwise state its prior where columns have their means. The formula needs the levels of
/// categorical predictors and the parameters of default priors, so rows, where a model has such.
/// </remarks>
internal sealed class BrmsFormula(ProgramLayout layout, ModelSpec spec) : FormulaWriter(layout, spec)
{
    private const string Elsewhere = "Name another prior, or use ToStan().";

    private readonly List<string> priors = [];

    protected override string Intercept => "0 + Intercept";

    protected override ModelFormula Write()
    {
        if (Spec.IsStandardized)
            Refuse(Spec.Response.Name, "brms cannot state priors on the standardised scale.", "Use ToStan(), or leave Standardized() out.");
        string[] additions =
        [
            .. Layout.WeightKind switch
            {
                RowWeight.KnownSd => new[] { $"se({Layout.Weight})" },
                RowWeight.Trials => [$"trials({Layout.Weight})"],
                _ => [],
            },
            .. Layout.Count is null ? Array.Empty<string>() : [$"weights({Layout.Count})"],
        ];
        var response = additions.Length == 0 ? Layout.Response : $"{Layout.Response} | {string.Join(" + ", additions)}";
        if (Layout.WeightKind == RowWeight.Precision)
            Refuse(Layout.Weight!, "The weights of brms are powers of the likelihood, not precisions.", "Use ToStan().");
        for (var effect = 0; effect < Layout.Population.Count; effect++)
            Coefficients(effect);
        for (var k = 0; k < Layout.Factors.Count; k++)
            Factor(k);
        if (Layout.Sigma is { } sigma)
            Scale(sigma, Spec.Response.Sigma, "class = \"sigma\"", 0);
        if (Layout.Shape is { } shape && Layout.Form.BrmsShape is { } named)
            Scale(shape, Spec.Response.Shape ?? (IUnivariatePrior)shape.Prior, $"class = \"{named.Class}\"", named.Lower);

        var formula = $"{response} ~ {RightHandSide()}";
        var call = $"brms::brm({formula}, data = data, family = {Layout.Form.Brms}"
            + (priors.Count == 0 ? string.Empty : $",\n  prior = c(\n    {string.Join(",\n    ", priors)}\n  )") + ")";
        return new(
            FormulaDialect.Brms, formula, Layout.Form.Brms, [.. priors], [.. Preparation], string.Join("\n", Preparation.Append(call)));
    }

    protected override bool IsLeftOut(ProgramNumber number) => number.FixedValue is 0;

    protected override bool IsLeftOut(ProgramFactor factor, int term) => factor.Terms[term].Sd?.FixedValue is 0;

    protected override string NameIn(ProgramFactor factor, int term) =>
        factor.Origin is null ? factor.Terms[term].Column!.Name : $"{factor.Terms[term].Column!.Name}_mid";

    private void Coefficients(int effect)
    {
        var number = Layout.Population[effect];
        if (IsLeftOut(number))
            return;
        var column = Layout.ColumnOf(effect);
        if (column?.Count is null)
        {
            var term = Spec.Population.FirstOrDefault(term => term.Name == number.Term);
            Set(number, term?.Prior, $"class = \"b\", coef = {InQuotes(column?.Name ?? ModelSpec.InterceptName)}", double.NegativeInfinity);
            return;
        }

        var levels = Spec.Columns.Where(level => level.Category == column.Title && level.CategoryLevel is not null).ToArray();
        if (levels.Length == 0)
        {
            NeedData(number.Term, $"The levels of {column.Title} are in the data");
            return;
        }

        Preparation.Add($"data${column.Name} <- relevel(factor(data${column.Name}), ref = {InQuotes(levels[0].ReferenceLevel!)})");
        foreach (var level in levels)
        {
            if (!level.CategoryLevel!.All(char.IsAsciiLetterOrDigit))
            {
                Refuse(
                    number.Term,
                    $"brms changes the name of the level '{level.CategoryLevel}' of {column.Title}, so its prior cannot be told.",
                    "Give levels names of letters and digits.");
            }

            var term = Spec.Population.Single(term => term.Name == level.Name);
            Set(number, term.Prior, $"class = \"b\", coef = {InQuotes(column.Name + level.CategoryLevel)}", double.NegativeInfinity);
        }
    }

    private void Factor(int index)
    {
        var factor = Layout.Factors[index];
        var bound = Spec.Factors[index];
        if (factor.Covariance is not null)
        {
            Refuse(factor.Title, $"brms has no prior of a whole covariance, here {bound.Covariance!.Text}.", Elsewhere);
            return;
        }

        for (var a = 0; a < factor.Size; a++)
        {
            var term = factor.Terms[a];
            if (IsLeftOut(factor, a))
                continue;
            var name = term.Column is null ? ModelSpec.InterceptName : NameIn(factor, a);
            if (factor.Origin is not null && term.Column is { } column)
            {
                if (bound.Terms.Any(other => other.Sd is null))
                    NeedData(term.Sd!.Term, $"The default prior of the {term.Sd.Term} is stated at the means of the columns");
                else
                    Preparation.Add($"data${name} <- data${column.Name} - {ProgramNumber.Literal(bound.IsStatedAtOrigin ? bound.OriginOf(a) : 0)}");
            }

            var prior = factor.Size == 1 && bound.Covariance is { } covariance ? covariance.SdPrior(0, 1) : bound.Terms[a].Sd;
            Scale(term.Sd!, prior, $"class = \"sd\", group = {InQuotes(factor.Index)}, coef = {InQuotes(name)}", 0);
        }

        if (factor.Concentration is { } eta)
            priors.Add($"set_prior(\"lkj({ProgramNumber.Literal(eta)})\", class = \"cor\", group = {InQuotes(factor.Index)})");
    }

    private void Scale(ProgramNumber number, IUnivariatePrior? prior, string place, double lower)
    {
        if (prior is { IsProper: false })
            Refuse(number.Term, $"brms puts a prior of its own in place of a flat one of the {number.Term}.", Elsewhere);
        else
            Set(number, prior, place, lower);
    }

    private void Set(ProgramNumber number, IUnivariatePrior? prior, string place, double lower)
    {
        if (prior is null)
            NeedData(number.Term, $"The default prior of {number.Term} is scaled by the data");
        else if (prior.Form.Brms is not { } template || (prior.FixedValue is null && !HasBounds(number, lower)))
            Refuse(number.Term, $"brms has no prior {prior.Text} for {number.Term}.", Elsewhere);
        else if (template.Length > 0)
            priors.Add($"set_prior(\"{prior.Form.Fill(template, number.Sampled, ProgramNumber.Literals(prior.Form))}\", {place})");
    }

    // brms bounds a whole class, never one of its coefficients.
    private static bool HasBounds(ProgramNumber number, double lower) => number.Lower == lower && double.IsPositiveInfinity(number.Upper);

    private void NeedData(string term, string sentence) => Refuse(term, $"{sentence}.", "Call ToFormula(FormulaDialect.Brms, rows).");
}

using TypedPooling.Declarations;
using TypedPooling.Model;

namespace TypedPooling.Export;

/// <summary>Writes a model for lme4: the same likelihood, without priors.</summary>
/// <remarks>A Normal model is written as <c>lmer</c> fits it by default, by REML: <see cref="Engine.RestrictedMaximumLikelihood"/>. A standardised
/// model is the same one where there are no priors.</remarks>
internal sealed class Lme4Formula(ProgramLayout layout, ModelSpec spec) : FormulaWriter(layout, spec)
{
    private const string Elsewhere = "Use ToStan(), or leave it to the estimation.";

    protected override string Intercept => "1";

    protected override ModelFormula Write()
    {
        var form = Layout.Form;
        var family = Spec.Response.Family;
        if (form.Lme4 is null)
            Refuse(
                Spec.Response.Name,
                $"lme4 does not fit the likelihood of a {family.Name} response.",
                "Use ToFormula(FormulaDialect.Brms) or ToStan().");
        if (Layout.WeightKind == RowWeight.KnownSd)
            Refuse(Layout.Weight!, "lme4 cannot take known errors: it estimates sigma.", "Use ToFormula(FormulaDialect.Brms) or ToStan().");
        if (Layout.Count is not null)
            Refuse(Layout.Count, "lme4 takes no counts of rows: its weights are precisions.", "Give each of the N rows that a row stands for.");
        foreach (var number in new[] { Layout.Sigma, Layout.Shape }.Where(number => number?.FixedValue is not null))
            Refuse(number!.Term, $"lme4 cannot fix the {number.Term}, here {number.Prior.Text}.", Elsewhere);
        if (Layout.Factors.Count == 0)
            Refuse(Spec.Response.Name, "lme4 needs a grouping factor.", "Use lm or glm of R, or add Varying(...).");

        var response = form.Lme4Response.Replace("{y}", Layout.Response, StringComparison.Ordinal)
            .Replace("{size}", Layout.Weight, StringComparison.Ordinal);
        var formula = $"{response} ~ {RightHandSide()}";
        var (call, argument) = form.Lme4 ?? (string.Empty, string.Empty);
        var familyText = argument.Length > 0 ? $", family = {argument}" : string.Empty;
        var weights = Layout.WeightKind == RowWeight.Precision ? $", weights = {Layout.Weight}" : string.Empty;
        var text = $"lme4::{call}({formula}, data = data{familyText}{weights})";
        return new(FormulaDialect.Lme4, formula, argument, [], [.. Preparation], string.Join("\n", Preparation.Append(text)));
    }

    protected override bool IsLeftOut(ProgramNumber number)
    {
        if (number.FixedValue is null)
            return false;
        if (number.FixedValue != 0 && !Spec.IsStandardized)
            Refuse(
                number.Term,
                $"lme4 cannot fix the effect of {number.Term}, here {number.Prior.Text}.",
                "Add its product with the column as an Offset.");
        else if (Spec.IsStandardized)
            Refuse(number.Term, $"lme4 cannot fix the effect of {number.Term} on the standardised scale.", "Leave Standardized() out.");
        return true;
    }

    protected override bool IsLeftOut(ProgramFactor factor, int term)
    {
        var sd = factor.Terms[term].Sd;
        if (sd?.FixedValue is null)
            return false;
        if (sd.FixedValue != 0)
            Refuse(sd.Term, $"lme4 cannot fix the {sd.Term}, here {sd.Prior.Text}.", Elsewhere);
        return true;
    }
}

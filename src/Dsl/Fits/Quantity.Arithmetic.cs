using System.Globalization;
using TypedPooling.Draws;

namespace TypedPooling;

/// <content>Sums, products and comparisons of quantities, draw by draw.</content>
/// <remarks>
/// A result has the draws f(a_s, b_s) of the same s. Where both operands are weighted (population effects and scales by importance sampling), the
/// weighted sample goes through f too, so that the result is as exact as they are. Where one is known by its draws alone, so is the result. Of a
/// point fit the result at the estimates is f of those. Linear combinations of coefficients keep their exact moments where they have such:
/// population effects, and the coefficients and effects of one level of each factor.
/// </remarks>
public sealed partial class Quantity
{
    /// <summary>The sum of two quantities of one fit, in every draw.</summary>
    /// <param name="left">A quantity.</param>
    /// <param name="right">A quantity of the same fit.</param>
    /// <returns>Named <c>left + right</c>. Moments stay exact where both are linear in coefficients whose joint posterior is normal.</returns>
    /// <exception cref="ModelException">UnknownTerm: the quantities are of two fits, whose draws are not aligned.</exception>
    public static Quantity operator +(Quantity left, Quantity right) =>
        Combined(left, right, "+", isProduct: false, static (a, b) => a + b, LinearForm.Sum(left?.Linear, right?.Linear, 1));

    /// <summary>The difference of two quantities of one fit, in every draw: a contrast.</summary>
    /// <param name="left">A quantity.</param>
    /// <param name="right">A quantity of the same fit.</param>
    /// <returns>Named <c>left - right</c>. Moments stay exact where both are linear in coefficients whose joint posterior is normal.</returns>
    /// <exception cref="ModelException">UnknownTerm: the quantities are of two fits, whose draws are not aligned.</exception>
    public static Quantity operator -(Quantity left, Quantity right) =>
        Combined(left, right, "-", isProduct: false, static (a, b) => a - b, LinearForm.Sum(left?.Linear, right?.Linear, -1));

    /// <summary>The product of two quantities of one fit, in every draw.</summary>
    /// <param name="left">A quantity.</param>
    /// <param name="right">A quantity of the same fit.</param>
    /// <returns>Named <c>left * right</c>.</returns>
    /// <exception cref="ModelException">UnknownTerm: the quantities are of two fits, whose draws are not aligned.</exception>
    public static Quantity operator *(Quantity left, Quantity right) =>
        Combined(left, right, "*", isProduct: true, static (a, b) => a * b, null);

    /// <summary>The ratio of two quantities of one fit, in every draw.</summary>
    /// <param name="left">A quantity.</param>
    /// <param name="right">A quantity of the same fit. Where its draws come near 0 the ratio need not have a mean: read its median and
    /// quantiles.</param>
    /// <returns>Named <c>left / right</c>.</returns>
    /// <exception cref="ModelException">UnknownTerm: the quantities are of two fits, whose draws are not aligned.</exception>
    public static Quantity operator /(Quantity left, Quantity right) =>
        Combined(left, right, "/", isProduct: true, static (a, b) => a / b, null);

    /// <summary>A quantity and a number added, in every draw.</summary>
    /// <param name="left">A quantity.</param>
    /// <param name="right">A number in its units.</param>
    public static Quantity operator +(Quantity left, double right) =>
        Mapped(left, $"{NameIn(left, false)} + {Text(right)}", x => x + right, 1);

    /// <summary>A number and a quantity added, in every draw.</summary>
    /// <param name="left">A number in the quantity's units.</param>
    /// <param name="right">A quantity.</param>
    public static Quantity operator +(double left, Quantity right) =>
        Mapped(right, $"{Text(left)} + {NameIn(right, false)}", x => left + x, 1);

    /// <summary>A number taken from a quantity, in every draw.</summary>
    /// <param name="left">A quantity.</param>
    /// <param name="right">A number in its units.</param>
    public static Quantity operator -(Quantity left, double right) =>
        Mapped(left, $"{NameIn(left, false)} - {Text(right)}", x => x - right, 1);

    /// <summary>A quantity taken from a number, in every draw.</summary>
    /// <param name="left">A number in the quantity's units.</param>
    /// <param name="right">A quantity.</param>
    public static Quantity operator -(double left, Quantity right) =>
        Mapped(right, $"{Text(left)} - {NameIn(right, true)}", x => left - x, -1);

    /// <summary>A quantity times a number, in every draw.</summary>
    /// <param name="left">A quantity.</param>
    /// <param name="right">A number.</param>
    public static Quantity operator *(Quantity left, double right) =>
        Mapped(left, $"{NameIn(left, true)} * {Text(right)}", x => x * right, right);

    /// <summary>A number times a quantity, in every draw.</summary>
    /// <param name="left">A number.</param>
    /// <param name="right">A quantity.</param>
    public static Quantity operator *(double left, Quantity right) =>
        Mapped(right, $"{Text(left)} * {NameIn(right, true)}", x => left * x, left);

    /// <summary>A quantity over a number, in every draw.</summary>
    /// <param name="left">A quantity.</param>
    /// <param name="right">A number.</param>
    public static Quantity operator /(Quantity left, double right) =>
        Mapped(left, $"{NameIn(left, true)} / {Text(right)}", x => x / right, 1 / right);

    /// <summary>A number over a quantity, in every draw.</summary>
    /// <param name="left">A number.</param>
    /// <param name="right">A quantity. Where its draws come near 0 the ratio need not have a mean: read its median and quantiles.</param>
    public static Quantity operator /(double left, Quantity right) => Mapped(right, $"{Text(left)} / {NameIn(right, true)}", x => left / x, null);

    /// <summary>The quantity with the other sign, in every draw.</summary>
    /// <param name="value">A quantity.</param>
    public static Quantity operator -(Quantity value) => Mapped(value, $"-{NameIn(value, true)}", static x => -x, -1);

    /// <summary>The posterior probability that the quantity is greater than a number: <c>b - a > 0</c> is P(b > a).</summary>
    /// <param name="left">A quantity.</param>
    /// <param name="right">A number in its units.</param>
    /// <returns>A probability, not a truth value: <see cref="ProbabilityAbove"/>. In F#, whose comparisons give truth values, call that.</returns>
    public static double operator >(Quantity left, double right) => Checked(left).ProbabilityAbove(right);

    /// <summary>The posterior probability that the quantity is less than a number.</summary>
    /// <param name="left">A quantity.</param>
    /// <param name="right">A number in its units.</param>
    /// <returns>A probability, not a truth value: <see cref="ProbabilityBelow"/>. In F#, whose comparisons give truth values, call that.</returns>
    public static double operator <(Quantity left, double right) => Checked(left).ProbabilityBelow(right);

    /// <summary>The posterior probability that one quantity is greater than another of the same fit.</summary>
    /// <param name="left">A quantity.</param>
    /// <param name="right">A quantity of the same fit.</param>
    /// <returns>A probability, not a truth value: that of <c>left - right</c> above 0.</returns>
    /// <exception cref="ModelException">UnknownTerm: the quantities are of two fits, whose draws are not aligned.</exception>
    public static double operator >(Quantity left, Quantity right) => (left - right).ProbabilityAbove(0);

    /// <summary>The posterior probability that one quantity is less than another of the same fit.</summary>
    /// <param name="left">A quantity.</param>
    /// <param name="right">A quantity of the same fit.</param>
    /// <returns>A probability, not a truth value: that of <c>left - right</c> below 0.</returns>
    /// <exception cref="ModelException">UnknownTerm: the quantities are of two fits, whose draws are not aligned.</exception>
    public static double operator <(Quantity left, Quantity right) => (left - right).ProbabilityBelow(0);

    /// <summary>The posterior probability that the quantity is greater than a value.</summary>
    /// <param name="value">Any number, in the quantity's units.</param>
    /// <returns>The share of the weighted sample or of the draws above it; of an exactly normal quantity, or the normal approximation of a point fit,
    /// in closed form. NaN for a scale of a point fit, which has no distribution. Its Monte-Carlo error is sqrt(p (1 - p) / ESS), ESS being
    /// <see cref="EssQuantile"/> of p.</returns>
    public double ProbabilityAbove(double value) =>
        exact is { Sd: double.NaN } ? double.NaN : 1 - Below(value, includesValue: true);

    /// <summary>The posterior probability that the quantity is less than a value.</summary>
    /// <param name="value">Any number, in the quantity's units.</param>
    /// <returns>As <see cref="ProbabilityAbove"/>, of what is below it.</returns>
    public double ProbabilityBelow(double value) => exact is { Sd: double.NaN } ? double.NaN : Below(value, includesValue: false);

    /// <summary>The quantity as a linear combination of coefficients; null where it is none, or their posterior is not exactly normal.</summary>
    internal LinearForm? Linear { get; init; }

    private bool IsCombined { get; init; }

    private static Quantity Checked(Quantity quantity)
    {
        ArgumentNullException.ThrowIfNull(quantity);
        return quantity;
    }

    // An increasing or decreasing line, of the given slope, keeps exact moments; null where the function is no line.
    private static Quantity Mapped(Quantity of, string name, Func<double, double> function, double? slope)
    {
        ArgumentNullException.ThrowIfNull(of);
        NormalMoments? moments = slope is { } times && of is { exact: { } own, Transform: null, IsExponential: false }
            ? new(function(own.Mean), own.Sd == 0 ? 0 : Math.Abs(times) * own.Sd)
            : null;
        return new(
            name,
            of.Posterior,
            () => Array.ConvertAll(of.DrawArray, x => function(x)),
            moments,
            of.IsWeighted ? () => Array.ConvertAll(of.values.Value, x => function(x)) : null)
        {
            Linear = slope is { } factor ? of.Linear?.Times(factor).Plus(function(0)) : null,
            IsCombined = true,
            HasUnsureMean = of.HasUnsureMean,
            UnsureBecause = of.UnsureBecause,
            Estimate = of.Estimate is not { } estimate ? null
                : estimate.IsRandom ? new(Along(of.Posterior, s => function(estimate.Of(s))))
                : new(function(estimate.Mean)),
        };
    }

    private static Quantity Combined(
        Quantity left, Quantity right, string sign, bool isProduct, Func<double, double, double> function, LinearForm? linear)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        if (!ReferenceEquals(left.Posterior, right.Posterior))
            throw DrawContext.OfAnotherFit(right.Name);
        var unsure = left.HasUnsureMean ? left : right;
        AtEstimates? estimate = null;
        if (left.Estimate is { } one && right.Estimate is { } other)
        {
            estimate = one.IsRandom || other.IsRandom
                ? new(Along(left.Posterior, s => function(one.Of(s), other.Of(s))))
                : new(function(one.Mean, other.Mean));
        }

        return new(
            $"{NameIn(left, isProduct)} {sign} {NameIn(right, isProduct || sign == "-")}",
            left.Posterior,
            () => Zip(left.DrawArray, right.DrawArray, function),
            linear?.Moments(left.Posterior),
            left.IsWeighted && right.IsWeighted ? () => Zip(left.values.Value, right.values.Value, function) : null)
        {
            Linear = linear,
            IsCombined = true,
            HasUnsureMean = unsure.HasUnsureMean,
            UnsureBecause = unsure.UnsureBecause,
            Estimate = estimate,
        };
    }

    private static double[] Along(Posterior posterior, Func<int, double> value)
    {
        var values = new double[posterior.DrawCount];
        for (var s = 0; s < values.Length; s++)
            values[s] = value(s);
        return values;
    }

    private static double[] Zip(double[] left, double[] right, Func<double, double, double> function)
    {
        var values = new double[left.Length];
        for (var s = 0; s < values.Length; s++)
            values[s] = function(left[s], right[s]);
        return values;
    }

    // A sum within a product stands in parentheses.
    private static string NameIn(Quantity? quantity, bool isWithin) =>
        quantity is null ? string.Empty : isWithin && quantity.IsCombined ? $"({quantity.Name})" : quantity.Name;

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}

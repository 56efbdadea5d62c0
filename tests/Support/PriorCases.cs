using TypedPooling.Tests.Conventions;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Support;

/// <summary>Priors of every concrete type. A type that reflection finds and that has no case here fails every theory with these cases.</summary>
internal static class PriorCases
{
    private static readonly IReadOnlyList<IPrior> Known =
    [
        Normal(-2, 3),
        Normal(40, 0.1),
        StudentT(0.8, 1, 2),
        StudentT(1.5, -3, 0.7),
        StudentT(4, 0, 1),
        StudentT(30, 10, 2.5),
        Cauchy(-1, 0.4),
        Laplace(2, 1.5),
        Uniform(-1, 2),
        Uniform(0.5, 4),
        Flat,
        Fixed(0),
        Fixed(1.25),
        Exponential(0.3),
        HalfNormal(2),
        HalfCauchy(0.7),
        HalfStudentT(0.8, 1),
        HalfStudentT(3, 2),
        Gamma(0.5, 1),
        Gamma(2, 0.1),
        Gamma(2, 0.1).Above(1),
        InverseGammaOnVariance(0.5, 2),
        InverseGammaOnVariance(3, 0.4),
        ExponentialOnInverseRoot(1),
        ExponentialOnInverseRoot(0.2),
        Lkj(0.5),
        Lkj(1),
        Lkj(4),
        Uncorrelated,
        HuangWand(2, 1.5),
        HuangWand(1.2, 3),
        HuangWand(2, 1.5, 0.4),
        HuangWand(3.5, 0.5, 2, 7),
        InverseWishart(3.4, 0.8),
        InverseWishart(6, new[,] { { 2, 0.3 }, { 0.3, 0.5 } }),
        InverseWishart(5, new[,] { { 2.0, 0 }, { 0, 0.5 } }),
    ];

    /// <summary>Every case of a kind, by its text.</summary>
    /// <typeparam name="TPrior">The interface.</typeparam>
    public static TheoryData<string> Texts<TPrior>()
        where TPrior : IPrior
    {
        var missing = PriorTypes.All.Where(type => typeof(TPrior).IsAssignableFrom(type) && Known.All(prior => prior.GetType() != type)).ToArray();
        if (missing.Length > 0)
            throw new InvalidOperationException($"No case of {string.Join(", ", missing.Select(type => type.Name))}.");
        return [.. Known.OfType<TPrior>().Select(prior => prior.Text)];
    }

    /// <summary>The case with a text.</summary>
    /// <typeparam name="TPrior">The interface.</typeparam>
    /// <param name="text">The prior as it is written.</param>
    public static TPrior Named<TPrior>(string text)
        where TPrior : IPrior => Known.OfType<TPrior>().Single(prior => prior.Text == text);
}

using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedPooling.Tests.Conventions;

/// <summary>
/// Finds code that names a concrete type of prior. What a place wants to know of a prior is a member of the prior's interface; a list of types would
/// miss the next prior without a word. Documents and comments may name any.
/// </summary>
internal static class PriorTypes
{
    /// <summary>Where a type may be named outside its own file: the place, the types, the reason.</summary>
    public static IReadOnlyList<PriorTypeException> Exceptions { get; } =
    [
        new(
            "src/Core.CSharp/Model/ModelSpec.cs",
            [nameof(FlatPrior), nameof(LkjPrior), nameof(UncorrelatedPrior)],
            "the likelihood alone is the model with flat priors"),
        new(
            "src/Core.CSharp/Model/ConjugatePriors.cs",
            [nameof(NormalPrior), nameof(InverseGammaOnVariancePrior), nameof(HuangWandPrior), nameof(InverseWishartPrior)],
            "makes the conjugate priors that replace others"),
        new("src/Core.CSharp/Priors/HuangWandPrior.cs", [nameof(HalfStudentTPrior)], "the distribution of each sd"),
        new("src/Core.CSharp/Priors/InverseWishartPrior.cs", [nameof(InverseGammaOnVariancePrior)], "the distribution of each sd"),
        new("src/Inference/Scales/ScaleCoordinates.cs", [nameof(FlatPrior)], "sds whose prior is that of their covariance matrix"),
        new(
            "src/Inference/Hierarchy/Unpooled/CellPoolingAnalysis.cs",
            [nameof(FixedPrior), nameof(FlatPrior), nameof(UncorrelatedPrior)],
            "the model of one level, scales held, and that of all rows in one level"),
        new("src/Inference/Variational/CovarianceScale.cs", [nameof(InverseWishartPrior)], "draws from an approximation of this form"),
        new("src/Inference.InferNet/GraphDraws.cs", [nameof(InverseWishartPrior)], "draws from an approximation of this form"),
        new("src/Inference.InferNet/InferNetSupport.cs", [nameof(ExponentialPrior)], "stands for the default of an open prior before there are data"),
        new(
            "src/Dsl/Binding/DefaultPriors.cs",
            [nameof(NormalPrior), nameof(ExponentialPrior)],
            "makes the default priors"),
        new("src/Core.CSharp/Responses/BetaFamily.cs", [nameof(ExponentialOnInverseRootPrior)], "the default of its precision"),
        new("src/Core.CSharp/Responses/GammaFamily.cs", [nameof(ExponentialOnInverseRootPrior)], "the default of its shape"),
        new("src/Core.CSharp/Responses/NegativeBinomialFamily.cs", [nameof(ExponentialOnInverseRootPrior)], "the default of its shape"),
        new("src/Core.CSharp/Responses/StudentTFamily.cs", [nameof(GammaPrior)], "the default of its degrees of freedom"),
    ];

    /// <summary>The concrete types of prior.</summary>
    public static IReadOnlyList<Type> All { get; } =
    [
        .. typeof(IPrior).Assembly.GetTypes()
            .Where(type => !type.IsAbstract && typeof(IPrior).IsAssignableFrom(type))
            .OrderBy(type => type.Name, StringComparer.Ordinal),
    ];

    /// <summary>Types of prior named outside their own file, the factory of priors and the exceptions; and exceptions that are not needed.</summary>
    /// <param name="files">Files, paths relative to the root.</param>
    /// <param name="names">Names of the concrete types.</param>
    /// <param name="exceptions">Where which types may be named.</param>
    public static IEnumerable<string> Violations(
        IEnumerable<SourceFile> files, IReadOnlySet<string> names, IReadOnlyList<PriorTypeException> exceptions)
    {
        var unused = exceptions.SelectMany(exception => exception.Types.Select(type => (exception.Path, Type: type))).ToHashSet();
        var found = new List<string>();
        foreach (var file in files.Where(file => file.Path != "src/Dsl/Prior.cs"))
        {
            var tree = CSharpSyntaxTree.ParseText(file.Text, new CSharpParseOptions(LanguageVersion.Latest));
            foreach (var name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
            {
                var type = name.Identifier.ValueText;
                if (!names.Contains(type) || Path.GetFileNameWithoutExtension(file.Path) == type)
                    continue;
                unused.Remove((file.Path, type));
                if (!exceptions.Any(exception => exception.Path == file.Path && exception.Types.Contains(type)))
                {
                    var line = tree.GetLineSpan(name.Span).StartLinePosition.Line + 1;
                    found.Add($"{file.Path}({line}) names {type}: ask a member of the prior's interface.");
                }
            }
        }

        return found.Concat(unused.Select(pair => $"{pair.Path} no longer names {pair.Type}: take it off the exceptions."));
    }
}

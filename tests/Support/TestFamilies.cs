using TypedPooling.Responses;

namespace TypedPooling.Tests.Support;

/// <summary>Every family with its usual link.</summary>
internal static class TestFamilies
{
    public static Family Normal { get; } = new NormalFamily();

    public static Family LogNormal { get; } = new LogNormalFamily();

    public static Family Bernoulli { get; } = new BernoulliFamily(Link.Logit);

    public static Family Binomial { get; } = new BinomialFamily(Link.Logit);

    public static Family Poisson { get; } = new PoissonFamily();

    public static Family NegativeBinomial { get; } = new NegativeBinomialFamily();

    public static Family Gamma { get; } = new GammaFamily();

    public static Family StudentT { get; } = new StudentTFamily();

    /// <summary>The families, each with every link it has: found among the types, so that none escapes.</summary>
    public static IReadOnlyList<Family> All { get; } = [.. typeof(Family).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(Family)) && !type.IsAbstract)
        .OrderBy(type => type.Name, StringComparer.Ordinal)
        .SelectMany(type => Enum.GetValues<Link>().Select(link => Make(type, link)).OfType<Family>())];

    /// <summary>Those of cells.</summary>
    public static IReadOnlyList<CellsFamily> OfCells { get; } = [.. All.OfType<CellsFamily>()];

    /// <summary>A family by its name and link, of cells or of sums.</summary>
    public static Family Any(string name, Link link) => All.First(family => family.Name == name && family.Link == link);

    /// <summary>Another object of the same family.</summary>
    public static Family Again(Family family) => (Family)Make(family.GetType(), family.Link)!;

    /// <summary>A family of cells by its name and link.</summary>
    public static CellsFamily Of(string name, Link link) => OfCells.First(family => family.Name == name && family.Link == link);

    // A family of one link takes no argument.
    private static object? Make(Type type, Link link)
    {
        const System.Reflection.BindingFlags Any =
            System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic;
        if (type.GetConstructor(Any, [typeof(Link), typeof(string)]) is not { } constructor)
            return type.GetConstructor(Any, []) is { } own && own.Invoke([]) is Family made && made.Link == link ? made : null;
        try
        {
            return constructor.Invoke([link, null]);
        }
        catch (System.Reflection.TargetInvocationException refusal) when (refusal.InnerException is ModelException)
        {
            return null;
        }
    }
}

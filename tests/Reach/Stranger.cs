using TypedPooling.Tests.Conventions;
using TypedPooling.Tests.Conventions.Snippets;

namespace TypedPooling.Tests.Reach;

/// <summary>Programs of somebody who has the packages and the README, and nothing else of the checkout but the data that the README reads.</summary>
internal static class Stranger
{
    /// <summary>The ten lines of the README.</summary>
    public static string CSharp => Fence.In(Repository.TextOf("README.md")!).First(fence => fence.Language == "csharp").Text;

    /// <summary>The README's F# program, up to its table.</summary>
    public static string FSharp
    {
        get
        {
            var lines = Fence.In(Repository.TextOf("README.md")!).First(fence => fence.Language == "fsharp").Text.Split('\n');
            var model = lines.TakeWhile(line => !line.StartsWith("printfn", StringComparison.Ordinal));
            return string.Join('\n', [.. model, "System.Console.WriteLine fit.Table"]);
        }
    }

    /// <summary>The script of the samples, and the folder in which it finds its packages.</summary>
    public static string Script => $"#i \"nuget: {Packages.Folder}\"\n{Repository.TextOf("samples/cafe.fsx")}";

    /// <summary>Answers as JSON, by a context that the compiler generates.</summary>
    public static string Json => """
        using System.Text.Json;
        using System.Text.Json.Serialization;
        using TypedPooling;

        var cafe = Group.By((Visit v) => v.Cafe);
        var rows = Enumerable.Range(0, 40).Select(i => new Visit($"café {i % 5}", i % 7 + 0.5 * (i % 5)));
        var fit = PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept().Varying(cafe, g => g.Intercept()).Fit(rows);
        var summary = JsonSerializer.Deserialize(JsonSerializer.Serialize(fit.Sigma, Answers.Default.Quantity), Answers.Default.QuantitySummary);
        var table = JsonSerializer.Serialize(fit.For(cafe).Coefficients(), Answers.Default.CoefficientTableString);
        var back = JsonSerializer.Deserialize(table, Answers.Default.CoefficientTableString);
        Console.WriteLine($"{summary == fit.Sigma.Summary()} {back!.ToString() == fit.For(cafe).Coefficients().ToString()}");
        try
        {
            fit.For(cafe).Level("x");
        }
        catch (ModelException refusal)
        {
            Console.WriteLine(JsonSerializer.Serialize(refusal, Answers.Default.ModelException));
        }

        Console.WriteLine(JsonSerializer.Serialize(fit.For(cafe).Shrinkage(), Answers.Default.ShrinkageTableString)[..24]);

        public sealed record Visit(string Cafe, double Wait);

        [JsonSerializable(typeof(Quantity))]
        [JsonSerializable(typeof(QuantitySummary))]
        [JsonSerializable(typeof(CoefficientTable<string>))]
        [JsonSerializable(typeof(ShrinkageTable<string>))]
        [JsonSerializable(typeof(ModelException))]
        internal sealed partial class Answers : JsonSerializerContext;
        """;

    /// <summary>Makes a project with the package as its only reference.</summary>
    /// <param name="name">Name of the project and its folder.</param>
    /// <param name="language">csproj or fsproj.</param>
    /// <param name="source">The program.</param>
    /// <param name="properties">More properties of the project, as XML.</param>
    /// <param name="roots">Assemblies that trimming keeps whole.</param>
    /// <returns>The project's path.</returns>
    public static string Project(string name, string language, string source, string properties = "", params string[] roots)
    {
        var folder = Packages.NewFolder(name);
        var (file, compile) = language == "fsproj" ? ("Program.fs", "<ItemGroup><Compile Include=\"Program.fs\" /></ItemGroup>") : ("Program.cs", "");
        File.WriteAllText(Path.Combine(folder, file), source);
        var project = Path.Combine(folder, $"{name}.{language}");
        File.WriteAllText(project, $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <InvariantGlobalization>true</InvariantGlobalization>
                <SatelliteResourceLanguages>en</SatelliteResourceLanguages>
                <RestoreAdditionalProjectSources>{Packages.Folder}</RestoreAdditionalProjectSources>
                {properties}
              </PropertyGroup>
              {compile}
              <ItemGroup>
                {string.Concat(roots.Select(root => $"<TrimmerRootAssembly Include=\"{root}\" />"))}
                <PackageReference Include="TypedPooling" Version="{Packages.Version}" />
              </ItemGroup>
            </Project>
            """);
        return project;
    }
}

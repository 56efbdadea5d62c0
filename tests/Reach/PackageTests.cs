using System.Reflection.Metadata;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using TypedPooling.Tests.Conventions;
using Xunit;

namespace TypedPooling.Tests.Reach;

/// <summary>What the packages hold.</summary>
public sealed class PackageTests
{
    private static readonly string[] Expected =
        ["TypedPooling", "TypedPooling.Core", "TypedPooling.FSharp", "TypedPooling.Inference", "TypedPooling.Plots"];

    // What packages ask for: the assets of projects that between them refer to every other one.
    private static readonly string[] Assets = ["src/FSharp/obj/project.assets.json", "src/Plots/obj/project.assets.json"];

    // The record kind of source text embedded in symbols: the specification of portable PDB files, custom debug information.
    private static readonly Guid EmbeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    [SkippableFact]
    public void One_command_makes_a_package_of_each_library_and_says_what_it_leaves_out()
    {
        ReachLane.Require();
        var packages = Packages.ById;

        Assert.Equal(Expected, packages.Keys.Where(id => id != "TypedPooling.InferNet").Order(StringComparer.Ordinal));
        Assert.Equal(
            !packages.ContainsKey("TypedPooling.InferNet"),
            Packages.Printed.Contains("TypedPooling.InferNet is left out of the packages", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void Packages_ask_for_exactly_their_own_version_of_each_other()
    {
        ReachLane.Require();
        var among =
            Packages.ById.SelectMany(package => Dependencies(package.Key)).Where(d => d.Id.StartsWith("TypedPooling", StringComparison.Ordinal))
                .ToList();

        Assert.True(among.Count >= 2);
        Assert.All(among, dependency => Assert.Equal($"[{Packages.Version}]", dependency.Version));
    }

    [SkippableFact]
    public void Packages_hold_licence_readme_notices_and_documentation_and_no_data()
    {
        ReachLane.Require();
        foreach (var (id, file) in Packages.ById)
        {
            var files = Packages.FilesOf(file);
            var metadata = Metadata(id);
            Assert.Equal("MIT", Value(metadata, "license"));
            Assert.Equal("README.md", Value(metadata, "readme"));
            Assert.NotEmpty(Value(metadata, "description"));
            Assert.NotEmpty(Value(metadata, "tags"));
            Assert.Equal(
                ["README.md", "THIRD-PARTY-NOTICES.txt", .. id == "TypedPooling.Inference"
                    ? [$"buildTransitive/{id}.targets"]
                    : Array.Empty<string>(), $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml"],
                files.Keys.Where(name => !name.StartsWith("_rels", StringComparison.Ordinal) && !name.StartsWith("package/", StringComparison.Ordinal)
                    && name != "[Content_Types].xml" && name != $"{id}.nuspec")
                    .Order(StringComparer.Ordinal));
        }
    }

    [SkippableFact]
    public void Documentation_names_no_internal_type()
    {
        ReachLane.Require();
        var visible = new HashSet<string>(PublicTypes());
        foreach (var (id, file) in Packages.ById.Where(package => package.Key != "TypedPooling.InferNet"))
        {
            var documented = XDocument.Parse(Encoding.UTF8.GetString(Packages.FilesOf(file)[$"lib/net10.0/{id}.xml"]).TrimStart('\uFEFF'))
                .Descendants("member").Select(member => member.Attribute("name")!.Value).Where(
                    name => name.StartsWith("T:", StringComparison.Ordinal)).ToList();
            Assert.True(documented.Count > 5);
            Assert.All(documented, name => Assert.Contains(name[2..], visible));
        }
    }

    [SkippableFact]
    public void Symbols_hold_the_sources_under_paths_of_no_machine()
    {
        ReachLane.Require();
        foreach (var id in Expected)
        {
            var symbols = Packages.FilesOf(Path.Combine(Packages.Folder, $"{id}.{Packages.Version}.snupkg"))[$"lib/net10.0/{id}.pdb"];
            using var provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(symbols));
            var reader = provider.GetMetadataReader();
            var documents = reader.Documents.ToList();
            Assert.True(documents.Count > (id is "TypedPooling.FSharp" or "TypedPooling.Plots" ? 5 : 30));
            Assert.All(
                documents, document => Assert.StartsWith("/_/src/", reader.GetString(reader.GetDocument(document).Name), StringComparison.Ordinal));
            Assert.All(documents, document => Assert.Contains(
                reader.GetCustomDebugInformation(document),
                record => reader.GetGuid(reader.GetCustomDebugInformation(record).Kind) == EmbeddedSource));
        }
    }

    [SkippableFact]
    public void Every_package_that_is_brought_along_has_a_licence_that_the_notices_name()
    {
        ReachLane.Require();
        var notices = Repository.TextOf("THIRD-PARTY-NOTICES.txt")!;
        var asked = Packages.ById.Keys.Where(id => id != "TypedPooling.InferNet").SelectMany(Dependencies).Select(d => d.Id).ToHashSet();
        var brought = Assets.SelectMany(file => Brought(file, asked)).Distinct().ToList();

        Assert.Contains(brought, package => package.Name.StartsWith("MathNet.Numerics ", StringComparison.Ordinal));
        Assert.Contains(brought, package => package.Name.StartsWith("SkiaSharp ", StringComparison.Ordinal));
        foreach (var (name, folder, path) in brought)
        {
            var licence = Value(
                XDocument.Load(Directory.EnumerateFiles(Path.Combine(folder, path), "*.nuspec").Single()).Root!.Elements().Single(
                    e => e.Name.LocalName == "metadata"),
                "license");
            Assert.Contains(licence, new[] { "MIT", "BSD-3-Clause", "Apache-2.0" });
            Assert.Matches($@"(?m)^{name} .*\n  Licence: {licence}$", notices);
        }
    }

    // The packages that are asked for, and those that they ask for in turn.
    private static List<(string Name, string Folder, string Path)> Brought(string file, HashSet<string> asked)
    {
        using var assets = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, file)));
        var folder = assets.RootElement.GetProperty("packageFolders").EnumerateObject().First().Name;
        var target = assets.RootElement.GetProperty("targets").EnumerateObject().First().Value;
        var all = asked.ToHashSet();
        for (var before = -1; before < all.Count;)
        {
            before = all.Count;
            foreach (var library in target.EnumerateObject().Where(library => all.Contains(library.Name.Split('/')[0])))
            {
                if (library.Value.TryGetProperty("dependencies", out var needed))
                    all.UnionWith(needed.EnumerateObject().Select(package => package.Name));
            }
        }

        return [.. assets.RootElement.GetProperty("libraries").EnumerateObject()
            .Where(library => library.Value.GetProperty("type").GetString() == "package" && all.Contains(library.Name.Split('/')[0]))
            .Select(library => (library.Name.Replace('/', ' '), folder, library.Value.GetProperty("path").GetString()!))];
    }

    // Read from the metadata of the packed assemblies, in the form that documentation files use.
    private static IEnumerable<string> PublicTypes() => Expected.SelectMany(id =>
    {
        using var image = new System.Reflection.PortableExecutable.PEReader(
            new MemoryStream(Packages.FilesOf(Packages.ById[id])[$"lib/net10.0/{id}.dll"]));
        var reader = image.GetMetadataReader();
        return reader.TypeDefinitions.Where(type => IsVisible(reader, type)).Select(type => FullName(reader, type)).ToList();
    });

    private static bool IsVisible(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        var visibility = type.Attributes & System.Reflection.TypeAttributes.VisibilityMask;
        return visibility switch
        {
            System.Reflection.TypeAttributes.Public => true,
            System.Reflection.TypeAttributes.NestedPublic
                or System.Reflection.TypeAttributes.NestedFamily
                or System.Reflection.TypeAttributes.NestedFamORAssem => IsVisible(reader, type.GetDeclaringType()),
            _ => false,
        };
    }

    private static string FullName(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        var name = reader.GetString(type.Name);
        var outer = type.GetDeclaringType();
        return outer.IsNil ? $"{reader.GetString(type.Namespace)}.{name}" : $"{FullName(reader, outer)}.{name}";
    }

    private static IEnumerable<(string Id, string Version)> Dependencies(string id) =>
        Metadata(id).Descendants().Where(e => e.Name.LocalName == "dependency").Select(
            e => (e.Attribute("id")!.Value, e.Attribute("version")!.Value));

    private static XElement Metadata(string id) =>
        XDocument.Parse(Encoding.UTF8.GetString(Packages.FilesOf(Packages.ById[id])[$"{id}.nuspec"]).TrimStart('\uFEFF')).Root!.Elements().Single(
            e => e.Name.LocalName == "metadata");

    private static string Value(XElement metadata, string name) => metadata.Elements().Single(e => e.Name.LocalName == name).Value;
}

using Xunit;

namespace TypedPooling.Tests.Conventions;

public sealed class FileLayoutTests
{
    [Fact]
    public void Source_files_hold_one_public_type_of_their_name_and_stay_short() => Convention.Holds(FileLayout.Violations(Repository.Sources));

    [Fact]
    public void Source_files_are_found() => Assert.Contains(Repository.Sources, f => f.Path == "src/Core.CSharp/Randomness/StableHash.cs");

    [Theory]
    [InlineData("src/A/Row.cs", "namespace N; public class Row { public class Part; } internal class Other;")]
    [InlineData("src/A/Group.cs", "namespace N; public class Group<T>;")]
    [InlineData("src/A/Group{T}.cs", "namespace N; public class Group<T>;")]
    [InlineData("src/A/Row.Reading.cs", "namespace N { public partial class Row; }")]
    [InlineData("src/A/Hidden.cs", "namespace N; internal record Hidden(int X); file enum Kind { A }")]
    [InlineData("src/A/AssemblyInfo.cs", "[assembly: System.CLSCompliant(false)]")]
    public void A_well_named_file_is_accepted(string path, string text) => Assert.Empty(FileLayout.Violations([new(path, text)]));

    [Theory]
    [InlineData("public class Row; public enum Kind { A }", "src/Row.cs has 2 public types: Row, Kind.")]
    [InlineData("public class Row; public class Row<T>;", "src/Row.cs has 2 public types: Row, Row<T>.")]
    [InlineData("public delegate int Change(int x);", "src/Row.cs is not named after its type: Change.")]
    [InlineData("internal class Column;", "src/Row.cs is not named after its type: Column.")]
    public void A_badly_named_file_is_noticed(string text, string violation) =>
        Assert.Equal([violation], FileLayout.Violations([new("src/Row.cs", text)]));

    [Fact]
    public void A_long_line_is_noticed() => Assert.Equal(
        ["src/Row.cs(2) has 151 characters; 150 is the most."],
        FileLayout.Violations([new("src/Row.cs", "class Row;\n//" + new string('x', 149) + "\n//" + new string('x', 148))]));

    [Fact]
    public void A_long_file_is_noticed()
    {
        var text = "class Row;\n" + new string('\n', 600) + "// end\n";

        Assert.Equal(["src/Row.cs has 602 lines; 600 is the most."], FileLayout.Violations([new("src/Row.cs", text)]));
    }
}

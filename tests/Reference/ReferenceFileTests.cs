using Xunit;

namespace TypedPooling.Tests.Reference;

public sealed class ReferenceFileTests
{
    [Fact]
    public void Reads_quoted_fields_with_commas_quotes_and_line_breaks()
    {
        var file = ReferenceFile.Parse("a,\"b c\"\n1,\"x, \"\"y\"\"\nz\"\n");

        Assert.Equal(["a", "b c"], file.Header);
        Assert.Equal("x, \"y\"\nz", Assert.Single(file.Rows).Text("b c"));
    }

    [Fact]
    public void Skips_a_byte_order_mark_comments_before_the_header_and_empty_lines_but_keeps_empty_fields()
    {
        var file = ReferenceFile.Parse("\uFEFF# R 4, a \"comment\r\n#\r\na,b\r\n1,\r\n\r\n,#2");

        Assert.Equal(["1", ""], file.Texts("a"));
        Assert.Equal(["", "#2"], file.Texts("b"));
    }

    [Fact]
    public void Reads_numbers_as_R_writes_them()
    {
        var file = ReferenceFile.Parse("a\n-1.5e-3\nNA\nNaN\nInf\n-Inf\n\"\"\n");

        Assert.Equal([-0.0015, double.NaN, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.NaN], file.Numbers("a"));
    }

    [Fact]
    public void Refuses_a_row_of_the_wrong_length_and_an_unknown_column()
    {
        Assert.Throws<FormatException>(() => ReferenceFile.Parse("a,b\n1\n"));
        Assert.Throws<FormatException>(() => ReferenceFile.Parse("a\n\"1\n"));
        Assert.Throws<KeyNotFoundException>(() => ReferenceFile.Parse("a\n1\n").Numbers("b"));
    }
}

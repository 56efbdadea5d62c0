using System.Text;
using System.Xml.Linq;
using TypedPooling.Model;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>The model as MathML: the lines of its text, set as mathematics.</summary>
public sealed class ModelMarkupTests
{
    private static readonly XNamespace Math = "http://www.w3.org/1998/Math/MathML";

    private static NormalModel<Visit> Cafes => PooledModel.Of<Visit>()
        .Normal(v => v.Wait, sigma: Exponential(1)).Intercept(Normal(5, 2)).Slope(v => v.Afternoon, Normal(-1, 0.5))
        .Varying(Group.By((Visit v) => v.Cafe), g => g.Intercept(Exponential(1)).Slope(v => v.Afternoon, Exponential(1)).Correlated(Lkj(2)));

    // What a reader sees: texts in the order of reading, each subscript after a _.
    private static string Read(XElement element)
    {
        var text = new StringBuilder();
        foreach (var node in element.Nodes())
        {
            if (node is XText words)
                text.Append(words.Value);
            else if (node is XElement child && child.Name == Math + "msub")
                text.Append(Read(new XElement("x", child.Elements().First()))).Append('_').Append(Read(new XElement("x", child.Elements().Last())));
            else if (node is XElement other)
                text.Append(Read(other));
        }

        return text.ToString();
    }

    private static string WithoutSpaces(string text) => text.Replace(" ", string.Empty, StringComparison.Ordinal);

    [Fact]
    public void The_lines_of_the_cafe_model_are_those_of_its_text()
    {
        var markup = XElement.Parse(Cafes.ToMathML());

        Assert.Equal(Math + "math", markup.Name);
        Assert.Equal(
            WithoutSpaces(Cafes.ToString()),
            string.Concat(markup.Descendants(Math + "mtr").Select(row => (row.Elements().ElementAt(1).Value.Length > 0 ? "\n" : string.Empty)
                + WithoutSpaces(Read(row)))).TrimStart('\n'));
    }

    [Fact]
    public void Greek_letters_are_identifiers_names_are_text_and_levels_are_subscripts()
    {
        var markup = XElement.Parse(Cafes.ToMathML());

        Assert.Contains(markup.Descendants(Math + "mi"), letter => letter.Value == "β");
        Assert.Contains(markup.Descendants(Math + "mi"), letter => letter.Value == "σ");
        Assert.Contains(markup.Descendants(Math + "mtext"), text => text.Value == "Afternoon");
        Assert.Contains(markup.Descendants(Math + "mtext"), text => text.Value == "Normal");
        var subscript = markup.Descendants(Math + "msub").First(sub => sub.Elements().First().Value == "u").Elements().Last();
        Assert.Equal("Cafe[i],0", subscript.Value);
        Assert.DoesNotContain(markup.DescendantsAndSelf(), element => element.Name.LocalName is not ("math" or "mtable" or "mtr" or "mtd" or "mrow"
            or "mi" or "mn" or "mo" or "mtext" or "mspace" or "msub"));
    }

    [Fact]
    public void Markup_in_names_is_text()
    {
        const string Name = "<script>alert(1)</script>&\"'";
        var markup = PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept().Slope(v => v.Afternoon ? 1.0 : 0.0, name: Name).ToMathML();

        Assert.DoesNotContain("<script", markup, StringComparison.Ordinal);
        Assert.Contains(XElement.Parse(markup).Descendants(Math + "mtext"), text => text.Value == Name);
    }

    [Fact]
    public void Line_breaks_in_names_are_shown_as_escapes() => Assert.Contains(
        XElement.Parse(PooledModel.Of<Visit>().Normal(v => v.Wait).Slope(v => v.Afternoon, name: "a\nb").ToMathML()).Descendants(Math + "mtext"),
        text => text.Value == "a\\nb");

    [Fact]
    public void A_long_sum_goes_on_in_a_new_row_that_begins_with_its_plus_sign()
    {
        var rows = XElement.Parse(Cafes.ToMathML()).Descendants(Math + "mtr").ToArray();

        var next = rows.Single(row => row.Elements().First().Value.Length == 0);
        Assert.StartsWith("+", next.Elements().Last().Value, StringComparison.Ordinal);
        Assert.Equal("infix", next.Elements().Last().Elements().First().Attribute("form")!.Value);
    }

    [Fact]
    public void Sentences_below_the_mathematics_are_its_remarks()
    {
        var spec = PooledModel.Of<Visit>().Normal(v => v.Wait).Slope(v => v.Afternoon).Spec;

        Assert.StartsWith("The model has no population intercept", Assert.Single(spec.Remarks), StringComparison.Ordinal);
        Assert.EndsWith("\n\n" + spec.Remarks[0], spec.ToString(), StringComparison.Ordinal);
        Assert.Empty(Cafes.Spec.Remarks);
    }
}

using Xunit;

namespace TypedPooling.Tests.Conventions;

public sealed class NamingTests
{
    [Fact]
    public void No_type_name_has_a_word_that_says_nothing() => Convention.Holds(NamingRules.BannedNames(Convention.WrittenTypes));

    [Fact]
    public void No_public_name_is_a_keyword_of_FSharp() => Convention.Holds(NamingRules.FSharpKeywordNames(Convention.PublicTypes));

    [Fact]
    public void No_public_method_has_out_or_ref_parameters() => Convention.Holds(NamingRules.ByReferenceParameters(Convention.PublicTypes));

    [Fact]
    public void Every_public_class_is_sealed_abstract_or_static() => Convention.Holds(NamingRules.Unsealed(Convention.PublicTypes));

    [Fact]
    public void A_banned_word_is_noticed_and_a_longer_word_is_not()
    {
        var found = NamingRules.BannedNames([typeof(DrawManager<>), typeof(Baseline), typeof(DrawBase)]);

        Assert.Equal(
            [$"{typeof(DrawManager<>).FullName}: 'Manager' says nothing in a type's name.", $"{typeof(DrawBase).FullName}: 'Base' says nothing in "
                + $"a type's name."], found);
    }

    [Fact]
    public void A_keyword_of_FSharp_is_noticed()
    {
        var found = NamingRules.FSharpKeywordNames([typeof(DrawBase)]);

        Assert.Equal(
            [$"{typeof(DrawBase).FullName}.val: the name is a keyword of F#.", $"{typeof(DrawBase).FullName}.Take: its parameter 'to' is named by "
                + $"a keyword of F#."],
            found.OrderDescending());
    }

    [Fact]
    public void Out_and_ref_parameters_are_noticed_and_spans_and_records_are_not()
    {
        var found = NamingRules.ByReferenceParameters([typeof(DrawBase), typeof(Baseline)]);

        Assert.Equal(
            [$"{typeof(DrawBase).FullName}.Change: its parameter 'value' is out or ref.", $"{typeof(DrawBase).FullName}.Take: its parameter 'to' "
                + $"is out or ref."],
            found.Order());
    }

    [Fact]
    public void A_class_that_is_not_sealed_is_noticed() =>
        Assert.Equal(
            [$"{typeof(DrawBase).FullName} is not sealed, abstract or static."],
            NamingRules.Unsealed([typeof(DrawBase), typeof(Baseline), typeof(NamingRules)]));

    public abstract class DrawManager<T>;

    public sealed record Baseline(int Count)
    {
        public int Sum(ReadOnlySpan<int> values) => Count + values.Length;
    }

    public class DrawBase
    {
        protected int val;

        public void Take(out int to) => to = val;

        public void Change(ref int value) => value = val;

        internal void Hidden(out int to) => to = val;
    }
}

using Xunit;

namespace TypedPooling.Tests.Conventions;

public sealed class OptionalParameterTests
{
    [Fact]
    public void Optional_parameters_stand_in_one_order_everywhere()
    {
        Assert.Contains(typeof(Fit<>), Convention.PublicTypes);
        Convention.Holds(OptionalParameters.Violations(Convention.PublicTypes));
    }

    [Fact]
    public void Another_order_is_noticed_and_so_is_a_name_that_has_no_place() => Assert.Equal(
        [
            "Sample.Swapped: its optional parameters options, name do not stand in the order of OptionalParameters.",
            "Sample.Unknown: its optional parameters name, colour do not stand in the order of OptionalParameters.",
        ],
        OptionalParameters.Violations([typeof(Sample)]));

    internal static class Sample
    {
        public static void Right(int rows, string? name = null, bool refit = false, object? options = null) => _ = (rows, name, refit, options);

        public static void Swapped(object? options = null, string? name = null) => _ = (options, name);

        public static void Unknown(string? name = null, string? colour = null) => _ = (name, colour);

        public static void Alone(string? colour = null) => _ = colour;

        [Obsolete("The old order.")]
        public static void Old(object? options = null, string? name = null) => _ = (options, name);
    }
}

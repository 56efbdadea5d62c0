using System.Xml.Linq;
using Xunit;

namespace TypedPooling.Tests.Conventions;

public sealed class ThreadSafetyTests
{
    [Fact]
    public void Every_public_class_of_models_and_fits_says_what_threads_may_do_with_it()
    {
        var assembly = typeof(PooledModel).Assembly;
        var types =
            Convention.PublicTypes.Where(
                type => type.Assembly == assembly && !type.IsEnum && !type.IsInterface && !typeof(Delegate).IsAssignableFrom(type)).ToArray();

        Assert.Contains(typeof(NormalFit<>), types);
        Convention.Holds(DocumentationFile.Lacking(types, XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")), "thread"));
    }

    [Fact]
    public void A_class_that_does_not_say_it_is_noticed()
    {
        var documentation = XDocument.Parse(
            $"<doc><members><member name=\"T:{typeof(ThreadSafetyTests).FullName}\">Thread-safe.</member><member "
                + $"name=\"T:{typeof(LinkTests).FullName}\">Tests.</member></members></doc>");

        Assert.Equal(
            [$"The documentation of {typeof(LinkTests).FullName} does not say 'thread'.", $"The documentation of {typeof(NamingTests).FullName} "
                + $"does not say 'thread'."],
            DocumentationFile.Lacking([typeof(ThreadSafetyTests), typeof(LinkTests), typeof(NamingTests)], documentation, "thread"));
    }
}

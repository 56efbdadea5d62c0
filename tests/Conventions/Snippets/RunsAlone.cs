using Xunit;

namespace TypedPooling.Tests.Conventions.Snippets;

/// <summary>Tests that replace the console's output and the current folder, which all tests of a process share.</summary>
[CollectionDefinition(nameof(RunsAlone), DisableParallelization = true)]
public sealed class RunsAlone;

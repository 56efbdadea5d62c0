using Xunit;

// Compilations are counted for the whole process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

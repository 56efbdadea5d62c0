using System.Runtime.CompilerServices;
using Microsoft.ML.Probabilistic.Factors.Attributes;

[assembly: InternalsVisibleTo("TypedPooling.InferNet.Tests")]

// Infer.NET looks for messages of factors in assemblies that say so.
[assembly: HasMessageFunctions]

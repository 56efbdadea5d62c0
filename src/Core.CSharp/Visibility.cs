using System.Runtime.CompilerServices;

// The addresses of random numbers are one table for the whole library.
[assembly: InternalsVisibleTo("TypedPooling")]
[assembly: InternalsVisibleTo("TypedPooling.Inference")]
[assembly: InternalsVisibleTo("TypedPooling.InferNet")]
[assembly: InternalsVisibleTo("TypedPooling.Tests")]

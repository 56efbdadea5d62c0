using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("TypedPooling.InferNet.Tests")]

using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("TypedPooling.Tests")]

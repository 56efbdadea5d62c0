using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("TypedPooling.Tests")]
[assembly: InternalsVisibleTo("TypedPooling.PropertyTests")]

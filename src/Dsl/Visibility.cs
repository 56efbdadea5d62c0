using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("TypedPooling.Bench")]
[assembly: InternalsVisibleTo("TypedPooling.Tests")]
[assembly: InternalsVisibleTo("TypedPooling.PropertyTests")]

using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("TypedPooling")]
[assembly: InternalsVisibleTo("TypedPooling.Bench")]
[assembly: InternalsVisibleTo("TypedPooling.PropertyTests")]
[assembly: InternalsVisibleTo("TypedPooling.Tests")]

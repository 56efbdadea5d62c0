using System.Runtime.CompilerServices;

// What only this library's own assemblies need of Core. An engine of another author sees what is public.
[assembly: InternalsVisibleTo("TypedPooling")]
[assembly: InternalsVisibleTo("TypedPooling.Bench")]
[assembly: InternalsVisibleTo("TypedPooling.Inference")]
[assembly: InternalsVisibleTo("TypedPooling.InferNet")]
[assembly: InternalsVisibleTo("TypedPooling.InferNet.Tests")]
[assembly: InternalsVisibleTo("TypedPooling.PropertyTests")]
[assembly: InternalsVisibleTo("TypedPooling.Tests")]

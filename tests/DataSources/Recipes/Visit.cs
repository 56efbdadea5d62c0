namespace TypedPooling.Tests.DataSources.Recipes;

// <readme row>
/// <summary>A row is a struct: one a time, on the stack, whatever the source.</summary>
public readonly record struct Visit(string Cafe, bool Afternoon, double Wait);
// </readme>

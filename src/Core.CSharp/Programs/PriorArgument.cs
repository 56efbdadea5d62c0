namespace TypedPooling.Programs;

/// <summary>A parameter of a prior, as programs of other tools write it.</summary>
/// <param name="Name">A short name; the same in the templates of <see cref="PriorForm"/>.</param>
/// <param name="Value">Its value.</param>
internal readonly record struct PriorArgument(string Name, double Value);

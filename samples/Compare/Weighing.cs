namespace TypedPooling.Samples.Compare;

/// <summary>A weighing of a rat.</summary>
/// <param name="Rat">Number of the rat.</param>
/// <param name="Day">Age in days.</param>
/// <param name="Grams">Weight in grams.</param>
public sealed record Weighing(int Rat, double Day, double Grams);

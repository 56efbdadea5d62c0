namespace TypedPooling.Inference.Scales;

/// <summary>One canonical partial correlation of a row, with what its derivative needs.</summary>
/// <param name="Tanh">The partial correlation c = tanh z.</param>
/// <param name="Sech">sech z = sqrt(1 - c^2).</param>
/// <param name="Rest">Length s of the row that earlier elements left over.</param>
internal readonly record struct PartialCorrelation(double Tanh, double Sech, double Rest);

using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using TypedPooling.Draws;
using TypedPooling.Model;

namespace TypedPooling.Inference.Posteriors;

/// <summary>Draws of a set of parameters while they are made; different draws may be set by different threads.</summary>
/// <param name="parameters">What the parameters are.</param>
/// <param name="count">Number of draws over all chains.</param>
internal sealed class DrawTable(ImmutableArray<Parameter> parameters, int count)
{
    private readonly double[] draws = new double[parameters.Length * count];    // parameter after parameter

    /// <summary>Room for draws of the population effects.</summary>
    public static DrawTable OfPopulation(ModelSpec spec, int count) => new(PosteriorBuilder.PopulationOf(spec), count);

    /// <summary>Number of parameters.</summary>
    public int ParameterCount => parameters.Length;

    /// <summary>The draws of a parameter, in their order.</summary>
    /// <param name="parameter">Its index.</param>
    public Span<double> this[int parameter] => draws.AsSpan(parameter * count, count);

    /// <summary>Sets all parameters of a draw.</summary>
    /// <param name="draw">Number of the draw.</param>
    /// <param name="values">One a parameter.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Set(int draw, ReadOnlySpan<double> values)
    {
        for (var i = 0; i < values.Length; i++)
            draws[i * count + draw] = values[i];
    }

    /// <summary>Gives some of the draws, by number, in the order asked for; one may be asked for several times.</summary>
    /// <param name="numbers">Numbers of draws.</param>
    /// <param name="taken">A table of the same parameters with room for just as many draws.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void TakeInto(DrawTable taken, int[] numbers)
    {
        for (var (row, at) = (0, 0); row < draws.Length; row += count)
        {
            foreach (var number in numbers)
                taken.draws[at++] = draws[row + number];
        }
    }

    /// <summary>The draws as a block of a posterior; nothing is set after it.</summary>
    public StoredBlock ToBlock() => new(parameters, draws, count);
}

using TypedPooling.Files;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling.Inference.Posteriors;

/// <summary>The scales behind each draw, as the engine had them: sigma and every Lambda to the last bit. Immutable.</summary>
internal abstract class ScalePoints
{
    private const byte Positions = 0;
    private const byte Roots = 1;

    /// <summary>True where the reported scales follow from them.</summary>
    public abstract bool MakesScales { get; }

    /// <summary>Sets a point to the scales of a draw.</summary>
    /// <param name="draw">Place of the draw.</param>
    /// <param name="coordinates">The coordinates of the model's scales.</param>
    /// <param name="point">Overwritten.</param>
    public abstract void Set(int draw, ScaleCoordinates coordinates, ScalePoint point);

    public abstract ScalePoints Take(int[] draws);

    public abstract void Write(FileWriter writer);

    /// <summary>Positions theta, see <see cref="ScaleCoordinates"/>.</summary>
    /// <param name="theta">Draw after draw.</param>
    /// <param name="dimension">Length of each.</param>
    public static ScalePoints At(double[] theta, int dimension) => new ThetaPoints(theta, dimension);

    /// <summary>Sigma and every Lambda: of every draw, or one that all draws share.</summary>
    /// <param name="sigma">By draw, or one.</param>
    /// <param name="lambdas">By factor; draw after draw q x q by rows, or one.</param>
    /// <param name="isCentred">By factor: <see cref="FactorPoint.IsCentred"/>.</param>
    public static ScalePoints Of(double[] sigma, double[][] lambdas, bool[] isCentred) => new RootPoints(sigma, lambdas, isCentred);

    /// <summary>The scales that all draws share.</summary>
    public static ScalePoints Of(ScalePoint point) => new RootPoints(
        [point.Sigma], [.. point.Factors.Select(part => part.Lambda.ToArray())], [.. point.Factors.Select(part => part.IsCentred)]);

    /// <summary>Reads scales.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="spec">The model.</param>
    /// <param name="count">Number of draws.</param>
    /// <exception cref="ModelException">FileDamaged.</exception>
    public static ScalePoints Read(FileReader reader, ModelSpec spec, int count)
    {
        var kind = reader.Byte();
        if (kind == Positions)
        {
            var dimension = new ScaleCoordinates(spec).Dimension;
            return At(StoredColumns.Read(reader, dimension, count), dimension);
        }

        FileDamage.Unless(kind == Roots, "scales are written in an unknown way");
        var own = reader.Flag() ? 1 : count;
        var sigma = reader.FiniteNumbers(own);
        FileDamage.Unless(Array.TrueForAll(sigma, value => value >= 0), "a sigma is negative");
        var lambdas = new double[spec.Factors.Length][];
        var isCentred = new bool[lambdas.Length];
        for (var k = 0; k < lambdas.Length; k++)
        {
            var q = spec.Factors[k].Terms.Length;
            isCentred[k] = reader.Flag();
            lambdas[k] = StoredColumns.Read(reader, q * q, own);
        }

        return Of(sigma, lambdas, isCentred);
    }

    private sealed class ThetaPoints(double[] theta, int dimension) : ScalePoints
    {
        public override bool MakesScales => true;

        public override void Set(int draw, ScaleCoordinates coordinates, ScalePoint point) =>
            coordinates.Constrain(theta.AsSpan(draw * dimension, dimension), point);

        public override ScalePoints Take(int[] draws) => At(StoredColumns.Take(theta, dimension, draws), dimension);

        public override void Write(FileWriter writer)
        {
            writer.Byte(Positions);
            StoredColumns.Write(writer, theta, dimension);
        }
    }

    private sealed class RootPoints(double[] sigma, double[][] lambdas, bool[] isCentred) : ScalePoints
    {
        // The number of draws of a run is more than one.
        private bool IsShared => sigma.Length == 1;

        public override bool MakesScales => false;

        public override void Set(int draw, ScaleCoordinates coordinates, ScalePoint point)
        {
            var own = IsShared ? 0 : draw;
            point.Sigma = sigma[own];
            for (var k = 0; k < lambdas.Length; k++)
            {
                var part = point.Factors[k];
                lambdas[k].AsSpan(own * part.Lambda.Length, part.Lambda.Length).CopyTo(part.Lambda);
                part.IsCentred = isCentred[k];
            }
        }

        public override ScalePoints Take(int[] draws) => IsShared
            ? this
            : new RootPoints(
                StoredColumns.Take(sigma, 1, draws),
                [.. lambdas.Select(own => StoredColumns.Take(own, own.Length / sigma.Length, draws))],
                isCentred);

        public override void Write(FileWriter writer)
        {
            writer.Byte(Roots);
            writer.Flag(IsShared);
            writer.Numbers(sigma);
            for (var k = 0; k < lambdas.Length; k++)
            {
                writer.Flag(isCentred[k]);
                StoredColumns.Write(writer, lambdas[k], lambdas[k].Length / sigma.Length);
            }
        }
    }
}

using MathNet.Numerics;

namespace TypedPooling.Randomness;

/// <summary>The 256 layers of equal area under exp(-x^2/2), x at or above 0. Source: [Marsaglia2000].</summary>
internal static class ZigguratTable
{
    // Where the tail starts for 256 layers: [Marsaglia2000], section 2.
    public const double TailStart = 3.6541528853610088;

    private const int Layers = 256;

    // Right edges by layer, decreasing; edge 0 is that of the rectangle with the area of the lowest layer, tail included; edge 256 is 0.
    public static readonly double[] Edges = new double[Layers + 1];

    // exp(-x^2/2) at the edges; entry 0 is not used.
    public static readonly double[] Heights = new double[Layers + 1];

    static ZigguratTable()
    {
        var tailHeight = Height(TailStart);
        var area = (TailStart * tailHeight) + (Math.Sqrt(Math.PI / 2) * SpecialFunctions.Erfc(TailStart / Math.Sqrt(2)));
        Edges[0] = area / tailHeight;
        Edges[1] = TailStart;
        Heights[1] = tailHeight;
        for (var layer = 2; layer < Layers; layer++)
        {
            Heights[layer] = Heights[layer - 1] + (area / Edges[layer - 1]);
            Edges[layer] = Math.Sqrt(-2 * Math.Log(Heights[layer]));
        }

        Edges[Layers] = 0;
        Heights[Layers] = 1;
    }

    private static double Height(double x) => Math.Exp(-0.5 * x * x);
}

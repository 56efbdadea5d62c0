using System.Runtime.CompilerServices;

namespace TypedPooling.Inference.Numerics;

/// <summary>Quantiles of the standard normal distribution by three rational functions, to about 16 digits. Source: [Wichura1988], algorithm
/// PPND16.</summary>
internal static class InverseNormal
{
    /// <summary>The quantile of a probability.</summary>
    /// <param name="probability">Strictly between 0 and 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Of(double probability)
    {
        var q = probability - 0.5;
        if (Math.Abs(q) <= 0.425)
        {
            var s = 0.180625 - (q * q);
            var numerator =
                (((((((((((((2.5090809287301226727e+3 * s) + 3.3430575583588128105e+4) * s) + 6.7265770927008700853e+4) * s)
                    + 4.5921953931549871457e+4) * s)
                + 1.3731693765509461125e+4) * s) + 1.9715909503065514427e+3) * s) + 1.3314166789178437745e+2) * s) + 3.3871328727963666080;
            var denominator =
                (((((((((((((5.2264952788528545610e+3 * s) + 2.8729085735721942674e+4) * s) + 3.9307895800092710610e+4) * s)
                    + 2.1213794301586595867e+4) * s)
                + 5.3941960214247511077e+3) * s) + 6.8718700749205790830e+2) * s) + 4.2313330701600911252e+1) * s) + 1;
            return q * numerator / denominator;
        }

        var r = Math.Sqrt(-Math.Log(q < 0 ? probability : 1 - probability));
        var x = r <= 5 ? Near(r - 1.6) : Far(r - 5);
        return q < 0 ? -x : x;
    }

    private static double Near(double r) =>
        ((((((((((((((7.74545014278341407640e-4 * r) + 2.27238449892691845833e-2) * r) + 2.41780725177450611770e-1) * r) + 1.27045825245236838258)
            * r)
            + 3.64784832476320460504) * r) + 5.76949722146069140550) * r) + 4.63033784615654529590) * r) + 1.42343711074968357734)
        / ((((((((((((((1.05075007164441684324e-9 * r) + 5.47593808499534494600e-4) * r) + 1.51986665636164571966e-2) * r)
            + 1.48103976427480074590e-1) * r)
            + 6.89767334985100004550e-1) * r) + 1.67638483018380384940) * r) + 2.05319162663775882187) * r) + 1);

    private static double Far(double r) =>
        ((((((((((((((2.01033439929228813265e-7 * r) + 2.71155556874348757815e-5) * r) + 1.24266094738807843860e-3) * r) + 2.65321895265761230930e-2)
            * r)
            + 2.96560571828504891230e-1) * r) + 1.78482653991729133580) * r) + 5.46378491116411436990) * r) + 6.65790464350110377720)
        / ((((((((((((((2.04426310338993978564e-15 * r) + 1.42151175831644588870e-7) * r) + 1.84631831751005468180e-5) * r)
            + 7.86869131145613259100e-4) * r)
            + 1.48753612908506148525e-2) * r) + 1.36929880922735805310e-1) * r) + 5.99832206555887937690e-1) * r) + 1);
}

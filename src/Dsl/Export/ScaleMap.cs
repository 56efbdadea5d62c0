namespace TypedPooling.Export;

/// <summary>The map from effects as they are sampled to those that are reported, in units of the rows and where columns are 0.</summary>
/// <remarks>
/// With columns (x - m_x) / s_x and a response in units of s_y: the effect of x is u_x s_y / s_x, and that of the intercept s_y u_0 less the sum of
/// m_x u_x s_y / s_x. Where only the priors are stated at a point m, s_x and s_y are 1. Stan, JAGS and R read its elements alike.
/// </remarks>
internal static class ScaleMap
{
    /// <summary>The elements of A, by rows. Shape q x q.</summary>
    public static string[][] Of(ProgramFactor factor, bool isStandardized)
    {
        var q = factor.Size;
        var rows = new string[q][];
        for (var a = 0; a < q; a++)
        {
            rows[a] = new string[q];
            for (var b = 0; b < q; b++)
            {
                var (to, from) = (factor.Terms[a].Column, factor.Terms[b].Column);
                rows[a][b] = a == b ? Scale(from, isStandardized)
                    : to is not null ? "0"
                    : isStandardized ? $"-{from!.Origin} * scale_y / {from.Scale}"
                    : $"-{factor.Origin}[{b + 1}]";
            }
        }

        return rows;
    }

    private static string Scale(ProgramColumn? column, bool isStandardized) =>
        !isStandardized ? "1" : column is null ? "scale_y" : $"scale_y / {column.Scale}";
}

namespace TypedPooling;

/// <summary>How a Stan program declares arrays.</summary>
public enum StanArraySyntax
{
    /// <summary><c>array[N] int x;</c>: Stan 2.26 and later, so CmdStan, CmdStanR, CmdStanPy and rstan 2.26.</summary>
    Keyword,

    /// <summary><c>int x[N];</c>: Stan before 2.33, so rstan 2.21.</summary>
    Suffix,
}

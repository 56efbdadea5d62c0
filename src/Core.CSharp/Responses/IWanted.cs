namespace TypedPooling.Responses;

/// <summary>What a caller wants of a curve. A constant for the compiler: what is not wanted costs nothing.</summary>
internal interface IWanted
{
    /// <summary>True where the value is wanted.</summary>
    static abstract bool Value { get; }

    /// <summary>True where the slope is wanted.</summary>
    static abstract bool Slope { get; }

    /// <summary>True where the weight and its derivative are wanted.</summary>
    static abstract bool Curvature { get; }

    /// <summary>True where the derivatives for sigma and the shape are wanted.</summary>
    static abstract bool Scales { get; }
}

/// <summary>The value alone.</summary>
internal readonly struct WantedValue : IWanted
{
    /// <inheritdoc/>
    public static bool Value => true;

    /// <inheritdoc/>
    public static bool Slope => false;

    /// <inheritdoc/>
    public static bool Curvature => false;

    /// <inheritdoc/>
    public static bool Scales => false;
}

/// <summary>The value with its first derivatives for eta, sigma and the shape.</summary>
internal readonly struct WantedGradient : IWanted
{
    /// <inheritdoc/>
    public static bool Value => true;

    /// <inheritdoc/>
    public static bool Slope => true;

    /// <inheritdoc/>
    public static bool Curvature => false;

    /// <inheritdoc/>
    public static bool Scales => true;
}

/// <summary>Three derivatives for eta, without the value.</summary>
internal readonly struct WantedCurvature : IWanted
{
    /// <inheritdoc/>
    public static bool Value => false;

    /// <inheritdoc/>
    public static bool Slope => true;

    /// <inheritdoc/>
    public static bool Curvature => true;

    /// <inheritdoc/>
    public static bool Scales => false;
}

/// <summary>The value with three derivatives for eta.</summary>
internal readonly struct WantedAll : IWanted
{
    /// <inheritdoc/>
    public static bool Value => true;

    /// <inheritdoc/>
    public static bool Slope => true;

    /// <inheritdoc/>
    public static bool Curvature => true;

    /// <inheritdoc/>
    public static bool Scales => true;
}

using System.Collections.Immutable;
using TypedPooling.Model;

namespace TypedPooling.Data;

/// <summary>By what the columns and the response of a model are standardised, v_s = (v - origin) / scale, and the maps of coefficients back.
/// Immutable.</summary>
/// <remarks>
/// <para>
/// A scale is the sd over all rows, with n - 1. An origin is the mean over all rows where an intercept carries the shift, and 0 elsewhere: the
/// response is centred only if the population has an intercept; a column only if the population has one (where the column has a population effect)
/// and every factor that varies the column varies the intercept too. A constant column is left as it is, origin 0 and scale 1; a constant response
/// has scale 1.
/// </para>
/// <para>With these rules the model on the standardised scale is the same model: only what its priors mean is another thing.</para>
/// </remarks>
internal sealed class Standardization
{
    private readonly ImmutableArray<bool> centred;

    private Standardization(
        double responseOrigin, double responseScale, ImmutableArray<double> origins, ImmutableArray<double> scales, ImmutableArray<bool> centred)
    {
        ResponseOrigin = responseOrigin;
        ResponseScale = responseScale;
        Origins = origins;
        Scales = scales;
        this.centred = centred;
    }

    /// <summary>What is taken off the response (its log in a LogNormal model; in either case less its offsets): its mean, or 0 where it is not
    /// centred.</summary>
    public double ResponseOrigin { get; }

    /// <summary>What the response is divided by: its sd, or 1 where it is constant.</summary>
    public double ResponseScale { get; }

    /// <summary>What is taken off each column: its mean, or 0 where it is not centred. Length m.</summary>
    public ImmutableArray<double> Origins { get; }

    /// <summary>What each column is divided by: its sd, or 1 where it is constant. Length m.</summary>
    public ImmutableArray<double> Scales { get; }

    /// <summary>Reads means and sds off the data.</summary>
    /// <param name="spec">The model; its priors are not looked at.</param>
    /// <param name="total">Moments of all rows as one cell, each row counting once (a row that stands for N rows N times), columns those of the
    /// model.</param>
    /// <returns>The standardisation.</returns>
    /// <exception cref="ArgumentException">The moments do not have the model's columns, or more than one cell.</exception>
    public static Standardization Of(ModelSpec spec, CellMoments total)
    {
        ArgumentNullException.ThrowIfNull(total);
        return Of(spec, total, total.Means(0)[total.ColumnCount], Sd(total, total.ColumnCount));
    }

    /// <summary>Reads means and sds of the columns off the data.</summary>
    /// <param name="spec">The model; its priors are not looked at.</param>
    /// <param name="total">Moments as above; those of the response are not looked at.</param>
    /// <param name="meanY">Mean of the response less its offsets; 0 where the response is not standardised.</param>
    /// <param name="sdY">Its sd; 0 where the response is not standardised, or is constant.</param>
    /// <returns>The standardisation.</returns>
    /// <exception cref="ArgumentException">The moments do not have the model's columns, or more than one cell.</exception>
    public static Standardization Of(ModelSpec spec, CellMoments total, double meanY, double sdY)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(total);
        var m = spec.Columns.Length;
        if (total.ColumnCount != m || total.CellCount != 1)
            throw new ArgumentException("The moments are not those of all rows, with the model's columns.", nameof(total));

        var hasIntercept = spec.Population.Any(term => term.Column == ModelSpec.Ones);
        var origins = new double[m];
        var scales = new double[m];
        var centred = new bool[m];
        for (var c = 0; c < m; c++)
        {
            var sd = Sd(total, c);
            scales[c] = sd > 0 ? sd : 1;
            centred[c] = sd > 0
                && (hasIntercept || spec.Population.All(term => term.Column != c))
                && spec.Factors.All(factor => factor.Terms.All(term => term.Column != c) || factor.Terms.Any(term => term.Column == ModelSpec.Ones));
            origins[c] = centred[c] ? total.Means(0)[c] : 0;
        }

        return new(hasIntercept ? meanY : 0, sdY > 0 ? sdY : 1, [.. origins], [.. scales], [.. centred]);
    }

    /// <summary>Whether a column is centred: constant columns and those whose shift no intercept carries are not.</summary>
    /// <param name="column">Index of the column.</param>
    /// <returns>True where its mean is taken off.</returns>
    public bool IsCentred(int column) => centred[column];

    /// <summary>The moments of the standardised columns and response; weights stay.</summary>
    /// <param name="moments">Moments of the columns and the response as they are.</param>
    /// <returns>New moments of the same cells. O(cells m^2).</returns>
    /// <exception cref="ArgumentException">The columns differ in number.</exception>
    public CellMoments Apply(CellMoments moments)
    {
        ArgumentNullException.ThrowIfNull(moments);
        return moments.Rescale([.. Origins, ResponseOrigin], [.. Scales, ResponseScale]);
    }

    /// <summary>The cells with standardised columns, and with a standardised response where that has an origin or a scale.</summary>
    /// <param name="cells">Cells of the columns and the response as they are.</param>
    /// <returns>New cells, cell for cell; log likelihoods stay those of the response as it is.</returns>
    public ResponseCells Apply(ResponseCells cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        var m = cells.ColumnCount;
        var columns = cells.Columns.ToArray();
        for (var i = 0; i < columns.Length; i++)
            columns[i] = (columns[i] - Origins[i % m]) / Scales[i % m];
        var standardised = cells.With(columns, m, cells.FactorCount);
        return ResponseOrigin == 0 && ResponseScale == 1 ? standardised : standardised.Rescale(ResponseOrigin, ResponseScale);
    }

    /// <summary>The map of the coefficients of some columns back to those of the columns as they are.</summary>
    /// <param name="columns">For each coefficient its column, <see cref="ModelSpec.Ones"/> for an intercept.</param>
    /// <returns>The map.</returns>
    public CoefficientMap MapOf(IEnumerable<int> columns) => new(this, [.. columns]);

    private static double Sd(CellMoments total, int column) =>
        total.RowCount < 2 ? 0 : Math.Sqrt(total.CrossProducts(0)[column * (column + 1) / 2 + column] / (total.RowCount - 1));
}

using System.Globalization;

namespace TypedPooling.Bench.Databases;

/// <summary>The model, and the SQL that makes its rows on any engine: a shop's intercept and slope follow from its number.</summary>
internal static class Sales
{
    public const int ShopCount = 3000;

    public static Group<Sale, int> Shop { get; } = Group.By((Sale s) => s.Shop);

    /// <summary>Random intercepts and slopes of the price.</summary>
    public static NormalModel<Sale> Model { get; } = PooledModel.Of<Sale>()
        .Normal(s => s.Amount)
        .Intercept().Slope(s => s.Price).Slope(s => s.Discount).Slope(s => s.Hours)
        .Varying(Shop, g => g.Intercept().Slope(s => s.Price));

    /// <summary>The same without the other columns: random slopes and nothing else.</summary>
    public static NormalModel<Sale> Slopes { get; } = PooledModel.Of<Sale>()
        .Normal(s => s.Amount).Intercept().Slope(s => s.Price).Varying(Shop, g => g.Intercept().Slope(s => s.Price));

    /// <summary>A query of rows for <see cref="Slopes"/>.</summary>
    /// <param name="numbers">A table of the numbers of the rows, from 0, as column i.</param>
    public static string RowsOfSlopes(string numbers) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        SELECT shop, price, 20 + 0.005 * (shop * 7 % 1009) - (1 + 0.001 * (shop * 13 % 997)) * price + 3 * (u1 + u2 - 1) AS amount
        FROM (SELECT CAST(i % {ShopCount} AS integer) AS shop, 5 + 4 * random() AS price, random() AS u1, random() AS u2 FROM {numbers}) made
        """);

    /// <summary>A query of rows.</summary>
    /// <param name="numbers">A table of the numbers of the rows, from 0, as column i.</param>
    public static string Rows(string numbers) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        SELECT shop, price, discount, hours,
            20 + 0.005 * (shop * 7 % 1009) - (1 + 0.001 * (shop * 13 % 997)) * price
                + 0.5 * discount + 0.1 * hours + 2 * (u1 + u2 + u3 + u4 - 2) AS amount
        FROM (
            SELECT CAST(i % {ShopCount} AS integer) AS shop, 5 + 4 * random() AS price, random() AS discount, 24 * random() AS hours,
                random() AS u1, random() AS u2, random() AS u3, random() AS u4
            FROM {numbers}) made
        """);
}

using LinqToDB.Mapping;

namespace TypedPooling.Bench.Databases;

/// <summary>A row: its shop, three predictors and the response, which makes four columns to sum.</summary>
[Table("sales")]
public sealed class Sale
{
    [Column("shop")]
    public int Shop { get; set; }

    [Column("price")]
    public double Price { get; set; }

    [Column("discount")]
    public double Discount { get; set; }

    [Column("hours")]
    public double Hours { get; set; }

    [Column("amount")]
    public double Amount { get; set; }
}

using Microsoft.EntityFrameworkCore;

namespace TypedPooling.Tests.DataSources.Postgres;

/// <summary>The table of measurements by Entity Framework Core.</summary>
internal sealed class MeasurementsContext(DbContextOptions<MeasurementsContext> options) : DbContext(options)
{
    protected override void OnModelCreating(Microsoft.EntityFrameworkCore.ModelBuilder modelBuilder) => modelBuilder.Entity<Measurement>(table =>
    {
        table.ToTable("measurements");
        foreach (var property in table.Metadata.GetProperties())
            property.SetColumnName(property.Name.ToLowerInvariant());
    });
}

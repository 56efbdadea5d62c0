using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace TypedPooling.Samples.Warehouse;

/// <summary>The database: one table without a key, since nothing but sums of it is asked for.</summary>
/// <param name="connectionString">Of the server in front.</param>
/// <param name="interceptor">Sees every query.</param>
public sealed class VisitsContext(string connectionString, IInterceptor interceptor) : DbContext
{
    /// <summary>The table <c>visits</c>.</summary>
    public DbSet<Visit> Visits => Set<Visit>();

    /// <inheritdoc/>
    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) =>
        optionsBuilder.UseNpgsql(connectionString).AddInterceptors(interceptor);

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Visit>(visit =>
    {
        visit.HasNoKey().ToTable("visits");
        foreach (var property in visit.Metadata.GetProperties())
            property.SetColumnName(property.Name.ToLowerInvariant());
    });
}

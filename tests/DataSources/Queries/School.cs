using Microsoft.EntityFrameworkCore;

namespace TypedPooling.Tests.DataSources.Queries;

/// <summary>The tables of tests by Entity Framework Core.</summary>
public sealed class School(DbContextOptions<School> options) : DbContext(options)
{
    public DbSet<Measurement> Measurements => Set<Measurement>();
}

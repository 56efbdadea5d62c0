using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace TypedPooling.Tests.DataSources.Queries;

/// <summary>Visits of cafés in SQLite, whose columns Cafe and Answer ignore case.</summary>
public sealed class Visits : IDisposable
{
    private readonly SqliteConnection connection = new("Data Source=:memory:");
    private readonly Context context;

    /// <param name="rows">The rows.</param>
    public Visits(IEnumerable<Visit> rows)
    {
        connection.Open();
        context = new Context(new DbContextOptionsBuilder<Context>().UseSqlite(connection).Options);
        context.Database.EnsureCreated();
        context.AddRange(rows);
        context.SaveChanges();
        context.ChangeTracker.Clear();
    }

    public IQueryable<Visit> Rows => context.Visits;

    /// <summary>Rows of 4 cities and 6 cafés, each café in every city.</summary>
    public static List<Visit> Some() => [.. Enumerable.Range(0, 120).Select(i => new Visit
    {
        Id = i + 1,
        Cafe = "Door " + (char)('A' + i % 6),
        City = "City " + (char)('A' + i / 6 % 4),
        Answer = i % 5 < 2 ? "Yes" : "No",
        Chain = new Guid(i % 3 + 1, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]),
        Day = new DateTime(2024, 1, 1 + i % 5, 6, 30, 0, DateTimeKind.Unspecified),
        Price = 1.25m + i % 4,
        Floor = i % 7,
        Orders = i * i % 5,
        Wait = 4 + i % 6 * 0.2 + Math.Sin(i * i),
    })];

    public void Dispose()
    {
        context.Dispose();
        connection.Dispose();
    }

    public sealed class Visit
    {
        public int Id { get; set; }

        public string Cafe { get; set; } = string.Empty;

        public string City { get; set; } = string.Empty;

        public string Answer { get; set; } = string.Empty;

        public Guid Chain { get; set; }

        public DateTime Day { get; set; }

        public decimal Price { get; set; }

        public int? Floor { get; set; }

        public int Orders { get; set; }

        public double Wait { get; set; }
    }

    private sealed class Context(DbContextOptions<Context> options) : DbContext(options)
    {
        public DbSet<Visit> Visits => Set<Visit>();

        protected override void OnModelCreating(ModelBuilder modelBuilder)
        {
            modelBuilder.Entity<Visit>().Property(visit => visit.Cafe).UseCollation("NOCASE");
            modelBuilder.Entity<Visit>().Property(visit => visit.Answer).UseCollation("NOCASE");
        }
    }
}

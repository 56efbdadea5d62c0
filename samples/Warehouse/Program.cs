using System.Data;
using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using TypedPooling;
using TypedPooling.Samples.Warehouse;

Console.OutputEncoding = Encoding.UTF8;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

if (args is not [var connectionString])
{
    Console.WriteLine(
        """
        Usage: Warehouse "Host=...;Username=...;Password=...;Database=..."

        The database has a table visits (cafe text, city text, afternoon boolean, wait double precision). It may be an ordinary one. To let several
        servers sum, partition it by café over foreign tables, on the server in front:

            CREATE EXTENSION postgres_fdw;
            ALTER DATABASE warehouse SET enable_partitionwise_aggregate = on;
            CREATE SERVER shard_0 FOREIGN DATA WRAPPER postgres_fdw
                OPTIONS (host '...', port '...', dbname '...', use_remote_estimate 'true', fetch_size '10000');
            CREATE USER MAPPING FOR CURRENT_USER SERVER shard_0 OPTIONS (user '...', password '...');
            CREATE TABLE visits (cafe text NOT NULL, city text NOT NULL, afternoon boolean NOT NULL, wait double precision NOT NULL)
                PARTITION BY HASH (cafe);
            CREATE FOREIGN TABLE visits_0 PARTITION OF visits FOR VALUES WITH (MODULUS 3, REMAINDER 0) SERVER shard_0;

        and so on for each server, which has a plain table visits_0, visits_1, ... Then run this program with the connection string.
        """);
    return 0;
}

var shared = PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept().Slope(v => v.Afternoon);
var cafe = Group.By((Visit v) => v.Cafe);
var city = Group.By((Visit v) => v.City);

// The key of the partitions is among the keys of the first two models, and not among those of the last.
Show("by café", shared.Varying(cafe, g => g.Intercept().Slope(v => v.Afternoon)));
Show("by café and city", shared.Varying(cafe, g => g.Intercept()).Varying(city, g => g.Intercept()));
Show("by city", shared.Varying(city, g => g.Intercept().Slope(v => v.Afternoon)));
return 0;

void Show(string name, NormalModel<Visit> model)
{
    var sent = new SentQueries();
    using var db = new VisitsContext(connectionString, sent);

    // One snapshot for all queries of a model, so that they see the same rows.
    using var snapshot = db.Database.BeginTransaction(IsolationLevel.RepeatableRead);
    var data = model.Query(db.Visits);
    snapshot.Commit();

    Console.WriteLine($"== {name}: {data.RowCount} rows became {data.CellCount} cells by {sent.Sql.Count} queries");
    foreach (var (plan, number) in sent.Explain(connectionString).Select((plan, index) => (plan, index + 1)))
        Console.WriteLine($"query {number}: {plan}");
    Console.WriteLine();
    Console.WriteLine(model.Fit(data));
}

using Xunit;

namespace TypedPooling.Tests.DataSources.Postgres;

/// <summary>Tests that share the servers of one <see cref="PostgresFixture"/>.</summary>
[CollectionDefinition(nameof(PostgresCollection))]
public sealed class PostgresCollection : ICollectionFixture<PostgresFixture>;

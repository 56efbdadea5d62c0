namespace TypedPooling.Queries;

/// <summary>Why queries need code that is made at run time.</summary>
internal static class QueryReason
{
    public const string Text = "Queries are made of generic types over the types of keys, which are known at run time.";
}

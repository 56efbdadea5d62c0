using System.Diagnostics.CodeAnalysis;

namespace TypedPooling;

/// <summary>Keeps the items asked for last, so that a loop over draws can ask for the same level again, and a loop over a million levels does not
/// hold them all. Thread-safe.</summary>
internal sealed class RecentItems<TKey, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>
    where TKey : notnull
{
    // Enough for any contrast; at 4,000 draws of two effects some 16 MB.
    private const int Capacity = 256;

    private readonly Dictionary<TKey, Lazy<T>> items = [];
    private readonly Queue<TKey> order = new();

    /// <summary>The item of a key; made by the first thread that asks, while others may ask for other keys.</summary>
    public T GetOrAdd(TKey key, Func<T> make)
    {
        Lazy<T>? item;
        lock (items)
        {
            if (!items.TryGetValue(key, out item))
            {
                if (order.Count == Capacity)
                    items.Remove(order.Dequeue());
                order.Enqueue(key);
                item = items[key] = new(make);
            }
        }

        return item.Value;
    }
}
